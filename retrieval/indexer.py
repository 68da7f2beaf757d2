"""Bring a gallery's index up to date: encode what is new or changed, drop what is gone (``index``)."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from retrieval.catalog import Catalog
from retrieval.datatypes import CatalogItem, Float32Array, ProgressCallback, UInt8Array
from retrieval.encoders import FusedEncoder
from retrieval.errors import CatalogError, GalleryIndexError
from retrieval.preprocessing import prepare_photo
from retrieval.store import StoredIndex, StoredItem, is_index_folder, load_index, save_index

log = logging.getLogger(__name__)

Rows = dict[tuple[str, str], tuple[StoredItem, Float32Array]]
"""Encoded items by id and file."""

CHUNK = 64
SAVE_EVERY_S = 20.0
DECODE_SIDE_PX = 4
"""Pictures are decoded to at most this many times the encoder's side; more detail would be averaged away."""


@dataclass(frozen=True)
class IndexReport:
    """What ``update_index`` did.

    Attributes:
        count: items in the index now.
        encoded: pictures encoded in this run.
        kept: items taken over unchanged.
        removed: items dropped because their picture is gone.
        unreadable: (file, reason) of pictures left out.
    """

    count: int
    encoded: int
    kept: int
    removed: int
    unreadable: tuple[tuple[str, str], ...]


def update_index(
    catalog: Catalog, out: Path, encoder: FusedEncoder, progress: ProgressCallback
) -> tuple[StoredIndex, IndexReport]:
    """Build or update the index folder of a catalogue.

    Finished work is saved every ``SAVE_EVERY_S`` seconds, so an interrupted run goes on where it stopped.

    Args:
        catalog: the gallery.
        out: index folder.
        encoder: makes the vectors.
        progress: called after every chunk.
    Returns:
        The index as saved, and a report.
    Raises:
        GalleryIndexError: if nothing can be read or the folder cannot be written.
    """
    saved = _reusable(out, encoder)
    known: Rows = (
        {_key(s.item): (s, vector) for s, vector in zip(saved.items, saved.vectors, strict=True)} if saved else {}
    )
    stamps = {item.file: catalog.stamp(item) for item in catalog.items}
    rows: Rows = {}
    todo: list[CatalogItem] = []
    for item in catalog.items:
        old = known.get(_key(item))
        if old is not None and (old[0].size_bytes, old[0].modified_ns) == stamps[item.file]:
            rows[_key(item)] = (StoredItem(item, *stamps[item.file]), old[1])
        else:
            todo.append(item)
    kept = len(rows)
    unreadable: list[tuple[str, str]] = []
    saved_at = time.monotonic()
    try:
        for done, (items, prepared) in enumerate(_prepared_chunks(catalog, todo, encoder.size_px, unreadable)):
            for item, vector in zip(items, encoder.encode_prepared_photos(prepared), strict=True):
                rows[_key(item)] = (StoredItem(item, *stamps[item.file]), vector)
            progress("Indexing pictures", min((done + 1) * CHUNK / len(todo), 1.0))
            if rows and time.monotonic() - saved_at > SAVE_EVERY_S:
                save_index(out, _assemble(catalog, encoder, rows))
                saved_at = time.monotonic()
    except KeyboardInterrupt:
        if len(rows) > kept:
            save_index(out, _assemble(catalog, encoder, rows))
        raise
    if not rows:
        raise GalleryIndexError(
            f"Gallery {catalog.folder} has no readable picture: {unreadable[0][1]} "
            f"({len(unreadable)} like it). Name another folder."
        )
    index = _assemble(catalog, encoder, rows)
    removed = len(set(known) - {_key(item) for item in catalog.items})
    encoded = len(todo) - len(unreadable)
    if encoded or saved is None or not _is_same(saved, index):
        save_index(out, index)
    return index, IndexReport(len(index.items), encoded, kept, removed, tuple(unreadable))


def _key(item: CatalogItem) -> tuple[str, str]:
    """Two products may share a picture, so the file alone does not name an item."""
    return item.id, item.file


def _reusable(out: Path, encoder: FusedEncoder) -> StoredIndex | None:
    """The index of an earlier run; none when another encoder made it or it is damaged."""
    if not is_index_folder(out):
        return None
    try:
        index = load_index(out)
    except GalleryIndexError as error:
        log.warning("%s It is built anew.", error)
        return None
    if index.weights_hash != encoder.weights_hash:
        log.warning("index %s was made by another encoder (%s); it is built anew", out, index.encoder)
        return None
    return index


def _is_same(saved: StoredIndex, index: StoredIndex) -> bool:
    """Whether nothing has to be written; the gallery may have been named by another path before."""
    if saved.images.resolve() != index.images.resolve():
        return False
    return [_placeless(stored) for stored in saved.items] == [_placeless(stored) for stored in index.items]


def _placeless(stored: StoredItem) -> StoredItem:
    return replace(stored, item=replace(stored.item, image=""))


def _prepared_chunks(
    catalog: Catalog, items: list[CatalogItem], size_px: int, unreadable: list[tuple[str, str]]
) -> Iterator[tuple[list[CatalogItem], list[UInt8Array]]]:
    """Decode ahead on threads (Pillow and OpenCV release the interpreter lock) while the encoder works."""

    def prepare(item: CatalogItem) -> UInt8Array | CatalogError:
        try:
            return prepare_photo(catalog.read(item, max_side_px=DECODE_SIDE_PX * size_px), size_px)
        except CatalogError as error:
            return error

    chunks = [items[start : start + CHUNK] for start in range(0, len(items), CHUNK)]
    with ThreadPoolExecutor(2) as pool:
        ahead = [pool.map(prepare, chunk) for chunk in chunks[:2]]
        for number, chunk in enumerate(chunks):
            results = list(ahead.pop(0))
            if number + 2 < len(chunks):
                ahead.append(pool.map(prepare, chunks[number + 2]))
            good = [(item, r) for item, r in zip(chunk, results, strict=True) if not isinstance(r, CatalogError)]
            for item, result in zip(chunk, results, strict=True):
                if isinstance(result, CatalogError):
                    log.warning("left out: %s", result)
                    unreadable.append((item.file, str(result)))
            yield [item for item, _ in good], [picture for _, picture in good]


def _assemble(catalog: Catalog, encoder: FusedEncoder, rows: Rows) -> StoredIndex:
    """Put the rows into the manifest's order; a row that the manifest repeats counts once."""
    ordered = [rows[key] for key in dict.fromkeys(_key(item) for item in catalog.items) if key in rows]
    vectors = np.stack([vector for _, vector in ordered]).astype(np.float32)
    folder = Path(encoder.name)
    name = str(folder.resolve()) if folder.is_dir() else encoder.name  # a relative path means nothing elsewhere
    return StoredIndex(name, encoder.weights_hash, catalog.folder, tuple(stored for stored, _ in ordered), vectors)
