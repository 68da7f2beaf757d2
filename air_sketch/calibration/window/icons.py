"""Little pictures of the calibration's phases: hands with fingers up or curled, and corners to reach for."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from air_sketch.calibration.phases import Phase
from air_sketch.values.datatypes import PointNorm, Rgb, UInt8Array
from air_sketch.window.brushes.text import Sprite, blend_sprite, sprite_from_mask

SUPERSAMPLING = 4

# All in parts of the icon's side; a right hand in a mirrored picture, its thumb at the left.
_FINGER_WIDTH, _GAP = 0.116, 0.028
_KNUCKLES = ((0.375, 0.5), (0.497, 0.48), (0.619, 0.5), (0.735, 0.55))
_TIPS = ((0.325, 0.15), (0.49, 0.08), (0.647, 0.13), (0.79, 0.27))
_CURLED_TO = 0.13
_PALM = ((0.365, 0.53), (0.745, 0.57), (0.745, 0.8), (0.64, 0.93), (0.47, 0.93), (0.345, 0.78))
_THUMB_OPEN = ((0.39, 0.8), (0.25, 0.66), (0.145, 0.54))
_THUMB_FOLDED = ((0.36, 0.72), (0.46, 0.75), (0.6, 0.71))

_FINGERS_UP: dict[Phase, tuple[bool, bool, bool, bool, bool]] = {
    Phase.PALM: (True, True, True, True, True),
    Phase.FIST: (False, False, False, False, False),
    Phase.POINT: (False, True, False, False, False),
    Phase.STILL: (False, True, False, False, False),
}


def draw_icon(
    image_bgr: UInt8Array, phase: Phase, center_xy: tuple[int, int], side_px: int, *, color: Rgb, left: bool
) -> None:
    """Draw a phase's icon, in place; ``left`` mirrors hands, for a left-handed person."""
    sprite = _icon(phase, side_px, color, left)
    blend_sprite(image_bgr, sprite, center_xy[0] - side_px // 2, center_xy[1] - side_px // 2)


@lru_cache(maxsize=100)
def _icon(phase: Phase, side_px: int, color: Rgb, left: bool) -> Sprite:
    return sprite_from_mask(icon_mask(phase, side_px, left), color)


def icon_mask(phase: Phase, side_px: int, left: bool = False) -> UInt8Array:
    """Return an icon's coverage, uint8 (side, side)."""
    large = np.zeros((side_px * SUPERSAMPLING, side_px * SUPERSAMPLING), np.uint8)
    if phase in _FINGERS_UP:
        _draw_hand(large, _FINGERS_UP[phase])
        if phase is Phase.STILL:
            _draw_stillness(large)
        large = _centred(large[:, ::-1] if left else large)
    else:
        _draw_corner(large, lower_right=phase is Phase.LOWER_RIGHT)
    return np.asarray(cv2.resize(large, (side_px, side_px), interpolation=cv2.INTER_AREA), np.uint8)


def _draw_hand(mask: UInt8Array, fingers_up: tuple[bool, bool, bool, bool, bool]) -> None:
    side = mask.shape[0]
    palm = np.array([[round(x * side), round(y * side)] for x, y in _PALM], np.int32)
    cv2.fillPoly(mask, [palm], (255,))
    cv2.polylines(mask, [palm], True, (255,), round(0.1 * side))
    for knuckle, tip, up in zip(_KNUCKLES, _TIPS, fingers_up[1:], strict=True):
        if up:
            _capsule(mask, [tip, (knuckle[0], knuckle[1] + 0.1)], _FINGER_WIDTH)
    for knuckle, up in zip(_KNUCKLES, fingers_up[1:], strict=True):
        if not up:
            _raised(mask, [(knuckle[0], knuckle[1] - 0.02), (knuckle[0], knuckle[1] + _CURLED_TO)], _FINGER_WIDTH)
    if fingers_up[0]:
        _capsule(mask, list(_THUMB_OPEN), _FINGER_WIDTH * 1.08)
    else:
        _raised(mask, list(_THUMB_FOLDED), _FINGER_WIDTH)


def _centred(mask: UInt8Array) -> UInt8Array:
    """Move what is drawn to the middle."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    side = mask.shape[0]
    down, right = (side - 1 - rows[0] - rows[-1]) // 2, (side - 1 - columns[0] - columns[-1]) // 2
    return np.ascontiguousarray(np.roll(mask, (down, right), axis=(0, 1)))


def _draw_stillness(mask: UInt8Array) -> None:
    """Put a ring around the fingertip."""
    side = mask.shape[0]
    center = (round(_TIPS[0][0] * side), round((_TIPS[0][1] + 0.02) * side))
    cv2.circle(mask, center, round(0.115 * side), (0,), round(0.05 * side), cv2.LINE_AA)
    cv2.circle(mask, center, round(0.125 * side), (255,), round(0.025 * side), cv2.LINE_AA)


def _draw_corner(mask: UInt8Array, *, lower_right: bool) -> None:
    """Draw a picture's frame, and an arrow to the corner."""
    side = mask.shape[0]
    width = round(0.035 * side)
    corners = ((0.1, 0.2), (0.9, 0.2), (0.9, 0.8), (0.1, 0.8))
    frame = np.array([[round(x * side), round(y * side)] for x, y in corners], np.int32)
    cv2.polylines(mask, [frame], True, (110,), width, cv2.LINE_AA)
    tip, tail = ((0.79, 0.69), (0.47, 0.46)) if lower_right else ((0.21, 0.31), (0.53, 0.54))
    toward = -0.17 if lower_right else 0.17
    _capsule(mask, [tail, tip], 0.07)
    _capsule(mask, [(tip[0] + toward, tip[1]), tip, (tip[0], tip[1] + toward)], 0.07)


def _raised(mask: UInt8Array, points: list[PointNorm], width: float) -> None:
    """Draw a capsule that stands out from what lies under it."""
    _capsule(mask, points, width + 2 * _GAP, 0)
    _capsule(mask, points, width)


def _capsule(mask: UInt8Array, points: list[PointNorm], width: float, value: int = 255) -> None:
    side = mask.shape[0]
    line = np.array([[round(x * side), round(y * side)] for x, y in points], np.int32)
    cv2.polylines(mask, [line], False, (value,), max(1, round(width * side)), cv2.LINE_AA)
