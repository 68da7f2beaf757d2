"""Notices when hand tracking may have slipped, so that it looks afresh.

In a video MediaPipe looks for a hand where its own last landmarks were. When a fast hand blurs, the straight finger is
taken for a curled one, the region shrinks to a fist, and the finger stays outside of it for as long as the hand moves:
on a filmed star 0.7 s, with the drawing gone. A fresh detection sees the finger again at once. A finger that was
really curled costs one such look, and is found to be curled.
"""

from __future__ import annotations

import math

from air_sketch.datatypes import HandObservation
from air_sketch.hand_geometry import index_stretch, palm_center_norm, palm_size_px

STRAIGHT_FROM = 1.15
"""``|tip - wrist| / |pip - wrist|`` of an index finger that is surely straight."""

CURLED_BELOW = 1.02
"""The same of one that is surely curled, or seems to be."""

COLLAPSE_S = 0.15
"""A finger that was straight this short a time ago may be so still."""

MOST_LOOKS = 3
LOOK_AGAIN_S = 0.1
FAST_PALMS_S = 2.0
"""A first look may be blurred as well; it is worth another while the hand moves faster than this."""


class SlipWatch:
    """Follows one index finger and doubts its sudden collapse."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._straight_s = -math.inf
        self._looked_s = -math.inf
        self._looks = 0
        self._palm: tuple[float, float, float] | None = None

    def doubts(self, hand: HandObservation | None, t_s: float) -> bool:
        """Take one frame's hand; return whether it should be looked for afresh."""
        if hand is None:
            self._palm = None
            return False
        speed, stretch = self._speed_palms_s(hand, t_s), index_stretch(hand)
        if stretch >= STRAIGHT_FROM:
            self._straight_s, self._looks = t_s, 0
        if stretch >= CURLED_BELOW:
            return False
        first = self._looks == 0 and t_s - self._straight_s <= COLLAPSE_S
        again = 0 < self._looks < MOST_LOOKS and t_s - self._looked_s >= LOOK_AGAIN_S and speed >= FAST_PALMS_S
        if first or again:
            self._looks += 1
            self._looked_s = t_s
        return first or again

    def _speed_palms_s(self, hand: HandObservation, t_s: float) -> float:
        x, y = palm_center_norm(hand)
        now = (x * hand.frame_wh[0], y * hand.frame_wh[1], t_s)
        before, self._palm = self._palm, now
        size_px = palm_size_px(hand, hand.frame_wh)
        if before is None or t_s <= before[2] or size_px <= 0.0:
            return 0.0
        return math.dist(now[:2], before[:2]) / (t_s - before[2]) / size_px
