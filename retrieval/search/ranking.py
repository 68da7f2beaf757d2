"""The hits of one query in order, as many as are asked for, the same whatever page asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.gallery.near_duplicates import fold
from retrieval.index.engines.exact import ExactIndex
from retrieval.values.datatypes import BoolArray, Float32Array

SPARE = 16
"""Hits fetched beyond those wanted, to see ties and near-duplicates to their end."""

MOST_TIES = 4096
"""Beyond so many hits of one score, their order is the index's own."""

MOST_GAINING = 2_048
"""So many rows that gain something beside their inner product are looked at one by one."""

NEARLY = 0.75
"""Of rows that gain nearly as much as the one that gains most, the nearest are looked at, too."""

SMALLEST_GAIN = 1e-6
HALVINGS = 12
"""Steps to find from which gain on so many rows are left; far cheaper than sorting the gains of a million rows."""

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ranking:
    """Rows of an index, best first; equal scores stand in the order of the rows.

    Attributes:
        index: where to look.
        query: float32 (D,).
        allowed: bool (N,), which rows may be hits; None for all.
        without: rows that are no hits although they are allowed.
        extra: float32 (N,), what each row gains beside its inner product, at least 0; None for nothing.
    """

    index: ExactIndex
    query: Float32Array
    allowed: BoolArray | None
    without: Rows
    extra: Float32Array | None = None

    def first(self, wanted: int) -> tuple[Rows, Float32Array]:
        """Return the best rows and their scores, (n,) each; fewer than wanted when there are no more."""
        fetched = wanted + len(self.without) + SPARE
        while True:
            scores, rows = (answer[0] for answer in self.index.search(self.query[None], fetched, self.allowed))
            is_all = len(rows) < fetched
            tied = not is_all and scores[-1] == scores[wanted + len(self.without) - 1]
            if not tied or fetched > wanted + MOST_TIES:
                break
            fetched *= 2  # a tie across the end: which of them came is chance
        if self.extra is not None:
            scores, rows = self._with_extra(rows, self.extra)
        kept = ~np.isin(rows, self.without)
        scores, rows = scores[kept], rows[kept]
        order = np.lexsort((rows, -scores))[:wanted]
        return rows[order], scores[order]

    def _with_extra(self, rows: Rows, extra: Float32Array) -> tuple[Float32Array, Rows]:
        """Join the nearest rows with those that gain something, and score them all.

        Of very many, those that gain most are all taken; of those that gain nearly as much, the nearest.
        """
        gains = extra if self.allowed is None else extra * self.allowed
        least, all_from = SMALLEST_GAIN, SMALLEST_GAIN
        if np.count_nonzero(gains >= SMALLEST_GAIN) > MOST_GAINING:
            all_from = 2.0 * (most := float(gains.max()))
            for _ in range(HALVINGS):
                middle = (least + all_from) / 2.0
                if np.count_nonzero(gains >= middle) > MOST_GAINING:
                    least = middle
                else:
                    all_from = middle
            strong = gains >= min(least, NEARLY * most)
            _, nearest = self.index.search(self.query[None], max(len(rows), SPARE), strong)
            rows = np.union1d(rows, nearest[0])
        rows = np.union1d(rows, np.flatnonzero(gains >= all_from))
        return np.asarray(self.index.vectors[rows] @ self.query + extra[rows], np.float32), rows

    def folded(
        self, wanted: int, same_picture: Callable[[int, int], bool], vectors: Float32Array
    ) -> tuple[Rows, Float32Array, list[list[int]]]:
        """Return rows and scores as ``first`` does, and the best groups as positions in them (see ``fold``).

        ``vectors``, float32 (N, D), tell which rows may be near-duplicates.
        """
        fetched = wanted + SPARE
        while True:
            rows, scores = self.first(fetched)
            groups = fold(rows.tolist(), vectors[rows], same_picture)
            if len(groups) >= wanted or len(rows) < fetched:
                return rows, scores, groups[:wanted]
            fetched *= 2
