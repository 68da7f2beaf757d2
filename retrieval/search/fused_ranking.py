"""Two orders of the same items as one: reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009).

Inner products of two encoders cannot be added, as each spreads its own way; ranks can.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from retrieval.search.ranking import Ranking, Rows
from retrieval.values.datatypes import Float32Array

RANK_OFFSET = 60
"""The k of the paper, found on TREC's collections and used since: how slowly the first ranks lose their lead."""

DEPTH = 1_000
"""So many of the best of each order are fused at once."""


@dataclass(frozen=True)
class FusedRanking(Ranking):
    """Rows of two orders; what does not fit at all in one of them, by a score of 0 or less, has no rank there.

    Attributes:
        other: the second order.
        other_weight: 0..1, what it counts; the first one counts the rest.
    """

    other: Ranking = field(kw_only=True)
    other_weight: float = field(kw_only=True, default=0.5)

    def first(self, wanted: int) -> tuple[Rows, Float32Array]:
        """Return the best rows and their scores, (n,) each; see ``Ranking.first``.

        A score is the weighted sum of 1 / (60 + rank), doubled, so that even weights give the paper's sum. What is
        beyond ``DEPTH`` in one order counts as the next behind it. Where more is wanted, twice as much is fused and
        stands behind what was fused before, so that no page depends on how many are asked for.
        """
        rows, scores, depth = np.zeros(0, np.int64), np.zeros(0, np.float32), DEPTH
        while True:
            orders = [super().first(depth), self.other.first(depth)]
            fused, values = self._fused(orders, depth)
            is_new = ~np.isin(fused, rows)
            rows, scores = np.concatenate([rows, fused[is_new]]), np.concatenate([scores, values[is_new]])
            if len(rows) >= wanted or all(len(order) < depth for order, _ in orders):
                return rows[:wanted], scores[:wanted]
            depth *= 2

    def _fused(self, orders: list[tuple[Rows, Float32Array]], depth: int) -> tuple[Rows, Float32Array]:
        rows = np.unique(np.concatenate([found for found, _ in orders]))
        total = np.zeros(len(rows))
        for (found, scores), weight in zip(orders, (1.0 - self.other_weight, self.other_weight), strict=True):
            ranks = np.full(len(rows), depth + 1)
            fitting = found[scores > 0]
            ranks[np.searchsorted(rows, fitting)] = np.arange(1, len(fitting) + 1)
            total += 2.0 * weight / (RANK_OFFSET + ranks)
        order = np.lexsort((rows, -total))
        return rows[order], total[order].astype(np.float32)
