"""Retrieval metrics from ranks; pure numpy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from retrieval.values.datatypes import BoolArray, Float32Array

IntArray = npt.NDArray[np.int64]

HITS = 10
"""How many of the first hits the measures look at: what a person sees at once."""

BOOTSTRAP_NUMBERS = 500_000
"""Numbers drawn at once by ``estimate``, so that its memory stays small."""


def ranks_of_answers(scores: Float32Array, answers: IntArray) -> IntArray:
    """Rank (1 is best) of each query's own item; items with an equal score count as ahead of it.

    Args:
        scores: float (queries, items).
        answers: int (queries,), the item that answers each query.
    """
    own = np.take_along_axis(scores, answers[:, None], axis=1)
    return np.asarray((scores >= own).sum(axis=1), dtype=np.int64)


def top_hits(scores: Float32Array, k: int) -> IntArray:
    """The first k items of each query, best first, earlier items first among equals: int (queries, k or fewer)."""
    return np.argsort(-scores, axis=1, kind="stable")[:, : min(k, scores.shape[1])]


def precision_at(scores: Float32Array, relevant: BoolArray, k: int) -> Float32Array:
    """Per query the share of relevant items among the first k (fewer when there are fewer items).

    Args:
        scores: float (queries, items).
        relevant: bool (queries, items).
        k: how many hits are looked at.
    """
    return np.take_along_axis(relevant, top_hits(scores, k), axis=1).mean(axis=1).astype(np.float32)


def share_of_hits(wanted: BoolArray, hits: IntArray) -> Float32Array:
    """Per query the share of its hits that are wanted.

    Args:
        wanted: bool (items,).
        hits: int (queries, k), from ``top_hits``.
    """
    return np.asarray(wanted[hits].mean(axis=1), dtype=np.float32)


@dataclass(frozen=True)
class Estimate:
    """A mean (or median) with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float
    count: int

    def record(self) -> dict[str, Any]:
        """JSON values, four decimals."""
        return {"mean": round(self.mean, 4), "low": round(self.low, 4), "high": round(self.high, 4), "n": self.count}


def estimate(
    values: npt.ArrayLike,
    seed: int = 0,
    rounds: int = 1000,
    statistic: Callable[..., Any] = np.mean,
) -> Estimate:
    """Mean (or another statistic) and its percentile bootstrap interval (Efron 1979) over queries.

    Args:
        values: one number per query.
        seed: of the resampling.
        rounds: resamples.
        statistic: such as ``np.mean`` or ``np.median``; takes an array and ``axis``.
    """
    sample = np.asarray(values, dtype=np.float64)
    if sample.size == 0:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    rng = np.random.default_rng(seed)
    at_once = max(1, BOOTSTRAP_NUMBERS // sample.size)
    drawn = [
        statistic(sample[rng.integers(0, sample.size, (min(at_once, rounds - done), sample.size))], axis=1)
        for done in range(0, rounds, at_once)
    ]
    low, high = np.percentile(np.concatenate(drawn), [2.5, 97.5])
    return Estimate(float(statistic(sample)), float(low), float(high), int(sample.size))
