"""How often the very item is found, and what the second half of a query adds to the first."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from retrieval.evaluation.baselines import TitleSearch
from retrieval.evaluation.gallery import Drawings, Gallery
from retrieval.evaluation.metrics import HITS, estimate, precision_at, ranks_of_answers
from retrieval.evaluation.report import Row, Section
from retrieval.values.datatypes import BoolArray, Float32Array
from retrieval.values.ports import Encoder
from retrieval.words.captions import short_caption

METRICS = ("R@1", "R@5", "R@10", "median rank", "mAP", "kind P@10")
GAIN_COLUMNS = ("R@1", "R@10", "mAP", "kind P@10")

ITEMS_NOTE = (
    "R@k: the very item is among the first k. mAP: mean of 1 / rank, as each query has one answer. kind P@10: share "
    "of the first ten of the item's articleType. TF-IDF reads the gallery's titles, which no picture search sees; "
    "HOG compares drawings with fine Canny edges of the photos, from which the Canny drawings come too."
)

GAINS_NOTE = "Differences query by query; above zero means that the addition helps."

Values = dict[str, npt.NDArray[np.float64]]
"""One number per query by column; ``kind P@10`` only for queries whose kind is known."""


def items_sections(encoder: Encoder, gallery: Gallery, drawings: dict[str, Drawings]) -> tuple[Section, Section]:
    """How often every item is found by its drawings, by words and by both, beside what search does without learning;
    and what the second half of a query adds to the first.
    """
    wanted = gallery.items[: gallery.queries]
    captions = {
        "title": [item.title for item in wanted],
        "short caption": [short_caption({**item.fields, "title": item.title}) for item in wanted],
    }
    relevant = gallery.same_kind()

    def found(queries: Float32Array) -> Values:
        return values_of(queries @ gallery.vectors.T, relevant)

    words = {name: encoder.encode_words(texts) for name, texts in captions.items()}
    values = {name: found(vectors) for name, vectors in words.items()}
    gains: dict[str, Row] = {}
    for method, drawn in drawings.items():
        drawing = f"drawing ({method})"
        values[drawing] = found(drawn.vectors)
        for name, vectors in words.items():
            both = values[f"{drawing} + {name}"] = found(encoder.fuse(drawn.vectors, vectors))
            gains[f"{name} added to {drawing}"] = gain_row(both, values[drawing])
            gains[f"{drawing} added to {name}"] = gain_row(both, values[name])
    titles = TitleSearch([item.title for item in gallery.items])
    for name, texts in captions.items():
        values[f"TF-IDF on titles, {name}"] = values_of(titles.ranking_scores(texts), relevant)
    for method, drawn in drawings.items():
        values[f"HOG on edges, {method}"] = values_of(drawn.hog @ gallery.hog.T, relevant)
    rows = {name: row_of(numbers) for name, numbers in values.items()}
    rows["chance"] = chance_row(len(gallery.items), relevant)
    return Section("Finding the very item", METRICS, rows, ITEMS_NOTE), Section(
        "Caption against no caption, drawing against no drawing", GAIN_COLUMNS, gains, GAINS_NOTE
    )


def values_of(scores: Float32Array, relevant: BoolArray) -> Values:
    """Per-query figures where query i looks for item i.

    Args:
        scores: float (queries, items), queries <= items.
        relevant: bool (queries, items), True where the item is of the query's kind.
    """
    ranks = ranks_of_answers(scores)
    values: Values = {f"R@{k}": (ranks <= k).astype(np.float64) for k in (1, 5, 10)}
    values["median rank"] = ranks.astype(np.float64)
    values["mAP"] = 1.0 / ranks
    known = relevant.any(axis=1)
    if known.any():
        values["kind P@10"] = precision_at(scores[known], relevant[known], HITS).astype(np.float64)
    return values


def row_of(values: Values) -> Row:
    """Means (the median for ranks) with intervals."""
    return {
        column: estimate(numbers, statistic=np.median if column == "median rank" else np.mean)
        for column, numbers in values.items()
    }


def chance_row(gallery: int, relevant: BoolArray) -> Row:
    """What a random order gives, computed exactly."""
    row: Row = {f"R@{k}": min(k / gallery, 1.0) for k in (1, 5, 10)}
    row["median rank"] = (gallery + 1) / 2
    row["mAP"] = float(np.mean(1.0 / np.arange(1, gallery + 1)))
    known = relevant.any(axis=1)
    if known.any():
        row["kind P@10"] = float(relevant[known].mean())
    return row


def gain_row(with_it: Values, without: Values) -> Row:
    """Paired differences."""
    return {c: estimate(with_it[c] - without[c]) for c in GAIN_COLUMNS if c in with_it and c in without}
