"""The hits of one query in order, as many as are asked for, the same whatever page asks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from retrieval.gallery.near_duplicates import Fold, fold
from retrieval.values.datatypes import Float32Array, RowFilter
from retrieval.values.ports import VectorIndex

SPARE = 16
"""Hits fetched beyond those wanted, to see ties and near-duplicates to their end."""

MOST_TIES = 4096
"""Beyond so many hits of one score, their order is the index's own."""


class Ranking:
    """Rows of an index, best first; equal scores stand in the order of the rows.

    Args:
        index: where to look.
        query: float32 (D,).
        allowed: which rows may be hits; None for all.
        without: rows that are no hits although they are allowed.
    """

    def __init__(
        self, index: VectorIndex, query: Float32Array, allowed: RowFilter | None, without: npt.NDArray[np.int64]
    ) -> None:
        self._index = index
        self._query = query
        self._allowed = allowed
        self._without = without
        self.scores: Float32Array = np.zeros(0, np.float32)
        self.rows: npt.NDArray[np.int64] = np.zeros(0, np.int64)

    def first(self, wanted: int) -> npt.NDArray[np.int64]:
        """Return the best rows, (n,); fewer than wanted when there are no more."""
        fetched = wanted + len(self._without) + SPARE
        while True:
            scores, rows = (answer[0] for answer in self._index.search(self._query[None], fetched, self._allowed))
            is_all = len(rows) < fetched
            tied = not is_all and scores[-1] == scores[min(wanted + len(self._without), len(scores)) - 1]
            if not tied or fetched > wanted + MOST_TIES:
                break
            fetched *= 2  # a tie across the end: which of them came is chance
        kept = ~np.isin(rows, self._without)
        scores, rows = scores[kept], rows[kept]
        order = np.lexsort((rows, -scores))[:wanted]
        self.scores, self.rows = scores[order], rows[order]
        return self.rows

    def folded(self, wanted: int, same_picture: Callable[[int, int], bool]) -> list[Fold]:
        """Fold near-duplicates and return the best ``wanted`` that stay, with positions in ``rows``.

        Args:
            wanted: how many.
            same_picture: looks at the pictures of two rows.
        """
        fetched = wanted + SPARE
        while True:
            rows = self.first(fetched)
            vectors = self._index.vectors_of(rows) if len(rows) else np.zeros((0, len(self._query)), np.float32)
            folds = fold(vectors, _by_position(rows, same_picture))
            if len(folds) >= wanted or len(rows) < fetched:
                return folds[:wanted]
            fetched *= 2


def _by_position(rows: npt.NDArray[np.int64], same_picture: Callable[[int, int], bool]) -> Callable[[int, int], bool]:
    return lambda first, second: same_picture(int(rows[first]), int(rows[second]))
