"""Stroke geometry, the eraser's cut, and undo and redo."""

import math
import tracemalloc

import numpy as np
import pytest

from air_sketch.drawing.sheet.document import Document
from air_sketch.drawing.sheet.strokes import erase_from_stroke, flatten_path, path_length_px, smooth_path, trim_tail
from air_sketch.values.datatypes import Stroke

INK = (10, 20, 30)


def stroke_of(*xy, width_px=2.0):
    return Stroke(tuple((float(x), float(y), 0.1 * i) for i, (x, y) in enumerate(xy)), INK, width_px)


NAMED = {
    "one_point": stroke_of((5, 5)),
    "two_equal_points": stroke_of((5, 5), (5, 5)),
    "two_points": stroke_of((0, 0), (10, 0)),
    "corner": stroke_of((0, 0), (10, 0), (10, 10)),
    "there_and_back": stroke_of((0, 0), (10, 0), (0, 0)),
}


@pytest.mark.parametrize("name", NAMED)
def test_smooth_curves_keep_both_ends_and_are_never_nan(name):
    stroke = NAMED[name]
    curve = np.array(flatten_path(smooth_path(stroke.points)))
    assert np.isfinite(curve).all()
    assert tuple(curve[0]) == stroke.points[0][:2]
    assert tuple(curve[-1]) == stroke.points[-1][:2]


def test_smooth_curves_stay_within_the_points_box_for_random_scribbles():
    rng = np.random.default_rng(4)
    for _ in range(100):
        xy = rng.uniform(-50, 700, (rng.integers(1, 40), 2))
        curve = np.array(flatten_path(smooth_path(stroke_of(*xy).points)))
        assert (curve >= xy.min(axis=0) - 1e-2).all() and (curve <= xy.max(axis=0) + 1e-2).all()


@pytest.mark.parametrize("tolerance_px", [0.05, 0.1, 0.5])
def test_flattened_curves_leave_the_curve_by_no_more_than_the_tolerance(tolerance_px):
    rng, s = np.random.default_rng(5), np.linspace(0.0, 1.0, 200)[:, None]
    for _ in range(30):
        path = smooth_path(stroke_of(*rng.uniform(0, 60, (4, 2))).points)
        flat = np.array(flatten_path(path, tolerance_px))
        starts, edges = flat[:-1], np.diff(flat, axis=0)
        for (control, end), start in zip(path.pieces, [path.start, *(end for _, end in path.pieces)], strict=False):
            exact = (1 - s) ** 2 * start + 2 * s * (1 - s) * np.array(control) + s**2 * np.array(end)
            share = ((exact[:, None] - starts) * edges).sum(2) / np.maximum((edges * edges).sum(1), 1e-12)
            nearest = starts + np.clip(share, 0, 1)[..., None] * edges
            assert np.linalg.norm(exact[:, None] - nearest, axis=2).min(axis=1).max() <= tolerance_px + 1e-3


def test_straight_lines_are_not_cut_into_pieces():
    points = [(float(x), 5.0, 0.0) for x in range(0, 100, 10)]
    assert len(flatten_path(smooth_path(points))) == len(points) + 1


def test_trimming_keeps_the_points_up_to_a_time():
    assert [p[0] for p in trim_tail(NAMED["corner"].points, 0.1)] == [0.0, 10.0]


def test_length_is_that_of_the_polyline():
    assert path_length_px(NAMED["corner"].points) == 20.0
    assert path_length_px(NAMED["one_point"].points) == 0.0


@pytest.mark.parametrize(
    ("center", "pieces"),
    [((5, 50), 1), ((50, 0), 2), ((0, 0), 1), ((100, 0), 1), ((5, 10), 1)],
    ids=["miss", "middle", "start", "end", "touch-from-above"],
)
def test_the_eraser_cuts_exactly_at_its_rim(center, pieces):
    line = stroke_of((0, 0), (30, 0), (60, 0), (100, 0))
    left = erase_from_stroke(line, center, 9.0)
    assert len(left) == pieces
    for piece in left:
        for point in piece.points:
            assert math.dist(point[:2], center) >= 10.0 - 1e-6 or piece is line
    if center == (50, 0):
        assert left[0].points[-1][0] == pytest.approx(40.0)
        assert left[1].points[0][0] == pytest.approx(60.0)


def test_an_untouched_stroke_comes_back_as_itself():
    line = NAMED["two_points"]
    assert erase_from_stroke(line, (500.0, 500.0), 10.0) == (line,)
    assert erase_from_stroke(line, (500.0, 500.0), 10.0)[0] is line


def test_a_dot_is_erased_whole_or_not_at_all():
    assert erase_from_stroke(NAMED["one_point"], (6.0, 5.0), 3.0) == ()
    assert erase_from_stroke(NAMED["one_point"], (60.0, 5.0), 3.0) == (NAMED["one_point"],)


