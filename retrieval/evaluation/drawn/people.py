"""How often the first hits of a person's drawing are of the kind that was drawn."""

from __future__ import annotations

import numpy as np

from retrieval.evaluation.baselines import TitleSearch, hog_of_lines
from retrieval.evaluation.gallery import Gallery, Names
from retrieval.evaluation.metrics import HITS, Estimate, estimate, precision_at
from retrieval.evaluation.report import Row, Section
from retrieval.sketches.people_drawings import WORD_KINDS, PersonDrawing
from retrieval.values.datatypes import Float32Array
from retrieval.values.ports import Encoder

LEAST_ITEMS = 5
"""Words of which the gallery holds fewer items are not measured."""
COLUMNS = ("drawing alone", "word alone", "drawing + word", "HOG alone", "TF-IDF word", "chance")


def people_section(encoder: Encoder, gallery: Gallery, drawings: list[PersonDrawing]) -> Section | None:
    """Kind precision@10 of drawings by people, over all kinds and kind by kind; None when there is nothing to find."""
    of_word = {word: np.isin(gallery.kinds, list(names)) for word, names in WORD_KINDS.items()}
    drawings = [drawing for drawing in drawings if of_word[drawing.word].sum() >= LEAST_ITEMS]
    if not drawings:
        return None
    words = np.array([drawing.word for drawing in drawings])
    lines = [drawing.lines() for drawing in drawings]
    sketches = encoder.encode_drawings(lines)
    captions = encoder.encode_words(list(words))
    scores = {
        "drawing alone": sketches @ gallery.vectors.T,
        "word alone": captions @ gallery.vectors.T,
        "drawing + word": encoder.fuse(sketches, captions) @ gallery.vectors.T,
        "HOG alone": hog_of_lines([drawing.lines for drawing in lines]) @ gallery.hog.T,
        "TF-IDF word": TitleSearch([item.title for item in gallery.items]).ranking_scores(list(words)),
    }
    relevant = np.stack([of_word[word] for word in words])
    values = {name: precision_at(found, relevant, HITS) for name, found in scores.items()}
    gain = values["drawing + word"] - values["word alone"]
    rates = {word: float(of_word[word].mean()) for word in sorted(set(words.tolist()))}
    rows: dict[str, Row] = {
        "mean over kinds": {
            **{name: _macro(found, words) for name, found in values.items()},
            "chance": float(np.mean(list(rates.values()))),
        },
        "drawing + word, minus word alone": {"drawing + word": _macro(gain, words)},
    }
    for word, rate in rates.items():
        rows[word] = {**{name: estimate(found[words == word]) for name, found in values.items()}, "chance": rate}
    note = f"Kind precision@10 of {len(words)} drawings among {len(gallery.items)} items; every kind counts the same."
    return Section("Drawings by people", COLUMNS, rows, note)


def _macro(values: Float32Array, words: Names) -> Estimate:
    """Average over words, each counting the same; the bootstrap redraws the drawings of every word."""
    groups = [values[words == word] for word in sorted(set(words.tolist()))]
    rng = np.random.default_rng(0)
    rounds = np.mean([g[rng.integers(0, len(g), (1000, len(g)))].mean(axis=1) for g in groups], axis=0)
    low, high = np.percentile(rounds, [2.5, 97.5])
    return Estimate(float(np.mean([g.mean() for g in groups])), float(low), float(high), len(values))
