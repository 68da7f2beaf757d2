"""A video file, frame by frame."""

from __future__ import annotations

import os
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
        self._mirror = mirror
        self._capture, first = _open_video(path)
        self._first: UInt8Array | None = first
        fps = float(self._capture.get(cv2.CAP_PROP_FPS))
        self._fps = fps if 1.0 <= fps <= 1000.0 else 30.0
        self._index = 0
        self._last_s = -1.0
        self.resolution_wh = (first.shape[1], first.shape[0])

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
        if stamped_s > self._last_s:
            return stamped_s
        return max(self._last_s + 0.001, self._index / self._fps)


def _open_video(path: Path) -> tuple[Any, UInt8Array]:
    """Open a video and decode its first frame."""
    if not path.exists():
        raise CameraError(f"{path}: no such file", "Name a video, a camera (--source 0) or --source mouse.")
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # AV_LOG_QUIET; damage is reported by us
    with native_chatter_silenced():
        capture = cv2.VideoCapture(str(path))
        delivered, image = capture.read()
    if not delivered:
        capture.release()
        raise CameraError(f"{path}: not a readable video (damaged, cut off or no video at all)", "Try another file.")
    return capture, np.asarray(image, dtype=np.uint8)
