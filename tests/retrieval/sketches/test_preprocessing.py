from __future__ import annotations

import cv2
import numpy as np
import pytest

from retrieval.sketches.preprocessing import (
    LINE_GRID_PX,
    LINE_MARGIN_PX,
    bounding_box,
    extract_lines,
    pad_to_square,
    prepare_photo,
    render_lines,
    render_one_color,
    thin_lines,
    trim_margins,
)
from retrieval.values.datatypes import LineDrawing
from tests.retrieval.making import INKS, SHAPES, outline, pen_drawing, prepare_sketch, product_photo

SIZE_PX = 80


def overlap(one: np.ndarray, other: np.ndarray, reach_px: int = 2) -> float:
    """Share of either's ink that lies within ``reach_px`` of the other's, the smaller of the two."""
    disc = np.ones((2 * reach_px + 1, 2 * reach_px + 1), np.uint8)
    near_one, near_other = (cv2.dilate(ink.astype(np.uint8), disc) > 0 for ink in (one, other))
    return min((one & near_other).sum() / max(one.sum(), 1), (other & near_one).sum() / max(other.sum(), 1))


def line_widths(lines: np.ndarray) -> float:
    """Ink pixels a skeleton pixel; about one for thin lines."""
    return lines.sum() / max((cv2.ximgproc.thinning(lines.astype(np.uint8) * 255) > 0).sum(), 1)


@pytest.mark.parametrize("paper", [(255, 255, 255), (0, 0, 0), (250, 240, 220), (90, 130, 90)])
@pytest.mark.parametrize("shape", [(1, 1), (7, 300), (64, 64)])
def test_blank_paper_of_any_colour_and_shape_stays_blank(paper: tuple[int, int, int], shape: tuple[int, int]) -> None:
    blank = np.full((*shape, 3), paper, np.uint8)
    assert extract_lines(blank).is_empty
    assert (prepare_sketch(blank, SIZE_PX) == 255).all()


def test_a_single_dot_is_a_drawing() -> None:
    picture = np.full((300, 300, 3), 255, np.uint8)
    picture[150, 150] = 0
    drawing = extract_lines(picture)
    assert not drawing.is_empty
    assert prepare_sketch(picture, SIZE_PX).min() < 120


