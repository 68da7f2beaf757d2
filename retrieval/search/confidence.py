"""How sure an answer is, of what the first page looks like. Pure; the chances themselves are an encoder's."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from retrieval.search.understanding import FUNCTION_WORDS, Understood
from retrieval.values.confidence import EVIDENCE, RIGHT_HITS, Confidence, chance_of
from retrieval.values.datatypes import Float32Array

Chances = tuple["float | None", "list[float | None]"]


@dataclass(frozen=True)
class Evidence:
    """What an answer is judged by.

    Attributes:
        mode: ``sketch``, ``words``, ``both``, ``filters``; "" where a picked picture counts, too.
        numbers: float32 (len(EVIDENCE),).
        known: share of what was asked that could be looked for: 1 unless words are unknown.
    """

    mode: str
    numbers: Float32Array
    known: float = 1.0


NOTHING = Evidence("", np.zeros(len(EVIDENCE), np.float32))


def gather(
    parts: Collection[str],
    garment: float | None,
    nearness: Float32Array,
    vectors: Float32Array,
    texts: Float32Array | None,
    known: float,
) -> Evidence:
    """Describe an answer by its first ``RIGHT_HITS`` hits: a small gallery has no more that fit, and need not.

    Args:
        parts: of the query: ``sketch``, ``words``, ``like``; none where it has filters alone.
        garment: log odds that the drawing shows one; None when nobody can tell.
        nearness: float32 (n,), inner products of the query with the first page's hits, best first.
        vectors: float32 (n, D), of these hits.
        texts: float32 (n,), how much of the words their texts hold; None without words.
        known: see ``Evidence``.
    """
    has_words = "words" in parts or texts is not None
    mode = "both" if has_words and "sketch" in parts else "words" if has_words else "sketch"
    if "like" in parts or not (parts or has_words) or not len(nearness):
        return Evidence("" if parts else "filters", NOTHING.numbers, known if len(nearness) else 0.0)
    top = float(nearness.max())
    said = np.zeros(1, np.float32) if texts is None else texts[:RIGHT_HITS]
    mean = vectors[:RIGHT_HITS].mean(axis=0)
    numbers = (garment or 0.0, top, top - nearness[:RIGHT_HITS].mean(), mean @ mean, said[0], said.mean())
    return Evidence(mode, np.array(numbers, np.float32), known)


def share_known(caption: Understood, has_sketch: bool) -> float:
    """Share of what was asked that can be looked for: words and filters; a drawing counts as a word."""
    known = sum(word not in FUNCTION_WORDS for word in caption.text.split()) + len(caption.filters) + has_sketch
    return known / (known + len(caption.unknown)) if known else float(not caption.unknown)


def judge(
    confidence: Confidence | None, evidence: Evidence, nearness: Float32Array, texts: Float32Array | None
) -> Chances:
    """Tell how sure an answer and each of its hits is.

    Args:
        confidence: of the encoder; None when nothing was fitted for it.
        evidence: of the answer.
        nearness: float32 (n,), inner products of the query with the hits that are returned.
        texts: float32 (n,), how much of the words their texts hold; None without words.
    Returns:
        The chance that the first page holds what was meant, and for each hit that it is of the meant kind; None where
        nobody can tell: a picked picture, an encoder for which nothing was fitted.
    """
    if evidence.known <= 0.0 or evidence.mode == "filters":  # every hit passes them
        return evidence.known, [evidence.known] * len(nearness)
    if confidence is None or not evidence.mode:
        return None, [None] * len(nearness)
    log_odds = confidence.answers[evidence.mode].log_odds(evidence.numbers)
    of_hits = hit_numbers(float(log_odds), float(evidence.numbers[1]), nearness, texts)
    chances = chance_of(confidence.matches[evidence.mode].log_odds(of_hits)) * evidence.known
    return float(chance_of(log_odds)) * evidence.known, [float(chance) for chance in chances]


def hit_numbers(log_odds: float, top: float, nearness: Float32Array, texts: Float32Array | None) -> Float32Array:
    """Describe hits, float32 (n, len(HIT_EVIDENCE)), see there."""
    said = np.zeros(len(nearness), np.float32) if texts is None else texts
    columns = (np.full(len(nearness), log_odds), nearness, top - nearness, said)
    return np.stack(columns, axis=1).astype(np.float32)
