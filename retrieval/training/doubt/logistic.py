"""Logistic regression with weighted examples (iteratively reweighted least squares); pure numpy."""

from __future__ import annotations

import numpy as np

from retrieval.values.confidence import Chance
from retrieval.values.datatypes import BoolArray, Float32Array

RIDGE = 1.0
"""Penalty on squared weights of numbers of spread one: with some hundred examples, no more than a nudge."""

ROUNDS = 50
SMALLEST_STEP = 1e-7
LEAST_SPREAD = 1e-4


def fit_chance(numbers: Float32Array, holds: BoolArray, weights: Float32Array) -> Chance:
    """Fit the chance that something holds.

    Args:
        numbers: float32 (N, F).
        holds: bool (N,).
        weights: float32 (N,), how much each counts; only their ratios matter.
    """
    mean, spread = numbers.mean(axis=0), np.maximum(numbers.std(axis=0), LEAST_SPREAD)
    x = np.column_stack([(numbers - mean) / spread, np.ones(len(numbers))]).astype(np.float64)
    w = weights / weights.mean()
    penalty = np.full(x.shape[1], RIDGE)
    penalty[-1] = 1e-6
    found = np.zeros(x.shape[1])
    for _ in range(ROUNDS):
        p = 1.0 / (1.0 + np.exp(-np.clip(x @ found, -30.0, 30.0)))
        slope = x.T @ (w * (p - holds)) + penalty * found
        step = np.linalg.solve((x * (w * p * (1.0 - p))[:, None]).T @ x + np.diag(penalty), slope)
        found -= step
        if np.abs(step).max() < SMALLEST_STEP:
            break
    by_unit = found[:-1] / spread
    return Chance(by_unit.astype(np.float32), float(found[-1] - by_unit @ mean))
