from __future__ import annotations

import cv2
import numpy as np
import pytest

from retrieval.sketches.preprocessing import LINE_GRID_PX, extract_lines
from retrieval.sketches.redrawing import redraw, strokes_of
from retrieval.values.datatypes import BoolArray
from tests.retrieval.making import pen_drawing

GRID = (LINE_GRID_PX, LINE_GRID_PX)
SHIRT = extract_lines(pen_drawing("shirt")).lines


def drawn(*polylines: list[tuple[int, int]], closed: bool = False) -> BoolArray:
    grid = np.zeros(GRID, np.uint8)
    for points in polylines:
        cv2.polylines(grid, [np.array(points, np.int32)], closed, 1, 1)
    return grid > 0


def length(stroke: np.ndarray) -> float:
    return float(np.linalg.norm(np.diff(stroke, axis=0), axis=1).sum())


def test_an_open_line_is_traced_once_from_end_to_end() -> None:
    (stroke,) = strokes_of(drawn([(20, 30), (120, 30), (120, 100)]))
    assert {tuple(stroke[0]), tuple(stroke[-1])} == {(20, 30), (120, 100)}
    assert abs(length(stroke) - 170) < 3


def test_a_closed_outline_is_traced_all_around() -> None:
    (stroke,) = strokes_of(drawn([(30, 30), (120, 30), (120, 110), (30, 110)], closed=True))
    assert abs(length(stroke) - 340) < 4
    assert np.linalg.norm(stroke[0] - stroke[-1]) < 2


def test_the_longest_stroke_comes_first_and_specks_are_left_out() -> None:
    strokes = strokes_of(drawn([(20, 20), (50, 20)], [(20, 60), (140, 60)], [(80, 90), (81, 90)]))
    assert [round(length(stroke)) for stroke in strokes] == [120, 30]


@pytest.mark.parametrize("seed", range(40))
def test_a_redrawn_drawing_fits_the_grid_and_has_ink(seed: int) -> None:
    lines = redraw(SHIRT, np.random.default_rng(seed))
    assert lines.shape == GRID
    assert lines.any()


def test_hands_differ_and_the_same_dice_draw_the_same() -> None:
    several = [redraw(SHIRT, np.random.default_rng(seed)) for seed in (0, 0, 1)]
    assert np.array_equal(several[0], several[1])
    assert not np.array_equal(several[0], several[2])


def test_redrawn_outlines_stay_near_the_lines_that_they_follow() -> None:
    away = cv2.distanceTransform((~SHIRT).astype(np.uint8), cv2.DIST_L2, 5)
    distances = [float(np.median(away[redraw(SHIRT, np.random.default_rng(seed))])) for seed in range(20)]
    assert np.median(distances) < 0.05 * LINE_GRID_PX


@pytest.mark.parametrize("lines", [np.zeros(GRID, bool), drawn([(80, 80), (81, 80)])], ids=["blank", "speck"])
def test_a_drawing_without_strokes_stays_as_it_is(lines: BoolArray) -> None:
    assert redraw(lines, np.random.default_rng(0)) is lines
