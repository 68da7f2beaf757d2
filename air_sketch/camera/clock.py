"""Makes the frames of a camera that went away and came back look like those of one camera."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from air_sketch.values.datatypes import Frame


class CameraClock:
    """Times and numbers that go on, and one picture size, whatever the device does.

    A camera that is opened again counts from zero; the session, the tracker and a recording need times that rise.
    It may also come back with another picture size, or change it while it runs; the drawing keeps its own.
    """

    def __init__(self, canvas_wh: tuple[int, int], clock: Callable[[], float] = time.monotonic) -> None:
        """Args: canvas_wh: the picture size to keep. clock: seconds, for how long the camera was away."""
        self.canvas_wh = canvas_wh
        self._clock = clock
        self._last: tuple[Frame, float] | None = None
        self._offset_s, self._offset_index = 0.0, 0
        self._restarts = False

    def restart(self) -> None:
        """The camera has been opened again: its next frame follows the last one by the time that has passed."""
        self._restarts = self._last is not None

    def continued(self, frame: Frame) -> Frame:
        """Return the frame with its time, its number and its size in line with those before."""
        now_s = self._clock()
        if self._restarts and self._last is not None:
            last, seen_s = self._last
            self._offset_s = last.t_s + max(0.001, now_s - seen_s) - frame.t_s
            self._offset_index = last.index + 1 - frame.index
            self._restarts = False
        if self._offset_index:
            frame = replace(frame, t_s=frame.t_s + self._offset_s, index=frame.index + self._offset_index)
        if frame.image_bgr.shape[1::-1] != self.canvas_wh:
            resized = cv2.resize(frame.image_bgr, self.canvas_wh, interpolation=cv2.INTER_AREA)
            frame = replace(frame, image_bgr=np.asarray(resized, dtype=np.uint8))
        self._last = (frame, now_s)
        return frame