def test_random_erasing_leaves_no_point_inside_and_adds_no_length():
    rng = np.random.default_rng(5)
    for _ in range(200):
        stroke = stroke_of(*rng.uniform(0, 100, (rng.integers(1, 12), 2)))
        center, radius = tuple(rng.uniform(0, 100, 2)), float(rng.uniform(1, 40))
        left = erase_from_stroke(stroke, center, radius)
        assert sum(path_length_px(s.points) for s in left) <= path_length_px(stroke.points) + 1e-6
        if left != (stroke,):
            assert all(math.dist(p[:2], center) >= radius for s in left for p in s.points)


def draw(document, *xy):
    document.begin_stroke((*xy[0], 0.0), INK, 2.0)
    for i, point in enumerate(xy[1:], start=1):
        document.extend_stroke((*point, 0.1 * i))
    return document.end_stroke()


def test_the_wet_stroke_shows_before_it_is_finished():
    document = Document()
    document.begin_stroke((1.0, 1.0, 0.0), INK, 2.0)
    assert document.finished_strokes == () and len(document.strokes) == 1
    document.extend_stroke((2.0, 1.0, 0.1))
    assert len(document.wet_stroke.points) == 2
    document.end_stroke()
    assert document.wet_stroke is None and len(document.finished_strokes) == 1


def test_erasing_over_many_frames_is_one_step_of_undo():
    document = Document()
    draw(document, (0.0, 0.0), (100.0, 0.0))
    before = document.finished_strokes
    document.begin_erasing()
    for x in range(20, 80, 2):
        document.erase_at((float(x), 0.0), 5.0)
    assert document.end_erasing()
    assert document.undo() and document.finished_strokes == before
    assert document.undo() and document.finished_strokes == ()
    assert not document.undo()


def test_clear_is_undoable_and_clearing_nothing_is_no_step():
    document = Document()
    assert not document.clear()
    draw(document, (0.0, 0.0), (9.0, 0.0))
    assert document.clear() and document.undo() and len(document.finished_strokes) == 1


def test_undo_after_do_is_identity_for_random_histories():
    rng = np.random.default_rng(6)
    document = Document()
    past = [document.finished_strokes]
    for _ in range(120):
        roll = rng.uniform()
        if roll < 0.6:
            draw(document, *[tuple(p) for p in rng.uniform(0, 100, (4, 2))])
        elif roll < 0.9:
            document.begin_erasing()
            document.erase_at(tuple(rng.uniform(0, 100, 2)), 15.0)
            document.end_erasing()
        else:
            document.clear()
        if document.finished_strokes is not past[-1]:
            past.append(document.finished_strokes)
    for strokes in reversed(past[:-1]):
        assert document.undo() and document.finished_strokes == strokes
    assert not document.undo()
    for strokes in past[1:]:
        assert document.redo() and document.finished_strokes == strokes
    assert not document.redo()


def test_a_new_stroke_forgets_what_was_undone():
    document = Document()
    draw(document, (0.0, 0.0), (9.0, 0.0))
    document.undo()
    draw(document, (1.0, 1.0), (9.0, 9.0))
    assert not document.redo()


def test_what_was_last_on_an_emptied_sheet_comes_back():
    def erase_all(document):
        document.erase_at((0.0, 0.0), 1000.0)
        document.end_erasing()

    def undo_all(document):
        while document.undo():
            pass

    for empty in (Document.clear, erase_all, undo_all):
        document = Document()
        draw(document, (0.0, 0.0), (9.0, 0.0))
        draw(document, (0.0, 5.0), (9.0, 5.0))
        before = document.strokes
        empty(document)
        assert document.strokes == ()
        assert document.cleared == (() if empty is undo_all else (before,))
        document.bring_back()
        assert document.strokes == before and document.cleared == ()


def test_a_sheet_stays_cleared_when_drawing_goes_on():
    document = Document()
    for y in (0.0, 5.0):
        draw(document, (0.0, y), (9.0, y))
        document.clear()
    draw(document, (0.0, 7.0), (9.0, 7.0))
    document.bring_back()
    assert [sheet[0].points[0][1] for sheet in document.cleared] == [0.0, 5.0]
    assert document.strokes[0].points[0][1] == 7.0


def test_thousands_of_strokes_and_their_history_take_little_memory():
    document = Document()
    tracemalloc.start()
    for y in range(4000):
        draw(document, (0.0, float(y)), (9.0, float(y)))
    document.erase_at((0.0, 2000.0), 3.0)
    document.end_erasing()
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used < 8e6  # 70 MB when every step held the whole sheet
    while document.undo():
        pass
    assert document.strokes == ()
