from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from retrieval.sketches import edges
from retrieval.sketches.edges import VARIANTS, draw_variants
from retrieval.sketches.preprocessing import LINE_GRID_PX, LINE_MARGIN_PX, bounding_box
from tests.retrieval.making import INKS, outline, product_photo

GRID = (LINE_GRID_PX, LINE_GRID_PX)
METHODS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "canny fine": lambda grid: edges.canny_lines(grid, detail=1.0),
    "canny medium": lambda grid: edges.canny_lines(grid, detail=0.5),
    "canny sparse": lambda grid: edges.canny_lines(grid, detail=0.15),
    "contour": edges.contour_lines,
    "xdog": edges.xdog_lines,
}


def true_outline(photo_size_px: int = 240) -> np.ndarray:
    """Where the synthetic shirt's outline lies on the line grid."""
    corners = outline("shirt", photo_size_px).reshape(-1, 2).astype(float)
    low, high = corners.min(axis=0), corners.max(axis=0)
    keep = round(0.03 * (high - low).max()) + 1
    scale = (LINE_GRID_PX - 2 * LINE_MARGIN_PX) / ((high - low).max() + 2 * keep + 1)
    placed = (corners - (low + high) / 2) * scale + LINE_GRID_PX / 2
    drawn = np.zeros(GRID, np.uint8)
    cv2.polylines(drawn, [np.round(placed).astype(np.int32).reshape(-1, 1, 2)], True, 1)
    return drawn > 0


def found_share(lines: np.ndarray, wanted: np.ndarray, reach_px: int = 3) -> float:
    near = cv2.dilate(lines.astype(np.uint8), np.ones((2 * reach_px + 1,) * 2, np.uint8)) > 0
    return (wanted & near).sum() / wanted.sum()


@pytest.mark.parametrize("method", list(METHODS))
@pytest.mark.parametrize("colour", ["red", "blue", "black"])
def test_every_method_finds_a_garments_outline(method: str, colour: str) -> None:
    grid = edges.place_photo(product_photo("shirt", INKS[colour], 240))
    lines = METHODS[method](grid)
    assert (lines.dtype, lines.shape) == (bool, GRID)
    assert found_share(lines, true_outline()) > 0.9
    assert lines.mean() < 0.12  # lines, not areas


def is_pale(grid: np.ndarray, words: str = "") -> bool:
    return edges.is_pale(cv2.cvtColor(grid, cv2.COLOR_RGB2GRAY), edges.foreground(grid), words)


@pytest.mark.parametrize("method", ["canny fine", "canny medium", "contour"])
def test_a_pale_item_gets_its_outline_too(method: str) -> None:
    grid = edges.place_photo(product_photo("shirt", (226, 224, 222), 240))
    assert is_pale(grid)
    assert found_share(METHODS[method](grid), true_outline()) > 0.85


def test_words_make_an_item_pale_as_well_as_its_looks() -> None:
    dark = edges.place_photo(product_photo("shirt", (40, 40, 40)))
    assert not is_pale(dark)
    assert is_pale(dark, "Nike Women Sky-Blue Tee")
    assert not is_pale(dark, "skyline offwhiteish")


@pytest.mark.parametrize("method", list(METHODS))
def test_an_empty_photo_gives_no_lines_and_no_error(method: str) -> None:
    for value in (255, 128, 0):
        grid = edges.place_photo(np.full((50, 70, 3), value, np.uint8))
        assert not METHODS[method](grid).any()


def test_a_photo_is_placed_with_its_margin() -> None:
    rng = np.random.default_rng(1)
    for _ in range(10):
        height, width = (int(value) for value in rng.integers(20, 400, 2))
        grid = edges.place_photo(rng.integers(0, 256, (height, width, 3)).astype(np.uint8))
        assert grid.shape == (*GRID, 3)
        box = bounding_box((grid != grid[0, 0]).any(axis=2))
        assert box is not None
        x0, y0, x1, y1 = box
        assert max(x1 - x0, y1 - y0) == LINE_GRID_PX - 2 * LINE_MARGIN_PX
        assert (y1 - y0) / (x1 - x0) == pytest.approx(height / width, rel=0.2)


def test_the_foreground_is_the_item_without_holes() -> None:
    photo = product_photo("shirt", (40, 90, 200), 240)
    photo[110:130, 110:130] = 250  # a white patch inside belongs to it
    grid = edges.place_photo(photo)
    mask = edges.foreground(grid)
    filled = np.zeros(GRID, np.uint8)
    contours, _ = cv2.findContours(true_outline().astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(filled, contours, -1, 1, cv2.FILLED)
    assert (mask & (filled > 0)).sum() / (mask | (filled > 0)).sum() > 0.93


def pieces() -> np.ndarray:
    lines = np.zeros(GRID, bool)
    lines[10, 10:60] = True  # 50 px
    lines[30, 10:20] = True  # 10 px
    lines[50, 10:13] = True  # 3 px
    return lines


@pytest.mark.parametrize(("least_px", "left"), [(0, 63), (3, 63), (4, 60), (11, 50), (51, 0)])
def test_small_lines_are_dropped(least_px: int, left: int) -> None:
    assert edges.drop_small(pieces(), least_px).sum() == left
    assert not edges.drop_small(np.zeros(GRID, bool), least_px).any()


@pytest.mark.parametrize(("count", "left"), [(0, 0), (1, 50), (2, 60), (3, 63), (9, 63)])
def test_the_longest_lines_are_kept(count: int, left: int) -> None:
    assert edges.keep_longest(pieces(), count).sum() == left
    assert not edges.keep_longest(np.zeros(GRID, bool), count).any()


def test_recentred_lines_fill_the_room_wherever_they_were() -> None:
    rng = np.random.default_rng(7)
    for _ in range(10):
        x, y = (int(value) for value in rng.integers(0, 90, 2))
        lines = np.zeros(GRID, np.uint8)
        cv2.rectangle(lines, (x, y), (x + int(rng.integers(20, 60)), y + 50), 1)
        box = bounding_box(edges.recenter(lines > 0))
        assert box is not None
        assert max(box[2] - box[0], box[3] - box[1]) == pytest.approx(LINE_GRID_PX - 2 * LINE_MARGIN_PX, abs=5)
        assert (box[0] + box[2]) / 2 == pytest.approx(LINE_GRID_PX / 2, abs=2.5)
        assert (box[1] + box[3]) / 2 == pytest.approx(LINE_GRID_PX / 2, abs=2.5)
    assert not edges.recenter(np.zeros(GRID, bool)).any()


def test_every_photo_gets_every_variant() -> None:
    drawings = draw_variants(product_photo(), "red shirt")
    assert len(drawings) == len(VARIANTS)
    assert all(lines.shape == GRID and lines.any() for lines in drawings)
    assert all(np.array_equal(a, b) for a, b in zip(drawings, draw_variants(product_photo(), "red shirt"), strict=True))
