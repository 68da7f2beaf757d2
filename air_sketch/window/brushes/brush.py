"""Shapes with soft edges, pictures and key caps: everything is drawn in place, on uint8 (H, W, 3) BGR."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from air_sketch.values.datatypes import PointPx, Rgb, UInt8Array
from air_sketch.window.brushes import text
from air_sketch.window.brushes.layout import Rect
from air_sketch.window.brushes.text import Sprite, blend_sprite, sprite_from_mask
from air_sketch.window.brushes.theme import BORDER, FIELD, KEYCAP

SUPERSAMPLING = 4
_SHIFT_BITS = 4  # OpenCV's sub-pixel coordinates: 1/16 pixel


def box(image_bgr: UInt8Array, rect: Rect, color: Rgb, radius_px: int = 0, alpha: float = 1.0) -> None:
    """Fill a rectangle with rounded corners; ``alpha`` 0..1 is its coverage."""
    if rect.w <= 0 or rect.h <= 0:
        return
    radius = min(radius_px, rect.w // 2, rect.h // 2)
    if radius == 0 and alpha >= 1.0:
        image_bgr[max(0, rect.y) : rect.bottom, max(0, rect.x) : rect.right] = color[::-1]
    else:
        blend_sprite(image_bgr, _rounded_box(rect.w, rect.h, radius, color, alpha), rect.x, rect.y)


def frame(image_bgr: UInt8Array, rect: Rect, color: Rgb, fill: Rgb, *, radius_px: int, width_px: int = 1) -> None:
    """Fill a rounded rectangle and draw its border."""
    box(image_bgr, rect, color, radius_px)
    box(image_bgr, rect.inset(width_px), fill, max(0, radius_px - width_px))


def disc(image_bgr: UInt8Array, center_xy: PointPx, radius_px: int, color: Rgb, alpha: float = 1.0) -> None:
    """Fill a circle."""
    rect = Rect(round(center_xy[0]) - radius_px, round(center_xy[1]) - radius_px, 2 * radius_px, 2 * radius_px)
    box(image_bgr, rect, color, radius_px, alpha)


def round_corners(image_bgr: UInt8Array, rect: Rect, color: Rgb, radius_px: int) -> None:
    """Paint the background colour over the corners of a picture."""
    right_px, low_px = rect.right - radius_px, rect.bottom - radius_px
    places = ((rect.x, rect.y), (right_px, rect.y), (rect.x, low_px), (right_px, low_px))
    for sprite, (x_px, y_px) in zip(_corners(color, radius_px), places, strict=True):
        blend_sprite(image_bgr, sprite, x_px, y_px)


def progress(image_bgr: UInt8Array, rect: Rect, fraction: float, color: Rgb) -> None:
    """Draw a progress bar."""
    box(image_bgr, rect, FIELD, rect.h // 2)
    filled = Rect(rect.x, rect.y, round(rect.w * min(max(fraction, 0.0), 1.0)), rect.h)
    if filled.w >= rect.h:
        box(image_bgr, filled, color, rect.h // 2)


def keycap_width_px(label: str) -> int:
    """Return how wide a key with this label is."""
    return max(22, text.width_px(label, KEYCAP) + 14)


def keycap(image_bgr: UInt8Array, label: str, x_px: int, middle_y_px: int) -> int:
    """Draw a key with its label; return its width."""
    width = keycap_width_px(label)
    frame(image_bgr, Rect(x_px, middle_y_px - 11, width, 22), BORDER, FIELD, radius_px=6)
    text.draw(image_bgr, label, x_px + width / 2, middle_y_px, KEYCAP, align="center")
    return width


def picture(image_bgr: UInt8Array, rect: Rect, picture_rgb: UInt8Array) -> None:
    """Fit a picture, uint8 (h, w, 3), into a rectangle without distortion."""
    place = rect.fit((picture_rgb.shape[1], picture_rgb.shape[0]))
    way = cv2.INTER_AREA if place.w < picture_rgb.shape[1] else cv2.INTER_CUBIC
    resized = cv2.resize(picture_rgb, (place.w, place.h), interpolation=way)
    image_bgr[place.rows_and_columns] = resized[:, :, ::-1]


def stroke_circle(image_bgr: UInt8Array, center_xy: PointPx, radius_px: float, color: Rgb, width_px: int) -> None:
    """Draw a circle line with sub-pixel placement."""
    stroke_arc(image_bgr, center_xy, radius_px, 1.0, color=color, width_px=width_px)


def stroke_arc(
    image_bgr: UInt8Array, center_xy: PointPx, radius_px: float, fraction: float, *, color: Rgb, width_px: int
) -> None:
    """Draw the part of a ring that is done, clockwise from the top."""
    one = 1 << _SHIFT_BITS
    center = (round(center_xy[0] * one), round(center_xy[1] * one))
    axes = (round(radius_px * one), round(radius_px * one))
    end_deg = 360.0 * min(max(fraction, 0.0), 1.0)
    cv2.ellipse(image_bgr, center, axes, -90, 0, end_deg, color[::-1], width_px, cv2.LINE_AA, _SHIFT_BITS)


@lru_cache(maxsize=200)
def _rounded_box(width_px: int, height_px: int, radius_px: int, color: Rgb, alpha: float) -> Sprite:
    mask = _rounded_mask(width_px, height_px, radius_px)
    return sprite_from_mask(np.rint(mask * alpha).astype(np.uint8), color)


@lru_cache(maxsize=20)
def _corners(color: Rgb, radius_px: int) -> list[Sprite]:
    """Return what lies outside a rounded rectangle's corners: left and right above, left and right below."""
    mask = np.asarray(255 - _rounded_mask(2 * radius_px, 2 * radius_px, radius_px), np.uint8)
    halves = (slice(None, radius_px), slice(radius_px, None))
    return [sprite_from_mask(mask[rows, columns], color) for rows in halves for columns in halves]


def _rounded_mask(width_px: int, height_px: int, radius_px: int) -> UInt8Array:
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
