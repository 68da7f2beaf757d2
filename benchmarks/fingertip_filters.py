"""How steady and how quick fingertip filters are, on the same noise and the same motion."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from air_sketch.drawing.filters import OneEuroFilter
from air_sketch.drawing.keeping.calibrations import load_calibration
from air_sketch.values.datatypes import PointPx
from benchmarks.tables import table

FPS, NOISE_PX, SPEED_PX_S, WIDTH_PX = 30.0, 1.5, 570.0, 640.0
FRAMES, SETTLED = 3000, 60

Points = npt.NDArray[np.float64]


class Filter(Protocol):
    """Takes points one by one."""

    def smooth(self, point_px: PointPx, t_s: float) -> PointPx:
        """Filter one point."""


class Raw:
    """No filter."""

    def smooth(self, point_px: PointPx, _t_s: float) -> PointPx:
        """Return the point."""
        return point_px


class Average:
    """Exponential moving average."""

    def __init__(self, alpha: float) -> None:
        """Args: alpha: weight of the new point."""
        self._alpha, self._value = alpha, (math.nan, math.nan)

    def smooth(self, point_px: PointPx, _t_s: float) -> PointPx:
        """Filter one point."""
        old = point_px if math.isnan(self._value[0]) else self._value
        self._value = (old[0] + self._alpha * (point_px[0] - old[0]), old[1] + self._alpha * (point_px[1] - old[1]))
        return self._value


class CopiedOneEuro:
    """The published One Euro filter with the settings that are copied from program to program.

    min_cutoff 1 Hz, beta 0.007, derivative cutoff 1 Hz, on coordinates from 0 to 1, each axis on its own: the speed
    term never gets above a few thousandths of a hertz, so a 1 Hz low-pass remains.
    """

    def __init__(self) -> None:
        """Start without a past."""
        self._value: Points | None = None
        self._raw = self._speed = np.zeros(2)

    def smooth(self, point_px: PointPx, _t_s: float) -> PointPx:
        """Filter one point."""
        point = np.array(point_px) / WIDTH_PX
        if self._value is None:
            self._value = self._raw = point
        self._speed = self._speed + _alpha(np.ones(2)) * ((point - self._raw) * FPS - self._speed)
        self._value = self._value + _alpha(1.0 + 0.007 * np.abs(self._speed)) * (point - self._value)
        self._raw = point
        return float(self._value[0] * WIDTH_PX), float(self._value[1] * WIDTH_PX)


def _alpha(cutoff_hz: Points) -> Points:
    return 1.0 / (1.0 + FPS / (2.0 * math.pi * cutoff_hz))


FILTERS: dict[str, Callable[[], Filter]] = {
    "none": Raw,
    "moving average, alpha 0.5": lambda: Average(0.5),
    "moving average, alpha 0.3": lambda: Average(0.3),
    "One Euro, settings as copied around": CopiedOneEuro,
    "ours": lambda: OneEuroFilter(load_calibration().filter, WIDTH_PX),
}


def measure_filters() -> str:
    """Return the table of filters."""
    rows = []
    for name, make in FILTERS.items():
        rest_px, lag_ms = measure(make)
        rows.append([name, f"{rest_px:.2f}", f"{lag_ms:.1f}"])
    return table(["filter", "rms at rest, px", "lag in motion, ms"], rows)


def measure(make: Callable[[], Filter]) -> tuple[float, float]:
    """Return the rms distance from the truth at rest in px, and the lag along a straight motion in ms."""
    rng = np.random.default_rng(0)
    still = _run(make(), rng.normal(0.0, NOISE_PX, (FRAMES, 2)))
    path = np.stack([SPEED_PX_S * np.arange(FRAMES) / FPS, np.zeros(FRAMES)], axis=1)
    moving = _run(make(), path + rng.normal(0.0, NOISE_PX, path.shape))
    lag_s = (path - moving)[SETTLED:, 0].mean() / SPEED_PX_S
    return float(np.sqrt((still[SETTLED:] ** 2).sum(axis=1).mean())), 1000.0 * float(lag_s)


def _run(chosen: Filter, points: Points) -> Points:
    return np.array([chosen.smooth((float(x), float(y)), i / FPS) for i, (x, y) in enumerate(points)])
