"""The calibration window without a window: sitting, pictures, icons, and the loop over a recording."""

import time
from dataclasses import replace

import numpy as np
import pytest

from air_sketch.calibration.phases import PHASES, Phase
from air_sketch.calibration.sitting import SAVES_AFTER_S, CalibrationSitting
from air_sketch.calibration.window.icons import draw_icon, icon_mask
from air_sketch.calibration.window.loop import lead
from air_sketch.calibration.window.screen import compose
from air_sketch.desk.events import Key
from air_sketch.drawing.keeping.calibrations import load_calibration
from air_sketch.hands.sighting import CameraEnded, CameraStopped, Sighting, TrackerFailed
from air_sketch.values.datatypes import Frame
from air_sketch.values.errors import HandModelError
from air_sketch.window.brushes.layout import Layout
from samples.make_samples import perform_calibration
from samples.synthetic_hand import FIVE, Person, make_observation

DEFAULT = load_calibration()
FRAMES = perform_calibration(Person(tightest=0.4))
PAPER = np.full((480, 640, 3), 240, np.uint8)
ENTER, ESCAPE, AGAIN = Key("enter"), Key("escape"), Key("char", "R")


def sitting_after(frames):
    sitting = CalibrationSitting(DEFAULT, DEFAULT.finger_bands)
    for frame in frames:
        sitting.see(frame.observation, frame.t_s)
    return sitting


def left(frames):
    """The same frames, with a left hand."""
    hands = [f.observation if f.observation is None else replace(f.observation, handedness="Left") for f in frames]
    return [replace(f, observation=hand) for f, hand in zip(frames, hands, strict=True)]


@pytest.fixture(scope="module")
def finished_result():
    return sitting_after(FRAMES).result


@pytest.fixture
def finished(finished_result):
    sitting = CalibrationSitting(DEFAULT, DEFAULT.finger_bands)
    sitting.result = finished_result
    return sitting


def test_a_good_result_is_saved_without_a_key_after_a_while(finished):
    finished.tick(100.0)
    finished.tick(100.0 + SAVES_AFTER_S / 2)
    assert finished.saves is None and finished.saves_in_s == pytest.approx(SAVES_AFTER_S / 2)
    finished.tick(100.0 + SAVES_AFTER_S)
    assert finished.saves


def test_enter_saves_at_once_and_escape_keeps_the_old_one(finished, finished_result):
    finished.take_key(ENTER)
    assert finished.saves and finished.result is finished_result
    finished.take_key(ESCAPE)
    assert finished.saves is False


def test_enter_saves_nothing_before_there_is_a_result():
    sitting = sitting_after(FRAMES[:60])
    sitting.take_key(ENTER)
    sitting.tick(1000.0)
    assert sitting.saves is None


def test_r_measures_again_from_the_first_step(finished):
    finished.tick(0.0)
    finished.take_key(AGAIN)
    assert finished.is_measuring and not finished.guide.hand_seen
    finished.see(make_observation(FIVE, (300.0, 200.0)), 0.0)
    assert finished.guide.hand_seen and finished.guide.phase is Phase.PALM


def test_a_bad_recording_is_refused_with_its_reason_and_can_be_repeated():
    sitting = sitting_after([f for f in FRAMES if f.t_s <= 9] + left([f for f in FRAMES if f.t_s > 9]))
    assert "hand changed" in sitting.refusal and sitting.result is None
    sitting.tick(1e6)
    assert sitting.saves is None
    sitting.take_key(AGAIN)
    assert sitting.is_measuring and sitting.refusal == ""


def test_the_end_of_a_file_is_a_refusal_only_without_a_result(finished):
    finished.source_ended()
    assert finished.refusal == ""
    early = sitting_after(FRAMES[:90])
    early.source_ended()
    assert "ended before" in early.refusal


def test_the_ring_is_at_the_palm_first_and_at_the_fingertip_later():
    palm, tip = sitting_after(FRAMES[:40]), sitting_after(FRAMES[:250])
    assert palm.at_norm != pytest.approx(tip.at_norm, abs=0.05)
    assert tip.at_norm == pytest.approx(tip.hand.landmarks_norm[8, :2])


