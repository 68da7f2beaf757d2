"""Which hand draws: the calibrated one at once, the other one only when it is alone and stays."""

from __future__ import annotations

import math

from air_sketch.drawing.settings import ANY_HAND
from air_sketch.values.hand import HandObservation

OTHER_HAND_WAITS_S = 0.8
"""A hand that only helps is gone by then; a person who changes hands has barely begun to draw."""

SURE_SCORE = 0.85
"""Below this the tracker's word on left or right is a guess, and is not held against the hand."""

ABSENT_FOR_S = 0.3
"""After a gap this long it may be another hand."""


class HandLock:
    """Lets a hand through, and then every frame of it, whatever the tracker calls it later."""

    def __init__(self, wanted: str) -> None:
        """Args: wanted: "Left", "Right" or "any"."""
        self._wanted = wanted
        self._taken = False
        self._seen_s = self._came_s = -math.inf

    def lets_through(self, observation: HandObservation, t_s: float) -> bool:
        """Take one frame's hand; return whether it may draw."""
        if t_s - self._seen_s > ABSENT_FOR_S:
            self._taken, self._came_s = False, t_s
        self._seen_s = t_s
        fits = observation.handedness == self._wanted or observation.score < SURE_SCORE or self._wanted == ANY_HAND
        self._taken = self._taken or fits or t_s - self._came_s >= OTHER_HAND_WAITS_S
        return self._taken
