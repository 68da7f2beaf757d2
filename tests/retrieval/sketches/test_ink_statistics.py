from __future__ import annotations

import numpy as np
import pytest

from retrieval.sketches.ink_statistics import NAMES, ink_statistics
from retrieval.sketches.kind_sketches import rasterize
from retrieval.sketches.preprocessing import LINE_GRID_PX
from retrieval.sketches.scribbles import MARKS, scribbles

BOX = (np.array([[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]], np.float32),)
CROSS = (np.array([[0, 0], [10, 10]], np.float32), np.array([[0, 10], [10, 0]], np.float32))


def told(strokes: tuple[np.ndarray, ...]) -> dict[str, float]:
    return dict(zip(NAMES, ink_statistics(rasterize(strokes)).tolist(), strict=True))


def test_an_outline_encloses_and_a_cross_does_not() -> None:
    box, cross = told(BOX), told(CROSS)
    assert box["enclosed"] > 0.9 and cross["enclosed"] == pytest.approx(0.0, abs=0.01)
    assert box["holes"] > 0 and cross["holes"] == 0
    assert cross["ends"] > box["ends"] and cross["crossings"] > 0


def test_a_bow_to_one_side_is_less_mirrored_than_a_box() -> None:
    bow = (np.array([[0, 0], [2, 8], [10, 10]], np.float32),)
    assert told(BOX)["mirrored"] > 0.9 > told(bow)["mirrored"]


def test_a_blank_sheet_has_no_statistics() -> None:
    statistics = ink_statistics(np.zeros((LINE_GRID_PX, LINE_GRID_PX), bool))
    assert statistics.shape == (len(NAMES),) and not statistics.any()


def test_every_mark_has_finite_statistics_and_comes_again_from_its_seed() -> None:
    first, again, other = scribbles(3, 0), scribbles(3, 0), scribbles(3, 1)
    assert set(first) == {*MARKS, "writing"}
    for kind, drawings in first.items():
        assert drawings, kind
        for drawing, same in zip(drawings, again[kind], strict=True):
            assert np.array_equal(drawing.lines, same.lines)
            statistics = ink_statistics(drawing.lines)
            assert np.isfinite(statistics).all() and np.abs(statistics).max() < 5
    assert any(
        not np.array_equal(one.lines, two.lines)
        for kind in first
        for one, two in zip(first[kind], other[kind], strict=False)
    )
