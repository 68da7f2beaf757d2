"""Notices when hand tracking may have slipped, so that it looks afresh.

In a video MediaPipe looks for a hand where its own last landmarks were. When a fast hand blurs, the straight finger is
taken for a curled one, the region shrinks to a fist, and the finger stays outside of it for as long as the hand moves:
on a filmed star 0.7 s, with the drawing gone. A fresh detection sees the finger again at once. A finger that was
really curled costs one such look, and is found to be curled.
"""

from __future__ import annotations

import math

from air_sketch.hands.geometry import index_stretch, palm_center_norm, palm_size_px
from air_sketch.values.hand import HandObservation

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
        self._last: tuple[HandObservation, float] | None = None

    def doubts(self, hand: HandObservation | None, t_s: float) -> bool:
        """Take one frame's hand; return whether it should be looked for afresh."""
        before, self._last = self._last, None if hand is None else (hand, t_s)
        if hand is None:
            return False
        stretch = index_stretch(hand)
        if stretch >= STRAIGHT_FROM:
            self._straight_s, self._looks = t_s, 0
        if stretch >= CURLED_BELOW:
            return False
        if self._looks == 0:
            doubtful = t_s - self._straight_s <= COLLAPSE_S
        else:
            due = self._looks < MOST_LOOKS and t_s - self._looked_s >= LOOK_AGAIN_S
            doubtful = due and before is not None and _speed_palms_s(*before, hand, t_s) >= FAST_PALMS_S
        if doubtful:
            self._looks += 1
            self._looked_s = t_s
        return doubtful


def _speed_palms_s(before: HandObservation, before_s: float, hand: HandObservation, t_s: float) -> float:
    """Return how fast the palm moved between two frames, in palms per second."""
    size_px = palm_size_px(hand, hand.frame_wh)
    if t_s <= before_s or size_px <= 0.0:
        return 0.0
    (x1, y1), (x2, y2) = palm_center_norm(before), palm_center_norm(hand)
    width_px, height_px = hand.frame_wh
    return math.hypot((x2 - x1) * width_px, (y2 - y1) * height_px) / (t_s - before_s) / size_px
