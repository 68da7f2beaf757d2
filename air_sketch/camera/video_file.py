"""A video file, frame by frame."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from air_sketch.camera.display_matrix import is_mirrored
from air_sketch.camera.native_noise import native_chatter_silenced
from air_sketch.camera.pictures import LONGEST_SIDE_PX, as_bgr, fits
from air_sketch.files import open_regular
from air_sketch.values.datatypes import Frame, UInt8Array
from air_sketch.values.errors import CameraError

LONGEST_LEAP_S, FARTHEST_S = 3600.0, 4e9
"""Between two frames, and from 0; more is a fault of the file's clock."""

MOST_LOST = 300
"""Broken frames one after the other, ten seconds of most films; then it is taken to have ended."""

_OPEN_FILES = Path("/dev/fd")
"""Where an open file has a name of plain digits; Windows has no such place, nor names that mean something else."""

_PLAYLIST = b"#EXTM3U"

_WAY_OUT = "Name a video, a camera (--source 0) or --source mouse."


class VideoFileCamera:
    """Every frame of a video, with the file's own times, as fast as it is read."""

    def __init__(self, path: Path, mirror: bool = False) -> None:
        """Open the file and decode its first frame.

        Raises:
            CameraError: if the file is missing, no video, or has no frames.
        """
        self._capture, first, mirrored = _open_video(path)
        lies = self._capture.get(cv2.CAP_PROP_ORIENTATION_META) % 180.0 != 0.0
        self._left_right = mirror != (mirrored and lies)  # a film is mirrored before it is turned
        self._top_bottom = mirrored and not lies
        self._first: UInt8Array | None = first
        fps = float(self._capture.get(cv2.CAP_PROP_FPS))
        self._fps = fps if 1.0 <= fps <= 1000.0 else 30.0
        self._index = 0
        self._last_s, self._shift_s = -1.0, 0.0
        self.resolution_wh = (first.shape[1], first.shape[0])

    def read(self) -> Frame | None:
        """Return the next frame, None at the end (a truncated file ends where its data end)."""
        image, self._first = self._first, None
        if image is None and (image := _next_picture(self._capture)) is None:
            return None
        if self._left_right:
            image = np.asarray(cv2.flip(image, 1), np.uint8)
        if self._top_bottom:
            image = np.asarray(cv2.flip(image, 0), np.uint8)
        frame = Frame(image, self._time_s(), self._index)
        self._index += 1
        self._last_s = frame.t_s
        return frame

    def close(self) -> None:
        """Release the file; safe to call twice."""
        self._capture.release()

    def _time_s(self) -> float:
        """Return the file's time of this frame; index over rate where the file gives none or goes backwards.

        A leap of hours, back or forth, is no time: from there on the file's clock is read anew.
        """
        stamped_s = float(self._capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000.0
        is_time = abs(stamped_s) <= FARTHEST_S
        if self._index == 0:
            return max(0.0, stamped_s) if is_time else 0.0
        if is_time and abs(stamped_s + self._shift_s - self._last_s) > LONGEST_LEAP_S:
            self._shift_s = self._last_s + 1.0 / self._fps - stamped_s
        if is_time and stamped_s + self._shift_s > self._last_s:
            return stamped_s + self._shift_s
        return max(self._last_s + 0.001, self._index / self._fps)


def _open_video(path: Path) -> tuple[Any, UInt8Array, bool]:
    """Open a video and decode its first frame; tell, too, whether it is to be shown mirrored.

    OpenCV is given an open file and no name: it takes colons for protocols, signs for patterns of picture files, waits
    at pipes, and crashes at bytes that are no text.
    """
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # AV_LOG_QUIET; damage is reported by us
    try:
        with open_regular(path) as file, native_chatter_silenced():
            if file.read(len(_PLAYLIST)) == _PLAYLIST:
                raise OSError(errno.EINVAL, "it is a playlist, which names other files")
            mirrored = is_mirrored(file)
            os.lseek(file.fileno(), 0, os.SEEK_SET)  # macOS opens it again where it stands
            if _OPEN_FILES.is_dir():
                capture = cv2.VideoCapture(f"{_OPEN_FILES}/{file.fileno()}", cv2.CAP_FFMPEG)
            else:
                name = os.path.abspath(path).encode("utf-8", "replace")  # half letters crash OpenCV
                capture = cv2.VideoCapture(name.decode())
            capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1.0)  # phones lay films on their side, and say so
            size = capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
            too_large = max(size) > 0.0 and not fits(*size)
            image = None if too_large else _next_picture(capture)  # a size takes memory before it is a picture
    except FileNotFoundError:
        raise CameraError(f"{path}: no such file", _WAY_OUT) from None
    except OSError as error:
        raise CameraError(f"{path}: cannot be read ({error.strerror})", _WAY_OUT) from None
    if image is None:
        capture.release()
        if too_large:
            what = f"{path}: the picture is too large: expected up to {LONGEST_SIDE_PX} pixels a side and 8K, got "
            raise CameraError(what + "{:.0f} x {:.0f}".format(*size), "Try another file.")
        raise CameraError(f"{path}: not a readable video (damaged, cut off or no video at all)", "Try another file.")
    return capture, image, mirrored


def _next_picture(capture: Any) -> UInt8Array | None:
    """Decode the next picture, over broken ones; None at the end, or when there is nothing else for long."""
    for _ in range(MOST_LOST):
        with suppress(cv2.error):
            delivered, image = capture.read()
            if not delivered:
                return None
            if (image_bgr := as_bgr(image)) is not None:
                return image_bgr
    return None
