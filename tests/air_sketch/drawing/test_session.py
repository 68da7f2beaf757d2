"""Whole sessions from synthetic hands: what inks, what does not, what is picked."""

import math
from dataclasses import replace

import numpy as np
import pytest

from air_sketch.drawing.keeping.calibrations import load_calibration
from air_sketch.drawing.session import Session
from samples.synthetic_hand import BY_COUNT, FIST, FIVE, FOUR, ONE, THREE, TWO, make_observation

CALIBRATION = load_calibration()
CANVAS_WH = (640, 480)
PALM_PX = 95.0


class Puppet:
    """A session with a hand that is moved by hand."""

    def __init__(self, fps=30.0, jitter_px=0.0):
        self.session = Session(CALIBRATION, CANVAS_WH)
        self.fps, self.jitter_px = fps, jitter_px
        self.frame = 0
        self.rng = np.random.default_rng(0)
        self.results = []

    @property
    def t_s(self):
        return self.frame / self.fps

    def show(self, shape, at_px=(320.0, 240.0)):
        hand = None
        if shape is not None:
            hand = make_observation(shape, at_px, palm_px=PALM_PX, jitter_px=self.jitter_px, rng=self.rng)
        self.results.append(self.session.step(hand, self.t_s))
        self.frame += 1
        return self.results[-1]

    def hold(self, shape, seconds, at_px=(320.0, 240.0)):
        for _ in range(max(1, round(seconds * self.fps))):
            self.show(shape, at_px)

    def line(self, shape, start_px, end_px, seconds):
        count = max(2, round(seconds * self.fps))
        for i in range(count):
            s = i / (count - 1)
            self.show(shape, tuple(a + s * (b - a) for a, b in zip(start_px, end_px, strict=True)))

    def finish(self):
        self.session.finish(self.t_s)
        return self.session.document.finished_strokes

    @property
    def kinds(self):
        return [event.kind for event in self.session.events]

    @property
    def states(self):
        seen = []
        for result in self.results:
            if not seen or seen[-1] != result.tool_state:
                seen.append(result.tool_state)
        return seen


def longest_segment_px(strokes):
    steps = [math.dist(a[:2], b[:2]) for s in strokes for a, b in zip(s.points, s.points[1:], strict=False)]
    return max(steps, default=0.0)


@pytest.mark.parametrize("fps", [15.0, 30.0, 60.0])
@pytest.mark.parametrize("seconds", [0.3, 0.6, 1.0])
@pytest.mark.parametrize("upwards", [True, False], ids=["1-to-5", "5-to-1"])
def test_a_sweep_through_all_counts_leaves_no_ink_and_picks_nothing(fps, seconds, upwards):
    shapes = BY_COUNT[1:] if upwards else BY_COUNT[:0:-1]
    puppet = Puppet(fps)
    puppet.hold(FIST, 0.3)
    count = round(seconds * fps)
    for i in range(count):
        at = i / max(count - 1, 1) * (len(shapes) - 1)
        low = min(int(at), len(shapes) - 2)
        puppet.show(shapes[low].towards(shapes[low + 1], at - low))
    puppet.hold(FIST, 0.4)
    assert puppet.finish() == ()
    assert "select" not in puppet.kinds


@pytest.mark.parametrize("fps", [15.0, 30.0, 60.0])
def test_a_sweep_that_ends_in_a_held_pose_picks_only_that(fps):
    puppet = Puppet(fps)
    for shape in (ONE, TWO, THREE, FOUR):
        puppet.hold(shape, 0.1)
    puppet.hold(FOUR, 0.5)
    assert [e.details["pen"] for e in puppet.session.events if e.kind == "select"] == ["red"]
    assert puppet.finish() == ()


@pytest.mark.parametrize(("shape", "pen"), [(THREE, "green"), (FOUR, "red")])
def test_a_held_count_picks_its_pen_and_shows_its_progress(shape, pen):
    puppet = Puppet()
    puppet.hold(shape, 0.2)
    ripening = [r.select_progress for r in puppet.results]
    assert ripening == sorted(ripening) and 0.5 < ripening[-1] < 1.0
    assert puppet.results[-1].select_color_rgb == CALIBRATION.pens[pen]
    puppet.hold(shape, 0.4)
    assert puppet.session.pens.color_rgb == CALIBRATION.pens[pen]
    assert puppet.kinds.count("select") == 1
    assert puppet.results[-1].tool_state == "hover"


def test_a_moving_hand_picks_no_pen():
    puppet = Puppet()
    puppet.line(FOUR, (100.0, 240.0), (540.0, 240.0), 1.2)
    assert "select" not in puppet.kinds