def found_share(wanted: np.ndarray, lines: np.ndarray) -> float:
    return (wanted & (cv2.dilate(lines.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0)).sum() / wanted.sum()


@pytest.mark.parametrize(("size_px", "pen_px"), [(200, 1), (1200, 2), (2048, 2), (4000, 3)])
def test_a_thin_pen_on_a_large_canvas_leaves_unbroken_lines(size_px: int, pen_px: int) -> None:
    lines = extract_lines(pen_drawing("shirt", size_px, pen_px)).lines
    assert found_share(extract_lines(pen_drawing("shirt", 500, 3)).lines, lines) > 0.99
    pieces, _ = cv2.connectedComponents(lines.astype(np.uint8), connectivity=8)
    assert pieces == 2  # the paper and one outline


@pytest.mark.parametrize(("size_px", "pen_px"), [(600, 1), (2000, 1), (4000, 1), (4000, 2)])
def test_a_hairline_leaves_unbroken_lines(size_px: int, pen_px: int) -> None:
    lines = extract_lines(pen_drawing("shirt", size_px, pen_px)).lines
    assert found_share(extract_lines(pen_drawing("shirt", 500, 3)).lines, lines) > 0.99


@pytest.mark.parametrize("shape", list(SHAPES))
def test_a_drawing_reads_the_same_whatever_the_pen_width(shape: str) -> None:
    fine = extract_lines(pen_drawing(shape, 600, 2)).lines
    for pen_px in (3, 4, 8, 14):
        lines = extract_lines(pen_drawing(shape, 600, pen_px)).lines
        assert overlap(fine, lines, 3) > 0.95, pen_px
        assert line_widths(lines) < 1.6, pen_px


@pytest.mark.parametrize("size_px", [60, 100, 161, 400, 1200, 3000])
def test_a_drawing_reads_the_same_at_any_scale(size_px: int) -> None:
    reference = extract_lines(pen_drawing("shirt", 500, 3)).lines
    lines = extract_lines(pen_drawing("shirt", size_px, max(1, size_px // 160))).lines
    assert overlap(reference, lines, 3) > 0.95


def test_a_drawing_reads_exactly_the_same_anywhere_on_the_paper() -> None:
    small = pen_drawing("bag", 200, 3)
    wanted = prepare_sketch(small, SIZE_PX)
    rng = np.random.default_rng(0)
    for _ in range(8):
        paper = np.full((500, 900, 3), 255, np.uint8)
        y, x = (int(value) for value in rng.integers(2, (298, 698)))
        paper[y : y + 200, x : x + 200] = small
        assert np.array_equal(prepare_sketch(paper, SIZE_PX), wanted)


def test_white_ink_on_black_paper_gives_the_same_lines() -> None:
    dark = extract_lines(pen_drawing(ink=(255, 255, 255), paper=(0, 0, 0))).lines
    assert np.array_equal(dark, extract_lines(pen_drawing()).lines)


@pytest.mark.parametrize("colour", ["red", "green", "blue"])
@pytest.mark.parametrize("pen_px", [1, 4, 12])
def test_coloured_ink_keeps_its_colour(colour: str, pen_px: int) -> None:
    picture = prepare_sketch(pen_drawing(size_px=700, pen_px=pen_px, ink=INKS[colour]), SIZE_PX).astype(int)
    inked = picture[(255 - picture).max(axis=2) > 120]
    assert len(inked) > 30
    direction = (255 - inked) / np.linalg.norm(255 - inked, axis=1, keepdims=True)
    wanted = 255 - np.array(INKS[colour])
    assert np.median(direction @ (wanted / np.linalg.norm(wanted))) > 0.99


def test_two_inks_stay_apart() -> None:
    picture = np.full((400, 400, 3), 255, np.uint8)
    cv2.line(picture, (50, 60), (350, 60), INKS["red"], 5)
    cv2.line(picture, (50, 340), (350, 340), INKS["blue"], 5)
    ready = prepare_sketch(picture, SIZE_PX).astype(int)
    upper, lower = ready[: SIZE_PX // 2], ready[SIZE_PX // 2 :]
    assert (upper[..., 0] >= upper[..., 2]).all()
    assert (lower[..., 2] >= lower[..., 0]).all()


def test_filled_areas_stay_filled() -> None:
    picture = np.full((400, 400, 3), 255, np.uint8)
    cv2.fillPoly(picture, [outline("shirt", 400)], (0, 0, 0))
    assert extract_lines(picture).lines.mean() > 0.25
    assert line_widths(extract_lines(picture).lines) > 5


def test_faint_dirt_on_the_paper_is_not_ink() -> None:
    rng = np.random.default_rng(2)
    picture = pen_drawing()
    noisy = np.clip(picture.astype(int) + rng.integers(-20, 21, picture.shape), 0, 255).astype(np.uint8)
    assert overlap(extract_lines(picture).lines, extract_lines(noisy).lines, 1) > 0.99


def test_lines_keep_the_margin_and_the_longer_side_fills_the_room() -> None:
    rng = np.random.default_rng(4)
    for _ in range(12):
        picture = np.full((int(rng.integers(40, 500)), int(rng.integers(40, 500)), 3), 255, np.uint8)
        points = rng.integers(5, (picture.shape[1] - 5, picture.shape[0] - 5), (6, 2)).astype(np.int32)
        cv2.polylines(picture, [points.reshape(-1, 1, 2)], False, (0, 0, 0), int(rng.integers(1, 6)))
        box = bounding_box(extract_lines(picture).lines)
        assert box is not None
        assert min(box[:2]) >= LINE_MARGIN_PX - 1
        assert max(box[2:]) <= LINE_GRID_PX - LINE_MARGIN_PX + 1
        assert max(box[2] - box[0], box[3] - box[1]) >= LINE_GRID_PX - 2 * LINE_MARGIN_PX - 8


@pytest.mark.parametrize("pen_px", [2, 3, 4])
def test_one_colour_is_rendered_as_several_are(pen_px: int) -> None:
    for ink in [(0, 0, 0), *INKS.values()]:
        lines = extract_lines(pen_drawing("bag")).lines
        drawing = LineDrawing(lines, np.full((LINE_GRID_PX, LINE_GRID_PX, 3), ink, np.uint8))
        one = render_one_color(lines, ink, SIZE_PX, pen_px).astype(int)
        several = render_lines(drawing, SIZE_PX, pen_px).astype(int)
        assert np.abs(one - several).max() <= 3


def test_thinning_twice_changes_next_to_nothing() -> None:
    lines = extract_lines(pen_drawing("shirt", pen_px=9)).lines
    again = thin_lines(lines.astype(np.uint8) * 255)
    assert (again != lines).mean() < 0.002


@pytest.mark.parametrize(
    ("box", "expected"),
    [((2, 3, 4, 6), (2, 3, 4, 6)), ((0, 0, 10, 8), (0, 0, 10, 8)), ((9, 7, 10, 8), (9, 7, 10, 8))],
)
def test_the_bounding_box_excludes_its_ends(box: tuple[int, ...], expected: tuple[int, ...]) -> None:
    mask = np.zeros((8, 10), bool)
    assert bounding_box(mask) is None
    mask[box[1] : box[3], box[0] : box[2]] = True
    assert bounding_box(mask) == expected


def test_plain_margins_are_trimmed_and_the_item_fills_the_picture() -> None:
    photo = product_photo(size_px=100)
    wide = np.full((300, 500, 3), 250, np.uint8)
    wide[150:250, 40:140] = photo
    assert np.array_equal(trim_margins(wide), trim_margins(photo))
    ready = prepare_photo(wide, SIZE_PX)
    box = bounding_box(np.abs(ready.astype(int) - 250).max(axis=2) > 20)
    assert box is not None
    assert max(box[2] - box[0], box[3] - box[1]) > 0.88 * SIZE_PX


def test_a_street_behind_the_item_is_left_alone() -> None:
    street = np.random.default_rng(1).integers(0, 256, (60, 80, 3)).astype(np.uint8)
    assert np.array_equal(trim_margins(street), street)


def test_a_speck_on_blank_paper_is_not_an_item() -> None:
    photo = np.full((200, 200, 3), 255, np.uint8)
    photo[100:103, 100:103] = 0
    assert trim_margins(photo).shape == photo.shape
    assert trim_margins(np.full((20, 20, 3), 9, np.uint8)).shape == (20, 20, 3)


def test_a_picture_of_any_shape_becomes_a_square_of_its_border_colour() -> None:
    rng = np.random.default_rng(6)
    for _ in range(20):
        height, width = (int(value) for value in rng.integers(1, 300, 2))
        photo = rng.integers(0, 256, (height, width, 3)).astype(np.uint8)
        assert prepare_photo(photo, SIZE_PX).shape == (SIZE_PX, SIZE_PX, 3)
        assert prepare_sketch(photo, SIZE_PX).shape == (SIZE_PX, SIZE_PX, 3)
        square = pad_to_square(photo, (1, 2, 3))
        side = max(height, width)
        assert square.shape == (side, side, 3)
        top, left = (side - height) // 2, (side - width) // 2
        assert np.array_equal(square[top : top + height, left : left + width], photo)
