"""Transparent ink: curves drawn with soft edges into a premultiplied layer, and laid over pictures.

Lines are drawn with OpenCV's anti-aliasing at sub-pixel positions (``shift``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from air_sketch.values.datatypes import BoundsPx, PointPx, Rgb, UInt8Array

Box = tuple[int, int, int, int]
"""left, top, right, bottom in pixels; right and bottom excluded."""

FixedPoints = npt.NDArray[np.int32]
"""(N, 2), N >= 1, in sixteenths of a pixel."""

Ink = tuple[FixedPoints, Rgb, float]
"""A curve, its RGB colour and its width in pixels."""

_SHIFT = 4
_SUBPIXELS = 1 << _SHIFT
_FARTHEST_PX = 30000
_REDRAW_PADDING_PX = 12  # OpenCV bends lines a little where it clips them; that happens outside of what is kept


def fixed_points(points_px: Sequence[PointPx], scale_xy: tuple[float, float]) -> FixedPoints:
    """Scale points and turn them into OpenCV's sub-pixel coordinates; such as lie very far away come nearer."""
    x_scale, y_scale = scale_xy[0] * _SUBPIXELS, scale_xy[1] * _SUBPIXELS
    low, high = -_FARTHEST_PX * _SUBPIXELS, _FARTHEST_PX * _SUBPIXELS
    near = [(round(min(max(x * x_scale, low), high)), round(min(max(y * y_scale, low), high))) for x, y in points_px]
    return np.array(near, dtype=np.int32)


def draw_curve(image: UInt8Array, fixed: FixedPoints, color: Rgb, width_px: float) -> None:
    """Draw one curve with round ends into an image, in place.

    Args:
        image: uint8 (H, W, 3).
        fixed: the curve; one point makes a dot.
        color: in the image's own channel order.
        width_px: line width.
    """
    if len(fixed) < 2:
        radius = max(1, round(width_px / 2.0 * _SUBPIXELS))
        cv2.circle(image, (int(fixed[0][0]), int(fixed[0][1])), radius, color, cv2.FILLED, cv2.LINE_AA, _SHIFT)
        return
    cv2.polylines(image, [fixed[:, None]], False, color, max(1, round(width_px)), cv2.LINE_AA, _SHIFT)


class InkSheet:
    """Premultiplied ink and its transparency.

    Attributes:
        box: where ink may be; outside of it nothing is blended. None for an empty sheet.
    """

    def __init__(self, sheet_wh: tuple[int, int]) -> None:
        """Start empty, ``sheet_wh`` pixels. Colours are kept in BGR for OpenCV's pictures."""
        width_px, height_px = sheet_wh
        self._ink_bgr = np.zeros((height_px, width_px, 3), dtype=np.uint8)
        self._clear_bgr = np.full((height_px, width_px, 3), 255, dtype=np.uint8)
        self.box: Box | None = None

    def clear(self) -> None:
        """Take all ink away."""
        if self.box is not None:
            left, top, right, bottom = self.box
            self._ink_bgr[top:bottom, left:right] = 0
            self._clear_bgr[top:bottom, left:right] = 255
        self.box = None

    def draw(self, ink: Ink, box: Box | None) -> None:
        """Draw one curve over what is there; ``box`` holds it, None when it lies off the sheet."""
        if box is not None:
            _draw_both(self._ink_bgr, self._clear_bgr, ink)
            self.box = union((self.box, box))

    def redraw(self, inks: Sequence[Ink], box: Box) -> None:
        """Empty a box and draw the curves that touch it, clipped to it."""
        left, top, right, bottom = box
        pad = _REDRAW_PADDING_PX
        ink_bgr = np.zeros((bottom - top + 2 * pad, right - left + 2 * pad, 3), dtype=np.uint8)
        clear_bgr = np.full_like(ink_bgr, 255)
        offset = np.array([left - pad, top - pad], dtype=np.int32) * _SUBPIXELS
        for fixed, color_rgb, width_px in inks:
            _draw_both(ink_bgr, clear_bgr, (fixed - offset, color_rgb, width_px))
        self._ink_bgr[top:bottom, left:right] = ink_bgr[pad:-pad, pad:-pad]
        self._clear_bgr[top:bottom, left:right] = clear_bgr[pad:-pad, pad:-pad]

    def copy_from(self, other: InkSheet, box: Box | None) -> None:
        """Take over what another sheet of the same size has in a box; it must be all that differs."""
        if box is not None:
            left, top, right, bottom = box
            self._ink_bgr[top:bottom, left:right] = other._ink_bgr[top:bottom, left:right]
            self._clear_bgr[top:bottom, left:right] = other._clear_bgr[top:bottom, left:right]
        self.box = other.box

    def blend(self, picture_bgr: UInt8Array, into_bgr: UInt8Array) -> None:
        """Write a picture of the sheet's size with the ink over it; every pixel is moved once.

        Args:
            picture_bgr: uint8 (H, W, 3), what lies under the ink.
            into_bgr: uint8 (H, W, 3), where the outcome goes; may be the picture itself.
        """
        left, top, right, bottom = self.box or (0, 0, 0, 0)
        if into_bgr is not picture_bgr:
            into_bgr[:top] = picture_bgr[:top]
            into_bgr[bottom:] = picture_bgr[bottom:]
            into_bgr[top:bottom, :left] = picture_bgr[top:bottom, :left]
            into_bgr[top:bottom, right:] = picture_bgr[top:bottom, right:]
        if self.box is not None:
            under, out = picture_bgr[top:bottom, left:right], into_bgr[top:bottom, left:right]
            cv2.multiply(under, self._clear_bgr[top:bottom, left:right], dst=out, scale=1.0 / 255.0)
            cv2.add(out, self._ink_bgr[top:bottom, left:right], dst=out)


def box_around(bounds_px: BoundsPx, width_px: float, sheet_wh: tuple[int, int]) -> Box | None:
    """Return the pixels that a curve within these bounds may touch, None when it lies off the sheet."""
    margin = width_px / 2.0 + 2.0
    left, top = max(0, math.floor(bounds_px[0] - margin)), max(0, math.floor(bounds_px[1] - margin))
    right = min(sheet_wh[0], math.ceil(bounds_px[2] + margin))
    bottom = min(sheet_wh[1], math.ceil(bounds_px[3] + margin))
    return (left, top, right, bottom) if left < right and top < bottom else None


def union(boxes: Sequence[Box | None]) -> Box | None:
    """Return the smallest box around all, None when there is none."""
    real = [box for box in boxes if box is not None]
    if not real:
        return None
    lefts, tops, rights, bottoms = zip(*real, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def overlap(a: Box | None, b: Box | None) -> bool:
    """Tell whether two boxes share a pixel."""
    return a is not None and b is not None and a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _draw_both(ink_bgr: UInt8Array, clear_bgr: UInt8Array, ink: Ink) -> None:
    """Give ink and transparency the same soft edge."""
    fixed, (red, green, blue), width_px = ink
    draw_curve(ink_bgr, fixed, (blue, green, red), width_px)
    draw_curve(clear_bgr, fixed, (0, 0, 0), width_px)
