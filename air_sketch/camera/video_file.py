"""A video file, frame by frame or at its own pace."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from air_sketch.camera.native_noise import native_chatter_silenced
from air_sketch.values.datatypes import Frame, UInt8Array
from air_sketch.values.errors import CameraError


class VideoFileCamera:
    """Every frame of a video, with the file's own times, as fast as it is read."""

    def __init__(self, path: Path, mirror: bool = False) -> None:
        """Open the file and decode its first frame.

        Raises:
            CameraError: if the file is missing, no video, or has no frames.
        """
        self._path = path
        self._mirror = mirror
        self._capture, first = _open_video(path)
        self._first: UInt8Array | None = first
        self._fps = _plausible_fps(self._capture.get(cv2.CAP_PROP_FPS))
        self._index = 0
        self._last_s = -1.0
        height_px, width_px = first.shape[:2]
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
        image_bgr = np.asarray(cv2.flip(image, 1) if self._mirror else image, dtype=np.uint8)
        frame = Frame(image_bgr, self._time_s(), self._index)
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


def _open_video(path: Path) -> tuple[Any, UInt8Array]:
    """Open a video and decode its first frame."""
    if not path.exists():
        raise CameraError(f"{path}: no such file", "Name a video, a camera (--source 0) or --source mouse.")
    if not path.is_file():
        raise CameraError(f"{path}: expected a video file, got a folder.")
    if not os.access(path, os.R_OK):
        raise CameraError(f"{path}: may not be read", "Change its permissions.")
    if path.stat().st_size == 0:
        raise CameraError(f"{path}: the file is empty", "Record or copy it again.")
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # AV_LOG_QUIET; damage is reported by us
    with native_chatter_silenced():
        capture = cv2.VideoCapture(str(path))
        delivered, image = capture.read() if capture.isOpened() else (False, None)
    if not delivered or image is None:
        capture.release()
        raise CameraError(f"{path}: not a readable video (damaged, cut off or no video at all)", "Try another file.")
    return capture, np.asarray(image, dtype=np.uint8)


def _plausible_fps(fps: float) -> float:
    return float(fps) if np.isfinite(fps) and 1.0 <= fps <= 1000.0 else 30.0
