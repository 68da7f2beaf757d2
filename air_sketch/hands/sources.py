"""What the window can look at: a webcam, a video, a recorded session, or plain paper for the mouse."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from air_sketch.camera.low_light import LowLight
from air_sketch.camera.paper import make_paper
from air_sketch.camera.video_file import VideoFileCamera
from air_sketch.camera.webcam import WebcamCamera
from air_sketch.files import COMMAND
from air_sketch.hands.recording import RECORDING_SUFFIX, RecordedFrame, RecordingReader
from air_sketch.hands.sighting import Sighting
from air_sketch.hands.tracker import MediaPipeHandTracker
from air_sketch.values.datatypes import Frame, UInt8Array
from air_sketch.values.errors import HandModelError, first_line
from air_sketch.values.hand import HandObservation

MOUSE_SOURCE = "mouse"

Camera = WebcamCamera | VideoFileCamera

_BONES = (
    (0, 1), (1, 2), (2, 3), (3, 4), (0, 5), (5, 6), (6, 7), (7, 8), (5, 9), (9, 10), (10, 11), (11, 12),
    (9, 13), (13, 14), (14, 15), (15, 16), (13, 17), (0, 17), (17, 18), (18, 19), (19, 20),
)  # fmt: skip
_BONE_BGR, _JOINT_BGR = (206, 190, 178), (190, 160, 140)


@dataclass(frozen=True)
class CameraRequest:
    """How to open a camera or file.

    Attributes:
        source: "0", "1" ... for a webcam, a video, or a recording ending in ".jsonl".
        size_wh: wanted webcam size in pixels.
        fps: wanted webcam rate.
        mirror: None mirrors webcams only.
    """

    source: str
    size_wh: tuple[int, int] = (640, 480)
    fps: float = 30.0
    mirror: bool | None = None


def is_camera_number(source: str) -> bool:
    """Whether a source is a webcam's number, and no file."""
    return len(source) <= 4 and source.isascii() and source.isdigit()


def open_sight(request: CameraRequest) -> CameraSight | RecordingSight:
    """Open a source of frames and hands; the hand model goes on loading in the background.

    Raises:
        CameraError: if the camera or video cannot be opened.
        RecordingError: if the recording cannot be read.
    """
    source = request.source
    if source.lower().endswith(RECORDING_SUFFIX):
        return RecordingSight(Path(source))
    is_webcam = is_camera_number(source)
    mirrored = is_webcam if request.mirror is None else request.mirror
    start_s = time.monotonic()

    def open_camera() -> Camera:
        if is_webcam:
            return WebcamCamera(int(source), request.size_wh, request.fps, mirrored, start_s)
        return VideoFileCamera(Path(source), mirrored)

    return CameraSight(open_camera, lambda: MediaPipeHandTracker(mirrored), plays_a_file=not is_webcam)


def open_file(path: Path, mirror: bool = False) -> tuple[tuple[int, int], Iterator[RecordedFrame]]:
    """Open a recording, or a video whose frames, mirrored or not, are tracked; return canvas size and all frames.

    Raises:
        CameraError: if the video cannot be read.
        RecordingError: if the recording is damaged.
        HandModelError: if there is no hand model for a video.
    """
    if path.suffix.lower() == RECORDING_SUFFIX:
        reader = RecordingReader(path)
        return reader.canvas_wh, reader.frames()
    sight = CameraSight(lambda: VideoFileCamera(path, mirror), lambda: MediaPipeHandTracker(mirror), plays_a_file=True)
    return sight.canvas_wh, _recorded(sight)


def _recorded(sight: CameraSight) -> Iterator[RecordedFrame]:
    with closing(sight):
        while (seen := sight.read()) is not None:
            yield RecordedFrame(seen.frame.t_s, seen.observation)


