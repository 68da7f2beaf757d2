"""Transparent ink: curves drawn with soft edges into a premultiplied layer, and laid over pictures.

Lines are drawn with OpenCV's anti-aliasing at sub-pixel positions (``shift``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from air_sketch.values.datatypes import PointPx, Rgb, UInt8Array

Box = tuple[int, int, int, int]
"""left, top, right, bottom in pixels; right and bottom excluded."""

NOWHERE: Box = (0, 0, 0, 0)

FixedPoints = npt.NDArray[np.int32]
"""(N, 2), N >= 1, in sixteenths of a pixel."""

_SHIFT = 4
_SUBPIXELS = 1 << _SHIFT
_FARTHEST_PX = 30000
_REDRAW_PADDING_PX = 12  # OpenCV bends lines a little where it clips them; that happens outside of what is kept


@dataclass(frozen=True)
class Ink:
    """A curve, its colour, its width in pixels, and the pixels that it may touch."""

    fixed: FixedPoints
    color_rgb: Rgb
    width_px: float
    box: Box


def fixed_points(points_px: Sequence[PointPx], scale_xy: tuple[float, float]) -> FixedPoints:
    """Scale points and turn them into OpenCV's sub-pixel coordinates; such as lie very far away come nearer."""
    scaled = np.array(points_px, dtype=np.float64) * scale_xy
    return np.rint(scaled.clip(-_FARTHEST_PX, _FARTHEST_PX) * _SUBPIXELS).astype(np.int32)


def draw_curve(image: UInt8Array, fixed: FixedPoints, color: Rgb, width_px: float) -> None:
    """Draw one curve with round ends into a uint8 (H, W, 3), in place and in its channel order; one point is a dot."""
    if len(fixed) < 2:
        radius = max(1, round(width_px / 2.0 * _SUBPIXELS))
        cv2.circle(image, (int(fixed[0][0]), int(fixed[0][1])), radius, color, cv2.FILLED, cv2.LINE_AA, _SHIFT)
        return
    cv2.polylines(image, [fixed[:, None]], False, color, max(1, round(width_px)), cv2.LINE_AA, _SHIFT)


class InkSheet:
    """Premultiplied ink and how much of what lies beneath it covers.

    Attributes:
        box: where ink may be; outside of it nothing is blended.
    """

    def __init__(self, sheet_wh: tuple[int, int]) -> None:
        """Start empty, ``sheet_wh`` pixels."""
        self._planes = _empty_planes(*sheet_wh)
        self.box = NOWHERE

    def draw(self, ink: Ink) -> None:
        """Draw one curve over what is there."""
        _draw_planes(self._planes, ink.fixed, ink)
        self.box = union((self.box, ink.box))

    def redraw(self, inks: Iterable[Ink], box: Box) -> None:
        """Empty a box and draw the curves that touch it, clipped to it."""
        left, top, right, bottom = box
        pad = _REDRAW_PADDING_PX
        planes = _empty_planes(right - left + 2 * pad, bottom - top + 2 * pad)
        offset = np.array([left - pad, top - pad], dtype=np.int32) * _SUBPIXELS
        for ink in inks:
            if ink.box[0] < right and left < ink.box[2] and ink.box[1] < bottom and top < ink.box[3]:
                _draw_planes(planes, ink.fixed - offset, ink)
        self._planes[:, top:bottom, left:right] = planes[:, pad:-pad, pad:-pad]

    def copy_from(self, other: InkSheet, box: Box) -> None:
        """Take over what another sheet of the same size has in a box; it must be all that differs."""
        left, top, right, bottom = box
        self._planes[:, top:bottom, left:right] = other._planes[:, top:bottom, left:right]
        self.box = other.box

    def blend(self, picture_bgr: UInt8Array, into_bgr: UInt8Array) -> None:
        """Write a picture of the sheet's size, uint8 (H, W, 3), with the ink over it, into another or into itself."""
        if self.box == NOWHERE:
            if into_bgr is not picture_bgr:
                into_bgr[:] = picture_bgr
            return
        left, top, right, bottom = self.box
        ink_bgr, cover_bgr = self._planes
        # Saturating: exact but for the one pixel of a line's soft edge, and a fifth of the time of a product.
        cv2.subtract(picture_bgr, cover_bgr, dst=into_bgr)
        out = into_bgr[top:bottom, left:right]
        cv2.add(out, ink_bgr[top:bottom, left:right], dst=out)


def box_around(fixed: FixedPoints, width_px: float, sheet_wh: tuple[int, int]) -> Box:
    """Return the pixels of a sheet that a curve may touch."""
    margin = width_px / 2.0 + 2.0
    left, top = np.floor(fixed.min(axis=0) / _SUBPIXELS - margin).clip(0, sheet_wh).astype(int).tolist()
    right, bottom = np.ceil(fixed.max(axis=0) / _SUBPIXELS + margin).clip(0, sheet_wh).astype(int).tolist()
    return (left, top, right, bottom) if left < right and top < bottom else NOWHERE


def union(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around all."""
    real = [box for box in boxes if box != NOWHERE]
    if not real:
        return NOWHERE
    lefts, tops, rights, bottoms = zip(*real, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _empty_planes(width_px: int, height_px: int) -> UInt8Array:
    """Return ink and how much it covers, both BGR as OpenCV's pictures."""
    return np.zeros((2, height_px, width_px, 3), dtype=np.uint8)


def _draw_planes(planes: UInt8Array, fixed: FixedPoints, ink: Ink) -> None:
    """Give ink and its cover the same soft edge."""
    red, green, blue = ink.color_rgb
    draw_curve(planes[0], fixed, (blue, green, red), ink.width_px)
    draw_curve(planes[1], fixed, (255, 255, 255), ink.width_px)