@pytest.mark.parametrize("fps", [15.0, 30.0, 60.0])
def test_one_finger_draws_what_it_traces(fps):
    puppet = Puppet(fps, jitter_px=0.5)
    puppet.hold(ONE, 0.2, (150.0, 200.0))
    puppet.line(ONE, (150.0, 200.0), (450.0, 200.0), 1.0)
    puppet.hold(ONE, 0.15, (450.0, 200.0))
    puppet.hold(FIST, 0.3, (450.0, 200.0))
    (stroke,) = puppet.finish()
    xs, ys, _ = np.array(stroke.points).T
    assert abs(xs[0] - 150) < 6 and abs(xs[-1] - 450) < 12
    assert np.abs(ys - 200).max() < 4
    assert puppet.kinds.count("pen_down") == puppet.kinds.count("pen_up") == 1
    assert puppet.states == ["hover", "draw", "hover"]


def test_drawing_begins_only_after_the_dwell():
    puppet = Puppet(fps=60.0)
    puppet.hold(ONE, 0.05)
    assert "pen_down" not in puppet.kinds
    puppet.hold(ONE, 0.05)
    assert puppet.kinds.count("pen_down") == 1
    assert puppet.results[-1].tool_state == "draw"


def test_the_tail_that_bends_with_the_curling_finger_is_trimmed():
    puppet = Puppet()
    puppet.hold(ONE, 0.2, (200.0, 200.0))
    puppet.line(ONE, (200.0, 200.0), (400.0, 200.0), 0.8)
    for share in np.linspace(0.0, 1.0, 8):
        puppet.show(ONE.towards(FIST, share), (400.0, 200.0))
    puppet.hold(FIST, 0.3, (400.0, 200.0))
    (stroke,) = puppet.finish()
    assert max(abs(y - 200.0) for _, y, _ in stroke.points) < 0.06 * PALM_PX


def test_debounce_keeps_drawing_through_one_misread_frame():
    puppet = Puppet()
    puppet.hold(ONE, 0.2, (200.0, 200.0))
    puppet.line(ONE, (200.0, 200.0), (300.0, 200.0), 0.4)
    puppet.show(FIST, (303.0, 200.0))
    puppet.line(ONE, (306.0, 200.0), (400.0, 200.0), 0.4)
    assert len(puppet.finish()) == 1


@pytest.mark.parametrize("fps", [15.0, 30.0, 60.0])
def test_a_short_loss_of_the_hand_is_bridged(fps):
    puppet = Puppet(fps)
    puppet.hold(ONE, 0.2, (200.0, 200.0))
    puppet.line(ONE, (200.0, 200.0), (300.0, 200.0), 0.4)
    puppet.hold(None, 0.13)
    puppet.line(ONE, (320.0, 200.0), (420.0, 200.0), 0.4)
    assert len(puppet.finish()) == 1


@pytest.mark.parametrize(
    ("gap_s", "back_px"), [(0.4, (320.0, 200.0)), (0.1, (520.0, 380.0)), (0.4, (60.0, 60.0))], ids=str
)
def test_a_long_loss_or_a_far_return_starts_a_new_stroke_and_joins_nothing(gap_s, back_px):
    puppet = Puppet()
    puppet.hold(ONE, 0.2, (200.0, 200.0))
    puppet.line(ONE, (200.0, 200.0), (300.0, 200.0), 0.4)
    puppet.hold(None, gap_s)
    puppet.line(ONE, back_px, (back_px[0] + 80.0, back_px[1]), 0.5)
    strokes = puppet.finish()
    assert len(strokes) == 2
    assert longest_segment_px(strokes) < PALM_PX / 2


def test_a_single_frame_spike_leaves_no_mark():
    puppet = Puppet()
    puppet.hold(ONE, 0.2, (200.0, 200.0))
    puppet.line(ONE, (200.0, 200.0), (300.0, 200.0), 0.5)
    puppet.show(ONE, (560.0, 400.0))
    puppet.line(ONE, (306.0, 200.0), (400.0, 200.0), 0.5)
    (stroke,) = puppet.finish()
    assert max(y for _, y, _ in stroke.points) < 205.0


def test_a_confirmed_jump_ends_the_stroke_and_joins_nothing():
    puppet = Puppet()
    puppet.hold(ONE, 0.2, (120.0, 120.0))
    puppet.line(ONE, (120.0, 120.0), (220.0, 120.0), 0.5)
    puppet.line(ONE, (500.0, 400.0), (580.0, 400.0), 0.5)
    strokes = puppet.finish()
    assert len(strokes) == 2
    assert longest_segment_px(strokes) < PALM_PX / 2


@pytest.mark.parametrize("seed", range(12))
def test_no_segment_is_longer_than_the_gate_whatever_drops_out(seed):
    rng = np.random.default_rng(seed)
    puppet = Puppet(fps=float(rng.choice([15.0, 30.0, 60.0])), jitter_px=1.0)
    at = np.array([320.0, 240.0])
    for _ in range(150):
        roll = rng.uniform()
        at = np.clip(at + rng.normal(0, 8.0, 2), 0, 470)
        if roll < 0.08:
            puppet.show(None)
        elif roll < 0.12:
            puppet.show(ONE, tuple(rng.uniform(0, 470, 2)))
        else:
            puppet.show(ONE if roll < 0.9 else FIST, tuple(at))
    gate_px = max(CALIBRATION.motion.gate_palms, CALIBRATION.motion.bridge_palms) * PALM_PX * 1.3
    strokes = puppet.finish()
    assert longest_segment_px(strokes) <= gate_px
    assert all(np.isfinite(s.points).all() for s in strokes)


