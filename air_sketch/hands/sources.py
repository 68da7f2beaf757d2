"""What the window can look at: a webcam, a video, a recorded session, or plain paper for the mouse."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from air_sketch.camera.clock import CameraClock
from air_sketch.camera.low_light import LowLight
from air_sketch.camera.opening import open_camera
from air_sketch.camera.paper import make_paper
from air_sketch.hands.recording import RECORDING_SUFFIX, RecordedFrame, RecordingReader
from air_sketch.hands.sighting import Sighting, SightSource
from air_sketch.values.datatypes import Frame, UInt8Array
from air_sketch.values.errors import AirSketchError
from air_sketch.values.hand import HandObservation
from air_sketch.values.ports import Camera, HandTracker

MOUSE_SOURCE = "mouse"

_BONES = (
    (0, 1), (1, 2), (2, 3), (3, 4), (0, 5), (5, 6), (6, 7), (7, 8), (5, 9), (9, 10), (10, 11), (11, 12),
    (9, 13), (13, 14), (14, 15), (15, 16), (13, 17), (0, 17), (17, 18), (18, 19), (19, 20),
)  # fmt: skip
_BONE_BGR, _JOINT_BGR = (206, 190, 178), (190, 160, 140)


@dataclass(frozen=True)
class CameraRequest:
    """How to open a camera or file.

    Attributes:
        source: "0", a video, or a recording ending in ".jsonl".
        size_wh: wanted webcam size in pixels.
        fps: wanted webcam rate.
        mirror: None mirrors webcams only.
    """

    source: str
    size_wh: tuple[int, int] = (640, 480)
    fps: float = 30.0
    mirror: bool | None = None


def open_sight(request: CameraRequest) -> SightSource:
    """Open a source of frames and hands; the hand model goes on loading in the background.

    Raises:
        CameraError: if the camera or video cannot be opened.
        RecordingError: if the recording cannot be read.
    """
    if request.source.lower().endswith(RECORDING_SUFFIX):
        return RecordingSight(Path(request.source))
    is_webcam = request.source.isdigit()
    mirrored = request.mirror is not False if is_webcam else bool(request.mirror)

    def make_tracker() -> HandTracker:
        from air_sketch.hands.tracker import MediaPipeHandTracker

        return MediaPipeHandTracker(mirrored=mirrored)

    def open_it() -> Camera:
        return open_camera(request.source, request.mirror, request.size_wh, request.fps, live=False)

    return CameraSight(open_it(), make_tracker, plays_a_file=not is_webcam, open_again=open_it)


class CameraSight:
    """A camera or video together with the hand tracker, which loads while the camera already runs."""

    def __init__(
        self,
        camera: Camera,
        make_tracker: Callable[[], HandTracker],
        plays_a_file: bool,
        open_again: Callable[[], Camera] | None = None,
    ) -> None:
        """Start loading the tracker.

        Args:
            camera: opened already (macOS wants that on the main thread).
            make_tracker: imports mediapipe; called on a thread of its own.
            plays_a_file: a file waits for the tracker and keeps its own pace.
            open_again: reopens a camera that has failed.
        """
        self._camera = camera
        self._make_tracker = make_tracker
        self._open_again = open_again
        self._plays_a_file = plays_a_file
        self._clock = CameraClock(camera.resolution_wh)
        self._light = LowLight()
        self._tracker: HandTracker | None = None
        self._tracker_error: AirSketchError | None = None
        self._tracker_done = threading.Event()
        threading.Thread(target=self._load_tracker, name="hand model", daemon=True).start()

    @property
    def canvas_wh(self) -> tuple[int, int]:
        """Size of the camera's frames."""
        return self._clock.canvas_wh

    @property
    def plays_a_file(self) -> bool:
        """Whether this is a file."""
        return self._plays_a_file

    def read(self) -> Sighting | None:
        """Return the next frame and its hand; raises what the tracker's loading raised."""
        if self._plays_a_file:
            self._tracker_done.wait()
        if self._tracker_error is not None:
            raise self._tracker_error
        frame = self._camera.read()
        if frame is None:
            return None
        frame, tracker = self._clock.continued(frame), self._tracker
        if tracker is None:
            return Sighting(frame, None, tracked=False)
        observation = tracker.detect(self._light.prepare(frame))
        return Sighting(frame, observation, low_light=self._light.is_low)

    def reopen(self) -> None:
        """Open the camera again."""
        if self._open_again is not None:
            self._camera.close()
            self._camera = self._open_again()
            self._clock.restart()

    def close(self) -> None:
        """Release camera and tracker."""
        self._camera.close()
        tracker, self._tracker = self._tracker, None
        if tracker is not None:
            tracker.close()

    def _load_tracker(self) -> None:
        try:
            self._tracker = self._make_tracker()
        except AirSketchError as error:
            self._tracker_error = error
        finally:
            self._tracker_done.set()


class RecordingSight:
    """Plays a recorded session: the hand's bones on paper instead of a camera picture."""

    def __init__(self, path: Path) -> None:
        """Open the recording.

        Raises:
            RecordingError: if it cannot be read.
        """
        reader = RecordingReader(path)
        self._canvas_wh = reader.header.canvas_wh
        self._frames: Iterator[RecordedFrame] = reader.frames()
        self._paper = make_paper(self._canvas_wh)
        self._index = 0

    @property
    def canvas_wh(self) -> tuple[int, int]:
        """Size of the recorded canvas."""
        return self._canvas_wh

    @property
    def plays_a_file(self) -> bool:
        """Always: a recording keeps its own pace."""
        return True

    def read(self) -> Sighting | None:
        """Return the next recorded frame, None at the end."""
        recorded = next(self._frames, None)
        if recorded is None:
            return None
        image = self._paper.copy()
        if recorded.observation is not None:
            draw_hand(image, recorded.observation)
        frame = Frame(image, recorded.t_s, self._index)
        self._index += 1
        return Sighting(frame, recorded.observation, keys=recorded.keys, pointer=recorded.pointer)

    def reopen(self) -> None:
        """Do nothing: a file does not come back."""

    def close(self) -> None:
        """Stop reading."""
        self._frames = iter(())


def draw_hand(image_bgr: UInt8Array, observation: HandObservation) -> None:
    """Draw a hand's bones and joints, in place; coordinates 0..1 span the picture."""
    height, width = image_bgr.shape[:2]
    points = np.clip(observation.landmarks_norm[:, :2] * (width, height), -9999, 9999).round().astype(int)
    thickness = max(3, width // 110)
    for start, end in _BONES:
        cv2.line(image_bgr, _xy(points[start]), _xy(points[end]), _BONE_BGR, thickness, cv2.LINE_AA)
    for point in points:
        cv2.circle(image_bgr, _xy(point), thickness - 1, _JOINT_BGR, -1, cv2.LINE_AA)


def _xy(point: np.ndarray[tuple[int, ...], np.dtype[np.int_]]) -> tuple[int, int]:
    return int(point[0]), int(point[1])
