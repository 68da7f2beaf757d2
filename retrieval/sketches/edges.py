"""Derive line drawings from product photos, as training partners for people's drawings.

Every method returns thin lines on the line grid (``preprocessing.LINE_GRID_PX``), so that all of them, and
real drawings, reach the encoder through the same renderer.
"""

from __future__ import annotations

import re

import cv2
import numpy as np

from retrieval.sketches.preprocessing import (
    LINE_GRID_PX,
    LINE_MARGIN_PX,
    border_color,
    bounding_box,
    thin_lines,
    trim_margins,
)
from retrieval.values.datatypes import BoolArray, UInt8Array

PALE_WORDS = frozenset(
    ("white", "bright", "light", "pale", "ivory", "cream", "sky", "gray", "grey", "silver", "beige", "nude")
)
"""Colour words after which faint edges are lifted before Canny."""

PALE_LUMINANCE = 200.0
"""Mean luminance (0..255) of the item above which a photo counts as pale without being told."""

INNER_LINES = 6
"""Lines inside the silhouette that a contour drawing keeps."""

FOREGROUND_DISTANCE = 8.0
"""CIE Lab distance from the background above which a pixel belongs to the item."""


VARIANTS = ("canny_fine", "canny_medium", "canny_sparse", "contour")


def draw_variants(photo_rgb: UInt8Array, title: str) -> list[BoolArray]:
    """Derive one line drawing per entry of ``VARIANTS`` from a photo, fitted to the line grid."""
    grid = place_photo(photo_rgb)
    drawings = [canny_lines(grid, title, detail) for detail in (1.0, 0.5, 0.15)]
    return [recenter(lines) for lines in (*drawings, contour_lines(grid))]


def place_photo(photo_rgb: UInt8Array) -> UInt8Array:
    """Scale a trimmed photo onto a line grid of its border's colour: uint8 (LINE_GRID_PX, LINE_GRID_PX, 3)."""
    trimmed = trim_margins(photo_rgb)
    height, width = trimmed.shape[:2]
    scale = (LINE_GRID_PX - 2 * LINE_MARGIN_PX) / max(height, width)
    new_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    grid = np.empty((LINE_GRID_PX, LINE_GRID_PX, 3), np.uint8)
    grid[:] = border_color(trimmed)
    left, top = (LINE_GRID_PX - new_wh[0]) // 2, (LINE_GRID_PX - new_wh[1]) // 2
    grid[top : top + new_wh[1], left : left + new_wh[0]] = cv2.resize(trimmed, new_wh, interpolation=method)
    return grid


def foreground(grid_rgb: UInt8Array) -> BoolArray:
    """Find the item on a plain background by its CIE Lab distance from the border colour."""
    calm = cv2.medianBlur(grid_rgb, 5)  # JPEG ringing around the item is not the item
    lab = cv2.cvtColor(calm.astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB)
    paper = cv2.cvtColor(border_color(grid_rgb).reshape(1, 1, 3).astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB)
    mask = (np.linalg.norm(lab - paper, axis=2) > FOREGROUND_DISTANCE).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    solid = np.zeros_like(mask)
    large = [line for line in outlines if cv2.contourArea(line) > 0.004 * mask.size]
    cv2.drawContours(solid, large, -1, 1, thickness=cv2.FILLED)
    return np.asarray(solid > 0)


def is_pale(grey: UInt8Array, item: BoolArray, words: str) -> bool:
    """Tell whether faint edges must be lifted: title or caption say so, or the item itself is light.

    ``item`` is where the item is, bool (grid, grid), from ``foreground``; it has some pixels.
    """
    return bool(PALE_WORDS & set(re.findall(r"[a-z]+", words.lower()))) or float(grey[item].mean()) > PALE_LUMINANCE


def canny_lines(grid_rgb: UInt8Array, words: str = "", detail: float = 1.0) -> BoolArray:
    """Canny edges (PAMI 1986) of a placed photo; pale items get CLAHE and histogram equalisation first.

    Args:
        grid_rgb: from ``place_photo``.
        words: title or caption, searched for pale colour words.
        detail: 1 keeps fine seams and prints, 0 only the strong outlines.
    """
    grey = cv2.cvtColor(grid_rgb, cv2.COLOR_RGB2GRAY)
    item = foreground(grid_rgb)
    if item.any() and is_pale(grey, item, words):
        grey = _lift_pale(grey, item)
    smooth = cv2.bilateralFilter(grey, 5, 30 + 50 * (1 - detail), 5)
    smooth = cv2.GaussianBlur(smooth, (0, 0), 0.9 + 1.3 * (1 - detail))
    high = 70 + 70 * (1 - detail)
    found = np.asarray(cv2.Canny(smooth, high * 0.45, high, L2gradient=True))
    return drop_small(thin_lines(found), round(6 + 14 * (1 - detail)))


