from __future__ import annotations

import numpy as np
import pytest

from garments import DRAWN_KINDS, kind_drawing, line_drawing
from garments.brushes.figure import Stroke
from garments.brushes.pen import draw_by_hand
from garments.dice import Dice
from garments.items import plan_item

PEOPLES_WORDS = (
    "backpack", "belt", "bowtie", "bracelet", "crown", "eyeglasses", "flip flops", "hat", "helmet", "jacket",
    "necklace",
    "pants", "purse", "shoe", "shorts", "sock", "suitcase", "sweater", "t-shirt", "umbrella", "underwear", "wristwatch",
)  # fmt: skip


def assert_sound(strokes: list[np.ndarray]) -> None:
    assert strokes
    for stroke in strokes:
        assert stroke.dtype == np.float32
        assert stroke.ndim == 2 and stroke.shape[1] == 2 and len(stroke) >= 2
        assert np.isfinite(stroke).all()
        assert stroke.min() >= 0 and stroke.max() <= 1


def extent(strokes: list[np.ndarray]) -> float:
    return float(np.ptp(np.concatenate(strokes), axis=0).max())


def test_the_words_that_people_draw_are_all_known() -> None:
    assert set(PEOPLES_WORDS) <= set(DRAWN_KINDS)


@pytest.mark.parametrize("kind", DRAWN_KINDS)
def test_drawings_of_every_kind_are_sound_and_fill_the_square(kind: str) -> None:
    for style_seed in range(25):
        strokes = kind_drawing(kind, style_seed)
        assert_sound(strokes)
        assert extent(strokes) > 0.6


def test_line_drawings_of_items_are_sound() -> None:
    for index in range(0, 240, 2):
        assert_sound(line_drawing(index, style_seed=index))


def test_the_same_style_draws_the_same_and_another_one_differently() -> None:
    one, again, other = line_drawing(5, style_seed=1), line_drawing(5, style_seed=1), line_drawing(5, style_seed=2)
    assert len(one) == len(again)
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert len(one) != len(other) or not np.allclose(one[0][:2], other[0][:2])


def test_styles_range_from_careful_to_crude() -> None:
    points = [sum(len(stroke) for stroke in line_drawing(8, style_seed=s)) for s in range(40)]
    assert max(points) > 1.5 * min(points)


def test_an_unknown_kind_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        kind_drawing("submarine", 0)


def test_a_flipped_item_is_drawn_flipped_too() -> None:
    index = next(i for i in range(200) if plan_item(i).flipped)
    drawn = line_drawing(index, style_seed=3)
    plain = draw_by_hand(plan_item(index).figure.strokes, Dice(plan_item(index).seed, index, 3, "pen"))
    assert np.allclose(drawn[0][:, 0], 1 - plain[0][:, 0], atol=1e-6)


@pytest.mark.parametrize(
    "path",
    [
        [(0, 0), (1, 1)],
        [(0, 0), (0, 0), (1, 0)],
        [(5, 5), (5, 9)],
        [(0, 0), (1e-4, 1e-4)],
        [(0, 0), (1, 0), (1, 1), (0, 1)],
    ],
    ids=["two points", "doubled point", "vertical", "tiny", "square"],
)
@pytest.mark.parametrize("loop", [False, True])
def test_the_pen_survives_awkward_strokes(path: list[tuple[float, float]], loop: bool) -> None:
    for seed in range(30):
        assert_sound(draw_by_hand([Stroke(np.array(path, dtype=np.float32), 1.0, loop)], Dice("awkward", seed)))
