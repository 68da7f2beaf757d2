"""Paints a figure: texture, pattern, rounded shading, folds, seams and a soft drop shadow on a studio background."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import cv2
import numpy as np
from numpy.typing import NDArray

from retrieval.demo_gallery.curves import Curve
from retrieval.demo_gallery.fabrics import fabric_tile
from retrieval.demo_gallery.figure import Figure, Line, Patch
from retrieval.demo_gallery.palette import Paint, Rgb, luminance

Picture = NDArray[np.uint8]
Mask = NDArray[np.uint8]
Shade = NDArray[np.float32]

CANVAS_WH = (360, 480)
SUBPIXEL_BITS = 4
LIGHT = (0.55, 0.83)  # direction towards which brightness falls: light comes from the upper left
MARGIN_PX = 9  # room around a patch for its shadow


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

    def fixed_point(self, curve: Curve) -> NDArray[np.int32]:
        """Convert canvas pixels to this region's sub-pixel integers for OpenCV."""
        local = (curve - np.float32([self.x0, self.y0])) * np.float32(2**SUBPIXEL_BITS)
        return np.rint(local).astype(np.int32)


def _region(curves: list[Curve], margin_px: float) -> Region | None:
    points = np.concatenate(curves)
    low = np.floor(points.min(axis=0) - margin_px).astype(int)
    high = np.ceil(points.max(axis=0) + margin_px).astype(int) + 1
    x0, y0 = max(0, int(low[0])), max(0, int(low[1]))
    x1, y1 = min(CANVAS_WH[0], int(high[0])), min(CANVAS_WH[1], int(high[1]))
    return Region(x0, y0, x1, y1) if x1 - x0 > 1 and y1 - y0 > 1 else None


def _fill(region: Region, contours: list[Curve]) -> Mask:
    mask = np.zeros(region.shape, dtype=np.uint8)
    cv2.fillPoly(mask, [region.fixed_point(c) for c in contours], 255, cv2.LINE_AA, SUBPIXEL_BITS)
    return mask


def _trace(region: Region, curves: list[Curve], thickness_px: int, loop: bool) -> Mask:
    mask = np.zeros(region.shape, dtype=np.uint8)
    cv2.polylines(mask, [region.fixed_point(c) for c in curves], loop, 255, thickness_px, cv2.LINE_AA, SUBPIXEL_BITS)
    return mask


