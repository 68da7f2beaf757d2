"""Typed wrappers of the few OpenCV calls that the painter uses."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from garments.palette import Rgb

Picture = NDArray[np.uint8]  # (H, W, 3) RGB
Mask = NDArray[np.uint8]  # (H, W), 255 inside
Shade = NDArray[np.float32]  # (H, W), multiplies brightness

SUBPIXEL_BITS = 4
UNIT = np.float32(1 / 255)


def fixed_point(curve: NDArray[np.float32]) -> NDArray[np.int32]:
    """Convert pixels to OpenCV's sub-pixel integers."""
    return np.asarray(np.rint(curve * np.float32(2**SUBPIXEL_BITS)), dtype=np.int32)


def fill(mask: Mask, contours: Sequence[NDArray[np.float32]], *, smooth: bool = True) -> Mask:
    """Fill contours (even-odd) into the mask, in place."""
    kind = cv2.LINE_AA if smooth else cv2.LINE_8
    cv2.fillPoly(mask, [fixed_point(c) for c in contours], (255,), kind, SUBPIXEL_BITS)
    return mask


def trace(
    mask: Mask, curves: Sequence[NDArray[np.float32]], thickness_px: int, *, loop: bool = False, smooth: bool = True
) -> Mask:
    """Draw curves into the mask, in place."""
    kind = cv2.LINE_AA if smooth else cv2.LINE_8
    cv2.polylines(mask, [fixed_point(c) for c in curves], loop, (255,), thickness_px, kind, SUBPIXEL_BITS)
    return mask


def dots(mask: Mask, centres: NDArray[np.float32], radius_px: float) -> Mask:
    """Draw filled circles into the mask, in place."""
    radius = max(1, round(radius_px * 2**SUBPIXEL_BITS))
    for x, y in fixed_point(centres):
        cv2.circle(mask, (int(x), int(y)), radius, (255,), -1, cv2.LINE_AA, SUBPIXEL_BITS)
    return mask


def blurred(mask: Mask, sigma_px: float) -> Mask:
    """Blur a mask softly: twice a box, which is several times faster than a Gaussian of the same width."""
    size = 2 * max(1, round(sigma_px * 1.1)) + 1
    return np.asarray(cv2.blur(cv2.blur(mask, (size, size)), (size, size)), dtype=np.uint8)


def overlap(a: Mask, b: Mask) -> Mask:
    """Return the smaller value of two masks."""
    return np.asarray(cv2.min(a, b), dtype=np.uint8)


def union(a: Mask, b: Mask) -> Mask:
    """Return the larger value of two masks."""
    return np.asarray(cv2.max(a, b), dtype=np.uint8)


def shifted(mask: Mask, dx: int, dy: int) -> Mask:
    """Roll a mask by whole pixels."""
    return np.roll(mask, (dy, dx), (0, 1))


def resized(shade: Shade, wh: tuple[int, int]) -> Shade:
    """Resize a brightness map, linearly."""
    return np.asarray(cv2.resize(shade, wh, interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def plain(shape: tuple[int, int], rgb: Rgb) -> Picture:
    """Return a picture of one colour."""
    planes = [np.full(shape, value, dtype=np.uint8) for value in rgb]
    return np.asarray(cv2.merge(planes), dtype=np.uint8)


def shaded_plain(shade: Shade, rgb: Rgb) -> Picture:
    """Return one colour multiplied by a brightness map."""
    planes = [cv2.convertScaleAbs(shade, alpha=float(value)) for value in rgb]
    return np.asarray(cv2.merge(planes), dtype=np.uint8)


def shaded(picture: Picture, shade: Shade) -> Picture:
    """Multiply an RGB picture by a brightness map."""
    return np.asarray(cv2.multiply(picture, cv2.merge([shade, shade, shade]), dtype=cv2.CV_8U), dtype=np.uint8)


def blended(over: Picture, under: Picture, alpha: Shade) -> Picture:
    """Lay one picture over another with the given opacity."""
    below = np.ascontiguousarray(under)
    return np.asarray(cv2.blendLinear(over, below, alpha, np.float32(1) - alpha), dtype=np.uint8)


def relief(mask: Mask, thickness_px: float, strength: float, light: tuple[float, float]) -> tuple[Shade, Shade]:
    """Shade a mask as if it were softly padded.

    The blurred mask serves as a height map; its slope against the light gives the shade.

    Args:
        mask: uint8 (H, W).
        thickness_px: typical width of the shape; wider shapes get wider edges.
        strength: 0 is flat, 1 a cushion.
        light: direction of falling brightness.
    Returns:
        Brightness around 1, and how much each pixel faces the light (small where flat), both float32 (H, W).
    """
    height, width = mask.shape
    factor = int(np.clip(thickness_px / 9, 1, 6))
    size = (max(2, width // factor), max(2, height // factor))
    small = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), dtype=np.float32) * UNIT
    sigma = max(0.7, 0.24 * thickness_px / factor)
    level = cv2.GaussianBlur(small, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    slope_x = np.asarray(cv2.Sobel(level, cv2.CV_32F, 1, 0, scale=0.125), dtype=np.float32)
    slope_y = np.asarray(cv2.Sobel(level, cv2.CV_32F, 0, 1, scale=0.125), dtype=np.float32)
    facing = (slope_x * np.float32(light[0]) + slope_y * np.float32(light[1])) * np.float32(thickness_px / factor)
    padded = np.asarray(level, dtype=np.float32) - np.float32(0.86)
    shade = 1 + strength * (0.42 * padded + np.clip(0.26 * facing, -0.24, 0.12))
    return resized(np.asarray(shade, dtype=np.float32), (width, height)), resized(facing, (width, height))


def highlight(facing: Shade) -> Shade:
    """Return where a polished surface shines, 0 to 1: a soft band just inside the edge that faces the light."""
    rising = np.clip((facing - np.float32(0.1)) * np.float32(5), 0, 1)
    falling = np.clip((np.float32(0.46) - facing) * np.float32(5), 0, 1)
    return np.asarray(rising * falling, dtype=np.float32)
