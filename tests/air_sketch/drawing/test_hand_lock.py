"""Which hand draws: the calibrated one at once, the other one only after a while."""

from dataclasses import replace

import numpy as np

from air_sketch.drawing.filters import OTHER_HAND_WAITS_S, HandLock
from air_sketch.drawing.keeping.calibrations import load_calibration
from air_sketch.drawing.session import Session
from air_sketch.values.datatypes import WHOLE_PICTURE
from air_sketch.window.parts.frame_view import part_in_box
from samples.synthetic_hand import ONE, Person, make_observation

RIGHT = make_observation(ONE, (320.0, 240.0))
LEFT = make_observation(ONE, (320.0, 240.0), person=Person(left=True))


def test_any_hand_draws_when_none_was_calibrated():
    lock = HandLock("any")
    assert lock.lets_through(LEFT, 0.0) and lock.lets_through(RIGHT, 0.03)


def test_the_calibrated_hand_draws_from_its_first_frame():
    assert HandLock("Right").lets_through(RIGHT, 0.0)


def test_the_other_hand_waits_and_then_draws_too():
    lock = HandLock("Right")
    allowed = [lock.lets_through(LEFT, i / 30) for i in range(40)]
    assert not any(allowed[: int(30 * OTHER_HAND_WAITS_S) - 1]) and all(allowed[-10:])


def test_a_hand_once_taken_stays_taken_when_the_tracker_changes_its_mind():
    lock = HandLock("Right")
    assert lock.lets_through(RIGHT, 0.0) and lock.lets_through(LEFT, 0.03) and lock.lets_through(LEFT, 0.07)


def test_an_unsure_label_is_not_held_against_the_hand():
    assert HandLock("Right").lets_through(replace(LEFT, score=0.6), 0.0)


def test_after_a_gap_the_other_hand_waits_again():
    lock = HandLock("Right")
    assert lock.lets_through(RIGHT, 0.0)
    assert not lock.lets_through(LEFT, 1.0)


def test_a_session_calibrated_for_the_right_hand_sees_no_left_hand_at_first():
    session = Session(replace(load_calibration(), hand="Right"), (640, 480))
    assert not session.step(LEFT, 0.0).hand_seen
    assert Session(replace(load_calibration(), hand="Left"), (640, 480)).step(LEFT, 0.0).hand_seen


def test_the_picture_is_zoomed_to_the_box_so_that_the_cursor_stays_on_the_fingertip():
    picture = np.zeros((480, 640, 3), np.uint8)
    picture[238:243, 318:323] = 255
    box = (0.25, 0.3, 0.75, 0.8)
    settings = replace(load_calibration(), active_box_norm=box)
    tip = Session(settings, (640, 480)).step(make_observation(ONE, (320.0, 240.0)), 0.0).tip_px
    part = part_in_box(picture, box)
    rows, columns = np.nonzero(part[:, :, 0])
    assert abs(columns.mean() * 640 / part.shape[1] - tip[0]) < 2
    assert abs(rows.mean() * 480 / part.shape[0] - tip[1]) < 2
    assert np.shares_memory(part_in_box(picture, WHOLE_PICTURE), picture)
