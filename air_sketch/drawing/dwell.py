"""Steadiness over time: a value counts only after it has lasted."""

from __future__ import annotations

from collections.abc import Hashable

_TIME_TOLERANCE_S = 1e-6
"""Frame times are rounded; 0.28 s that arrive as 0.2799999 are 0.28 s."""


class Dwell:
    """Measure for how long a value has stayed the same."""

    def __init__(self) -> None:
        """Start without a value."""
        self._value: Hashable | None = None
        self._since_s = 0.0

    def measure(self, value: Hashable | None, t_s: float, *, steady: bool = True) -> float:
        """Take one frame's value and return for how many seconds it has been steady (0 in its first frame).

        Args:
            value: what is seen now; None for nothing.
            t_s: seconds, monotonic.
            steady: False restarts the count, e.g. while the hand moves fast.
        """
        if value != self._value or value is None or not steady:
            self._value, self._since_s = value, t_s
        return max(0.0, t_s - self._since_s)

    def reset(self) -> None:
        """Forget the value."""
        self._value = None


def has_lasted(held_s: float, needed_s: float) -> bool:
    """Tell whether a dwell is complete, forgiving rounded frame times."""
    return held_s >= needed_s - _TIME_TOLERANCE_S
