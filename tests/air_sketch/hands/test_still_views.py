"""The views of a still picture: what is found in a view lies at the right place of the picture."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from air_sketch.hands.still_views import views
from samples.synthetic_hand import ONE, make_observation

SPOT_PX = np.float32([300.0, 200.0])
"""Lies in every cut-out of a picture of 640 x 480."""


def spotted(width_px: int = 640, height_px: int = 480) -> np.ndarray:
    """Return a dark picture with one bright spot."""
    picture = np.zeros((height_px, width_px, 3), dtype=np.uint8)
    x_px, y_px = SPOT_PX.astype(int)
    picture[y_px - 3 : y_px + 4, x_px - 3 : x_px + 4] = 255
    return picture


@pytest.mark.parametrize("number", range(7))
def test_a_place_in_a_view_is_brought_back_to_the_picture(number: int) -> None:
    view, to_picture = list(views(spotted()))[number]
    height_px, width_px = view.shape[:2]
    spot = view[:, :, 0] > 200
    y_px, x_px = (float(np.mean(at)) + 0.5 for at in np.nonzero(spot))
    seen = make_observation(ONE, (300.0, 200.0))
    landmarks = np.tile(np.float32([x_px / width_px, y_px / height_px, 0.1]), (21, 1))
    found = to_picture(replace(seen, landmarks_norm=landmarks, frame_wh=(width_px, height_px)))
    assert found.frame_wh == (640, 480)
    np.testing.assert_allclose(found.landmarks_norm[8, :2] * (640, 480), SPOT_PX + 0.5, atol=0.7)


def test_depth_keeps_the_scale_of_x() -> None:
    seen = make_observation(ONE, (300.0, 200.0))
    for view, to_picture in views(spotted()):
        found = to_picture(replace(seen, frame_wh=(view.shape[1], view.shape[0])))
        widths = np.ptp(found.landmarks_norm[:, 0]) / np.ptp(seen.landmarks_norm[:, 0])
        depths = np.ptp(found.landmarks_norm[:, 2]) / np.ptp(seen.landmarks_norm[:, 2])
        assert widths == pytest.approx(depths, rel=1e-4)


def test_the_mirrored_view_names_the_other_hand_and_the_rest_do_not() -> None:
    seen = make_observation(ONE, (300.0, 200.0))
    hands = [to_picture(replace(seen, handedness="Left")).handedness for _, to_picture in views(spotted())]
    assert hands == ["Left", "Right"] + 5 * ["Left"]
    mirrored = list(views(spotted()))[1][1](seen)
    np.testing.assert_array_equal(mirrored.world_landmarks_m, seen.world_landmarks_m * np.float32([-1, 1, 1]))


def test_a_tiny_picture_has_no_zooms() -> None:
    assert len(list(views(cv2.resize(spotted(), (20, 20))))) == 4
