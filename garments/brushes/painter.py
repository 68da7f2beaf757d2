"""Paints a figure: texture, pattern, rounded shading, folds, seams and a soft drop shadow on a studio background."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import cv2
import numpy as np
from numpy.typing import NDArray

from garments.brushes import raster
from garments.brushes.canvas import CANVAS_WH, Region, region_around
from garments.brushes.curves import Curve, dashes, typical_width
from garments.brushes.fabrics import fabric_tile
from garments.brushes.figure import Figure, Line, Patch
from garments.brushes.raster import UNIT, Mask, Picture, Shade
from garments.palette import Paint, Rgb, luminance

LIGHT = (0.55, 0.83)  # direction towards which brightness falls: light comes from the upper left
MARGIN_PX = 9  # room around a patch for its shadow


@dataclass(frozen=True)
class SoftLine:
    """A crease: a blurred dark line with a light one beside it."""

    thickness_px: int
    sigma_px: float
    dark: float
    light: float


SOFT_LINES = {
    "fold": SoftLine(4, 3.4, 0.2, 0.12),
    "pleat": SoftLine(2, 1.6, 0.42, 0.16),
    "quilt": SoftLine(2, 1.7, 0.5, 0.2),
}


@dataclass(frozen=True)
class Look:
    """Everything about an item's surface."""

    paints: dict[str, Paint]
    pattern: Picture | None  # RGB, canvas size; replaces the colour of patterned paints
    background: Rgb


@dataclass(frozen=True)
class Pose:
    """Where the figure lies on the canvas."""

    scale: float  # canvas pixels per figure unit
    matrix: NDArray[np.float32]  # (2, 2) rotation, mirror and scale
    offset_px: NDArray[np.float32]  # (2,)

    def place(self, curve: Curve) -> Curve:
        """Map a curve from figure units to canvas pixels."""
        return (curve @ self.matrix.T + self.offset_px).astype(np.float32)


