"""Shapes with soft edges: rounded boxes, discs, progress bars, key caps."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import cv2
import numpy as np

from air_sketch.values.datatypes import PointPx, Rgb, UInt8Array
from air_sketch.window.brushes.layout import Rect
from air_sketch.window.brushes.text import Sprite, TextPainter, blend_sprite, sprite_from_mask
from air_sketch.window.brushes.theme import BORDER, FIELD, KEYCAP

SUPERSAMPLING = 4
SHAPES_KEPT = 200
STAMP_PHASES = 4  # a stamp is painted anew for every quarter of a pixel at which it may lie
_SHIFT_BITS = 4  # OpenCV's sub-pixel coordinates: 1/16 pixel

Paint = Callable[[UInt8Array, PointPx], None]
"""Paints something onto a picture (uint8, H x W x 3) around a point (x, y)."""


class Brush:
    """Draws shapes and text, and remembers the sprites of both."""

    def __init__(self) -> None:
        """Start with empty caches."""
        self.text = TextPainter()
        self._shapes: OrderedDict[tuple[object, ...], Sprite] = OrderedDict()
        self._corners: dict[tuple[Rgb, int], list[Sprite]] = {}

    def box(self, image_bgr: UInt8Array, rect: Rect, color: Rgb, radius_px: int = 0, alpha: float = 1.0) -> None:
        """Fill a rectangle with rounded corners, in place.

        Args:
            image_bgr: uint8 (H, W, 3).
            rect: where.
            color: RGB.
            radius_px: of the corners.
            alpha: 0..1 coverage.
        """
        if rect.w <= 0 or rect.h <= 0:
            return
        radius = min(radius_px, rect.w // 2, rect.h // 2)
        if radius == 0 and alpha >= 1.0:
            image_bgr[max(0, rect.y) : rect.bottom, max(0, rect.x) : rect.right] = color[::-1]
            return
        key = ("box", rect.w, rect.h, radius, color, alpha)
        sprite = self._shapes.get(key) or self._keep(
            key, sprite_from_mask(_scaled(rounded_mask(rect.w, rect.h, radius), alpha), color)
        )
        blend_sprite(image_bgr, sprite, rect.x, rect.y)

    def frame(
        self, image_bgr: UInt8Array, rect: Rect, color: Rgb, fill: Rgb, *, radius_px: int, width_px: int = 1
    ) -> None:
        """Fill a rounded rectangle and draw its border, in place."""
        self.box(image_bgr, rect, color, radius_px)
        self.box(image_bgr, rect.inset(width_px), fill, max(0, radius_px - width_px))

    def disc(self, image_bgr: UInt8Array, center_xy: PointPx, radius_px: int, color: Rgb, alpha: float = 1.0) -> None:
        """Fill a circle, in place."""
        rect = Rect(round(center_xy[0]) - radius_px, round(center_xy[1]) - radius_px, 2 * radius_px, 2 * radius_px)
        self.box(image_bgr, rect, color, radius_px, alpha)

    def stamp(
        self,
        image_bgr: UInt8Array,
        center_xy: PointPx,
        reach_px: int,
        name: tuple[object, ...],
        paint: Paint,
    ) -> None:
        """Paint something small that moves but always looks the same, in place; it is painted once and kept.

        Args:
            image_bgr: uint8 (H, W, 3).
            center_xy: where, to a quarter of a pixel.
            reach_px: how far from its centre it may touch pixels.
            name: what it is; one name for one look.
            paint: paints it onto a picture, around a point.
        """
        x, y = (round(coordinate * STAMP_PHASES) for coordinate in center_xy)
        phase = (x % STAMP_PHASES, y % STAMP_PHASES)
        key = ("stamp", name, phase)
        sprite = self._shapes.get(key)
        if sprite is None:
            center = (reach_px + phase[0] / STAMP_PHASES, reach_px + phase[1] / STAMP_PHASES)
            sprite = self._keep(key, _sprite_of(paint, center, 2 * reach_px + 2))
        blend_sprite(image_bgr, sprite, x // STAMP_PHASES - reach_px, y // STAMP_PHASES - reach_px)

    def round_corners(self, image_bgr: UInt8Array, rect: Rect, color: Rgb, radius_px: int) -> None:
        """Paint the background colour over the corners of a picture, in place."""
        key = (color, radius_px)
        if key not in self._corners:
            mask = np.asarray(255 - rounded_mask(2 * radius_px, 2 * radius_px, radius_px), np.uint8)
            halves = (slice(None, radius_px), slice(radius_px, None))
            self._corners[key] = [sprite_from_mask(mask[low, right], color) for low in halves for right in halves]
        right_px, low_px = rect.right - radius_px, rect.bottom - radius_px
        places = ((rect.x, rect.y), (right_px, rect.y), (rect.x, low_px), (right_px, low_px))
        for sprite, (x_px, y_px) in zip(self._corners[key], places, strict=True):
            blend_sprite(image_bgr, sprite, x_px, y_px)

    def progress(self, image_bgr: UInt8Array, rect: Rect, fraction: float, color: Rgb) -> None:
        """Draw a progress bar, in place."""
        self.box(image_bgr, rect, FIELD, rect.h // 2)
        filled = Rect(rect.x, rect.y, round(rect.w * min(max(fraction, 0.0), 1.0)), rect.h)
        if filled.w >= rect.h:
            self.box(image_bgr, filled, color, rect.h // 2)

    def keycap(self, image_bgr: UInt8Array, label: str, x_px: int, middle_y_px: int) -> int:
        """Draw a key with its label, in place; return its width."""
        width = max(22, self.text.width_px(label, KEYCAP) + 14)
        self.frame(image_bgr, Rect(x_px, middle_y_px - 11, width, 22), BORDER, FIELD, radius_px=6)
        self.text.draw(image_bgr, label, x_px + width / 2, middle_y_px, KEYCAP, align="center")
        return width

    def _keep(self, key: tuple[object, ...], sprite: Sprite) -> Sprite:
        self._shapes[key] = sprite
        if len(self._shapes) > SHAPES_KEPT:
            self._shapes.popitem(last=False)
        return sprite


def rounded_mask(width_px: int, height_px: int, radius_px: int) -> UInt8Array:
    """Return the coverage of a rounded rectangle, uint8 (height, width)."""
    mask = np.full((height_px, width_px), 255, np.uint8)
    if radius_px == 0:
        return mask
    big = radius_px * SUPERSAMPLING
    corner = np.zeros((big, big), np.uint8)
    cv2.circle(corner, (big, big), big, (255,), -1)
    quarter = cv2.resize(corner, (radius_px, radius_px), interpolation=cv2.INTER_AREA)
    mask[:radius_px, :radius_px] = quarter
    mask[:radius_px, -radius_px:] = quarter[:, ::-1]
    mask[-radius_px:, :radius_px] = quarter[::-1]
    mask[-radius_px:, -radius_px:] = quarter[::-1, ::-1]
    return mask


def stroke_circle(image_bgr: UInt8Array, center_xy: PointPx, radius_px: float, color: Rgb, width_px: int) -> None:
    """Draw a circle line with sub-pixel placement, in place."""
    one = 1 << _SHIFT_BITS
    center = (round(center_xy[0] * one), round(center_xy[1] * one))
    cv2.circle(image_bgr, center, max(1, round(radius_px * one)), color[::-1], width_px, cv2.LINE_AA, _SHIFT_BITS)


def stroke_arc(
    image_bgr: UInt8Array,
    center_xy: PointPx,
    radius_px: float,
    fraction: float,
    *,
    color: Rgb,
    width_px: int,
) -> None:
    """Draw the part of a ring that is done, clockwise from the top, in place."""
    one = 1 << _SHIFT_BITS
    center = (round(center_xy[0] * one), round(center_xy[1] * one))
    axes = (round(radius_px * one), round(radius_px * one))
    end_deg = 360.0 * min(max(fraction, 0.0), 1.0)
    cv2.ellipse(image_bgr, center, axes, -90, 0, end_deg, color[::-1], width_px, cv2.LINE_AA, _SHIFT_BITS)


def _sprite_of(paint: Paint, center_xy: PointPx, side_px: int) -> Sprite:
    """Paint on black and on white: what black gains is ink, and what white has beyond that shines through."""
    on_black = np.zeros((side_px, side_px, 3), np.uint8)
    on_white = np.full_like(on_black, 255)
    for image in (on_black, on_white):
        paint(image, center_xy)
    return Sprite(on_black, cv2.subtract(on_white, on_black))


def _scaled(mask: UInt8Array, alpha: float) -> UInt8Array:
    return mask if alpha >= 1.0 else np.rint(mask * max(alpha, 0.0)).astype(np.uint8)