class CameraSight:
    """A camera or video together with the hand tracker, which loads while the camera already runs.

    Attributes:
        canvas_wh: size of the frames, which stays when a camera comes back with another one.
        plays_a_file: whether this is a file, to be shown at its own pace.
    """

    def __init__(
        self, open_camera: Callable[[], Camera], make_tracker: Callable[[], MediaPipeHandTracker], plays_a_file: bool
    ) -> None:
        """Open the camera, on this thread (macOS wants that on the main one), and start loading the tracker.

        Args:
            open_camera: called again when the camera has failed; its times must go on rising.
            make_tracker: imports mediapipe; called on a thread of its own.
            plays_a_file: a file waits for the tracker and keeps its own pace.
        """
        self._open_camera = open_camera
        self._camera: Camera | None = open_camera()
        self.canvas_wh = self._camera.resolution_wh
        self.plays_a_file = plays_a_file
        self._light = LowLight()
        loading = ThreadPoolExecutor(1, thread_name_prefix="hand model")
        self._tracker = loading.submit(make_tracker)
        loading.shutdown(wait=False)

    def read(self) -> Sighting | None:
        """Return the next frame and its hand, None at the end.

        Raises:
            CameraError: if the camera fails; the next call opens it again.
            HandModelError: if the tracker cannot be loaded, or fails.
        """
        if self.plays_a_file:
            wait([self._tracker])
        frame = self._next_frame()
        if frame is None:
            return None
        if not self._tracker.done():
            return Sighting(frame, None, tracked=False)
        return Sighting(frame, self._track(frame), low_light=self._light.is_low)

    def _track(self, frame: Frame) -> HandObservation | None:
        """Find the hand; whatever goes wrong is a HandModelError, so that nobody waits for a hand for ever."""
        error: BaseException | None = self._tracker.exception()
        if error is None:
            try:
                return self._tracker.result().detect(self._light.prepare(frame))
            except Exception as failed:
                error = failed
        if isinstance(error, HandModelError):
            raise error
        what = f"hand tracking failed ({type(error).__name__}: {first_line(error)})"
        raise HandModelError(what, f"Check it with: {COMMAND} doctor") from error

    def _next_frame(self) -> Frame | None:
        """Read one frame, in the size of the canvas."""
        if self._camera is None:
            self._camera = self._open_camera()
        try:
            frame = self._camera.read()
        except Exception:
            self._camera.close()
            self._camera = None
            raise
        if frame is None or frame.image_bgr.shape[1::-1] == self.canvas_wh:
            return frame
        resized = cv2.resize(frame.image_bgr, self.canvas_wh, interpolation=cv2.INTER_AREA)
        return replace(frame, image_bgr=np.asarray(resized, dtype=np.uint8))

    def close(self) -> None:
        """Release camera and tracker."""
        if self._camera is not None:
            self._camera.close()
        if self._tracker.done() and self._tracker.exception() is None:
            self._tracker.result().close()


class RecordingSight:
    """Plays a recorded session: the hand's bones on paper instead of a camera picture."""

    plays_a_file = True

    def __init__(self, path: Path) -> None:
        """Open the recording.

        Raises:
            RecordingError: if it cannot be read.
        """
        reader = RecordingReader(path)
        self.canvas_wh = reader.canvas_wh
        self._frames = enumerate(reader.frames())
        self._paper = make_paper(self.canvas_wh)

    def read(self) -> Sighting | None:
        """Return the next recorded frame, None at the end."""
        index, recorded = next(self._frames, (0, None))
        if recorded is None:
            return None
        image = self._paper.copy()
        if recorded.observation is not None:
            draw_hand(image, recorded.observation)
        frame = Frame(image, recorded.t_s, index)
        return Sighting(frame, recorded.observation, keys=recorded.keys, pointer=recorded.pointer)

    def close(self) -> None:
        """Nothing to release."""


def draw_hand(image_bgr: UInt8Array, observation: HandObservation) -> None:
    """Draw a hand's bones and joints, in place; coordinates 0..1 span the picture."""
    height, width = image_bgr.shape[:2]
    points = np.clip(observation.landmarks_norm[:, :2] * (width, height), -9999, 9999).round().astype(int).tolist()
    thickness = max(3, width // 110)
    for start, end in _BONES:
        cv2.line(image_bgr, points[start], points[end], _BONE_BGR, thickness, cv2.LINE_AA)
    for point in points:
        cv2.circle(image_bgr, point, thickness - 1, _JOINT_BGR, -1, cv2.LINE_AA)
