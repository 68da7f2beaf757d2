"""The rows of a gallery's index while it is brought up to date: what is known, what has to be read, what was found."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from retrieval.gallery.catalog import Catalog
from retrieval.index.encoding import EncodedChunk
from retrieval.index.folder.item_rows import StoredItem
from retrieval.index.folder.store import StoredIndex
from retrieval.values.datatypes import CatalogItem, Float32Array

MOST_TOLD = 50

log = logging.getLogger(__name__)

Key = tuple[str, str]
"""Id and file: two products may share a picture, so the file alone does not name an item.

Rows that have both in common but differ, such as two sizes of a dress, are items of their own with one vector.
"""


def key_of(item: CatalogItem) -> Key:
    """Name an item."""
    return item.id, item.file


@dataclass(frozen=True)
class Row:
    """An item with its vector, float32 (D,)."""

    stored: StoredItem
    vector: Float32Array


class GalleryRows:
    """The rows of a gallery's next index, those first that need no encoding, and what became of each picture.

    Args:
        catalog: the gallery.
        saved: its index of an earlier run, None when there is none that can be used.
        parts: items and vectors that interrupted runs have encoded.
        ready: further vectors, by the digest of the picture file.
        looks: known vectors of the second view, by the digest of the picture file; None without one.

    Attributes:
        unread: items that have to be read, because they are new, their size or time stamp has changed, or they lack a
            second look.
        vectors: every known vector by the digest of its picture file.
        looks: the same of the second view; None without one.
        looked: files that got a second look in this run.
        encoded: files encoded in this run.
        copied: files with the content of another one, whose vector they share.
        kept: files whose content has not changed, or that an interrupted run had encoded already.
        unreadable: file -> reason of pictures left out.
        removed: files that were in the index and are no longer in the gallery.
    """

    def __init__(
        self,
        catalog: Catalog,
        saved: StoredIndex | None,
        parts: Sequence[tuple[Sequence[StoredItem], Float32Array]],
        ready: Mapping[str, Float32Array],
        looks: Mapping[str, Float32Array] | None = None,
    ) -> None:
        self.vectors = dict(ready)
        self.looks = None if looks is None else dict(looks)
        self.looked: list[str] = []
        self.encoded: list[str] = []
        self.copied: list[str] = []
        self.kept: list[str] = []
        self._copies: list[StoredItem] = []
        self.unreadable: dict[str, str] = {}
        self._unreadable_digests: dict[str, str] = {}
        blocks = [*([(saved.items, saved.vectors)] if saved is not None else []), *parts]
        known = [Row(*pair) for items, vectors in blocks for pair in zip(items, vectors, strict=True)]
        self._known = {key_of(row.stored.item): row for row in known}
        for row in known:
            self.vectors.setdefault(row.stored.digest, row.vector)
        wanted = {key_of(item): item for item in reversed(catalog.items)}  # the first of those with the same key
        self._items = [item for item in catalog.items if item is (first := wanted[key_of(item)]) or item != first]
        self._rows: dict[Key, Row | None] = {key_of(item): None for item in catalog.items}  # in the manifest's order
        for key in self._rows:
            item, old = wanted[key], self._known.get(key)
            if old is not None and (old.stored.size_bytes, old.stored.modified_ns) == catalog.stamp(item):
                identity = catalog.identity(item)  # unknown in an older index
                if old.stored.identity in {"", identity}:
                    self._put(replace(old.stored, item=item, identity=identity), old.vector, self.kept)
        self.unread = tuple(wanted[key] for key, row in self._rows.items() if row is None or self._lacks_look(row))
        saved_keys = {key_of(row.stored.item) for row in known[: len(saved.items) if saved is not None else 0]}
        self.removed = sorted(file for _, file in saved_keys - wanted.keys())

    def _lacks_look(self, row: Row) -> bool:
        return self.looks is not None and row.stored.digest not in self.looks

    def look_vectors(self, items: Sequence[StoredItem], width: int) -> Float32Array:
        """The second view of some rows, float32 (N, width); zeros where the picture could not be read again."""
        looks, nothing = self.looks or {}, np.zeros(width, np.float32)
        return np.stack([looks.get(stored.digest, nothing) for stored in items])

    @property
    def found(self) -> Sequence[Row]:
        """All rows so far, in the manifest's order."""
        rows = ((item, self._rows[key_of(item)]) for item in self._items)
        return [replace(row, stored=replace(row.stored, item=item)) for item, row in rows if row is not None]

    def take(self, chunk: EncodedChunk) -> None:
        """Keep a chunk; its copies wait until ``settle``, as their originals may be in a later one."""
        for stored, vector in zip(chunk.encoded, chunk.vectors, strict=True):
            self.vectors[stored.digest] = vector
            self._put(stored, vector, self.encoded)
        if self.looks is not None and chunk.looks is not None:
            self.looks |= {stored.digest: look for stored, look in zip(chunk.looked, chunk.looks, strict=True)}
            self.looked += [stored.item.file for stored in chunk.looked]
        for item, digest, reason in chunk.unreadable:
            if self._rows[key_of(item)] is None:
                self._leave_out(item, reason)
                if digest:
                    self._unreadable_digests[digest] = reason
        self._copies += [stored for stored in chunk.copied if self._rows[key_of(stored.item)] is None]

    def settle(self) -> None:
        """Give copies the vectors of their originals, after the last chunk that comes."""
        for stored in self._copies:
            if reason := self._unreadable_digests.get(stored.digest):
                self._leave_out(stored.item, f"{stored.item.file} has the same content as: {reason}")
            elif stored.digest in self.vectors:
                old = self._known.get(key_of(stored.item))
                is_touched = old is not None and old.stored.digest == stored.digest  # its own vector, then
                self._put(stored, self.vectors[stored.digest], self.kept if is_touched else self.copied)
        self._copies.clear()

    def _put(self, stored: StoredItem, vector: Float32Array, files: list[str]) -> None:
        self._rows[key_of(stored.item)] = Row(stored, vector)
        files.append(stored.item.file)

    def _leave_out(self, item: CatalogItem, reason: str) -> None:
        if item.file not in self.unreadable and len(self.unreadable) <= MOST_TOLD:
            log.warning("left out: %s", reason if len(self.unreadable) < MOST_TOLD else "and more, see pictures.jsonl")
        self.unreadable[item.file] = reason

    @property
    def duplicates(self) -> dict[str, str]:
        """File -> first file with the same content, of pictures in the index."""
        first: dict[str, str] = {}
        files = [(row.stored.item.file, row.stored.digest) for row in self.found]
        same = {file: first.setdefault(digest, file) for file, digest in files if digest}
        return {file: of for file, of in same.items() if file != of}

    def record(self, skipped: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """Counts and everything out of the ordinary, as ``index --json`` prints it.

        ``skipped`` is (file, reason) of everything in the folder that is no item.
        """
        return {
            "count": len(self.found),
            "encoded": len(self.encoded),
            "copied": len(self.copied),
            "kept": len(self.kept),
            **({} if self.looks is None else {"looked": len(self.looked)}),
            "removed": len(self.removed),
            "unreadable": [{"file": file, "reason": reason} for file, reason in self.unreadable.items()],
            "skipped": [{"file": file, "reason": reason} for file, reason in skipped],
            "duplicates": [{"file": file, "of": of} for file, of in self.duplicates.items()],
            "removed_files": self.removed,
        }

    def lines(self, skipped: Sequence[tuple[str, str]]) -> Iterator[dict[str, str]]:
        """One record per file: ``file``, ``outcome`` and, where there is one, ``reason`` or ``of``."""
        same = self.duplicates
        for outcome in ("encoded", "copied", "kept", "removed"):
            for file in getattr(self, outcome):
                yield {"file": file, "outcome": outcome} | ({"of": same[file]} if file in same else {})
        for outcome, left_out in (("unreadable", self.unreadable.items()), ("skipped", skipped)):
            for file, reason in left_out:
                yield {"file": file, "outcome": outcome, "reason": reason}
