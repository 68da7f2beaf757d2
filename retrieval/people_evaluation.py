"""Measure how often the first hits of a person's drawing are of the kind that was drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrieval.datatypes import Float32Array
from retrieval.encoders import FusedEncoder
from retrieval.metrics import Estimate, estimate, precision_at
from retrieval.people_drawings import WORD_KINDS, PersonDrawing

HITS = 10
LEAST_ITEMS = 5
"""Words of which the gallery holds fewer items are not measured."""


def measure_people(
    encoder: FusedEncoder,
    drawings: list[PersonDrawing],
    gallery: Float32Array,
    kinds: np.ndarray[Any, np.dtype[np.str_]],
    fusion: str | None = None,
) -> dict[str, dict[str, Estimate | float]]:
    """Kind precision@10 of drawings by people.

    Args:
        encoder: embeds the queries.
        drawings: by people.
        gallery: float32 (N, D).
        kinds: catalogue kind of each gallery item, (N,).
        fusion: None takes the encoder's own.
    Returns:
        One row for the drawing alone, the word alone and both, and one per word.
    """
    counts = {word: int(np.isin(kinds, list(names)).sum()) for word, names in WORD_KINDS.items()}
    drawings = [drawing for drawing in drawings if counts[drawing.word] >= LEAST_ITEMS]
    words = [drawing.word for drawing in drawings]
    sketches = encoder.encode_drawings([drawing.lines() for drawing in drawings])
    captions = encoder.encode_words(words)
    relevant = np.stack([np.isin(kinds, list(WORD_KINDS[word])) for word in words])
    queries = {
        "alone": sketches,
        "word alone": captions,
        "and word": encoder.fuse(sketches, captions, fusion=fusion),
    }
    hits = {name: precision_at(vectors @ gallery.T, relevant, HITS) for name, vectors in queries.items()}
    rows: dict[str, dict[str, Estimate | float]] = {
        f"people's drawing, {name}": {"kind P@10": _macro(values, words)} for name, values in hits.items()
    }
    for word in sorted(set(words)):
        of_word = np.array(words) == word
        rows[f"people's '{word}' alone"] = {"kind P@10": float(hits["alone"][of_word].mean())}
        rows[f"people's '{word}' and word"] = {"kind P@10": float(hits["and word"][of_word].mean())}
    return rows


def _macro(values: Float32Array, words: list[str]) -> Estimate:
    """Average over words, each counting the same; the interval treats every word's drawings as one query."""
    labels = np.array(words)
    return estimate([float(values[labels == word].mean()) for word in sorted(set(words))])