class Painter:
    """Holds the canvas while one figure is painted, bottom layer first."""

    def __init__(self, look: Look, pose: Pose) -> None:
        """Start with an empty background."""
        self.look = look
        self.pose = pose
        self.canvas: Picture = raster.plain((CANVAS_WH[1], CANVAS_WH[0]), look.background)
        self.coverage: Mask = np.zeros((CANVAS_WH[1], CANVAS_WH[0]), dtype=np.uint8)

    def paint(self, figure: Figure) -> Picture:
        """Paint all layers and return the canvas, uint8 (480, 360, 3) RGB."""
        self._drop_shadow(figure)
        for _, group in groupby(figure.layers, key=_group_key):
            layers = list(group)
            for layer in layers:
                if isinstance(layer, Patch):
                    self._patch(layer)
            lines = [layer for layer in layers if isinstance(layer, Line)]
            if lines:
                self._lines(lines)
        return self.canvas

    def _placed(self, curves: tuple[Curve, ...]) -> list[Curve]:
        return [self.pose.place(curve) for curve in curves]

    def _drop_shadow(self, figure: Figure) -> None:
        quarter: Mask = np.zeros((CANVAS_WH[1] // 4, CANVAS_WH[0] // 4), dtype=np.uint8)
        for layer in figure.layers:
            if isinstance(layer, Patch) and not layer.within:
                raster.fill(quarter, [c / np.float32(4) for c in self._placed(layer.contours)], smooth=False)
            elif isinstance(layer, Line) and layer.style in ("cord", "chain"):
                thickness = max(1, round(layer.width * self.pose.scale / 4))
                raster.trace(quarter, [self.pose.place(layer.path) / np.float32(4)], thickness, smooth=False)
        near = raster.shifted(raster.blurred(quarter, 1.6), 1, 1)
        far = raster.shifted(raster.blurred(quarter, 5.0), 1, 3)
        shade = 1 - (near * np.float32(0.16) + far * np.float32(0.17)) * UNIT
        self.canvas = raster.shaded(self.canvas, raster.resized(shade.astype(np.float32), CANVAS_WH))

    def _patch(self, patch: Patch) -> None:
        contours = self._placed(patch.contours)
        region = region_around(contours, MARGIN_PX)
        if region is None:
            return
        mask, rim = region.fill(contours), region.trace(contours, loop=True)
        if patch.within:
            limit = region.fill(self._placed(patch.within))
            mask, rim = raster.overlap(mask, limit), raster.overlap(rim, limit)
        self._lay(region, mask, patch, typical_width(contours))
        if patch.relief > 0.05:
            self._darken(region, rim, 0.26 if luminance(self.look.paints[patch.paint].rgb) < 200 else 0.2)

    def _lay(self, region: Region, mask: Mask, patch: Patch, thickness_px: float) -> None:
        """Cast a shadow, then cover the region with the paint where the mask says so."""
        paint = self.look.paints[patch.paint]
        window = region.window
        if patch.cast > 0.02:
            reach = 2 if thickness_px > 6 else 1
            soft = raster.shifted(raster.blurred(mask, 1.2 * reach), reach // 2, reach)
            self._darken(region, raster.overlap(soft, self.coverage[window]), 0.4 * patch.cast)
        shade, facing = raster.relief(mask, thickness_px, patch.relief, LIGHT)
        if paint.fabric:
            shade = shade * fabric_tile(paint.fabric, patch.grain_deg)[window]
        if patch.fade:
            middle = raster.blurred(mask, max(2.0, thickness_px * 0.3)) * UNIT
            shade = shade * (1 + np.float32(patch.fade) * np.clip((middle - np.float32(0.6)) * np.float32(2.5), 0, 1))
        pattern = self._pattern(region, paint, patch.grain_deg)
        colour = raster.shaded_plain(shade, paint.rgb) if pattern is None else raster.shaded(pattern, shade)
        if paint.gloss > 0.08 and patch.relief > 0.02:
            amount = np.float32(paint.gloss * min(1.0, patch.relief) * float(np.clip(40 / thickness_px, 0.45, 1.0)))
            shine = raster.highlight(facing) * amount
            colour = raster.blended(np.full_like(colour, 255), colour, shine)
        self.canvas[window] = raster.blended(colour, self.canvas[window], mask * UNIT)
        self.coverage[window] = raster.union(self.coverage[window], mask)

    def _pattern(self, region: Region, paint: Paint, grain_deg: float) -> Picture | None:
        """Return the region's piece of the pattern, turned to the grain; None where the paint is plain."""
        height, width = region.shape
        pattern = self.look.pattern
        if pattern is None or not paint.patterned:
            return None
        if abs(grain_deg) < 3:
            return np.ascontiguousarray(pattern[region.window])
        about = (CANVAS_WH[0] / 2, CANVAS_WH[1] / 2)
        corner = np.array([[0, 0, region.x0], [0, 0, region.y0]], dtype=np.float64)
        matrix = np.asarray(cv2.getRotationMatrix2D(about, -grain_deg, 1.0), dtype=np.float64) - corner
        turned = cv2.warpAffine(pattern, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        return np.asarray(turned, dtype=np.uint8)

    def _darken(self, region: Region, mask: Mask, amount: float) -> None:
        window = region.window
        shade: Shade = 1 - mask * np.float32(amount / 255)
        self.canvas[window] = raster.shaded(np.ascontiguousarray(self.canvas[window]), shade)

    def _tint(self, region: Region, mask: Mask, rgb: Rgb, amount: float) -> None:
        window = region.window
        colour = raster.plain(region.shape, rgb)
        self.canvas[window] = raster.blended(colour, self.canvas[window], mask * np.float32(amount / 255))

    def _lines(self, lines: list[Line]) -> None:
        """Draw neighbouring lines of one style together."""
        first = lines[0]
        curves = [self.pose.place(line.path) for line in lines]
        width_px = first.width * self.pose.scale
        region = region_around(curves, MARGIN_PX + width_px)
        if region is None:
            return
        limit = region.fill(self._placed(first.within)) if first.within else None
        if first.style in ("cord", "chain"):
            if first.style == "chain":
                mask = region.beads(curves, width_px)
            else:
                mask = region.trace(curves, max(1, round(width_px)))
            body = Patch((), first.paint, relief=0.9 if width_px > 2 else 0.4, cast=0.6)
            self._lay(region, mask if limit is None else raster.overlap(mask, limit), body, max(2.0, width_px))
            return
        covered = self.coverage[region.window]
        self._surface_lines(region, curves, first, covered if limit is None else raster.overlap(covered, limit))

    def _surface_lines(self, region: Region, curves: list[Curve], line: Line, limit: Mask) -> None:
        """Draw seams, stitches, ribs and soft folds on what is painted already."""
        if line.style in SOFT_LINES:
            soft = SOFT_LINES[line.style]
            trace = raster.blurred(region.trace(curves, soft.thickness_px), soft.sigma_px)
            self._darken(region, raster.overlap(trace, limit), soft.dark)
            lit = raster.shifted(trace, soft.thickness_px, soft.thickness_px // 2)
            self._tint(region, raster.overlap(lit, limit), (255, 255, 255), soft.light)
            return
        thin = max(1, round(line.width))
        if line.style == "stitch":
            self._darken(region, raster.overlap(region.trace(curves), limit), 0.16)
            pieces = [piece for curve in curves for piece in dashes(curve)]
            if pieces:
                mask = raster.overlap(region.trace(pieces), limit)
                self._tint(region, mask, self.look.paints["stitch"].rgb, 0.75)
            return
        edge = line.style == "edge"
        trace = region.trace(curves, thin + edge)
        self._darken(region, raster.overlap(trace, limit), {"seam": 0.34, "edge": 0.55, "rib": 0.2}[line.style])
        if edge:
            self._darken(region, raster.overlap(raster.shifted(raster.blurred(trace, 2.0), 2, 1), limit), 0.5)


def _group_key(layer: Patch | Line) -> tuple[object, ...]:
    """Lines with equal keys may be drawn together."""
    if isinstance(layer, Patch):
        return ()
    return layer.style, layer.paint, layer.width, tuple(id(c) for c in layer.within)
