import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from air_sketch.hands.sighting import CameraEnded, CameraStopped, Sighting, TrackerFailed
from air_sketch.hands.sources import CameraSight
from air_sketch.hands.vision import Vision
from air_sketch.values.datatypes import Frame
from air_sketch.values.errors import CameraError, HandModelError

PATIENCE_S = 5.0


class FakeCamera:
    def __init__(self, script, fps=200.0, wh=(64, 48), image=None):
        self.script, self.fps, self.index, self.closed = list(script), fps, 0, 0
        self.resolution_wh = wh
        self.image = np.zeros((wh[1], wh[0], 3), np.uint8) if image is None else image

    def read(self):
        if not self.script:
            return None
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        frame = Frame(self.image, self.index / self.fps, self.index)
        self.index += 1
        return frame

    def close(self):
        self.closed += 1


class FakeTracker:
    def __init__(self):
        self.closed = 0

    def detect(self, frame):
        return None

    def close(self):
        self.closed += 1


def collect(vision, until_kind):
    seen, until = [], time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        seen += vision.take()
        if any(isinstance(event, until_kind) for event in seen):
            return seen
        time.sleep(0.002)
    raise AssertionError(seen)


def start(camera, make_tracker=FakeTracker, plays_a_file=True, *, again=()):
    """Begin with a camera; ``again`` is what opening it another time gives or raises."""
    attempts = [camera, *again]

    def open_camera():
        attempt = attempts.pop(0)
        if isinstance(attempt, Exception):
            raise attempt
        return attempt

    vision = Vision(CameraSight(open_camera, make_tracker, plays_a_file))
    vision.start()
    return vision


def test_a_video_is_seen_whole_in_order_and_then_ends():
    camera = FakeCamera(["frame"] * 40)
    seen = collect(start(camera), CameraEnded)
    assert [event.frame.index for event in seen[:-1]] == list(range(40))
    assert all(event.tracked for event in seen[:-1])


def test_a_video_keeps_its_own_pace():
    begin = time.monotonic()
    collect(start(FakeCamera(["frame"] * 21, fps=50.0)), CameraEnded)
    assert time.monotonic() - begin >= 0.38


def test_a_slow_loop_slows_a_video_down_instead_of_losing_frames():
    vision = start(FakeCamera(["frame"] * 12, fps=1000.0))
    time.sleep(0.2)
    assert len(collect(vision, CameraEnded)) == 13


def test_a_video_waits_for_the_hand_model_a_camera_does_not():
    go = threading.Event()

    def slow_tracker():
        go.wait(PATIENCE_S)
        return FakeTracker()

    video = start(FakeCamera(["frame"] * 3), slow_tracker)
    time.sleep(0.05)
    assert video.take() == []
    live = start(FakeCamera(["frame"] * 3), slow_tracker, plays_a_file=False)
    assert not collect(live, Sighting)[0].tracked
    go.set()
    assert collect(video, CameraEnded)[0].tracked


def test_a_missing_hand_model_is_reported():
    def no_model():
        raise HandModelError("model is missing", "Download it.")

    event = collect(start(FakeCamera(["frame"]), no_model), TrackerFailed)[-1]
    assert str(event.error) == "model is missing. Download it."


@pytest.mark.parametrize("plays_a_file", [False, True])
@pytest.mark.parametrize("error", [OSError("libEGL.so.1: cannot open"), SystemExit(3), MemoryError(), KeyError("a\nb")])
def test_a_tracker_that_cannot_be_loaded_says_so_whatever_it_raises(error, plays_a_file):
    def fails():
        raise error

    camera = FakeCamera(["frame"] * 100000, fps=1e5)
    event = collect(start(camera, fails, plays_a_file), TrackerFailed)[-1]
    assert f"hand tracking failed ({type(error).__name__}: " in str(event.error)
    assert "doctor" in str(event.error) and "\n" not in str(event.error)


def test_a_tracker_that_fails_under_way_says_so():
    class Tracker(FakeTracker):
        def detect(self, frame):
            if frame.index == 2:
                raise RuntimeError("graph has errors:\nmore")

    seen = collect(start(FakeCamera(["frame"] * 5), Tracker), TrackerFailed)
    assert len(seen) == 3 and "RuntimeError: graph has errors:)" in str(seen[-1].error)


