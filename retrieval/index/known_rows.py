"""Rows of a gallery that have vectors already: from its index, from interrupted runs, and from the run going on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from retrieval.index.folder.item_rows import StoredItem
from retrieval.values.datatypes import CatalogItem, Float32Array

Key = tuple[str, str]
"""Id and file: two products may share a picture, so the file alone does not name an item."""

Place = tuple[int, int]
"""Block and row of a vector."""


def key_of(item: CatalogItem) -> Key:
    """Name an item."""
    return item.id, item.file


class KnownRows:
    """Items with vectors, kept in blocks as they came.

    Args:
        width: dimension of the vectors.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._blocks: list[Float32Array] = []
        self._rows: dict[Key, tuple[StoredItem, Place]] = {}
        self._by_digest: dict[str, Place] = {}

    def add_block(self, items: Iterable[StoredItem], vectors: Float32Array) -> None:
        """Add items with their vectors; they replace what was known of the same items."""
        block = len(self._blocks)
        self._blocks.append(vectors)
        for row, stored in enumerate(items):
            self._rows[key_of(stored.item)] = (stored, (block, row))
            if stored.digest:
                self._by_digest.setdefault(stored.digest, (block, row))

    def add_copy(self, stored: StoredItem) -> bool:
        """Add an item whose content is known; False when it is not."""
        place = self._by_digest.get(stored.digest)
        if place is None:
            return False
        self._rows[key_of(stored.item)] = (stored, place)
        return True

    def get(self, item: CatalogItem) -> StoredItem | None:
        """What is known of an item."""
        found = self._rows.get(key_of(item))
        return found[0] if found is not None else None

    def keys(self) -> set[Key]:
        """All items that are known."""
        return set(self._rows)

    @property
    def digests(self) -> frozenset[str]:
        """Contents that are known now."""
        return frozenset(self._by_digest)

    def places(self, items: Sequence[StoredItem]) -> npt.NDArray[np.int64]:
        """Where the vectors of known items are: int64 (N, 2), block and row."""
        return np.array([self._rows[key_of(stored.item)][1] for stored in items], np.int64).reshape(-1, 2)

    def gather(self, places: npt.NDArray[np.int64]) -> Float32Array:
        """Copy vectors together: int64 (N, 2) -> float32 (N, D)."""
        vectors = np.empty((len(places), self._width), np.float32)
        order = np.argsort(places[:, 0], kind="stable")
        ends = np.searchsorted(places[order, 0], np.arange(len(self._blocks) + 1))
        for number, block in enumerate(self._blocks):
            here = order[ends[number] : ends[number + 1]]
            vectors[here] = block[places[here, 1]]
        return vectors
