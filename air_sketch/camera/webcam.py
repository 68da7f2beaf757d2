"""A webcam that always gives its newest frame."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from air_sketch.camera.native_noise import native_chatter_silenced
from air_sketch.values.datatypes import Frame
from air_sketch.values.errors import CameraError

FIRST_FRAME_TIMEOUT_S = 6.0
"""Some webcams need seconds to adjust their exposure before the first frame."""

STALLED_AFTER_S = 2.0
"""A webcam silent for this long is taken to be unplugged."""

CLOSE_PATIENCE_S = 2.0
_POLL_S = 0.005
_WAY_OUT = "Or draw with the mouse: --source mouse."


@dataclass(frozen=True)
class WebcamSettings:
    """What to ask of a webcam; a camera gives the nearest that it can.

    Attributes:
        size_wh: wanted width and height in pixels.
        fps: wanted frames per second.
        mirror: whether frames are mirrored, as a person expects of a picture of themselves.
    """

    size_wh: tuple[int, int] = (640, 480)
    fps: float = 30.0
    mirror: bool = True


class WebcamCamera:
    """A webcam read by its own thread, which keeps only the latest frame.

    V4L2 queues four frames; reading them one by one would show the past.
    """

    def __init__(self, index: int, settings: WebcamSettings) -> None:
        """Open the device and wait for its first frame.

        Raises:
            CameraError: if it does not exist, is in use, or stays dark.
        """
        self._name = f"camera {index}"
        self._mirror = settings.mirror
        self._capture = _open_webcam(index, settings)
        self._resolution_wh = settings.size_wh
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
            raise CameraError(f"{self._name} gives no picture", f"It may be in use: close other programs. {_WAY_OUT}")
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
                raise CameraError(
                    f"{self._name} stopped giving pictures", "Plug it in again: it is looked for every 2 s."
                )
            self._given_index = self._latest.index
            return self._latest

    def close(self) -> None:
        """Stop the thread, which releases the device; safe to call twice."""
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        if self._thread is not threading.current_thread():
            self._thread.join(CLOSE_PATIENCE_S)

    def _grab_frames(self) -> None:
        try:
            self._grab_until_closed()
        finally:
            self._capture.release()  # here and nowhere else: releasing under a read that hangs would crash

    def _grab_until_closed(self) -> None:
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


def _open_webcam(index: int, settings: WebcamSettings) -> Any:
    """Open and set up a webcam, or say which ones there are."""
    with native_chatter_silenced():
        capture = cv2.VideoCapture(index)
    if not capture.isOpened():
        capture.release()
        raise _webcam_problem(index)
    width_px, height_px = settings.size_wh
    for setting, value in (
        (cv2.CAP_PROP_FRAME_WIDTH, width_px),
        (cv2.CAP_PROP_FRAME_HEIGHT, height_px),
        (cv2.CAP_PROP_FPS, settings.fps),
        (cv2.CAP_PROP_BUFFERSIZE, 1),
    ):
        capture.set(setting, value)
    return capture


def _webcam_problem(index: int) -> CameraError:
    """Say in one line why a webcam cannot be opened and what to do."""
    device = Path(f"/dev/video{index}")
    others = ", ".join(sorted(str(path) for path in Path("/dev").glob("video*")))
    if os.name == "posix" and device.exists():
        if not os.access(device, os.R_OK | os.W_OK):
            return CameraError(
                f"camera {index} ({device}) may not be used by you", f"Join the group 'video'. {_WAY_OUT}"
            )
        return CameraError(
            f"camera {index} ({device}) cannot be opened", f"It may be in use: close other programs. {_WAY_OUT}"
        )
    found = f"found {others}" if others else "found none"
    return CameraError(
        f"camera {index} does not exist: {found}", f"Name another with --source N or a video file. {_WAY_OUT}"
    )
