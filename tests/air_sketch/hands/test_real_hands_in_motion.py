"""The session's promises on landmarks measured in photos and in a clip, at 15, 30 and 60 frames a second."""

import json
import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from air_sketch.drawing.keeping.calibrations import load_calibration
from air_sketch.drawing.replay import replay_frames, replay_source
from air_sketch.drawing.session import Session
from air_sketch.drawing.sheet.strokes import flatten_path, smooth_path
from air_sketch.hands.geometry import palm_size_px
from air_sketch.hands.gestures import COUNT_NAMES
from air_sketch.hands.recording import RecordedFrame, RecordingReader
from air_sketch.hands.tape import Tape
from air_sketch.values.hand import HandObservation

DATA = Path(__file__).parents[2] / "data"
PHOTO_HANDS = json.loads((DATA / "hands.json").read_text())["hands"]
CALIBRATION = load_calibration()
CANVAS_WH = (640, 480)
PALM_PX = 95.0
PALM_POINTS = [0, 1, 5, 9, 13, 17]


def turned_onto(points, target):
    """Turn and scale a hand so that its palm lies as well as possible on another's (Kabsch 1976)."""
    ours, theirs = points[PALM_POINTS], target[PALM_POINTS]
    center, goal = ours.mean(axis=0), theirs.mean(axis=0)
    u, sizes, vt = np.linalg.svd((ours - center).T @ (theirs - goal))
    flip = np.ones(len(sizes))
    flip[-1] = np.sign(np.linalg.det(u @ vt))
    scale = (sizes * flip).sum() / ((ours - center) ** 2).sum()
    return (points - center) @ (u * flip @ vt) * scale + goal


def photo_hands(seed):
    """Return one photographed hand for each count 0..5, all laid onto the same palm: (picture px, world m)."""
    rng, hands = np.random.default_rng(seed), []
    for name in COUNT_NAMES:
        of_count = [hand for hand in PHOTO_HANDS if hand["label"] == name]
        hand = of_count[rng.integers(len(of_count))]
        picture = np.array(hand["landmarks"])[:, :2] * hand["frame_wh"]
        world = np.array(hand["world"])
        if hand["handedness"] == "Left":
            picture, world = picture * (-1, 1), world * (-1, 1, 1)
        hands.append((picture, world))
    upright = np.array([[0.0, 0.0]] * 21)
    upright[PALM_POINTS] = [(320, 400), (285, 375), (290, 310), (315, 305), (338, 310), (358, 325)]
    return [(turned_onto(p, upright), turned_onto(w, hands[5][1])) for p, w in hands]


def observe(picture, world, jitter_px, rng):
    landmarks = np.zeros((21, 3), np.float32)
    landmarks[:, :2] = (picture + rng.normal(0, jitter_px, picture.shape)) / CANVAS_WH
    return HandObservation(landmarks, world.astype(np.float32), "Right", 0.95, CANVAS_WH)


class Photographed:
    """A session that sees photographed hands turn into one another."""

    def __init__(self, seed, fps):
        self.hands, self.fps, self.frame = photo_hands(seed), fps, 0
        self.rng = np.random.default_rng(seed)
        self.session = Session(CALIBRATION, CANVAS_WH)

    def show(self, count):
        low, share = min(int(count), 4), count - min(int(count), 4)
        (a, world_a), (b, world_b) = self.hands[low], self.hands[low + 1]
        hand = observe(a + share * (b - a), world_a + share * (world_b - world_a), 0.7, self.rng)
        self.session.step(hand, self.frame / self.fps)
        self.frame += 1

    def sweep(self, start, end, seconds):
        steps = max(2, round(seconds * self.fps))
        for i in range(steps):
            self.show(start + (end - start) * i / (steps - 1))

    def hold(self, count, seconds):
        for _ in range(max(1, round(seconds * self.fps))):
            self.show(float(count))

    def finish(self):
        self.session.finish(self.frame / self.fps)
        return self.session.document.finished_strokes

    @property
    def picked(self):
        return [event.details["pen"] for event in self.session.events if event.kind == "select"]


@pytest.mark.parametrize("fps", [15.0, 30.0, 60.0])
@pytest.mark.parametrize("seconds", [0.4, 0.8])
@pytest.mark.parametrize("seed", range(6))
def test_photographed_hands_that_open_or_close_leave_no_ink_and_pick_nothing(seed, seconds, fps):
    for start, end in ((1, 5), (5, 1)):
        hand = Photographed(seed, fps)
        hand.hold(0, 0.3)
        hand.sweep(start, end, seconds)
        hand.sweep(end, 0, 0.15)
        hand.hold(0, 0.4)
        assert hand.finish() == ()
        assert hand.picked == []


