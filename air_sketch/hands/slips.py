"""Notices when hand tracking may have slipped, so that it looks afresh.

In a video MediaPipe looks for a hand where its own last landmarks were. When a fast hand blurs, the straight finger is
taken for a curled one, the region shrinks to a fist, and the finger stays outside of it for as long as the hand moves:
on a filmed star 0.7 s, with the drawing gone. A fresh detection sees the finger again at once. A finger that was
really curled costs one such look, and is found to be curled.
"""

from __future__ import annotations

import math

from air_sketch.hands.geometry import index_stretch
from air_sketch.values.hand import HandObservation

STRAIGHT_FROM = 1.15
"""``|tip - wrist| / |pip - wrist|`` of an index finger that is surely straight."""

CURLED_BELOW = 1.02
"""The same of one that is surely curled, or seems to be."""

COLLAPSE_S = 0.15
"""A finger that was straight this short a time ago may be so still."""


class SlipWatch:
    """Follows one index finger and doubts its sudden collapse."""

    def __init__(self) -> None:
        self._straight_s = -math.inf

    def doubts(self, hand: HandObservation | None, t_s: float) -> bool:
        """Take one frame's hand; return whether it should be looked for afresh."""
        if hand is None:
            return False
        stretch = index_stretch(hand)
        if stretch >= STRAIGHT_FROM:
            self._straight_s = t_s
        if stretch >= CURLED_BELOW or t_s - self._straight_s > COLLAPSE_S:
            return False
        self._straight_s = -math.inf  # what a fresh look finds is believed
        return True
