import numpy as np
import pytest

from air_sketch.desk.state import DeskState
from air_sketch.values.datatypes import ResultCard
from air_sketch.window.brushes import brush
from air_sketch.window.brushes.layout import Rect
from air_sketch.window.parts.results import details_line, draw_results

RECT = Rect(0, 0, 360, 680)


def card(rank, thumbnail=None, **details):
    return ResultCard(rank, 0.5, f"title {rank}", None, thumbnail, record=details)


@pytest.mark.parametrize(
    "thumbnail",
    [
        None,
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((3000, 2, 3), np.uint8),
        np.zeros((2, 3000, 3), np.uint8),
    ],
)
def test_any_thumbnail_can_be_shown(thumbnail):
    image = np.zeros((680, 360, 3), np.uint8)
    draw_results(image, RECT, DeskState(cards=(card(1, thumbnail),)))
    assert image.any()


@pytest.mark.parametrize("shape", [(100, 20), (20, 100), (50, 50)])
def test_thumbnails_keep_their_aspect_on_white(shape):
    image = np.full((120, 80, 3), 255, np.uint8)
    brush.picture(image, Rect(0, 0, 80, 120), np.zeros((*shape, 3), np.uint8))
    rows, columns = np.flatnonzero((image == 0).any(axis=(1, 2))), np.flatnonzero((image == 0).any(axis=(0, 2)))
    assert len(rows) / len(columns) == pytest.approx(shape[0] / shape[1], rel=0.1)


def test_thumbnails_are_rgb_and_the_window_is_bgr():
    image = np.zeros((10, 10, 3), np.uint8)
    brush.picture(image, Rect(0, 0, 10, 10), np.full((10, 10, 3), (255, 0, 0), np.uint8))
    assert image[5, 5].tolist() == [0, 0, 255]


@pytest.mark.parametrize(
    ("details", "line"),
    [
        ({"brand": "Nord", "price": "$39"}, "Nord · $39"),
        ({"Price": "$39"}, "$39"),
        ({"brand": " ", "price": "$1"}, "$1"),
        ({"colour": "red"}, ""),
    ],
)
def test_brand_and_price_make_one_line(details, line):
    assert details_line(card(1, **details)) == line
