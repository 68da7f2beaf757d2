"""The pens: their inks, those that fingers pick and those for the keyboard, and how thick they draw."""

from __future__ import annotations

from collections.abc import Mapping

from air_sketch.values.datatypes import Rgb

INKS: Mapping[str, Rgb] = {
    "black": (17, 17, 17),
    "green": (22, 150, 72),
    "red": (214, 40, 40),
    "blue": (40, 90, 220),
    "yellow": (240, 200, 40),
    "orange": (240, 130, 30),
    "pink": (240, 120, 180),
    "purple": (140, 60, 190),
    "brown": (120, 75, 40),
    "grey": (128, 128, 128),
    "white": (245, 245, 245),
}
"""Every ink by its name; the shipped calibration draws with the first three."""

EXTRA_INKS: Mapping[str, Rgb] = {n: rgb for n, rgb in INKS.items() if n not in ("black", "green", "red", "white")}
"""Pens for the keyboard beyond those of the calibration; garments come in more than three colours."""

WIDTH_FACTORS = (0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
"""Pen widths as multiples of the calibration's, each about 1.4 times the one before."""


class PenCase:
    """The pen in hand: which of all pens, and how thick."""

    def __init__(self, pens: Mapping[str, Rgb], start_pen: str, width_px: float) -> None:
        """Args: pens: of the calibration. start_pen: its first. width_px: its usual width."""
        self._pens = {**pens, **EXTRA_INKS, **pens}
        self._usual_width_px = width_px
        self._width_place = WIDTH_FACTORS.index(1.0)
        self.name = start_pen

    @property
    def color_rgb(self) -> Rgb:
        """The ink."""
        return self._pens[self.name]

    @property
    def width_px(self) -> float:
        """The width in canvas pixels, at least 1."""
        return max(1.0, self._usual_width_px * WIDTH_FACTORS[self._width_place])

    def __contains__(self, name: object) -> bool:
        return name in self._pens

    def neighbour(self, by: int) -> str:
        """Name the pen so many places further, around the end."""
        names = list(self._pens)
        return names[(names.index(self.name) + by) % len(names)]

    def change_width(self, by: int) -> bool:
        """Take a thicker (+1) or thinner (-1) pen; False at the end of the row."""
        place = min(max(self._width_place + by, 0), len(WIDTH_FACTORS) - 1)
        changed, self._width_place = place != self._width_place, place
        return changed


def ink_name(color_rgb: Rgb) -> str:
    """Name a colour by the nearest ink."""
    return min(INKS, key=lambda name: sum((a - b) ** 2 for a, b in zip(INKS[name], color_rgb, strict=True)))