@pytest.mark.parametrize("fps", [15.0, 30.0, 60.0])
@pytest.mark.parametrize(("count", "pen"), [(3, "green"), (4, "red")])
@pytest.mark.parametrize("seed", range(4))
def test_a_photographed_hand_that_comes_to_rest_picks_its_end_alone(seed, count, pen, fps):
    hand = Photographed(seed, fps)
    hand.hold(0, 0.3)
    hand.sweep(0, count, 0.5)
    hand.hold(count, 0.6)
    hand.sweep(count, 0, 0.3)
    hand.hold(0, 0.3)
    assert hand.finish() == ()
    assert hand.picked == [pen]


def clip_frames():
    reader = RecordingReader(DATA / "drawn_square.jsonl")
    return list(reader.frames()), reader.canvas_wh


def longest_step_px(strokes):
    return max((math.dist(a[:2], b[:2]) for s in strokes for a, b in pairwise(s.points)), default=0.0)


@pytest.mark.parametrize("seed", range(10))
def test_a_filmed_finger_that_drops_out_is_never_joined_over_more_than_the_gate(seed):
    frames, canvas_wh = clip_frames()
    palm_px = max(palm_size_px(f.observation, canvas_wh) for f in frames if f.observation is not None)
    rng, gone = np.random.default_rng(seed), 0
    torn = []
    for frame in frames:
        gone = int(rng.integers(1, 12)) if rng.uniform() < 0.06 else max(0, gone - 1)
        torn.append(replace(frame, observation=None) if gone else frame)
    strokes = replay_frames(iter(torn), CALIBRATION, canvas_wh).strokes
    assert strokes
    assert longest_step_px(strokes) <= max(CALIBRATION.motion.gate_palms, CALIBRATION.motion.bridge_palms) * palm_px
    assert np.isfinite([p for s in strokes for p in s.points]).all()


def at_rate(frames, fps):
    """Take a clip at another rate: nearest frames for fewer, landmarks in between for more."""
    times = np.array([f.t_s for f in frames])
    for t_s in np.arange(times[0], times[-1], 1.0 / fps):
        at = int(np.clip(np.searchsorted(times, t_s), 1, len(frames) - 1))
        before, after = frames[at - 1], frames[at]
        share = (t_s - before.t_s) / (after.t_s - before.t_s)
        a, b = before.observation, after.observation
        if a is None or b is None:
            yield RecordedFrame(float(t_s), None)
            continue
        landmarks = (1 - share) * a.landmarks_norm + share * b.landmarks_norm
        world = (1 - share) * a.world_landmarks_m + share * b.world_landmarks_m
        hand = replace(a, landmarks_norm=landmarks.astype(np.float32), world_landmarks_m=world.astype(np.float32))
        yield RecordedFrame(float(t_s), hand)


def dense(curve):
    """Points along a polyline, so near to each other that the nearest one is the nearest place on it."""
    return np.concatenate([np.linspace(a, b, max(2, math.ceil(math.dist(a, b)))) for a, b in pairwise(curve)])


@pytest.mark.parametrize("fps", [15.0, 60.0])
def test_a_filmed_finger_draws_the_same_at_any_rate(fps):
    frames, canvas_wh = clip_frames()
    usual = replay_frames(iter(frames), CALIBRATION, canvas_wh).strokes
    other = replay_frames(at_rate(frames, fps), CALIBRATION, canvas_wh).strokes
    assert len(other) == len(usual)
    ours, theirs = (
        np.concatenate([dense(flatten_path(smooth_path(s.points))) for s in strokes]) for strokes in (other, usual)
    )
    apart = np.linalg.norm(ours[:, None] - theirs[None], axis=2)
    assert np.percentile(apart.min(axis=1), 95) < 5.0
    assert np.percentile(apart.min(axis=0), 95) < 5.0


def test_a_recorded_clip_replays_to_the_same_strokes_and_events(tmp_path):
    frames, canvas_wh = clip_frames()
    live = replay_frames(iter(frames), CALIBRATION, canvas_wh)
    tape = Tape.start(tmp_path / "again.jsonl", canvas_wh)
    for frame in frames:
        tape.write(frame.t_s, frame.observation)
    tape.close(0.0)
    again = replay_source(tmp_path / "again.jsonl", CALIBRATION)
    assert again.strokes == live.strokes and again.events == live.events and again.tips == live.tips


def test_a_clip_that_stands_still_for_seconds_is_not_joined_across_the_pause():
    frames, canvas_wh = clip_frames()
    whole = replay_frames(iter(frames), CALIBRATION, canvas_wh).strokes
    middle_s = float(np.mean([whole[0].points[0][2], whole[0].points[-1][2]]))
    paused = [f if f.t_s < middle_s else replace(f, t_s=f.t_s + 4.0) for f in frames]
    strokes = replay_frames(iter(paused), CALIBRATION, canvas_wh).strokes
    assert len(strokes) == len(whole) + 1
    assert all(b[2] - a[2] < 1.0 for s in strokes for a, b in pairwise(s.points))
