"""Frames of a camera that went away and came back."""

import numpy as np

from air_sketch.camera.clock import CameraClock
from air_sketch.values.datatypes import Frame


def frame(t_s, index, wh=(64, 48)):
    return Frame(np.zeros((wh[1], wh[0], 3), np.uint8), t_s, index)


def test_an_uninterrupted_camera_passes_unchanged():
    clock, first = CameraClock((64, 48)), frame(0.0, 0)
    assert clock.continued(first) is first
    assert clock.continued(frame(0.1, 1)).t_s == 0.1


def test_times_go_on_by_how_long_the_camera_was_away():
    now = [100.0]
    clock = CameraClock((64, 48), lambda: now[0])
    clock.continued(frame(3.0, 90))
    clock.restart()
    now[0] = 107.5
    back = [clock.continued(frame(0.0, 0)), clock.continued(frame(0.04, 1))]
    assert [round(f.t_s, 6) for f in back] == [10.5, 10.54]
    assert [f.index for f in back] == [91, 92]


def test_a_camera_that_comes_back_twice_still_counts_on():
    now = [0.0]
    clock, last_s = CameraClock((64, 48), lambda: now[0]), -1.0
    for _ in range(3):
        for i in range(4):
            now[0] += 0.03
            seen = clock.continued(frame(0.03 * i, i))
            assert seen.t_s > last_s
            last_s = seen.t_s
        clock.restart()
    assert seen.index == 11


def test_another_picture_size_is_brought_back_to_the_first():
    clock = CameraClock((64, 48))
    assert clock.continued(frame(0.0, 0, (1280, 720))).image_bgr.shape == (48, 64, 3)
