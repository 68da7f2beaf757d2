"""Fitting to people who differ: stiff, bent, short and long fingers, left hands, noise; and refusing nonsense."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from air_sketch.calibration.fit import MIN_GAP, PEN_FRACTION_RANGE, band_between, fit_calibration
from air_sketch.calibration.guide import collect_phases
from air_sketch.calibration.motion import SMALLEST_BOX, box_of_corners, fit_filter, resting_noise_px
from air_sketch.calibration.phases import PHASES, Phase, TimedHand
from air_sketch.drawing.filters import OneEuroFilter
from air_sketch.drawing.keeping.calibrations import load_calibration, save_calibration
from air_sketch.drawing.session import Session
from air_sketch.hands.geometry import finger_extensions
from air_sketch.hands.gestures import PoseTracker
from air_sketch.values.datatypes import WHOLE_PICTURE
from air_sketch.values.errors import CalibrationError
from samples.make_samples import perform_calibration
from samples.synthetic_hand import ANYBODY, BY_COUNT, FIST, FIVE, ONE, Person, make_observation

DEFAULT = load_calibration()
PEOPLE = {
    "anybody": (ANYBODY, 0.5),
    "stiff fingers that never curl fully": (Person(tightest=0.4), 0.5),
    "bent fingers that never straighten": (Person(straightest=0.4), 0.5),
    "a thumb that stays out": (Person(thumb_tightest=0.2), 0.5),
    "short fingers": (Person(finger_length=0.75), 0.5),
    "long fingers": (Person(finger_length=1.25), 0.5),
    "a left hand": (Person(left=True), 0.5),
    "a noisy picture": (ANYBODY, 3.0),
    "a calm picture": (ANYBODY, 0.1),
    "a short, bent, stiff, trembling left hand": (Person(0.8, 0.3, 0.7, 0.8, left=True), 1.5),
}
DEFAULT_FAILS = ("stiff fingers that never curl fully", "bent fingers that never straighten", "a thumb that stays out")


@cache
def fitted(person=ANYBODY, jitter_px=0.5, seed=7):
    recording = collect_phases(perform_calibration(person, jitter_px, seed))
    return fit_calibration(recording, DEFAULT, DEFAULT.finger_bands)


def labelled(shapes, at_px=None, person=ANYBODY, frames=30):
    """A recording of still hands, a shape and a place for each step."""
    places = {Phase.UPPER_LEFT: (150.0, 100.0), Phase.LOWER_RIGHT: (500.0, 380.0), **(at_px or {})}
    rng = np.random.default_rng(1)
    return {
        phase: tuple(
            TimedHand(i / 30, make_observation(
                shape, places.get(phase, (320.0, 240.0)), jitter_px=0.5, rng=rng, person=person))
            for i in range(frames)
        )
        for phase, shape in zip(PHASES, shapes, strict=True)
    }  # fmt: skip


STEPS = (FIVE, FIST, ONE, ONE, ONE, ONE)


def counted_right(bands, person, seed=99):
    """Share of fresh hands of this person, in every count and turned a little, that are counted right."""
    rng = np.random.default_rng(seed)
    right = []
    for _ in range(20):
        for count, shape in enumerate(BY_COUNT):
            turned = replace(shape, roll_deg=rng.uniform(-35, 20), yaw_deg=rng.uniform(-30, 30))
            hand = make_observation(turned, (300.0, 200.0), jitter_px=0.7, rng=rng, person=person)
            right.append(PoseTracker(bands).read(finger_extensions(hand)).fingers == count)
    return np.mean(right)


@pytest.mark.parametrize("who", PEOPLE)
def test_every_person_is_read_right_and_never_worse_than_before(who, tmp_path):
    result = fitted(*PEOPLE[who])
    assert result.record.accuracy >= 0.98 and result.record.accuracy >= result.record.accuracy_before
    assert result.calibration.hand == ("Left" if PEOPLE[who][0].left else "Right")
    save_calibration(result.calibration, "who", tmp_path)
    assert load_calibration("who", tmp_path) == result.calibration


@pytest.mark.parametrize("who", DEFAULT_FAILS)
def test_the_fit_reads_people_whom_the_default_fails_also_in_new_frames(who):
    person, jitter_px = PEOPLE[who]
    result = fitted(person, jitter_px)
    assert result.record.accuracy_before < 0.9
    before, after = (counted_right(bands, person) for bands in (DEFAULT.finger_bands, result.calibration.finger_bands))
    assert before < 0.75 and after > 0.97


def test_anybody_is_counted_as_well_as_with_the_default():
    bands = fitted().calibration.finger_bands
    assert counted_right(bands, ANYBODY) >= counted_right(DEFAULT.finger_bands, ANYBODY) - 0.01


@pytest.mark.parametrize("seed", range(8))
def test_any_hand_gives_valid_settings_or_a_reason(seed, tmp_path):
    rng = np.random.default_rng(seed)
    person = Person(
        rng.uniform(0.6, 1.5), rng.uniform(0, 0.4), rng.uniform(0.4, 1), rng.uniform(0, 1), left=bool(seed % 2)
    )
    try:
        result = fitted(person, float(rng.uniform(0, 4)), seed)
    except CalibrationError as error:
        assert str(error) and "nan" not in str(error)
    else:
        save_calibration(result.calibration, "who", tmp_path)


@pytest.mark.parametrize(("curled", "stretched"), [(0.7, 1.4), (1.1, 1.2), (0.5, 0.5 + MIN_GAP), (1.3, 2.5)])
def test_thresholds_lie_inside_the_persons_own_gap(curled, stretched):
    band = band_between(curled, stretched, DEFAULT.finger_bands.index)
    assert curled < band.off < band.on < stretched


def test_noise_sets_the_filter_calm_hands_lag_less_and_noisy_ones_shake_less():
    calm, noisy = fitted(jitter_px=0.15).calibration, fitted(jitter_px=2.0).calibration
    assert calm.filter.min_cutoff_hz > DEFAULT.filter.min_cutoff_hz > noisy.filter.min_cutoff_hz
    assert calm.filter.rest_speed < noisy.filter.rest_speed
    assert calm.fit.noise_px < 0.3 and noisy.fit.noise_px > 1.0


@pytest.mark.parametrize("noise_px", [0.3, 0.8, 1.5, 2.5, 4.0])
def test_the_fitted_filter_keeps_a_resting_finger_at_rest(noise_px):
    rng = np.random.default_rng(5)
    still = [replace_tip(i, rng.normal(0, noise_px, 2)) for i in range(60)]
    noise = rng.normal(0, noise_px, (400, 2))
    rest, usual = (rms_at_rest(f, noise) for f in (fit_filter(still, DEFAULT.filter, WHOLE_PICTURE), DEFAULT.filter))
    assert resting_noise_px(still) == pytest.approx(noise_px, rel=0.35)
    assert rest < 0.9 if noise_px <= 2.5 else rest < 0.6 * usual


def rms_at_rest(settings, noise_px):
    smoother = OneEuroFilter(settings)
    out = [smoother.smooth((x, y), i / 30) for i, (x, y) in enumerate(noise_px)]
    return float(np.sqrt(np.mean(np.square(out[60:]))))


def replace_tip(index, offset_px):
    hand = make_observation(ONE, (320.0, 240.0))
    hand.landmarks_norm[8, :2] += np.float32(offset_px / (640, 480))
    return TimedHand(index / 30, hand)


def test_the_farthest_corners_reach_the_whole_canvas():
    corners_px = ((185.0, 110.0), (495.0, 330.0))
    recording = collect_phases(perform_calibration(corners_px=corners_px))
    settings = fit_calibration(recording, DEFAULT, DEFAULT.finger_bands).calibration
    (x0, y0), (x1, y1) = (Session(settings, (640, 480)).step(make_observation(ONE, c), 0).tip_px for c in corners_px)
    assert x0 <= 0 and y0 <= 0 and x1 >= 640 and y1 >= 480
    assert min(x0, y0) > -60 and max(x1 - 640, y1 - 480) < 60


def corner_box(first, second):
    hands = [[TimedHand(i / 30, make_observation(ONE, at)) for i in range(10)] for at in (first, second)]
    return box_of_corners(*hands)


@pytest.mark.parametrize(
    ("first", "second"),
    [((40, 30), (600, 450)), ((100, 200), (560, 280)), ((300, 60), (400, 430)), ((5, 5), (150, 110))],
    ids=["wide", "flat", "tall", "in the corner"],
)
def test_the_box_stays_in_the_picture_not_too_small_and_not_squashed(first, second):
    left, top, right, bottom = corner_box(first, second)
    assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1
    assert min(right - left, bottom - top) >= SMALLEST_BOX / 1.26
    assert 1 / 1.26 <= (right - left) / (bottom - top) <= 1.26


def test_a_reach_over_the_whole_picture_needs_no_zoom():
    assert corner_box((10, 8), (630, 472)) == WHOLE_PICTURE


def test_the_pen_grows_with_the_palm_within_limits():
    low, high = PEN_FRACTION_RANGE
    assert low <= fitted().calibration.pen_width_fraction <= high


@pytest.mark.parametrize(
    ("recording", "reason"),
    [
        (labelled((FIVE, FIVE, ONE, ONE, ONE, ONE)), "poses cannot be told apart"),
        (labelled((FIST, FIST, ONE, ONE, ONE, ONE)), "poses cannot be told apart"),
        (labelled((FIVE, FIST, FIVE, ONE, ONE, ONE)), "poses cannot be told apart"),
        (labelled((FIVE, FIST, FIST, ONE, ONE, ONE)), "poses cannot be told apart"),
        (labelled((FIVE, FIST, ONE, ONE, FIVE, FIVE)), "Upper left: seen in only 0 of 30"),
        (labelled(STEPS, {Phase.LOWER_RIGHT: (160.0, 110.0)}), "too close"),
        (labelled(STEPS, {Phase.LOWER_RIGHT: (500.0, 120.0)}), "too close"),
        (labelled(STEPS, {Phase.UPPER_LEFT: (500.0, 400.0), Phase.LOWER_RIGHT: (100.0, 90.0)}), "swapped"),
        (
            labelled(STEPS, {Phase.UPPER_LEFT: (500.0, 100.0), Phase.LOWER_RIGHT: (100.0, 400.0)}),
            "too close or swapped",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_recording_that_contradicts_itself_is_refused_with_the_reason(recording, reason):
    with pytest.raises(CalibrationError, match=reason) as caught:
        fit_calibration(recording, DEFAULT, DEFAULT.finger_bands)
    assert "\n" not in str(caught.value)


def test_a_change_of_hands_is_refused():
    other = labelled(STEPS, person=Person(left=True))
    mixed = {**labelled(STEPS), Phase.UPPER_LEFT: other[Phase.UPPER_LEFT]}
    with pytest.raises(CalibrationError, match="hand changed: Upper left does not show the right hand"):
        fit_calibration(mixed, DEFAULT, DEFAULT.finger_bands)


def test_a_finger_that_was_not_held_still_is_refused():
    moving = tuple(TimedHand(i / 30, make_observation(ONE, (200.0 + 6 * i, 240.0))) for i in range(40))
    with pytest.raises(CalibrationError, match="moved by"):
        fit_calibration({**labelled(STEPS), Phase.STILL: moving}, DEFAULT, DEFAULT.finger_bands)


def test_a_fist_that_leaves_the_thumb_out_keeps_the_thumbs_usual_thresholds():
    out = replace(FIST, thumb=0.0)
    recording = labelled((FIVE, out, ONE, ONE, ONE, ONE))
    result = fit_calibration(recording, DEFAULT, DEFAULT.finger_bands)
    assert result.kept == ("thumb",) and result.record.accuracy == 1.0
    assert result.calibration.finger_bands.thumb == DEFAULT.finger_bands.thumb


def test_pens_times_and_gestures_are_kept_from_the_settings_before():
    before = replace(DEFAULT, start_pen="red", timing=replace(DEFAULT.timing, draw_dwell_s=0.2))
    recording = collect_phases(perform_calibration())
    settings = fit_calibration(recording, before, DEFAULT.finger_bands).calibration
    assert settings.start_pen == "red" and settings.timing == before.timing and settings.pens == before.pens
    assert math.isclose(settings.fit.accuracy, 1.0)


def strokes_drawn(settings, person):
    """Let this person hover with a fist, point, draw a line inside the canvas box, and make a fist again."""
    session, rng = Session(settings, (640, 480)), np.random.default_rng(2)
    places = [(270.0 + 2.0 * i, 200.0 + 0.8 * i) for i in range(70)]
    shapes = [FIST] * 10 + [ONE] * 50 + [FIST] * 10
    for i, (shape, at_px) in enumerate(zip(shapes, places, strict=True)):
        session.step(make_observation(shape, at_px, jitter_px=0.5, rng=rng, person=person), i / 30)
    session.finish(70 / 30)
    return session.document.finished_strokes


@pytest.mark.parametrize("who", ["stiff fingers that never curl fully", "bent fingers that never straighten"])
def test_a_person_whom_the_default_fails_draws_one_clean_line_with_their_own_settings(who):
    person, jitter_px = PEOPLE[who]
    assert len(strokes_drawn(DEFAULT, person)) == 0
    (stroke,) = strokes_drawn(fitted(person, jitter_px).calibration, person)
    points = np.array([point[:2] for point in stroke.points])
    length = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
    assert np.linalg.norm(points[-1] - points[0]) > 0.93 * length > 120