@pytest.mark.parametrize("window_wh", [(820, 540), (1118, 700), (1920, 1080), (300, 200), (700, 1400)])
def test_every_state_is_drawn_in_every_window_size(window_wh, finished):
    layout, name = Layout.for_window(window_wh, (640, 480)), "Änne 한 with a long name that goes on and on"
    early, measuring, refused = (sitting_after(FRAMES[:count]) for count in (0, 60, 60))
    refused.refusal = "a long reason " * 30
    sittings = [early, finished, measuring, refused, sitting_after(left(FRAMES[:60]))]
    pictures = [compose(layout, name, sitting, PAPER) for sitting in sittings]
    assert all(p.shape == (layout.window_wh[1], layout.window_wh[0], 3) and p.dtype == np.uint8 for p in pictures)
    assert len({p.tobytes() for p in pictures}) == len(pictures)
    message = ("The camera has stopped", "The camera is gone " * 12)
    assert compose(layout, name, early, PAPER, *message).shape == pictures[0].shape


@pytest.mark.parametrize("at", [(-5.0, 7.0), (0.0, 0.0), (1.0, 1.0), (1e6, -1e6)])
def test_hands_outside_the_picture_are_drawn_without_harm(at):
    sitting = sitting_after(FRAMES[:340])
    sitting.hand.landmarks_norm[8, :2] = at
    compose(Layout.first((640, 480)), "a", sitting, PAPER)


def test_every_step_has_a_picture_of_its_own_and_hands_have_two_sides():
    masks = {phase: icon_mask(phase, 60) for phase in PHASES}
    assert len({mask.tobytes() for mask in masks.values()}) == len(PHASES)
    assert all(0.05 < (mask > 128).mean() < 0.7 for mask in masks.values())
    assert (icon_mask(Phase.PALM, 60, left=True) != masks[Phase.PALM]).any()
    draw_icon(PAPER.copy(), Phase.PALM, (2, 2), 60, color=(255, 255, 255), left=False)


class FakeWindow:
    """A window that remembers and presses keys."""

    window_wh = (1118, 700)

    def __init__(self, keys=(), open_turns=10**9):
        self.keys, self.left, self.pictures = list(keys), open_turns, 0

    def show(self, image_bgr):
        self.pictures += 1

    def next_key(self, wait_ms):
        return self.keys.pop(0) if self.keys else None

    def take_mouse_events(self):
        return []

    def is_open(self):
        self.left -= 1
        return self.left >= 0


class FakeVision:
    """Hands over events, a handful a turn."""

    def __init__(self, events):
        self.events = list(events)

    def take(self):
        taken, self.events = self.events[:20], self.events[20:]
        return taken


def run(events, window, clock=time.monotonic):
    sitting = CalibrationSitting(DEFAULT, DEFAULT.finger_bands)
    return lead(window, FakeVision(events), sitting, "anna", (640, 480), clock)


def sightings(frames):
    return [Sighting(Frame(PAPER, frame.t_s, i), frame.observation) for i, frame in enumerate(frames)]


def test_the_loop_leads_through_a_recording_and_saves_by_itself():
    ticks = iter(np.arange(0.0, 1e4, 0.5))
    result = run([*sightings(FRAMES), CameraEnded()], FakeWindow(), lambda: float(next(ticks)))
    assert result.record.accuracy == 1.0


@pytest.mark.parametrize("window", [FakeWindow([ESCAPE]), FakeWindow([Key("char", "q")]), FakeWindow(open_turns=3)])
def test_escape_q_and_a_closed_window_keep_the_old_settings(window):
    assert run(sightings(FRAMES[:60]), window) is None


def test_a_camera_that_stops_is_told_in_the_picture_and_a_missing_model_ends_it(monkeypatch):
    window, told = FakeWindow(open_turns=2), []
    monkeypatch.setattr("air_sketch.calibration.window.loop.compose", lambda *shown: told.append(shown[-1]))
    assert run([CameraStopped("camera 0 is gone")], window) is None
    assert told == ["camera 0 is gone"] and window.pictures
    with pytest.raises(HandModelError):
        run([TrackerFailed(HandModelError("no model"))], FakeWindow())
