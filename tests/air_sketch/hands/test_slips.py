"""When the tracker is doubted: a finger that collapses from one frame to the next, and nothing else."""

import pytest

from air_sketch.hands.slips import COLLAPSE_S, SlipWatch
from samples.synthetic_hand import FIST, FIVE, ONE, HandShape, make_observation

FPS = 30.0


def doubts(shapes, step_px=0.0, fps=FPS):
    """The frames, by number, in which a hand of these shapes that moves on by so many pixels is doubted."""
    watch = SlipWatch()
    hands = [s and make_observation(s, (100.0 + step_px * i, 240.0)) for i, s in enumerate(shapes)]
    return [i for i, hand in enumerate(hands) if watch.doubts(hand, i / fps)]


@pytest.mark.parametrize("fps", [15.0, 30.0, 60.0])
def test_a_finger_that_collapses_is_doubted_at_once_and_once(fps):
    assert doubts([ONE] * 5 + [FIST] * 60, fps=fps) == [5]


def test_a_fast_hand_is_doubted_once_as_well():
    assert doubts([ONE] * 5 + [FIST] * 60, step_px=12.0) == [5]


def test_a_hand_that_was_never_straight_or_stays_so_is_never_doubted():
    assert doubts([FIST] * 30, step_px=12.0) == []
    assert doubts([ONE] * 30 + [FIVE] * 30, step_px=12.0) == []


def test_a_finger_that_was_straight_long_ago_is_not_doubted():
    away = [None] * (round(COLLAPSE_S * FPS) + 2)
    assert doubts([ONE] * 5 + away + [FIST] * 10) == []


def test_a_finger_found_straight_after_all_may_be_doubted_again():
    assert doubts([ONE] * 5 + [FIST] + [ONE] * 5 + [FIST]) == [5, 11]


def test_a_half_bent_finger_is_believed():
    assert doubts([ONE] * 5 + [HandShape(index=0.3)] * 10) == []
