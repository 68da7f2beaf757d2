"""Bring a gallery's index up to date (``index``): read what is known, encode the rest, write it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from retrieval.gallery.catalog import Catalog
from retrieval.index.encoding import EncodePictures, encode_here
from retrieval.index.engines.building import write_approximate
from retrieval.index.folder.choice import AUTO, IndexSpec, check_wanted, choose_index
from retrieval.index.folder.item_rows import StoredItem
from retrieval.index.folder.journal import IndexJournal
from retrieval.index.folder.store import INDEX_FILE, StoredIndex, load_index, save_index
from retrieval.index.lexical import open_terms
from retrieval.index.rows import GalleryRows, Row
from retrieval.values.datatypes import Float32Array, ProgressCallback
from retrieval.values.errors import GalleryIndexError, like_it
from retrieval.values.ports import Encoder

log = logging.getLogger(__name__)

MESSAGE = "Indexing pictures"


def update_index(
    catalog: Catalog,
    out: Path,
    encoder: Encoder,
    progress: ProgressCallback,
    wanted: str | None = None,
    encode: EncodePictures | None = None,
    ready: Mapping[str, Float32Array] | None = None,
) -> tuple[StoredIndex, GalleryRows]:
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
        ready: vectors that the encoder has made before, by the digest of the picture file.
    Returns:
        The index as saved, and what became of each picture.
    Raises:
        GalleryIndexError: if nothing can be read or the folder cannot be written.
    """
    journal = IndexJournal(out, catalog.folder, encoder.weights_hash)
    saved = _reusable(out, encoder)
    wanted = check_wanted(wanted or (saved.search.wanted if saved is not None else AUTO))
    rows = GalleryRows(catalog, saved, journal.read(encoder.width), ready or {})
    encode = encode or partial(encode_here, encoder)
    if rows.unread:
        journal.begin()
        progress(MESSAGE, 0.0)
        done, count = 0, len(rows.unread)
        try:
            for chunk in encode(catalog, rows.unread, rows.vectors.keys()):
                rows.take(chunk)
                journal.add(chunk.encoded, chunk.vectors)
                done += len(chunk.encoded) + len(chunk.copied) + len(chunk.unreadable)
                progress(f"{MESSAGE}, {done:,} of {count:,}" if done < count else MESSAGE, done / count)
        finally:
            journal.flush()
        rows.settle()
    if not rows.found:
        journal.end()
        with suppress(OSError):  # something else is in it
            out.rmdir()
        reasons = list(rows.unreadable.values())
        raise GalleryIndexError(
            f"Gallery {catalog.folder} has no readable picture: {reasons[0]}{like_it(len(reasons))}",
            "Name another folder.",
        )
    index = write_index(out, catalog, encoder, rows.found, saved, wanted, progress)
    journal.end()
    return index, rows


def _reusable(out: Path, encoder: Encoder) -> StoredIndex | None:
    """The index of an earlier run; none when another encoder made it or it is damaged."""
    if not (out / INDEX_FILE).is_file():
        return None
    try:
        index = load_index(out)
        tuple(index.items)  # parses every line
    except GalleryIndexError as error:
        log.warning("%s It is built anew.", error)
        return None
    if index.weights_hash != encoder.weights_hash or index.vectors.shape[1] != encoder.width:
        log.warning("index %s was made by another encoder (%s); it is built anew", out, index.encoder)
        return None
    return index


def write_index(
    out: Path,
    catalog: Catalog,
    encoder: Encoder,
    rows: Sequence[Row],
    saved: StoredIndex | None,
    wanted: str,
    progress: ProgressCallback,
) -> StoredIndex:
    """Give rows the right vector index, and write what has changed.

    ``rows`` are in the manifest's order, at least one; ``saved`` is what the folder holds now, None for nothing of use.

    Returns:
        The index as a reader will find it.
    Raises:
        GalleryIndexError: if the folder cannot be written.
    """
    items = tuple(row.stored for row in rows)
    spec = choose_index(len(items), wanted)
    if saved is not None and _is_same(saved, catalog, items, spec):
        return saved
    folder = Path(encoder.name)  # where it is one, a relative path means nothing elsewhere
    name = str(folder.resolve()) if folder.is_dir() else encoder.name
    vectors = np.stack([row.vector for row in rows])
    index = StoredIndex(name, encoder.weights_hash, catalog.folder, items, vectors, spec)
    written = save_index(out, index, _search_writer(index, saved, progress))
    open_terms(written)
    return written


def _search_writer(
    index: StoredIndex, saved: StoredIndex | None, progress: ProgressCallback
) -> Callable[[Path], None] | None:
    """What writes the vector index; None when it has no file."""
    spec = index.search
    if spec.kind == "milvus":
        from retrieval.index.engines.milvus import write_milvus

        return lambda path: write_milvus(path, index, saved, progress)
    if spec.kind == "exact":
        return None
    return lambda path: write_approximate(path, index.vectors, spec, progress)


def _is_same(saved: StoredIndex, catalog: Catalog, items: Sequence[StoredItem], spec: IndexSpec) -> bool:
    """Whether nothing has to be written; the gallery may have been named by another path before."""
    return (
        saved.images.resolve() == catalog.folder.resolve()
        and (saved.search.kind, saved.search.wanted) == (spec.kind, spec.wanted)
        and len(saved.items) == len(items)
        and all(_placeless(one) == _placeless(other) for one, other in zip(saved.items, items, strict=True))
    )


def _placeless(stored: StoredItem) -> StoredItem:
    return replace(stored, item=replace(stored.item, image=""))