def _relief(mask: Mask, thickness_px: float, gloss: float, strength: float) -> tuple[Shade, Shade | None]:
    """Shade a mask as if it were softly padded; also return where it shines."""
    height, width = mask.shape
    factor = int(np.clip(thickness_px / 9, 1, 6))
    size = (max(2, width // factor), max(2, height // factor))
    small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA).astype(np.float32) * np.float32(1 / 255)
    sigma = max(0.7, 0.24 * thickness_px / factor)
    height_map = cv2.GaussianBlur(small, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    slope_x = cv2.Sobel(height_map, cv2.CV_32F, 1, 0, scale=0.125)
    slope_y = cv2.Sobel(height_map, cv2.CV_32F, 0, 1, scale=0.125)
    facing = (slope_x * LIGHT[0] + slope_y * LIGHT[1]) * np.float32(thickness_px / factor)
    shade = 1.0 + strength * (0.42 * (height_map - 0.86) + np.clip(0.26 * facing, -0.24, 0.12))
    shade = cv2.resize(shade.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    if gloss < 0.08:
        return shade, None
    shine = np.clip((facing - 0.12) * 2.4, 0, 1) ** 2 * np.float32(gloss * 0.8 * min(1.0, strength))
    return shade, cv2.resize(shine.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)


class Painter:
    """Holds the canvas while one figure is painted, bottom layer first."""

    def __init__(self, look: Look, pose: Pose) -> None:
        """Start with an empty background."""
        self.look = look
        self.pose = pose
        self.canvas: Picture = np.full((CANVAS_WH[1], CANVAS_WH[0], 3), look.background, dtype=np.uint8)
        self.coverage: Mask = np.zeros((CANVAS_WH[1], CANVAS_WH[0]), dtype=np.uint8)

    def paint(self, figure: Figure) -> Picture:
        """Paint all layers and return the canvas, uint8 (480, 360, 3) RGB."""
        self._drop_shadow(figure)
        for key, group in groupby(figure.layers, key=_group_key):
            layers = list(group)
            if key is None:
                for layer in layers:
                    if isinstance(layer, Patch):
                        self._patch(layer)
            else:
                self._lines([layer for layer in layers if isinstance(layer, Line)])
        return self.canvas

    def _drop_shadow(self, figure: Figure) -> None:
        quarter = np.zeros((CANVAS_WH[1] // 4, CANVAS_WH[0] // 4), dtype=np.uint8)
        for layer in figure.layers:
            if isinstance(layer, Patch) and not layer.within:
                curves = [np.rint(self.pose.place(c) * 4).astype(np.int32) for c in layer.contours]
                cv2.fillPoly(quarter, curves, 255, cv2.LINE_8, 4)
            elif isinstance(layer, Line) and layer.style in ("cord", "chain"):
                points = np.rint(self.pose.place(layer.path) * 4).astype(np.int32)
                cv2.polylines(quarter, [points], False, 255, max(1, round(layer.width * self.pose.scale / 4)), cv2.LINE_8, 4)
        near = cv2.GaussianBlur(quarter, (0, 0), 1.6)
        far = cv2.GaussianBlur(quarter, (0, 0), 5.0)
        shadow = np.roll(near, (1, 1), (0, 1)) * np.float32(0.16 / 255) + np.roll(far, (3, 1), (0, 1)) * np.float32(0.17 / 255)
        full = cv2.resize(1.0 - shadow, CANVAS_WH, interpolation=cv2.INTER_LINEAR)
        self.canvas = _shaded(self.canvas, full)

    def _patch(self, patch: Patch) -> None:
        contours = [self.pose.place(c) for c in patch.contours]
        region = _region(contours, MARGIN_PX)
        if region is None:
            return
        mask = _fill(region, contours)
        rim = _trace(region, contours, 1, loop=True)
        if patch.within:
            limit = _fill(region, [self.pose.place(c) for c in patch.within])
            mask, rim = cv2.min(mask, limit), cv2.min(rim, limit)
        length = sum(cv2.arcLength(c, True) for c in contours)
        area = abs(sum(cv2.contourArea(c, True) * (1 if i == 0 else -1) for i, c in enumerate(contours)))
        if len(contours) > 1:
            area = abs(abs(cv2.contourArea(contours[0])) - abs(cv2.contourArea(contours[1])))
        self._lay(region, mask, patch.paint, 2.0 * area / max(length, 1.0), patch)
        if patch.relief > 0.05:
            self._darken(region, rim, 0.26 if luminance(self.look.paints[patch.paint].rgb) < 200 else 0.2)

    def _lay(self, region: Region, mask: Mask, paint_name: str, thickness_px: float, patch: Patch) -> None:
        """Cast a shadow, then cover the region with the paint where the mask says so."""
        paint = self.look.paints[paint_name]
        window = region.window
        if patch.cast > 0.02:
            reach = 2 if thickness_px > 6 else 1
            soft = cv2.GaussianBlur(mask, (0, 0), 1.2 * reach)
            soft = cv2.min(np.roll(soft, (reach, reach // 2), (0, 1)), self.coverage[window])
            self._darken(region, soft, 0.4 * patch.cast)
        colour = self._colour(region, paint, patch.grain_deg)
        shine: Shade | None = None
        if patch.relief > 0.02:
            shade, shine = _relief(mask, max(thickness_px, 2.0), paint.gloss, patch.relief)
        else:
            shade = np.ones(region.shape, dtype=np.float32)
        if paint.fabric:
            shade = shade * fabric_tile(paint.fabric, patch.grain_deg)[window]
        if patch.fade:
            glow = cv2.GaussianBlur(mask, (0, 0), max(2.0, thickness_px * 0.45)).astype(np.float32)
            shade = shade * (1 + patch.fade * (np.clip(glow * np.float32(1 / 255) - 0.55, 0, 1) * 2.4))
        colour = _shaded(colour, shade)
        if shine is not None:
            white = np.full_like(colour, 255)
            colour = cv2.blendLinear(white, colour, shine, 1.0 - shine)
        alpha = mask.astype(np.float32) * np.float32(1 / 255)
        self.canvas[window] = cv2.blendLinear(colour, np.ascontiguousarray(self.canvas[window]), alpha, 1.0 - alpha)
        self.coverage[window] = cv2.max(self.coverage[window], mask)

    def _colour(self, region: Region, paint: Paint, grain_deg: float) -> Picture:
        height, width = region.shape
        pattern = self.look.pattern
        if pattern is None or not paint.patterned:
            return np.full((height, width, 3), paint.rgb, dtype=np.uint8)
        if abs(grain_deg) < 3:
            return np.ascontiguousarray(pattern[region.window])
        centre = (CANVAS_WH[0] / 2, CANVAS_WH[1] / 2)
        matrix = cv2.getRotationMatrix2D(centre, -grain_deg, 1.0)
        matrix[:, 2] -= (region.x0, region.y0)
        return cv2.warpAffine(pattern, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT).astype(np.uint8)

    def _darken(self, region: Region, mask: Mask, amount: float) -> None:
        window = region.window
        shade = 1.0 - mask * np.float32(amount / 255)
        self.canvas[window] = _shaded(np.ascontiguousarray(self.canvas[window]), shade)

    def _lighten(self, region: Region, mask: Mask, rgb: Rgb, amount: float) -> None:
        window = region.window
        alpha = mask * np.float32(amount / 255)
        colour = np.full((*region.shape, 3), rgb, dtype=np.uint8)
        self.canvas[window] = cv2.blendLinear(colour, np.ascontiguousarray(self.canvas[window]), alpha, 1.0 - alpha)

    def _lines(self, lines: list[Line]) -> None:
        """Draw neighbouring lines of one style together."""
        first = lines[0]
        curves = [self.pose.place(line.path) for line in lines]
        width_px = first.width * self.pose.scale
        region = _region(curves, MARGIN_PX + width_px)
        if region is None:
            return
        if first.style in ("cord", "chain"):
            self._cord(region, curves, first, width_px)
            return
        limit = self.coverage[region.window]
        if first.within:
            limit = cv2.min(limit, _fill(region, [self.pose.place(c) for c in first.within]))
        self._surface_lines(region, curves, first, limit)

    def _cord(self, region: Region, curves: list[Curve], line: Line, width_px: float) -> None:
        thickness = max(1, round(width_px))
        if line.style == "chain":
            mask = _links(region, curves, width_px)
        else:
            mask = _trace(region, curves, thickness, loop=False)
        if line.within:
            mask = cv2.min(mask, _fill(region, [self.pose.place(c) for c in line.within]))
        body = Patch((), line.paint, relief=0.9 if width_px > 2 else 0.4, cast=0.6)
        self._lay(region, mask, line.paint, max(2.0, width_px), body)

    def _surface_lines(self, region: Region, curves: list[Curve], line: Line, limit: Mask) -> None:
        style = line.style
        if style in ("fold", "pleat", "quilt"):
            soft = {"fold": 3.4, "pleat": 1.6, "quilt": 1.7}[style]
            trace = _trace(region, curves, 4 if style == "fold" else 2, loop=False)
            trace = cv2.GaussianBlur(trace, (0, 0), soft)
            dark, light = {"fold": (0.2, 0.12), "pleat": (0.42, 0.16), "quilt": (0.5, 0.2)}[style]
            shift = 4 if style == "fold" else 2
            self._darken(region, cv2.min(trace, limit), dark)
            self._lighten(region, cv2.min(np.roll(trace, (shift // 2, shift), (0, 1)), limit), (255, 255, 255), light)
            return
        thin = max(1, round(line.width))
        if style == "stitch":
            self._darken(region, cv2.min(_trace(region, curves, 1, loop=False), limit), 0.16)
            dashes = [dash for curve in curves for dash in _dashes(curve)]
            if dashes:
                mask = cv2.min(_trace(region, dashes, 1, loop=False), limit)
                self._lighten(region, mask, self.look.paints["stitch"].rgb, 0.75)
            return
        dark = {"seam": 0.34, "edge": 0.55, "rib": 0.2}[style]
        trace = _trace(region, curves, thin + (1 if style == "edge" else 0), loop=False)
        self._darken(region, cv2.min(trace, limit), dark)
        if style == "edge":
            self._darken(region, cv2.min(np.roll(cv2.GaussianBlur(trace, (0, 0), 2.0), (1, 2), (0, 1)), limit), 0.5)


def _group_key(layer: Patch | Line) -> tuple[object, ...] | None:
    if isinstance(layer, Patch):
        return None
    return layer.style, layer.paint, layer.width, tuple(id(c) for c in layer.within)


def _shaded(picture: Picture, shade: Shade) -> Picture:
    """Multiply an RGB picture by a brightness map."""
    return cv2.multiply(picture, cv2.merge([shade, shade, shade]), dtype=cv2.CV_8U).astype(np.uint8, copy=False)


def _dashes(curve: Curve, on_px: float = 3.0, off_px: float = 2.4) -> list[Curve]:
    """Cut a curve in canvas pixels into dashes."""
    step = np.hypot(*np.diff(curve, axis=0).T)
    travelled = np.concatenate([[0.0], np.cumsum(step)])
    starts = np.arange(1.0, travelled[-1] - on_px, on_px + off_px)
    ends = np.stack([starts, starts + on_px], axis=1)
    x, y = np.interp(ends, travelled, curve[:, 0]), np.interp(ends, travelled, curve[:, 1])
    return list(np.stack([x, y], axis=2).astype(np.float32))


def _links(region: Region, curves: list[Curve], width_px: float) -> Mask:
    """Draw chains as rows of small beads."""
    mask = np.zeros(region.shape, dtype=np.uint8)
    for curve in curves:
        step = np.hypot(*np.diff(curve, axis=0).T)
        travelled = np.concatenate([[0.0], np.cumsum(step)])
        at = np.arange(0.0, travelled[-1], max(2.2, width_px * 1.05))
        points = np.stack([np.interp(at, travelled, curve[:, i]) for i in (0, 1)], axis=1).astype(np.float32)
        radius = max(1, round(max(1.0, width_px * 0.5) * 2**SUBPIXEL_BITS))
        for x, y in region.fixed_point(points):
            cv2.circle(mask, (int(x), int(y)), radius, 255, -1, cv2.LINE_AA, SUBPIXEL_BITS)
    return mask
