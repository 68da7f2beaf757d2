"""Bring a gallery's index up to date: encode what is new or changed, drop what is gone (``index``)."""

from __future__ import annotations

import logging
import os
import time
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from retrieval.gallery.catalog import Catalog
from retrieval.index.encoding import EncodedChunk, EncodePictures, LocalEncoding
from retrieval.index.folder.choice import AUTO, check_wanted
from retrieval.index.folder.item_rows import StoredItem
from retrieval.index.folder.journal import IndexJournal
from retrieval.index.folder.store import INDEX_FILE, StoredIndex, load_index
from retrieval.index.known_rows import KnownRows, key_of
from retrieval.index.report import IndexReport
from retrieval.index.saving import save_gallery
from retrieval.values.datatypes import CatalogItem, ProgressCallback
from retrieval.values.errors import GalleryIndexError
from retrieval.values.ports import Encoder

log = logging.getLogger(__name__)

SAVE_EVERY_S = 5.0
"""A run that is killed loses at most what it did since then."""

MESSAGE = "Indexing pictures"


@dataclass
class _Run:
    """What a run has found so far."""

    known: KnownRows
    encoded: list[str] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    done: dict[tuple[str, str], StoredItem] = field(default_factory=dict)

    def keep(self, stored: StoredItem) -> None:
        self.kept.append(stored.item.file)
        self.done[key_of(stored.item)] = stored

    def leave_out(self, item: CatalogItem, reason: str) -> None:
        if item.file not in self.unreadable:
            log.warning("left out: %s", reason)
        self.unreadable[item.file] = reason


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
    every ``SAVE_EVERY_S`` seconds, so an interrupted run goes on where it stopped.

    Args:
        catalog: the gallery.
        out: index folder.
        encoder: makes the vectors.
        progress: called after every chunk.
        wanted: vector index to build (see ``index_choice``); None for what the folder has or, at first, ``auto``.
        encode: encodes the pictures elsewhere; None for this machine's cores.
    Returns:
        The index as saved, and a report.
    Raises:
        GalleryIndexError: if nothing can be read or the folder cannot be written.
    """
    _check_writable(out)
    saved = _reusable(out, encoder)
    wanted = check_wanted(wanted or (saved.search.wanted if saved is not None else AUTO))
    journal = IndexJournal(out, catalog.folder, encoder.weights_hash)
    known = KnownRows(encoder.width)
    if saved is not None:
        known.add_block(saved.items, saved.vectors)
    before = known.keys()
    for items, vectors in journal.read():
        if vectors.shape[1] == encoder.width:
            known.add_block(items, vectors)
    run = _Run(known)
    todo = _take_unchanged(catalog, run)
    save = partial(save_gallery, catalog, out, encoder, saved, known, run.done, progress)
    try:
        if todo:
            _encode(catalog, todo, run, journal, encode or LocalEncoding(encoder), progress)
        _check_not_empty(catalog, run)
        index = save(wanted)
    except KeyboardInterrupt:
        if len(run.done) > len(run.kept):
            save(wanted, in_haste=True)
            journal.end()
        raise
    except GalleryIndexError:
        if not run.done:
            journal.end()
            _remove_if_empty(out)
        raise
    journal.end()
    return index, _report(catalog, run, before, index)


def _check_writable(out: Path) -> None:
    """Notice before hours of work that the folder cannot be written."""
    existing = out.absolute()
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        raise GalleryIndexError(
            f"Index {out} cannot be written: {existing} is no folder that can be written. "
            "Choose another folder with --out."
        )


def _reusable(out: Path, encoder: Encoder) -> StoredIndex | None:
    """The index of an earlier run; none when another encoder made it or it is damaged."""
    if not (out / INDEX_FILE).is_file():
        return None
    try:
        index = load_index(out)
        tuple(index.items)  # parses every line
        if not np.isfinite(index.vectors).all():
            raise GalleryIndexError(f"Index {out} is damaged: its vectors are not numbers.")
    except GalleryIndexError as error:
        log.warning("%s It is built anew.", error)
        return None
    if index.weights_hash != encoder.weights_hash or index.vectors.shape[1] != encoder.width:
        log.warning("index %s was made by another encoder (%s); it is built anew", out, index.encoder)
        return None
    return index


def _take_unchanged(catalog: Catalog, run: _Run) -> list[CatalogItem]:
    """Take over what has the size and time stamp it had; return the rest, each item once."""
    todo: dict[tuple[str, str], CatalogItem] = {}
    for item in catalog.items:
        stored = run.known.get(item)
        if key_of(item) in run.done:
            continue
        if stored is not None and (stored.size_bytes, stored.modified_ns) == catalog.stamp(item):
            run.keep(replace(stored, item=item))
        else:
            todo[key_of(item)] = item
    return list(todo.values())


def _encode(
    catalog: Catalog,
    todo: list[CatalogItem],
    run: _Run,
    journal: IndexJournal,
    encode: EncodePictures,
    progress: ProgressCallback,
) -> None:
    journal.begin()
    progress(MESSAGE, 0.0)
    began = saved_at = time.monotonic()
    looked_at = 0
    waiting: list[EncodedChunk] = []
    copies: list[StoredItem] = []
    failed: dict[str, str] = {}

    def flush() -> None:
        chunks = [chunk for chunk in waiting if chunk.encoded]
        if chunks:
            items = [stored for chunk in chunks for stored in chunk.encoded]
            journal.append(items, np.concatenate([chunk.vectors for chunk in chunks]))
        waiting.clear()

    try:
        for chunk in encode(catalog, todo, run.known.digests):
            _take(chunk, run, copies, failed)
            waiting.append(chunk)
            if time.monotonic() - saved_at > SAVE_EVERY_S:
                flush()
                saved_at = time.monotonic()
            looked_at += len(chunk.encoded) + len(chunk.copied) + len(chunk.unreadable)
            progress(_message(looked_at, len(todo), time.monotonic() - began), looked_at / len(todo))
    finally:
        flush()
        for stored in copies:
            _take_copy(stored, run, failed)


def _take(chunk: EncodedChunk, run: _Run, copies: list[StoredItem], failed: dict[str, str]) -> None:
    run.known.add_block(chunk.encoded, chunk.vectors)
    for stored in chunk.encoded:
        run.done[key_of(stored.item)] = stored
        run.encoded.append(stored.item.file)
    for item, digest, reason in chunk.unreadable:
        run.leave_out(item, reason)
        if digest:
            failed[digest] = reason
    copies += chunk.copied


def _take_copy(stored: StoredItem, run: _Run, failed: dict[str, str]) -> None:
    """Take over the vector of the same content: of the item itself (it was only touched) or of another one."""
    old = run.known.get(stored.item)
    if stored.digest in failed:
        run.leave_out(stored.item, f"{stored.item.file} has the same content as: {failed[stored.digest]}")
    elif run.known.add_copy(stored):
        if old is not None and old.digest == stored.digest:
            run.keep(stored)
        else:
            run.done[key_of(stored.item)] = stored
            run.copied.append(stored.item.file)


def _message(done: int, count: int, seconds: float) -> str:
    """Progress in words: how many, how fast, and how long it will take."""
    rate = done / max(seconds, 1e-6)
    left_s = (count - done) / max(rate, 1e-6)
    left = f"{left_s:.0f} s" if left_s < 90 else f"{left_s / 60:.0f} min" if left_s < 5400 else f"{left_s / 3600:.1f} h"
    return f"{MESSAGE}, {done:,} of {count:,}, {rate:.0f}/s, {left} left" if done < count else MESSAGE


def _check_not_empty(catalog: Catalog, run: _Run) -> None:
    if not run.done:
        reasons = list(run.unreadable.values())
        raise GalleryIndexError(
            f"Gallery {catalog.folder} has no readable picture: {reasons[0]} "
            f"({len(reasons)} like it). Name another folder."
        )


def _remove_if_empty(out: Path) -> None:
    try:
        out.rmdir()
    except OSError:  # something else is in it
        return


def _report(catalog: Catalog, run: _Run, before: set[tuple[str, str]], index: StoredIndex) -> IndexReport:
    first: dict[str, str] = {}
    duplicates = []
    for item in catalog.items:
        stored = run.done.get(key_of(item))
        if stored is not None and stored.digest:
            of = first.setdefault(stored.digest, item.file)
            if of != item.file:
                duplicates.append((item.file, of))
    gone = before - {key_of(item) for item in catalog.items}
    return IndexReport(
        encoded_files=tuple(run.encoded),
        copied_files=tuple(run.copied),
        kept_files=tuple(run.kept),
        unreadable=tuple(run.unreadable.items()),
        removed_files=tuple(sorted(file for _, file in gone)),
        duplicates=tuple(duplicates),
        count=len(index.items),
        kind=index.search.kind,
    )
