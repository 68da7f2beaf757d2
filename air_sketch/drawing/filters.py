"""What the tracker says, made trustworthy: the hand that draws, no spikes, and a smooth fingertip."""

from __future__ import annotations

import math

from air_sketch.drawing.settings import ANY_HAND, OneEuroSettings
from air_sketch.values.datatypes import PointPx
from air_sketch.values.hand import HandObservation

REFERENCE_WIDTH_PX = 640.0
"""The filter's speeds are in pixels of a picture this wide, so that one setting suits every canvas."""

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


class OneEuroFilter:
    """Smooth a 2-D point: strongly at rest, hardly in motion.

    One Euro filter (Casiez, Roussel, Vogel, CHI 2012), with two changes. One cutoff for both axes comes from the
    length of the velocity, so that a slanted line is smoothed like a level one. And the speed that noise alone
    produces is taken off first: at rest the cutoff then stays at its minimum, which allows a larger ``beta`` and
    with it less lag in motion for the same steadiness.

    Attributes:
        velocity: the filter's estimate of the motion, pixels per second.
    """

    def __init__(self, settings: OneEuroSettings, canvas_width_px: float = REFERENCE_WIDTH_PX) -> None:
        """Take settings; ``canvas_width_px`` scales speeds to the reference width."""
        self._settings = settings
        self._speed_scale = REFERENCE_WIDTH_PX / canvas_width_px
        self.reset()

    def reset(self) -> None:
        """Forget everything; the next point passes unchanged."""
        self._value: PointPx | None = None
        self.velocity: PointPx = (0.0, 0.0)
        self._raw: PointPx = (0.0, 0.0)
        self._t_s = 0.0

    def smooth(self, point_px: PointPx, t_s: float) -> PointPx:
        """Filter one point taken at ``t_s``; a time that does not advance returns the last value."""
        if self._value is None:
            self._value, self._raw, self._t_s = point_px, point_px, t_s
            return point_px
        dt_s = t_s - self._t_s
        if dt_s <= 0.0:
            return self._value
        raw_velocity = ((point_px[0] - self._raw[0]) / dt_s, (point_px[1] - self._raw[1]) / dt_s)
        self.velocity = _blend(self.velocity, raw_velocity, _alpha(self._settings.derivative_cutoff_hz, dt_s))
        speed = max(0.0, math.hypot(*self.velocity) * self._speed_scale - self._settings.rest_speed)
        cutoff_hz = self._settings.min_cutoff_hz + self._settings.beta * speed
        self._value = _blend(self._value, point_px, _alpha(cutoff_hz, dt_s))
        self._raw, self._t_s = point_px, t_s
        return self._value


class SpikeGate:
    """Hold back a point that jumps further than the gate until the next one confirms it.

    A tracker that slips puts the fingertip elsewhere for one frame and comes back; a hand that really went
    there stays.

    Attributes:
        broke: a confirmed jump was let through; nothing may be joined across it.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the past; the next point passes."""
        self._last: PointPx | None = None
        self._held: PointPx | None = None
        self.broke = False

    def admit(self, point_px: PointPx, gate_px: float) -> bool:
        """Let one point pass or hold it back; ``gate_px`` is the longest believable way."""
        near = self._last is None or math.dist(point_px, self._last) <= gate_px
        self.broke = not near and self._held is not None and math.dist(point_px, self._held) <= gate_px
        if near or self.broke:
            self._last, self._held = point_px, None
        else:
            self._held = point_px
        return near or self.broke


def _alpha(cutoff_hz: float, dt_s: float) -> float:
    """Return the weight of the new sample in a first-order low-pass."""
    tau_s = 1.0 / (2.0 * math.pi * cutoff_hz)
    return 1.0 / (1.0 + tau_s / dt_s)


def _blend(old: PointPx, new: PointPx, alpha: float) -> PointPx:
    return (old[0] + alpha * (new[0] - old[0]), old[1] + alpha * (new[1] - old[1]))
