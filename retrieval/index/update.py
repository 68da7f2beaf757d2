"""Bring a gallery's index up to date (``index``): read what is known, encode the rest, write it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from retrieval.gallery.catalog import Catalog
from retrieval.index.encoding import EncodedChunk, EncodePictures, encode_here
from retrieval.index.folder.choice import AUTO, check_wanted
from retrieval.index.folder.journal import IndexJournal
from retrieval.index.folder.store import StoredIndex
from retrieval.index.reading import plan_update
from retrieval.index.report import IndexReport
from retrieval.index.writing import IndexWriter, check_writable
from retrieval.values.datatypes import ProgressCallback
from retrieval.values.errors import GalleryIndexError
from retrieval.values.ports import Encoder

MESSAGE = "Indexing pictures"


def update_index(
    catalog: Catalog,
    out: Path,
    encoder: Encoder,
    progress: ProgressCallback,
    wanted: str | None = None,
    encode: EncodePictures | None = None,
) -> tuple[StoredIndex, IndexReport]:
    """Build or update the index folder of a catalogue.

    A picture has changed when its size or time stamp and then its content differ. Finished work goes to a journal
    every few seconds, so an interrupted run goes on where it stopped.

    Args:
        catalog: the gallery.
        out: index folder.
        encoder: makes the vectors.
        progress: called after every chunk.
        wanted: vector index to build (see ``choose_index``); None for what the folder has or, at first, ``auto``.
        encode: encodes the pictures elsewhere; None for this machine's cores.
    Returns:
        The index as saved, and a report.
    Raises:
        GalleryIndexError: if nothing can be read or the folder cannot be written.
    """
    check_writable(out)
    journal = IndexJournal(out, catalog.folder, encoder.weights_hash)
    plan = plan_update(catalog, out, encoder, journal)
    wanted = check_wanted(wanted or (plan.saved.search.wanted if plan.saved is not None else AUTO))
    writer = IndexWriter(catalog, out, encoder, plan, journal)
    encode = encode or partial(encode_here, encoder)
    try:
        if plan.unread:
            journal.begin()
            try:
                for chunk in counted(encode(catalog, plan.unread, plan.known.digests), len(plan.unread), progress):
                    writer.take(chunk)
            finally:
                writer.settle()
        index = writer.save(wanted, progress)
    except KeyboardInterrupt:
        if writer.has_new_rows:
            writer.save(wanted, progress, in_haste=True)
            journal.end()
        raise
    except GalleryIndexError:
        if not writer.has_rows:
            journal.end()
            with suppress(OSError):  # something else is in it
                out.rmdir()
        raise
    journal.end()
    return index, writer.report(index)


def counted(chunks: Iterable[EncodedChunk], count: int, progress: ProgressCallback) -> Iterator[EncodedChunk]:
    """Pass chunks on, and tell after each, once it has been taken, how many of all pictures are done."""
    progress(MESSAGE, 0.0)
    began_s = time.monotonic()
    done = 0
    for chunk in chunks:
        yield chunk
        done += chunk.count
        progress(_message(done, count, time.monotonic() - began_s), done / count)


def _message(done: int, count: int, seconds: float) -> str:
    """Progress in words: how many, how fast, and how long it will take."""
    rate = done / max(seconds, 1e-6)
    left_s = (count - done) / max(rate, 1e-6)
    left = f"{left_s:.0f} s" if left_s < 90 else f"{left_s / 60:.0f} min" if left_s < 5400 else f"{left_s / 3600:.1f} h"
    return f"{MESSAGE}, {done:,} of {count:,}, {rate:.0f}/s, {left} left" if done < count else MESSAGE
