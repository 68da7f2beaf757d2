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

ROUNDS = 1000
BOOTSTRAP_NUMBERS = 500_000
"""Numbers drawn at once by ``estimate``, so that its memory stays small."""


def ranks_of_answers(scores: Float32Array) -> IntArray:
    """Rank (1 is best) of item i for query i in scores (queries, items); items with an equal score count as ahead."""
    return np.asarray((scores >= np.diagonal(scores)[:, None]).sum(axis=1), dtype=np.int64)


def top_hits(scores: Float32Array, k: int) -> IntArray:
    """The first k items of each query, best first, earlier items first among equals: int (queries, k or fewer)."""
    return np.argsort(-scores, axis=1, kind="stable")[:, : min(k, scores.shape[1])]


def precision_at(scores: Float32Array, relevant: BoolArray, k: int) -> Float32Array:
    """Per query the share of relevant items among the first k (fewer when there are fewer items).

    ``scores`` and ``relevant`` are (queries, items).
    """
    return np.take_along_axis(relevant, top_hits(scores, k), axis=1).mean(axis=1).astype(np.float32)


def share_of_hits(wanted: BoolArray, hits: IntArray) -> Float32Array:
    """Per query the share of its hits that are wanted: bool (items,) and int (queries, k) -> float32 (queries,)."""
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


def estimate(values: npt.ArrayLike, statistic: Callable[..., Any] = np.mean) -> Estimate:
    """Mean (or another statistic, such as ``np.median``) of one number per query, and its percentile bootstrap
    interval (Efron 1979).
    """
    sample = np.asarray(values, dtype=np.float64)
    rng = np.random.default_rng(0)
    at_once = max(1, BOOTSTRAP_NUMBERS // sample.size)
    drawn = [
        statistic(sample[rng.integers(0, sample.size, (min(at_once, ROUNDS - done), sample.size))], axis=1)
        for done in range(0, ROUNDS, at_once)
    ]
    low, high = np.percentile(np.concatenate(drawn), [2.5, 97.5])
    return Estimate(float(statistic(sample)), float(low), float(high), int(sample.size))


BINS = 15


def calibration_error(chances: npt.ArrayLike, holds: npt.ArrayLike, weights: npt.ArrayLike) -> float:
    """Expected calibration error over equal bins (Naeini et al., AAAI 2015), four decimals: chances 0..1 against what
    held, (N,) each, every query by its weight.
    """
    p, y, w = (np.asarray(values, np.float64) for values in (chances, holds, weights))
    bins = np.minimum((p * BINS).astype(np.int64), BINS - 1)
    gaps = np.abs(np.bincount(bins, w * (p - y), BINS))
    return round(float(gaps.sum() / w.sum()), 4)


def auc(scores: npt.ArrayLike, holds: npt.ArrayLike, weights: npt.ArrayLike) -> float:
    """Chance that what holds is scored above what does not, ties half (Hanley & McNeil, 1982), four decimals; NaN where
    there is nothing of either.
    """
    s, y, w = np.asarray(scores, np.float64), np.asarray(holds, bool), np.asarray(weights, np.float64)
    _, level = np.unique(s, return_inverse=True)
    good, bad = np.bincount(level, w * y), np.bincount(level, w * ~y)
    below = np.cumsum(bad) - bad
    return round(float((good * (below + bad / 2)).sum() / (good.sum() * bad.sum())), 4)
