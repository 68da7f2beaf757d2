"""The pens: those that fingers pick, further colours for the keyboard, and how thick they draw."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Rgb = tuple[int, int, int]

EXTRA_INKS: Mapping[str, Rgb] = MappingProxyType(
    {
        "blue": (40, 90, 220),
        "yellow": (240, 200, 40),
        "orange": (240, 130, 30),
        "pink": (240, 120, 180),
        "purple": (140, 60, 190),
        "brown": (120, 75, 40),
        "grey": (128, 128, 128),
    }
)
"""Colours beyond those of the calibration; garments come in more than three."""

WIDTH_FACTORS = (0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
"""Pen widths as multiples of the calibration's, each about 1.4 times the one before."""


class PenCase:
    """The pen in hand: which of all pens, and how thick."""

    def __init__(self, pens: Mapping[str, Rgb], start_pen: str, width_px: float) -> None:
        """Args: pens: of the calibration. start_pen: its first. width_px: its usual width."""
        self._pens = {**pens, **{name: rgb for name, rgb in EXTRA_INKS.items() if name not in pens}}
        self._usual_width_px = width_px
        self._width_step = WIDTH_FACTORS.index(1.0)
        self.name = start_pen

    @property
    def color_rgb(self) -> Rgb:
        """The ink."""
        return self._pens[self.name]

    @property
    def width_px(self) -> float:
        """The width in canvas pixels, at least 1."""
        return max(1.0, self._usual_width_px * WIDTH_FACTORS[self._width_step])

    def __contains__(self, name: object) -> bool:
        return name in self._pens

    def neighbour(self, by: int) -> str:
        """Name the pen so many places further, around the end."""
        names = list(self._pens)
        return names[(names.index(self.name) + by) % len(names)]

    def change_width(self, by: int) -> bool:
        """Take a thicker (+1) or thinner (-1) pen; False at the end of the row."""
        step = min(max(self._width_step + by, 0), len(WIDTH_FACTORS) - 1)
        changed, self._width_step = step != self._width_step, step
        return changed
