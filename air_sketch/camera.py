"""Frame sources: a webcam that always gives its newest frame, and a video file that gives every one.

``open_camera`` picks by the source's name; each kind is a small class with the same four members
(``ports.Camera``). Frames are mirrored here and nowhere else.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from air_sketch.datatypes import Frame, UInt8Array
from air_sketch.errors import CameraError
from air_sketch.native_noise import native_chatter_silenced
from air_sketch.ports import Camera

logger = logging.getLogger(__name__)

FIRST_FRAME_TIMEOUT_S = 6.0
"""Some webcams need seconds to adjust their exposure before the first frame."""

STALLED_AFTER_S = 3.0
"""A webcam silent for this long is taken to be unplugged."""

_POLL_S = 0.005


@dataclass(frozen=True)
class CameraSettings:
    """What to ask of a webcam; a camera gives the nearest that it can.

    Attributes:
        size_wh: wanted width and height in pixels.
        fps: wanted frames per second.
        mirror: whether frames are mirrored, as a person expects of a picture of themselves.
    """

    size_wh: tuple[int, int] = (640, 480)
    fps: float = 30.0
    mirror: bool = True


def open_camera(
    source: str,
    mirror: bool | None = None,
    size_wh: tuple[int, int] = (640, 480),
    fps: float = 30.0,
    *,
    live: bool = True,
) -> Camera:
    """Open a webcam or a video.

    Args:
        source: "0", "1" ... for a webcam, else the path of a video file.
        mirror: None mirrors webcams and leaves videos as they are.
        size_wh: wanted webcam size; videos keep their own.
        fps: wanted webcam rate; videos keep their own.
        live: a video plays at its own pace and drops frames when the reader is late; False gives every frame.
    Raises:
        CameraError: if there is no such camera or file, or it gives no picture.
    """
    if source.isdigit():
        return WebcamCamera(int(source), CameraSettings(size_wh, fps, mirror is not False))
    video = VideoFileCamera(Path(source), mirror=bool(mirror))
    return PacedCamera(video) if live else video


class WebcamCamera:
    """A webcam read by its own thread, which keeps only the latest frame.

    V4L2 queues four frames; reading them one by one would show the past.
    """

    def __init__(self, index: int, settings: CameraSettings) -> None:
        """Open the device and wait for its first frame.

        Raises:
            CameraError: if it does not exist, is in use, or stays dark.
        """
        self._name = f"camera {index}"
        self._mirror = settings.mirror
        self._capture = _open_webcam(index, settings)
        self._condition = threading.Condition()
        self._latest: Frame | None = None
        self._given_index = -1
        self._stopping = False
        self._thread = threading.Thread(target=self._grab_frames, name=self._name, daemon=True)
        self._thread.start()
        with self._condition:
            arrived = self._condition.wait_for(lambda: self._latest is not None, FIRST_FRAME_TIMEOUT_S)
        if not arrived or self._latest is None:
            self.close()
            raise CameraError(f"{self._name} gives no picture. It may be in use: close other programs. {_WAY_OUT}")
        height_px, width_px = self._latest.image_bgr.shape[:2]
        self._resolution_wh = (width_px, height_px)

    @property
    def resolution_wh(self) -> tuple[int, int]:
        """Width and height that the camera really gives."""
        return self._resolution_wh

    def read(self) -> Frame | None:
        """Wait for a frame newer than the last one given; None after ``close``.

        Raises:
            CameraError: if the camera has gone silent.
        """
        with self._condition:
            arrived = self._condition.wait_for(
                lambda: self._stopping or (self._latest is not None and self._latest.index > self._given_index),
                STALLED_AFTER_S,
            )
            if self._stopping:
                return None
            if not arrived or self._latest is None:
                raise CameraError(f"{self._name} stopped giving pictures. Plug it in again and restart.")
            self._given_index = self._latest.index
            return self._latest

    def close(self) -> None:
        """Stop the thread and release the device; safe to call twice."""
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=2.0)
        self._capture.release()

    def _grab_frames(self) -> None:
        start_s, index = time.monotonic(), 0
        while not self._stopping:
            delivered, image = self._capture.read()
            if not delivered:
                time.sleep(_POLL_S)
                continue
            image_bgr = cv2.flip(image, 1) if self._mirror else image
            frame = Frame(np.asarray(image_bgr, dtype=np.uint8), time.monotonic() - start_s, index)
            index += 1
            with self._condition:
                self._latest = frame
                self._condition.notify_all()


class VideoFileCamera:
    """Every frame of a video, with the file's own times, as fast as it is read."""

    def __init__(self, path: Path, mirror: bool = False) -> None:
        """Open the file and decode its first frame.

        Raises:
            CameraError: if the file is missing, no video, or has no frames.
        """
        self._path = path
        self._mirror = mirror
        self._capture, self._first = _open_video(path)
        self._fps = _plausible_fps(self._capture.get(cv2.CAP_PROP_FPS))
        self._index = 0
        self._last_s = -1.0
        height_px, width_px = self._first.shape[:2]  # type: ignore[union-attr]
        self._resolution_wh = (width_px, height_px)

    @property
    def resolution_wh(self) -> tuple[int, int]:
        """Width and height of the video."""
        return self._resolution_wh

    @property
    def fps(self) -> float:
        """Nominal frames per second."""
        return self._fps

    def read(self) -> Frame | None:
        """Return the next frame, None at the end (a truncated file ends where its data end)."""
        if self._first is not None:
            image, self._first = self._first, None
        else:
            delivered, image = self._capture.read()
            if not delivered:
                return None
        frame = Frame(cv2.flip(image, 1) if self._mirror else image, self._time_s(), self._index)
        self._index += 1
        self._last_s = frame.t_s
        return frame

    def close(self) -> None:
        """Release the file; safe to call twice."""
        self._capture.release()

    def _time_s(self) -> float:
        """Return the file's time of this frame; index over rate where the file gives none or goes backwards."""
        stamped_s = float(self._capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000.0
        if self._index == 0:
            return max(0.0, stamped_s)
        if np.isfinite(stamped_s) and stamped_s > self._last_s:
            return stamped_s
        return max(self._last_s + 0.001, self._index / self._fps)


class PacedCamera:
    """Play a video at its own pace, as if it were live: late frames are dropped."""

    def __init__(self, video: VideoFileCamera) -> None:
        """Take over an open video; its clock starts with the first read."""
        self._video = video
        self._start_s: float | None = None

    @property
    def resolution_wh(self) -> tuple[int, int]:
        """Width and height of the video."""
        return self._video.resolution_wh

    def read(self) -> Frame | None:
        """Return the frame that is due now, waiting for it when it is early."""
        frame = self._video.read()
        if frame is None:
            return None
        now_s = time.monotonic()
        if self._start_s is None:
            self._start_s = now_s - frame.t_s
        late_s = now_s - self._start_s - frame.t_s
        while late_s > 1.5 / self._video.fps:
            newer = self._video.read()
            if newer is None:
                break
            frame = newer
            late_s = time.monotonic() - self._start_s - frame.t_s
        if late_s < 0.0:
            time.sleep(-late_s)
        return frame

    def close(self) -> None:
        """Release the file; safe to call twice."""
        self._video.close()


_WAY_OUT = "Or draw with the mouse: --source mouse."


def _open_webcam(index: int, settings: CameraSettings) -> Any:
    """Open and set up a webcam, or say which ones there are."""
    with native_chatter_silenced():
        capture = cv2.VideoCapture(index)
    if not capture.isOpened():
        capture.release()
        raise CameraError(_webcam_problem(index))
    width_px, height_px = settings.size_wh
    for setting, value in (
        (cv2.CAP_PROP_FRAME_WIDTH, width_px),
        (cv2.CAP_PROP_FRAME_HEIGHT, height_px),
        (cv2.CAP_PROP_FPS, settings.fps),
        (cv2.CAP_PROP_BUFFERSIZE, 1),
    ):
        capture.set(setting, value)
    return capture


def _webcam_problem(index: int) -> str:
    """Say in one line why a webcam cannot be opened and what to do."""
    device = Path(f"/dev/video{index}")
    others = ", ".join(sorted(str(path) for path in Path("/dev").glob("video*")))
    if os.name == "posix" and device.exists():
        if not os.access(device, os.R_OK | os.W_OK):
            return f"camera {index} ({device}) may not be used by you. Join the group 'video'. {_WAY_OUT}"
        return f"camera {index} ({device}) cannot be opened. It may be in use: close other programs. {_WAY_OUT}"
    found = f"found {others}" if others else "found none"
    return f"camera {index} does not exist: {found}. Name another with --source N or a video file. {_WAY_OUT}"


def _open_video(path: Path) -> tuple[Any, UInt8Array | None]:
    """Open a video and decode its first frame."""
    if not path.exists():
        raise CameraError(f"{path}: no such file. Name a video, a camera (--source 0) or --source mouse.")
    if not path.is_file():
        raise CameraError(f"{path}: expected a video file, got a folder.")
    if not os.access(path, os.R_OK):
        raise CameraError(f"{path}: may not be read. Change its permissions.")
    if path.stat().st_size == 0:
        raise CameraError(f"{path}: the file is empty. Record or copy it again.")
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # AV_LOG_QUIET; damage is reported by us
    with native_chatter_silenced():
        capture = cv2.VideoCapture(str(path))
        delivered, image = capture.read() if capture.isOpened() else (False, None)
    if not delivered or image is None:
        capture.release()
        raise CameraError(f"{path}: not a readable video (damaged, cut off or no video at all). Try another file.")
    return capture, image


def _plausible_fps(fps: float) -> float:
    return float(fps) if np.isfinite(fps) and 1.0 <= fps <= 1000.0 else 30.0
