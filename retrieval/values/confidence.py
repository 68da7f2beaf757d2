"""How sure an answer is: calibrated chances from what a query and its first hits look like. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from retrieval.values.datatypes import Float32Array

FIRST_PAGE = 10
"""Hits that ``sure`` speaks of, however many are asked for."""

DOUBTED_BELOW = 0.5
"""An answer is doubted when it is more likely that the first page does not hold what was meant."""

RIGHT_HITS = 3
"""Of the first page, so many must be of the kind that a person drew or named for it to hold what was meant; where one
item was meant (by its title, or by a drawing of its very picture), that item; where the gallery lacks it, things of its
kind and brand."""

MODES = ("sketch", "words", "both")
EVIDENCE = ("garment", "nearest", "others", "agreement", "first text", "texts")
"""What an answer is judged by: log odds that the drawing shows a garment; inner product of the query with the nearest
hit; how far that of the first ``RIGHT_HITS`` lies below in the mean; mean inner product of these with each other; how
much of the words the first hit's texts hold, and how much those of all of these."""

HIT_EVIDENCE = ("sure", "nearness", "behind", "text")
"""What one hit is judged by: log odds of ``sure``; its inner product with the query; how far that lies below the
highest; how much of the words its texts hold."""

LARGEST_LOG_ODDS = 8.0


@dataclass(frozen=True)
class Chance:
    """A logistic regression: float32 (F,) weights of numbers, and what is added."""

    weights: Float32Array
    bias: float

    def log_odds(self, numbers: Float32Array) -> Float32Array:
        """Float32 (..., F) -> (...,)."""
        return np.clip(numbers @ self.weights + self.bias, -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)


@dataclass(frozen=True)
class GarmentProbe:
    """Whether a drawing shows something that people wear or carry at all: a net of one hidden layer.

    Attributes:
        first: float32 (F, H), first_bias: (H,), of an encoder's vector of a drawing and its ``ink_statistics``.
        second: float32 (H,), second_bias: of the hidden layer's positive parts.
    """

    first: Float32Array
    first_bias: Float32Array
    second: Float32Array
    second_bias: float

    def log_odds(self, numbers: Float32Array) -> Float32Array:
        """Float32 (..., F) -> (...,)."""
        hidden = np.maximum(numbers @ self.first + self.first_bias, 0.0)
        return np.clip(hidden @ self.second + self.second_bias, -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)


@dataclass(frozen=True)
class Confidence:
    """All that was fitted for one encoder.

    Attributes:
        probe: see ``GarmentProbe``.
        answers: by mode, the chance that the first page holds what was meant, of ``EVIDENCE``.
        matches: by mode, the chance that a hit is of the kind that was meant, of ``HIT_EVIDENCE``.
        figures: what was measured on drawings and products that the fit did not see.
    """

    probe: GarmentProbe
    answers: Mapping[str, Chance]
    matches: Mapping[str, Chance]
    figures: Mapping[str, Any] = field(default_factory=dict)


def chance_of(log_odds: Float32Array | float) -> Any:
    """0..1."""
    return 1.0 / (1.0 + np.exp(-np.asarray(log_odds, np.float64)))
