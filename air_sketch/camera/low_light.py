"""Notices poor light, and softens what the hand tracker sees in it.

In the dark a camera's noise drowns the hand. A 5x5 blur before detection takes most of it away: on photos of hands
darkened to a mean of 34, 22 and 17 (of 255) with noise of 6, MediaPipe finds 63, 33 and 7 % of them bare, and 85, 60
and 33 % blurred. Brightening (gamma, CLAHE) brightens the noise as well, and hurts.
"""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np

from air_sketch.values.datatypes import Frame

LOW_BELOW = 40.0
"""Mean brightness, 0..255, from which on it is dark; a lamp-lit room has 80 to 150."""

ENOUGH_ABOVE = 50.0
"""Mean brightness from which on it is light again; the gap keeps the hint from flickering."""

STEADIES_IN_S = 0.7
"""Time constant of the mean: a sleeve before the lens is no dusk."""

LOOK_EVERY_S = 0.2
"""Dusk falls slowly; a look costs a tenth of a millisecond, because its pixels lie far apart."""

LOOK_AT_EVERY_PX = 32
GREEN = 1  # most of what the eye calls brightness
BLUR_PX = 5


class LowLight:
    """Follows the brightness of the frames."""

    def __init__(self) -> None:
        self.is_low = False
        self._brightness = 0.0
        self._seen_s = -math.inf

    def prepare(self, frame: Frame) -> Frame:
        """Take one frame, times rising; return what the tracker should look at: softened when it is dark."""
        if not 0.0 <= frame.t_s - self._seen_s < LOOK_EVERY_S:
            self._look(frame)
        if not self.is_low:
            return frame
        return replace(frame, image_bgr=np.asarray(cv2.blur(frame.image_bgr, (BLUR_PX, BLUR_PX)), dtype=np.uint8))

    def _look(self, frame: Frame) -> None:
        seen = float(frame.image_bgr[::LOOK_AT_EVERY_PX, ::LOOK_AT_EVERY_PX, GREEN].mean())
        share = 1.0 - math.exp(min(0.0, self._seen_s - frame.t_s) / STEADIES_IN_S)
        self._brightness += share * (seen - self._brightness)
        self._seen_s = frame.t_s
        self.is_low = self._brightness < (ENOUGH_ABOVE if self.is_low else LOW_BELOW)
