"""Finger counting on hands measured in photos, on synthetic hands, and at its edges."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from air_sketch.drawing.keeping.calibrations import load_calibration
from air_sketch.hands.geometry import finger_extensions, palm_size_px
from air_sketch.hands.gestures import COUNT_NAMES, Band, FingerBands, PoseTracker, name_pose
from air_sketch.values.hand import HandObservation
from samples.synthetic_hand import BY_COUNT, FIST, ONE, HandShape, make_observation

BANDS = load_calibration().finger_bands
PHOTO_HANDS = json.loads((Path(__file__).parents[2] / "data" / "hands.json").read_text())["hands"]


def photo_observation(record):
    return HandObservation(
        np.array(record["landmarks"], dtype=np.float32),
        np.array(record["world"], dtype=np.float32),
        record["handedness"],
        record["score"],
        tuple(record["frame_wh"]),
    )


@pytest.mark.parametrize("record", PHOTO_HANDS, ids=lambda r: f"{r['source']}-{r['label']}")
def test_fingers_on_photographed_hands_are_counted(record):
    pose = PoseTracker(BANDS).read(finger_extensions(photo_observation(record)))
    assert pose.fingers == COUNT_NAMES.index(record["label"])
    assert pose.gesture == record["label"]


@pytest.mark.parametrize("roll_deg", [-90, -60, -30, 0, 30, 60, 90, 150])
@pytest.mark.parametrize("count", range(6))
def test_counting_does_not_depend_on_how_the_hand_is_turned_in_the_picture(count, roll_deg):
    shape = replace(BY_COUNT[count], roll_deg=roll_deg)
    pose = PoseTracker(BANDS).read(finger_extensions(make_observation(shape, (320.0, 240.0))))
    assert pose.fingers == count


@pytest.mark.parametrize("yaw_deg", [-50, -25, 0, 25, 50])
@pytest.mark.parametrize("count", range(6))
def test_counting_does_not_depend_on_how_far_the_palm_is_turned_away(count, yaw_deg):
    shape = replace(BY_COUNT[count], yaw_deg=yaw_deg)
    assert PoseTracker(BANDS).read(finger_extensions(make_observation(shape, (320.0, 240.0)))).fingers == count


@pytest.mark.parametrize("palm_px", [25.0, 60.0, 200.0])
@pytest.mark.parametrize("frame_wh", [(640, 480), (1280, 720), (480, 640)])
def test_counting_depends_on_neither_distance_nor_picture_shape(palm_px, frame_wh):
    for count, shape in enumerate(BY_COUNT):
        hand = make_observation(shape, (200.0, 200.0), palm_px=palm_px, frame_wh=frame_wh)
        assert PoseTracker(BANDS).read(finger_extensions(hand)).fingers == count


@pytest.mark.parametrize(
    ("fingers_up", "gesture", "pointing"),
    [
        ((0, 0, 0, 0, 0), "fist", False),
        ((0, 1, 0, 0, 0), "one", True),
        ((1, 1, 0, 0, 0), "two", True),
        ((0, 1, 1, 0, 0), "two", False),
        ((1, 1, 1, 0, 0), "three", False),
        ((0, 1, 1, 1, 0), "three", False),
        ((0, 0, 1, 1, 1), "three", False),
        ((0, 1, 1, 1, 1), "four", False),
        ((1, 1, 1, 1, 0), "four", False),
        ((1, 1, 1, 1, 1), "five", False),
        ((1, 0, 0, 0, 0), "other", False),
        ((0, 0, 0, 0, 1), "other", False),
        ((1, 0, 0, 0, 1), "other", False),
        ((0, 1, 0, 0, 1), "other", False),
    ],
)
def test_poses_are_named_by_count_and_signs_are_set_aside(fingers_up, gesture, pointing):
    pose = name_pose(tuple(bool(up) for up in fingers_up))
    assert (pose.gesture, pose.pointing, pose.fingers) == (gesture, pointing, sum(fingers_up))


def test_a_finger_inside_its_band_keeps_its_state():
    band = Band(on=1.2, off=1.0)
    tracker = PoseTracker(FingerBands(*[band] * 5))
    seen = [tracker.read(np.array([0.5, value, 0.5, 0.5, 0.5])).fingers for value in (0.9, 1.1, 1.3, 1.1, 0.95, 1.1)]
    assert seen == [0, 0, 1, 1, 0, 0]


def test_an_index_finger_that_points_away_from_the_camera_still_counts():
    hand = make_observation(HandShape(index=0.28), (320.0, 240.0))
    assert PoseTracker(BANDS).read(finger_extensions(hand)).pointing


def test_a_collapsed_hand_measures_zero_and_never_nan():
    flat = HandObservation(np.zeros((21, 3), np.float32), np.zeros((21, 3), np.float32), "Left", 0.5)
    assert finger_extensions(flat) == (0.0,) * 5
    assert palm_size_px(flat, (640, 480)) == 0.0


def test_random_landmarks_never_give_nan():
    rng = np.random.default_rng(1)
    for _ in range(200):
        points = rng.normal(0.0, 10.0 ** rng.uniform(-6, 3), (2, 21, 3)).astype(np.float32)
        extensions = finger_extensions(HandObservation(points[0], points[1], "Left", 0.5))
        assert np.isfinite(extensions).all()
        assert 0 <= PoseTracker(BANDS).read(extensions).fingers <= 5


def test_palm_size_follows_the_canvas():
    hand = make_observation(FIST, (320.0, 240.0), palm_px=80.0)
    assert palm_size_px(hand, (640, 480)) == pytest.approx(80.0, rel=0.15)
    assert palm_size_px(hand, (1280, 960)) == pytest.approx(2.0 * palm_size_px(hand, (640, 480)))
    assert palm_size_px(make_observation(ONE, (9.0, 9.0), palm_px=80.0), (640, 480)) == pytest.approx(
        palm_size_px(hand, (640, 480)), rel=0.01
    )