def test_a_leap_in_a_files_times_is_not_waited_for(monkeypatch):
    monkeypatch.setattr("air_sketch.hands.vision.LONGEST_PAUSE_S", 0.01)
    camera = FakeCamera(["frame"] * 3, fps=1e-9)
    assert len(collect(start(camera), CameraEnded)) == 4


def test_whatever_ends_the_thread_is_told():
    camera = FakeCamera(["frame"])
    camera.read = lambda: 1 / 0
    assert "ZeroDivisionError" in collect(start(camera), CameraStopped)[-1].reason

    def leave():
        raise SystemExit(1)

    camera.read = leave
    assert collect(start(camera), CameraStopped)[-1].reason == "SystemExit: 1"


def test_a_camera_that_fails_is_tried_again(monkeypatch):
    monkeypatch.setattr("air_sketch.hands.vision.RETRY_EVERY_S", 0.02)
    first = FakeCamera(["frame", CameraError("camera 0 stopped", "Plug it in.")])
    vision = start(first, plays_a_file=False, again=[CameraError("still away"), FakeCamera(["frame"])])
    seen = collect(vision, CameraEnded)
    assert [event for event in seen if isinstance(event, CameraStopped)] == [
        CameraStopped("camera 0 stopped. Plug it in.")
    ]
    assert first.closed >= 1


def test_a_camera_that_comes_back_keeps_its_size(monkeypatch):
    monkeypatch.setattr("air_sketch.hands.vision.RETRY_EVERY_S", 0.05)
    first, second = FakeCamera(["frame", "frame", CameraError("gone")]), FakeCamera(["frame", "frame"], wh=(128, 96))
    vision = start(first, plays_a_file=False, again=[second])
    frames = [event.frame for event in collect(vision, CameraEnded) if isinstance(event, Sighting)]
    assert len(frames) == 4 and {frame.image_bgr.shape for frame in frames} == {(48, 64, 3)}


def test_a_camera_that_changes_its_size_under_way_keeps_the_canvas():
    camera = FakeCamera(["frame"] * 3)
    sizes = iter([(48, 64, 3), (64, 48, 3), (480, 640, 3)])
    plain = camera.read
    camera.read = lambda: (frame := plain()) and replace(frame, image_bgr=np.zeros(next(sizes), np.uint8))
    seen = collect(start(camera), CameraEnded)[:-1]
    assert [event.frame.image_bgr.shape for event in seen] == [(48, 64, 3)] * 3


@pytest.mark.parametrize(("value", "low"), [(20, True), (120, False)])
def test_low_light_is_told_and_the_tracker_looks_at_a_softened_picture(value, low):
    looked_at = []
    noise = np.random.default_rng(0).integers(0, 2, (48, 64, 3), dtype=np.uint8) * 20 + value - 10

    class Tracker(FakeTracker):
        def detect(self, frame):
            looked_at.append(frame.image_bgr)

    camera = FakeCamera(["frame"] * 3, image=noise.astype(np.uint8))
    seen = collect(start(camera, Tracker), CameraEnded)
    assert all(event.low_light == low for event in seen[:-1])
    assert all((event.frame.image_bgr == noise).all() for event in seen[:-1])
    assert (looked_at[0].std() < 0.5 * noise.std()) == low


def test_an_unknown_error_is_told_in_one_line_and_ends_a_video():
    seen = collect(start(FakeCamera(["frame", ValueError("a\nb")])), CameraStopped)
    assert seen[-1] == CameraStopped("ValueError: a b")


def test_a_camera_faster_than_the_loop_loses_its_oldest_frames_only():
    vision = start(FakeCamera(["frame"] * 50), plays_a_file=False)
    time.sleep(0.1)
    seen = collect(vision, CameraEnded)
    frames = [event.frame.index for event in seen if isinstance(event, Sighting)]
    assert frames == sorted(frames)
    assert frames[-1] == 49
    assert len(frames) < 10


@pytest.mark.parametrize("plays_a_file", [False, True])
def test_stopping_releases_camera_and_tracker(plays_a_file):
    camera, tracker = FakeCamera(["frame"] * 100000), FakeTracker()
    vision = start(camera, lambda: tracker, plays_a_file)
    collect(vision, Sighting)
    assert vision.stop()
    assert camera.closed >= 1
    assert tracker.closed == 1
