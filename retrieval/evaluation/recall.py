"""How often the very item is found, and what the second half of a query adds to the first."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from retrieval.evaluation.metrics import estimate, precision_at, ranks_of_answers, recall_at, reciprocal_rank
from retrieval.evaluation.report import Row, Section
from retrieval.values.datatypes import BoolArray, Float32Array

METRICS = ("R@1", "R@5", "R@10", "median rank", "mAP", "kind P@10")
GAIN_COLUMNS = ("R@1", "R@10", "mAP", "kind P@10")
HITS = 10

Values = dict[str, npt.NDArray[np.float64]]
"""One number per query by column; ``kind P@10`` only for queries whose kind is known."""


def values_of(scores: Float32Array, relevant: BoolArray) -> Values:
    """Per-query figures where query i looks for item i.

    Args:
        scores: float (queries, items), queries <= items.
        relevant: bool (queries, items), True where the item is of the query's kind.
    """
    ranks = ranks_of_answers(scores, np.arange(len(scores)))
    values: Values = {f"R@{k}": recall_at(ranks, k).astype(np.float64) for k in (1, 5, 10)}
    values["median rank"] = ranks.astype(np.float64)
    values["mAP"] = reciprocal_rank(ranks).astype(np.float64)
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


def gain_section(values: Mapping[str, Values], drawings: list[str]) -> Section:
    """Paired differences: a caption against no caption, a drawing against no drawing.

    Args:
        values: per-query figures by query name, as in the items' table.
        drawings: the methods of drawing.
    """
    rows: dict[str, Row] = {}
    for name in drawings:
        drawing = f"drawing ({name})"
        for words in ("title", "short caption"):
            both = values[f"{drawing} + {words}"]
            rows[f"{words} added to {drawing}"] = _difference(both, values[drawing])
            rows[f"{drawing} added to {words}"] = _difference(both, values[words])
    return Section(
        "Caption against no caption, drawing against no drawing",
        GAIN_COLUMNS,
        rows,
        "Differences query by query; above zero means that the addition helps.",
    )


def _difference(with_it: Values, without: Values) -> Row:
    return {c: estimate(with_it[c] - without[c]) for c in GAIN_COLUMNS if c in with_it and c in without}