def _lift_pale(grey: UInt8Array, item: BoolArray) -> UInt8Array:
    """Raise faint edges inside the item and along its outline, leaving the background flat."""
    calm = cv2.bilateralFilter(grey, 7, 18, 7)
    lifted = cv2.createCLAHE(clipLimit=2.0, tileGridSize=(3, 3)).apply(calm)
    lifted = cv2.addWeighted(lifted, 0.75, cv2.equalizeHist(calm), 0.25, 0)
    lifted = cv2.GaussianBlur(lifted, (0, 0), 1.0)
    return np.where(item, np.minimum(lifted, 215), 255).astype(np.uint8)


def contour_lines(grid_rgb: UInt8Array) -> BoolArray:
    """Silhouette plus the few longest inner lines of a placed photo, as a person would draw the item."""
    item = foreground(grid_rgb).astype(np.uint8)
    if not item.any():
        return canny_lines(grid_rgb, detail=0.2)
    round_pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    smooth = cv2.morphologyEx(cv2.morphologyEx(item, cv2.MORPH_OPEN, round_pen), cv2.MORPH_CLOSE, round_pen)
    outlines, _ = cv2.findContours(smooth, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    ink = np.zeros_like(item)
    for line in outlines:
        if cv2.arcLength(line, True) > 20:
            simple = cv2.approxPolyDP(line, 1.2, True)
            cv2.polylines(ink, [simple], True, 255, 1)
    inside = cv2.erode(smooth, np.ones((9, 9), np.uint8)) > 0
    strong = canny_lines(grid_rgb, detail=0.35) & inside
    return np.asarray(thin_lines(ink) | keep_longest(strong, INNER_LINES))


def xdog_lines(grid_rgb: UInt8Array) -> BoolArray:
    """Line art of a placed photo by extended difference of Gaussians (Winnemoeller et al., Computers & Graphics 2012).

    Never used in training: it is the method on which drawings 'not made by Canny' are judged.
    """
    grey = cv2.cvtColor(grid_rgb, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255.0
    narrow = cv2.GaussianBlur(grey, (0, 0), 1.0)
    wide = cv2.GaussianBlur(grey, (0, 0), 1.6)
    response = 19.0 * narrow - 18.0 * wide
    dark = (response < 0.62).astype(np.uint8)
    dark &= (narrow - wide < -0.004).astype(np.uint8)
    return drop_small(thin_lines(dark * 255), 8)


def drop_small(lines: BoolArray, least_px: int) -> BoolArray:
    """Remove connected lines of fewer than ``least_px`` pixels."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(lines.astype(np.uint8), connectivity=8)
    keep = stats[:, cv2.CC_STAT_AREA] >= least_px
    keep[0] = False  # the paper
    return np.asarray(keep[labels])


def keep_longest(lines: BoolArray, count: int) -> BoolArray:
    """Keep the ``count`` connected lines with the most pixels."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(lines.astype(np.uint8), connectivity=8)
    order = np.argsort(-stats[1:, cv2.CC_STAT_AREA])[:count] + 1
    return np.isin(labels, order)


def recenter(lines: BoolArray) -> BoolArray:
    """Fit lines to the grid as ``preprocessing.extract_lines`` does: cropped to the ink, centred, margin kept."""
    box = bounding_box(lines)
    if box is None:
        return lines
    x0, y0, x1, y1 = box
    room = LINE_GRID_PX - 2 * LINE_MARGIN_PX
    scale = room / max(x1 - x0, y1 - y0)
    if 0.97 < scale < 1.04:
        scale = 1.0
    offset_x, offset_y = LINE_GRID_PX / 2 - scale * (x0 + x1) / 2, LINE_GRID_PX / 2 - scale * (y0 + y1) / 2
    shift = np.array([[scale, 0, offset_x], [0, scale, offset_y]], np.float32)
    thick = cv2.dilate(lines.astype(np.uint8) * 255, np.ones((2, 2), np.uint8))
    moved = cv2.warpAffine(thick, shift, (LINE_GRID_PX, LINE_GRID_PX), flags=cv2.INTER_LINEAR)
    return thin_lines((moved > 90).astype(np.uint8) * 255)
