"""The canvas that figures are painted on, and parts of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from garments.brushes import raster
from garments.brushes.curves import Curve, travelled, xy
from garments.brushes.raster import Mask

CANVAS_WH = (360, 480)


@dataclass(frozen=True)
class Region:
    """Part of the canvas that one patch touches."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def window(self) -> tuple[slice, slice]:
        """Index of the region in canvas arrays."""
        return slice(self.y0, self.y1), slice(self.x0, self.x1)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.y1 - self.y0, self.x1 - self.x0

    def local(self, curves: list[Curve]) -> list[Curve]:
        """Shift curves from canvas pixels to this region's own."""
        corner = xy(self.x0, self.y0)
        return [curve - corner for curve in curves]

    def fill(self, curves: list[Curve]) -> Mask:
        """Return a mask of this region with the contours filled."""
        return raster.fill(np.zeros(self.shape, dtype=np.uint8), self.local(curves))

    def trace(self, curves: list[Curve], thickness_px: int = 1, *, loop: bool = False) -> Mask:
        """Return a mask of this region with the curves drawn."""
        return raster.trace(np.zeros(self.shape, dtype=np.uint8), self.local(curves), thickness_px, loop=loop)

    def beads(self, curves: list[Curve], width_px: float) -> Mask:
        """Return a mask of this region with the curves drawn as rows of small beads, as chains are."""
        mask: Mask = np.zeros(self.shape, dtype=np.uint8)
        for curve in self.local(curves):
            way = travelled(curve)
            at = np.arange(0.0, way[-1], max(2.2, width_px * 1.05))
            centres = np.stack([np.interp(at, way, curve[:, i]) for i in (0, 1)], axis=1).astype(np.float32)
            raster.dots(mask, centres, max(1.0, width_px * 0.5))
        return mask


def region_around(curves: list[Curve], margin_px: float) -> Region | None:
    """Return the part of the canvas around the curves, or None when it is off the canvas."""
    points = np.concatenate(curves)
    low = np.floor(points.min(axis=0) - margin_px).astype(int)
    high = np.ceil(points.max(axis=0) + margin_px).astype(int) + 1
    x0, y0 = max(0, int(low[0])), max(0, int(low[1]))
    x1, y1 = min(CANVAS_WH[0], int(high[0])), min(CANVAS_WH[1], int(high[1]))
    return Region(x0, y0, x1, y1) if x1 - x0 > 1 and y1 - y0 > 1 else None
