"""A webcam that always gives its newest frame."""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from air_sketch.camera.native_noise import native_chatter_silenced
from air_sketch.camera.pictures import as_bgr
from air_sketch.values.datatypes import Frame, UInt8Array
from air_sketch.values.errors import CameraError

LOG = logging.getLogger(__name__)

FIRST_FRAME_TIMEOUT_S = 6.0
"""Some webcams need seconds to adjust their exposure before the first frame."""

STALLED_AFTER_S = 2.0
"""A webcam silent for this long is taken to be unplugged."""

CLOSE_PATIENCE_S = 2.0
_POLL_S = 0.005
_WAY_OUT = "Or draw with the mouse: --source mouse."


class WebcamCamera:
    """A webcam read by its own thread, which keeps only the latest frame.

    V4L2 queues four frames; reading them one by one would show the past.
    """

    def __init__(
        self,
        index: int,
        size_wh: tuple[int, int] = (640, 480),
        fps: float = 30.0,
        mirror: bool = True,
        start_s: float = 0.0,
    ) -> None:
        """Open the device and wait for its first frame.

        Args:
            index: which one.
            size_wh: wanted width and height in pixels; a camera gives the nearest that it can.
            fps: wanted frames per second.
            mirror: whether frames are mirrored, as a person expects of a picture of themselves.
            start_s: what ``time.monotonic`` said at 0 of the frames' times, which go on when a camera is opened again.
        Raises:
            CameraError: if it does not exist, is in use, or stays dark.
        """
        self._name = f"camera {index}"
        self._mirror, self._start_s = mirror, start_s
        self._capture = _open_webcam(index, size_wh, fps)
        self._condition = threading.Condition()
        self._latest: Frame | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._grab_frames, name=self._name, daemon=True)
        self._thread.start()
        with self._condition:
            self._condition.wait_for(lambda: self._latest is not None, FIRST_FRAME_TIMEOUT_S)
            first = self._latest
        if first is None:
            self.close()
            raise CameraError(f"{self._name} gives no picture", f"It may be in use: close other programs. {_WAY_OUT}")
        height_px, width_px = first.image_bgr.shape[:2]
        self.resolution_wh: tuple[int, int] = (width_px, height_px)  # what the camera really gives

    def read(self) -> Frame | None:
        """Wait for a frame newer than the last one given; None after ``close``.

        Raises:
            CameraError: if the camera has gone silent.
        """
        with self._condition:
            self._condition.wait_for(lambda: self._stopping or self._latest is not None, STALLED_AFTER_S)
            frame, self._latest = self._latest, None
            if self._stopping:
                return None
        if frame is None:
            raise CameraError(f"{self._name} stopped giving pictures", "Plug it in again: it is looked for every 2 s.")
        return frame

    def close(self) -> None:
        """Stop the thread, which releases the device; safe to call twice."""
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        if self._thread is not threading.current_thread():
            self._thread.join(CLOSE_PATIENCE_S)

    def _grab_frames(self) -> None:
        index = 0
        while not self._stopping:
            image_bgr = self._next_picture()
            if image_bgr is None:
                time.sleep(_POLL_S)
                continue
            frame = Frame(image_bgr, time.monotonic() - self._start_s, index)
            index += 1
            with self._condition:
                self._latest = frame
                self._condition.notify_all()
        self._capture.release()  # here and nowhere else: releasing under a read that hangs would crash

    def _next_picture(self) -> UInt8Array | None:
        """Read one picture; None when the camera gave none, or a broken one: that costs a frame, not the camera."""
        try:
            delivered, image = self._capture.read()
            image_bgr = as_bgr(image) if delivered else None
            return image_bgr if image_bgr is None or not self._mirror else np.asarray(cv2.flip(image_bgr, 1), np.uint8)
        except Exception as error:  # whatever a driver throws; a camera that does nothing else falls silent
            LOG.debug("%s: a frame is lost: %s", self._name, error)
            return None


def _open_webcam(index: int, size_wh: tuple[int, int], fps: float) -> Any:
    """Open and set up a webcam, or say which ones there are."""
    with native_chatter_silenced():
        capture = cv2.VideoCapture(index)
    if not capture.isOpened():
        capture.release()
        raise _webcam_problem(index)
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, size_wh[0])
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size_wh[1])
    capture.set(cv2.CAP_PROP_FPS, fps)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    return capture


def _webcam_problem(index: int) -> CameraError:
    """Say in one line why a webcam cannot be opened and what to do."""
    name, device = f"camera {index}", Path(f"/dev/video{index}")
    if not device.exists():
        found = ", ".join(sorted(str(path) for path in Path("/dev").glob("video*"))) or "none"
        what, remedy = f"{name} does not exist: found {found}", "Name another with --source N or a video file."
    elif not os.access(device, os.R_OK | os.W_OK):
        what, remedy = f"{name} ({device}) may not be used by you", "Join the group 'video'."
    else:
        what, remedy = f"{name} ({device}) cannot be opened", "It may be in use: close other programs."
    return CameraError(what, f"{remedy} {_WAY_OUT}")
