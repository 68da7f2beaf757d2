from __future__ import annotations

import re
import subprocess
import sys

import cv2
import numpy as np

from garments import describe_item, draw_item
from garments.brushes.figure import Figure
from garments.items import COLUMNS, figure_bounds, plan_item
from garments.kinds import KINDS
from garments.palette import COLOURS, CONTRASTS
from garments.titles import BRANDS

DECK = sum(kind.share for kind in KINDS)
CLOTH_KINDS = ("t-shirt", "sweater", "dress", "trousers", "shorts", "top", "coat", "skirt", "handbag", "backpack")


def garment_rgb(picture: np.ndarray) -> np.ndarray:
    """Median colour of all that differs from the corner, without its rim and shadow: trims and buttons do not count."""
    distance = np.abs(picture.astype(int) - picture[0, 0].astype(int)).sum(axis=2)
    mask = cv2.erode((distance > 24).astype(np.uint8), np.ones((9, 9), np.uint8))
    return np.median(picture[mask > 0], axis=0)


def test_the_same_index_and_seed_give_the_same_item_in_any_order() -> None:
    forwards = [draw_item(i) for i in (3, 4)]
    backwards = [draw_item(i) for i in (4, 3)][::-1]
    for one, other in zip(forwards, backwards, strict=True):
        assert one.row() == other.row()
        assert np.array_equal(one.picture, other.picture)


def test_another_seed_gives_other_items() -> None:
    assert [plan_item(i, 1).kind.name for i in range(30)] != [plan_item(i, 2).kind.name for i in range(30)]


def test_a_picture_is_rgb_bytes_on_a_light_background() -> None:
    picture = draw_item(0).picture
    assert picture.dtype == np.uint8
    assert picture.shape == (480, 360, 3)
    assert picture[:4].min() > 235


def test_every_kind_comes_up_once_a_deck() -> None:
    for start in (0, DECK):
        names = {plan_item(i).kind.name for i in range(start, start + DECK)}
        assert names == {kind.name for kind in KINDS}


def test_about_a_tenth_is_held_out_and_every_kind_among_it() -> None:
    plans = [plan_item(index) for index in range(1200)]
    held_out = [plan.kind.name for plan in plans if plan.split == "val"]
    assert 0.08 < len(held_out) / len(plans) < 0.13
    assert set(held_out) == {kind.name for kind in KINDS}


def test_every_item_lies_inside_its_picture() -> None:
    for index in range(0, DECK, 2):
        picture = draw_item(index).picture
        background = picture[0, 0].astype(int)
        for edge in (picture[0], picture[-1], picture[:, 0], picture[:, -1]):
            assert np.abs(edge.astype(int) - background).max() < 24, index  # a soft shadow may reach the edge


def test_the_garment_has_the_colour_that_its_row_names() -> None:
    checked = 0
    for index in range(3 * DECK):
        plan = plan_item(index)
        if plan.kind.name not in CLOTH_KINDS or plan.pattern != "Solid" or plan.fabric in ("denim", "silk", "satin"):
            continue
        typical = garment_rgb(draw_item(index).picture)
        lab = cv2.cvtColor(np.array([[typical, *COLOURS.values()]], dtype=np.uint8), cv2.COLOR_RGB2LAB)[0].astype(float)
        distance = np.hypot(*(lab[1:, 1:] - lab[0, 1:]).T) + 0.5 * np.abs(lab[1:, 0] - lab[0, 0])
        ranking = [list(COLOURS)[i] for i in np.argsort(distance)]
        assert plan.colour in ranking[:4], (index, plan.kind.name, plan.colour, ranking[:4])
        checked += 1
    assert checked > 40


def test_colours_and_contrasts_are_known_names() -> None:
    assert set(CONTRASTS) == set(COLOURS)
    assert all(other in COLOURS and other != name for name, others in CONTRASTS.items() for other in others)
    assert all(colour in COLOURS for kind in KINDS for colour in kind.colours)


def test_rows_read_like_a_catalogue() -> None:
    for index in range(12):
        item = draw_item(index)
        row = item.row()
        assert tuple(row) == COLUMNS
        assert item.title.startswith(item.brand)
        assert item.brand in BRANDS
        assert item.gender in item.title
        assert item.base_colour in item.title
        assert re.fullmatch(r"\d+\.\d\d", item.price)
        assert item.url == f"https://example.com/demo/{item.id}"
        assert item.file == f"{item.id}.webp"


def bounds_of_strokes(figure: Figure) -> tuple[np.ndarray, np.ndarray]:
    points = np.concatenate([stroke.path for stroke in figure.strokes])
    return points.min(axis=0), points.max(axis=0)


def test_strokes_and_picture_share_one_outline() -> None:
    for index in range(DECK):
        figure = plan_item(index).figure
        low, high = figure_bounds(figure)
        pen_low, pen_high = bounds_of_strokes(figure)
        slack = 0.12 * float(max(high - low))
        assert (pen_low >= low - slack).all() and (pen_high <= high + slack).all(), plan_item(index).kind.name
        assert (pen_high - pen_low >= 0.7 * (high - low)).all(), plan_item(index).kind.name
        assert any(stroke.weight >= 0.75 for stroke in figure.strokes)


def test_an_item_is_described_as_it_is_drawn() -> None:
    for number in (0, 7):
        assert describe_item(number).row() == draw_item(number).row()


def test_drawing_needs_no_learning_libraries() -> None:
    code = "import sys; import garments; print({'torch', 'transformers', 'faiss', 'mediapipe'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "set()"
