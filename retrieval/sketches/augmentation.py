"""Make training sketches look drawn by people, and photos taken by different shops.

The degradations follow what an ablation on human sketches found useful (gaps, elastic wobble, missing small
lines, simplification, uneven pens) and stay mild: stronger ones made retrieval worse.
"""

from __future__ import annotations

import cv2
import numpy as np

from retrieval.sketches.edges import drop_small, recenter
from retrieval.sketches.preprocessing import LINE_GRID_PX, render_one_color
from retrieval.sketches.redrawing import redraw
from retrieval.values.datatypes import BoolArray, Float32Array, Rgb, UInt8Array

# How often each degradation is applied, and how far (fractions of the grid, degrees).
AFFINE, ROTATION_DEG, STRETCH, SHEAR = 0.85, 9.0, 0.14, 0.08
ELASTIC, ELASTIC_PX = 0.4, 3.0
GAPS = 0.35
SMALL_LINES = 0.3
SIMPLIFY = 0.2
BAND = 0.25
FLIP = 0.25
REDRAWN = 0.4  # drawn again by hand; the others are degraded as lines


def degrade_lines(lines: BoolArray, rng: np.random.Generator) -> BoolArray:
    """Make thin lines, bool (grid, grid), look drawn by somebody: with the faults of a drawing, or redrawn."""
    return redrawn_lines(lines, rng) if rng.random() < REDRAWN else faulty_lines(lines, rng)


def redrawn_lines(lines: BoolArray, rng: np.random.Generator) -> BoolArray:
    """Draw lines again by a clumsy hand, see ``redraw``; now and then the other way round."""
    drawn = redraw(lines, rng)
    return drawn[:, ::-1] if rng.random() < FLIP else drawn


def faulty_lines(lines: BoolArray, rng: np.random.Generator) -> BoolArray:
    """Apply random faults to thin lines, bool (grid, grid); at least half of the ink stays."""
    result = lines
    if rng.random() < SMALL_LINES:
        result = drop_small(result, int(rng.integers(8, 40)))
    if rng.random() < GAPS:
        result = _cut_gaps(result, rng)
    if result.sum() < 0.5 * lines.sum():
        result = lines
    if rng.random() < AFFINE:
        result = _warp(result, rng)
    if rng.random() < FLIP:
        result = result[:, ::-1]
    return result


def crop_band(lines: BoolArray, rng: np.random.Generator) -> BoolArray:
    """Keep a horizontal band of the lines and fit it to the grid: the garment without head or legs."""
    top = int(LINE_GRID_PX * rng.uniform(0.0, 0.24))
    bottom = int(LINE_GRID_PX * rng.uniform(0.74, 1.0))
    kept = np.zeros_like(lines)
    kept[top:bottom] = lines[top:bottom]
    return recenter(kept) if kept.sum() > 40 else lines


def _cut_gaps(lines: BoolArray, rng: np.random.Generator) -> BoolArray:
    ys, xs = np.nonzero(lines)
    if ys.size == 0:  # there is no ink to cut
        return lines
    holes = np.zeros(lines.shape, np.uint8)
    for at in rng.integers(0, ys.size, int(rng.integers(1, 6))):
        cv2.circle(holes, (int(xs[at]), int(ys[at])), int(rng.integers(3, 10)), 1, -1)
    return np.asarray(lines & (holes == 0))


def _warp(lines: BoolArray, rng: np.random.Generator) -> BoolArray:
    centre = LINE_GRID_PX / 2
    angle = np.deg2rad(rng.normal(0, ROTATION_DEG / 2))
    stretch_x, stretch_y = np.exp(rng.normal(0, STRETCH / 2, 2))
    shear = rng.normal(0, SHEAR / 2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[stretch_x, shear], [0, stretch_y]]) * rng.uniform(0.9, 1.02)
    offset = np.array([centre, centre]) - matrix @ np.array([centre, centre]) + rng.normal(0, 2.0, 2)
    affine = np.column_stack([matrix, offset]).astype(np.float32)
    ink = lines.astype(np.uint8) * 255
    size = (LINE_GRID_PX, LINE_GRID_PX)
    if rng.random() < ELASTIC:
        shift = _smooth_field(ELASTIC_PX, rng)
        ys, xs = np.mgrid[0:LINE_GRID_PX, 0:LINE_GRID_PX].astype(np.float32)
        inverse = cv2.invertAffineTransform(affine)
        map_x = inverse[0, 0] * xs + inverse[0, 1] * ys + inverse[0, 2] + shift[0]
        map_y = inverse[1, 0] * xs + inverse[1, 1] * ys + inverse[1, 2] + shift[1]
        moved = cv2.remap(ink, map_x.astype(np.float32), map_y.astype(np.float32), cv2.INTER_LINEAR)
    else:
        moved = cv2.warpAffine(ink, affine, size, flags=cv2.INTER_LINEAR)
    if rng.random() < SIMPLIFY:
        small = cv2.resize(moved, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
        moved = cv2.resize(small, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(moved > 70)  # keeps a moved line connected and below two pixels wide


def _smooth_field(amplitude_px: float, rng: np.random.Generator) -> Float32Array:
    """Return a smooth random displacement, float32 (2, grid, grid), about ``amplitude_px`` strong."""
    coarse = rng.normal(0, amplitude_px * rng.uniform(0.3, 1.0), (2, 6, 6)).astype(np.float32)
    return np.stack([cv2.resize(c, (LINE_GRID_PX, LINE_GRID_PX), interpolation=cv2.INTER_CUBIC) for c in coarse])


def ink_sketch(lines: BoolArray, color_rgb: Rgb, size_px: int, rng: np.random.Generator) -> UInt8Array:
    """Draw lines with a pen of slightly varying width, as ``preprocessing.render_lines`` does.

    Returns:
        uint8 (size_px, size_px, 3).
    """
    pen_px = (2, 3, 3, 3, 4)[int(rng.integers(5))]
    return render_one_color(lines, color_rgb, size_px, pen_px)


def augment_photo(photo: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    """Shift, scale and sometimes blur a photo, uint8 (S, S, 3), a little; colours stay as they are."""
    size = photo.shape[0]
    scale = rng.uniform(0.88, 1.08)
    shift = size * (1 - scale) / 2 + rng.normal(0, 0.02 * size, 2)
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]], np.float32)
    moved = cv2.warpAffine(photo, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    if rng.random() < 0.2:
        moved = cv2.GaussianBlur(moved, (0, 0), rng.uniform(0.4, 0.9))
    return np.asarray(moved)
