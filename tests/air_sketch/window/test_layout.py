import random
from itertools import pairwise

import pytest

from air_sketch.window.brushes.layout import FIRST_VIEW_LARGEST_WH, LARGEST_WINDOW_WH, SMALLEST_WINDOW_WH, Layout, Rect
from air_sketch.window.parts.results import card_at, cell_rects

CANVASES = [(640, 480), (1280, 720), (320, 240), (480, 640), (1920, 1080), (960, 720)]


def inside(outer_wh, rect):
    return rect.x >= 0 and rect.y >= 0 and rect.right <= outer_wh[0] and rect.bottom <= outer_wh[1]


@pytest.mark.parametrize("canvas_wh", CANVASES)
def test_parts_lie_inside_the_window_and_do_not_overlap_at_any_size(canvas_wh):
    choose = random.Random(1)
    for _ in range(200):
        window_wh = (choose.randint(1, 4000), choose.randint(1, 2500))
        layout = Layout.for_window(window_wh, canvas_wh)
        parts = [layout.header, layout.view, layout.caption, layout.status, layout.panel]
        assert all(inside(layout.window_wh, part) for part in parts)
        for upper, lower in pairwise(parts[:4]):
            assert upper.bottom <= lower.y
        assert max(part.right for part in parts[:4]) <= layout.panel.x
        assert SMALLEST_WINDOW_WH[0] <= layout.window_wh[0] <= LARGEST_WINDOW_WH[0]
        assert all(inside(layout.window_wh, cell) and cell.h > 60 for cell in cell_rects(layout.panel))


@pytest.mark.parametrize("canvas_wh", CANVASES)
def test_the_first_window_fits_a_small_laptop(canvas_wh):
    layout = Layout.first(canvas_wh)
    assert layout.window_wh[0] <= 1366
    assert layout.window_wh[1] <= 720
    assert layout.view.w <= FIRST_VIEW_LARGEST_WH[0] + 1


def test_a_usual_camera_is_first_shown_pixel_by_pixel():
    view = Layout.first((640, 480)).view
    assert (view.w, view.h) == (640, 480)


@pytest.mark.parametrize("canvas_wh", CANVASES)
def test_the_view_keeps_the_canvas_aspect(canvas_wh):
    view = Layout.for_window((1200, 800), canvas_wh).view
    assert view.w / view.h == pytest.approx(canvas_wh[0] / canvas_wh[1], rel=0.01)


@pytest.mark.parametrize("window_wh", [(1118, 700), (900, 600), (2000, 1100)])
def test_canvas_and_window_points_map_back_and_forth(window_wh):
    layout = Layout.for_window(window_wh, (640, 480))
    for x, y in [(0.0, 0.0), (639.0, 479.0), (12.5, 300.25)]:
        scale_xy = (layout.view.w / 640, layout.view.h / 480)
        at = (layout.view.x + x * scale_xy[0], layout.view.y + y * scale_xy[1])
        assert layout.to_canvas(*at) == pytest.approx((x, y))
    assert layout.to_canvas(layout.view.x, layout.view.y) == (0.0, 0.0)


def test_a_point_on_a_card_names_that_card_and_a_gap_names_none():
    panel = Rect(700, 14, 360, 660)
    for number, cell in enumerate(cell_rects(panel)):
        assert card_at(panel, *cell.center_xy) == number
    assert card_at(panel, panel.x + 1, panel.y + 1) is None
