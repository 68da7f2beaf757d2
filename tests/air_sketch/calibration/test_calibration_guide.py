"""The guide through the six steps, in the window and in files."""

import random
from dataclasses import replace

import numpy as np
import pytest

from air_sketch.calibration.guide import MIN_FRAMES, PATIENCE_S, Guide, collect_phases
from air_sketch.calibration.phases import PHASES, Phase
from air_sketch.hands.recording import RecordingReader
from air_sketch.values.errors import CalibrationError
from samples.make_samples import FOLDER, perform_calibration
from samples.synthetic_hand import FIST, FIVE, ONE, TWO, make_observation


def hold(guide, shape, seconds, at_px=(320.0, 240.0), start_s=0.0, fps=30.0):
    """Hold a pose; return how far the step has come."""
    for i in range(round(seconds * fps)):
        guide.see(None if shape is None else make_observation(shape, at_px), start_s + i / fps)
    return guide.progress


def through(guide, phase, start_s=0.0):
    """Show what is asked for until a step is on; return the time."""
    t_s = start_s
    poses = {Phase.PALM: (FIVE, (320.0, 240.0)), Phase.FIST: (FIST, (320.0, 240.0)),
             Phase.POINT: (ONE, (320.0, 240.0)), Phase.STILL: (ONE, (320.0, 240.0)),
             Phase.UPPER_LEFT: (ONE, (180.0, 100.0)), Phase.LOWER_RIGHT: (ONE, (500.0, 330.0))}  # fmt: skip
    while guide.phase is not phase and t_s < start_s + 30:
        shape, at_px = poses[guide.phase]
        guide.see(make_observation(shape, at_px), t_s)
        t_s += 1 / 30
    return t_s + 0.5


def test_a_person_who_follows_is_through_in_about_ten_seconds():
    guide, end_s = Guide(), None
    for frame in perform_calibration():
        guide.see(frame.observation, frame.t_s)
        if guide.finished and end_s is None:
            end_s = frame.t_s
    assert end_s is not None and end_s < 13.5
    assert set(guide.recording) == set(PHASES)


@pytest.mark.parametrize("every", [1, 2, 3])
def test_slow_cameras_are_led_through_as_well(every):
    recording = collect_phases(perform_calibration()[::every])
    assert min(len(hands) for hands in recording.values()) >= MIN_FRAMES


def test_progress_grows_while_a_pose_is_held_and_the_step_then_changes():
    guide = Guide()
    early = hold(guide, FIVE, 0.4)
    late = hold(guide, FIVE, 0.4, start_s=0.4)
    assert 0 < early < late < 1
    hold(guide, FIVE, 0.6, start_s=0.8)
    assert guide.phase is Phase.FIST


def test_a_wrong_pose_makes_no_progress_at_first():
    guide = Guide()
    t_s = through(guide, Phase.FIST)
    assert hold(guide, FIVE, 1.0, start_s=t_s) == 0.0 and guide.phase is Phase.FIST


def test_pointing_is_no_fist_and_two_fingers_are_not_one():
    guide = Guide()
    hold(guide, ONE, 2.0, start_s=through(guide, Phase.FIST))
    assert guide.phase is Phase.FIST
    guide = Guide()
    t_s = through(guide, Phase.POINT)
    hold(guide, FIVE, 2.0, start_s=t_s)
    assert guide.phase is Phase.POINT


def test_a_pose_held_on_and_on_is_taken_because_a_stiff_hand_cannot_do_better():
    guide = Guide()
    t_s = through(guide, Phase.FIST)
    hold(guide, TWO, PATIENCE_S + 0.5, start_s=t_s)
    assert guide.phase is Phase.POINT


def test_a_moving_finger_is_not_still():
    guide = Guide()
    t_s = through(guide, Phase.STILL)
    for i in range(120):
        guide.see(make_observation(ONE, (200.0 + 60 * (i % 5), 240.0)), t_s + i / 30)
    assert guide.phase is Phase.STILL


def test_a_hand_that_is_away_begins_the_step_anew_and_is_asked_for():
    guide = Guide()
    hold(guide, FIVE, 0.8)
    assert hold(guide, None, 0.6, start_s=0.8) == 0.0 and "hand" in guide.instruction and guide.phase is Phase.PALM


def test_one_lost_frame_does_not_begin_the_step_anew():
    guide = Guide()
    hold(guide, FIVE, 0.8)
    guide.see(None, 0.8)
    assert hold(guide, FIVE, 0.1, start_s=0.84) > 0.6


def test_a_corner_counts_only_when_it_is_away_from_where_the_finger_was():
    guide = Guide()
    t_s = through(guide, Phase.UPPER_LEFT)
    hold(guide, ONE, 2.0, start_s=t_s)
    assert guide.phase is Phase.UPPER_LEFT
    hold(guide, ONE, 2.0, at_px=(450.0, 330.0), start_s=t_s + 2)
    assert guide.phase is Phase.UPPER_LEFT
    t_s = through(guide, Phase.LOWER_RIGHT, t_s + 4)
    assert guide.tip_of(Phase.UPPER_LEFT) == pytest.approx((180 / 640, 100 / 480), abs=0.01)
    hold(guide, ONE, 2.0, at_px=(400.0, 100.0), start_s=t_s)
    assert not guide.finished


def test_random_hands_never_break_the_guide():
    rng, dice = np.random.default_rng(3), random.Random(3)
    guide = Guide()
    for i in range(400):
        hand = make_observation(dice.choice((FIVE, FIST, ONE)), tuple(rng.uniform(0, 600, 2)), jitter_px=3.0, rng=rng)
        if i % 7 == 0:
            hand = replace(hand, landmarks_norm=np.full((21, 3), np.nan, np.float32))
        guide.see(hand if i % 3 else None, i / 30)
        assert 0.0 <= guide.progress <= 1.0 and 0 <= guide.done <= len(PHASES)


def test_the_holds_leave_about_ten_seconds_in_all():
    assert 5.0 < sum(phase.hold_s for phase in PHASES) < 8.0


@pytest.mark.parametrize(("count", "step"), [(0, "open palm"), (80, "fist"), (150, "one finger"), (300, "upper left")])
def test_a_recording_that_ends_too_early_names_the_step_that_is_missing(count, step):
    with pytest.raises(CalibrationError, match=f"before the step '{step}'"):
        collect_phases(perform_calibration()[:count])


def test_the_sample_recording_is_what_its_maker_makes():
    recording = collect_phases(RecordingReader(FOLDER / "calibration.jsonl").frames())
    assert {phase.value for phase in recording} == {phase.value for phase in PHASES}
