"""Poor light: noticed, not flickering, and cheap."""

from itertools import pairwise

import numpy as np
import pytest

from air_sketch.camera.low_light import ENOUGH_ABOVE, LOW_BELOW, LowLight
from air_sketch.values.datatypes import Frame


def run(brightness_of_t, seconds=6.0, fps=30.0):
    light, seen = LowLight(), []
    for i in range(round(seconds * fps)):
        image = np.full((48, 64, 3), round(brightness_of_t(i / fps)), np.uint8)
        light.prepare(Frame(image, i / fps, i))
        seen.append(light.is_low)
    return seen


def changes(seen):
    return sum(a != b for a, b in pairwise(seen))


@pytest.mark.parametrize(("value", "low"), [(0, True), (30, True), (45, False), (120, False)])
def test_the_first_frame_is_judged_at_once(value, low):
    assert run(lambda t: value, 0.1) == [low] * 3


@pytest.mark.parametrize("fps", [15.0, 30.0, 60.0])
def test_dusk_and_dawn_are_noticed_once_each_at_any_rate(fps):
    seen = run(lambda t: 100 if t < 2 or t > 5 else 20, 8.0, fps)
    assert changes(seen) == 2 and not seen[0] and not seen[-1]
    assert 2.2 < seen.index(True) / fps < 4.0


def test_brightness_that_wavers_around_either_limit_does_not_flicker():
    assert changes(run(lambda t: LOW_BELOW + 6 * np.sin(9 * t))) <= 1
    assert changes(run(lambda t: ENOUGH_ABOVE + 6 * np.sin(9 * t))) == 0


def test_a_sleeve_before_the_lens_is_no_dusk():
    assert not any(run(lambda t: 5 if 1.0 < t < 1.3 else 110))


def test_frames_in_good_light_pass_untouched():
    frame = Frame(np.full((48, 64, 3), 120, np.uint8), 0.0, 0)
    assert LowLight().prepare(frame) is frame