def test_a_brief_dab_while_changing_pose_is_dropped_but_a_held_dot_stays():
    puppet = Puppet()
    puppet.hold(ONE, 0.2)
    puppet.hold(FIST, 0.3)
    assert puppet.kinds.count("stroke_dropped") == 1
    puppet.hold(ONE, 0.5)
    puppet.hold(FIST, 0.3)
    (dot,) = puppet.finish()
    assert len(dot.points) >= 1


def drawn_line(puppet, y_px=200.0):
    puppet.hold(ONE, 0.2, (150.0, y_px))
    puppet.line(ONE, (150.0, y_px), (450.0, y_px), 1.0)
    puppet.hold(FIST, 0.3, (450.0, y_px))


def test_an_open_hand_erases_around_the_palm_and_splits_strokes():
    puppet = Puppet()
    drawn_line(puppet)
    before = puppet.session.document.finished_strokes
    palm_px = Puppet().show(FIVE, (300.0, 60.0)).palm_px
    tip_px = (600.0 - palm_px[0], 260.0 - palm_px[1])
    puppet.hold(FIVE, 0.6, tip_px)
    assert puppet.results[-1].tool_state == "erase"
    center, radius = puppet.results[-1].palm_px, puppet.results[-1].eraser_radius_px
    puppet.hold(FIST, 0.3, tip_px)
    strokes = puppet.finish()
    assert len(strokes) == 2
    assert all(math.dist(p[:2], center) >= radius for s in strokes for p in s.points)
    assert puppet.session.document.undo()
    assert puppet.session.document.finished_strokes == before


def test_an_open_hand_in_passing_erases_nothing():
    puppet = Puppet()
    drawn_line(puppet)
    puppet.hold(FIVE, 0.15, (330.0, 60.0))
    puppet.hold(FIST, 0.3, (330.0, 60.0))
    assert len(puppet.finish()) == 1


def test_clearing_under_the_pen_starts_a_new_stroke():
    puppet = Puppet()
    puppet.hold(ONE, 0.2, (150.0, 200.0))
    puppet.line(ONE, (150.0, 200.0), (300.0, 200.0), 0.5)
    assert puppet.session.apply_key("clear", puppet.t_s)
    puppet.line(ONE, (305.0, 200.0), (450.0, 200.0), 0.5)
    (stroke,) = puppet.finish()
    assert stroke.points[0][0] > 295.0


def test_a_lone_finger_draws_whatever_the_thumb_does():
    puppet = Puppet()
    puppet.hold(replace(ONE, thumb=0.0), 0.3)
    assert puppet.results[-1].tool_state == "draw"


def test_a_hand_with_broken_numbers_counts_as_no_hand():
    session = Session(CALIBRATION, CANVAS_WH)
    hand = make_observation(ONE, (300.0, 200.0))
    hand.landmarks_norm[3, 0] = np.nan
    assert session.step(hand, 0.0).tool_state == "lost"


def test_the_pointer_inks_at_once_and_lifts_at_once():
    session = Session(CALIBRATION, CANVAS_WH)
    for i in range(10):
        session.step_pointer(100.0 + 10 * i, 50.0, True, 0.01 * i)
    session.step_pointer(190.0, 50.0, False, 0.1)
    (stroke,) = session.document.finished_strokes
    assert [p[0] for p in stroke.points] == [100.0 + 10 * i for i in range(10)]
    assert session.events[0].kind == "pen_down" and session.events[-1].kind == "pen_up"


def test_the_pointer_erases_with_its_other_button():
    session = Session(CALIBRATION, CANVAS_WH)
    for x in (100.0, 300.0):
        session.step_pointer(x, 50.0, True, x / 1000)
    session.step_pointer(300.0, 50.0, False, 0.4)
    session.step_pointer(200.0, 50.0, True, 0.5, erase=True)
    session.step_pointer(200.0, 50.0, False, 0.6)
    assert len(session.document.finished_strokes) == 2
    assert session.apply_key("undo", 0.7)
    assert len(session.document.finished_strokes) == 1


def test_the_active_box_maps_a_small_area_to_the_whole_canvas():
    session = Session(replace(CALIBRATION, active_box_norm=(0.25, 0.25, 0.75, 0.75)), CANVAS_WH)
    result = session.step(make_observation(FIST, (320.0, 240.0)), 0.0)
    hand = make_observation(replace(FIST), (320.0, 240.0))
    tip = hand.landmarks_norm[8]
    assert result.tip_px == pytest.approx(((tip[0] - 0.25) * 1280.0, (tip[1] - 0.25) * 960.0), abs=0.01)
