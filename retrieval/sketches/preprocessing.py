"""Bring photos and drawings into the one form that the encoder sees.

The same functions serve training, indexing and searching, so that a drawing made in the window is treated
exactly like a training sketch: cropped to its ink, centred on a white square, its lines thinned to one width.
Thin lines of one width matter more than any other step for drawings by people, because pens, screens and
zoom levels differ while the shape does not.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from retrieval.values.datatypes import BoolArray, LineDrawing, Rgb, UInt8Array

PREPARATION_VERSION = 1
"""Raised whenever ``prepare_photo`` gives other pixels, so that galleries are then encoded anew."""

LINE_GRID_PX = 160
"""Side of the square grid on which lines are one pixel wide."""

PACKED_BYTES = LINE_GRID_PX * LINE_GRID_PX // 8
"""Bytes of a bit-packed line grid."""

LINE_MARGIN_PX = 8
"""White frame kept around the ink on the line grid."""

INK_THRESHOLD = 0.18
"""A pixel is ink when it differs from the paper by this share of full range in any channel."""

FILL_WIDTH_PX = 11
"""Ink wider than this on the line grid is a filled area and is kept as one; thinner ink is a line."""

MARGIN_TOLERANCE = 14
"""A photo's margin may differ from its border colour by this much (0..255) and still be trimmed."""

MARGIN_KEEP = 0.03
"""Share of the longer side kept as margin around a trimmed photo."""


def border_color(picture_rgb: UInt8Array) -> UInt8Array:
    """Return the median colour of the outermost pixels, uint8 (3,)."""
    return np.median(_border_pixels(picture_rgb), axis=0).astype(np.uint8)


def _border_pixels(picture: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The outermost pixels: (H, W, ...) -> (N, ...)."""
    return np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])


def bounding_box(mask: BoolArray) -> tuple[int, int, int, int] | None:
    """Return (x0, y0, x1, y1) of the True pixels, ends excluded; None when there are none."""
    x0, y0, width, height = cv2.boundingRect(mask.astype(np.uint8))
    return (x0, y0, x0 + width, y0 + height) if width else None


def trim_margins(photo_rgb: UInt8Array) -> UInt8Array:
    """Cut away a photo's plain margins, so that the item fills the picture as a drawing does.

    A photo whose border is not of one colour (a room, a street) is returned as it is.
    """
    differs = _difference(photo_rgb, border_color(photo_rgb)) > MARGIN_TOLERANCE
    box = bounding_box(differs)
    if box is None or (~_border_pixels(differs)).mean() < 0.6:
        return photo_rgb
    height, width = photo_rgb.shape[:2]
    keep = round(MARGIN_KEEP * max(box[2] - box[0], box[3] - box[1])) + 1
    x0, y0 = max(box[0] - keep, 0), max(box[1] - keep, 0)
    x1, y1 = min(box[2] + keep, width), min(box[3] + keep, height)
    if (x1 - x0) * 8 < width and (y1 - y0) * 8 < height:  # a speck, not an item
        return photo_rgb
    return photo_rgb[y0:y1, x0:x1]


def _difference(picture_rgb: UInt8Array, color_rgb: UInt8Array) -> UInt8Array:
    """How far each pixel is from one colour, in the channel where it is farthest: uint8 (H, W)."""
    red, green, blue = cv2.split(cv2.absdiff(picture_rgb, (*(float(value) for value in color_rgb), 0.0)))
    return np.asarray(cv2.max(cv2.max(red, green), blue))


def pad_to_square(picture_rgb: UInt8Array, color_rgb: Rgb | UInt8Array) -> UInt8Array:
    """Centre a picture on a square of one colour."""
    height, width = picture_rgb.shape[:2]
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    square = np.empty((side, side, 3), np.uint8)
    square[:] = color_rgb
    square[top : top + height, left : left + width] = picture_rgb
    return square


def resize_square(square: UInt8Array, size_px: int) -> UInt8Array:
    """Resize a square picture without aliasing when shrinking, smoothly when enlarging."""
    method = cv2.INTER_AREA if square.shape[0] >= size_px else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(square, (size_px, size_px), interpolation=method))


def prepare_photo(photo_rgb: UInt8Array, size_px: int) -> UInt8Array:
    """Trim, pad and resize a photo for the encoder: uint8 (H, W, 3) -> uint8 (size_px, size_px, 3)."""
    trimmed = trim_margins(photo_rgb)
    return resize_square(pad_to_square(trimmed, border_color(trimmed)), size_px)


def extract_lines(picture_rgb: UInt8Array) -> LineDrawing:
    """Reduce a drawing on plain paper (any paper colour, any pen width) to thin lines on the line grid.

    Ink is what differs from the border's colour. It is cropped to its bounding box, scaled to the grid and
    thinned (Zhang & Suen, CACM 1984); areas wider than ``FILL_WIDTH_PX`` stay filled. A blank picture, uint8 (H, W, 3),
    gives an empty drawing.
    """
    ink = (_difference(picture_rgb, border_color(picture_rgb)) > INK_THRESHOLD * 255).astype(np.uint8)
    box = bounding_box(ink.astype(bool))
    if box is None:
        return black_drawing(np.zeros((LINE_GRID_PX, LINE_GRID_PX), bool))
    x0, y0, x1, y1 = box
    placed, color = _place_on_grid(ink[y0:y1, x0:x1], picture_rgb[y0:y1, x0:x1])
    return LineDrawing(thin_lines(placed), color)


def black_drawing(lines: BoolArray) -> LineDrawing:
    """Lines on the line grid, bool (grid, grid), in black ink."""
    return LineDrawing(lines, np.zeros((LINE_GRID_PX, LINE_GRID_PX, 3), np.uint8))


def pack_lines(lines: BoolArray) -> UInt8Array:
    """Bit-pack a line grid: bool (grid, grid) -> uint8 (grid * grid / 8,)."""
    return np.packbits(lines)


def unpack_lines(packed: UInt8Array) -> BoolArray:
    """Undo ``pack_lines``."""
    return np.unpackbits(packed).reshape(LINE_GRID_PX, LINE_GRID_PX).astype(bool)


def _place_on_grid(ink: UInt8Array, picture_rgb: UInt8Array) -> tuple[UInt8Array, UInt8Array]:
    """Scale cropped ink (0/1) and its colours to the grid, centred; returns (ink 0/255, colours)."""
    height, width = ink.shape
    room = LINE_GRID_PX - 2 * LINE_MARGIN_PX
    scale = room / max(height, width)
    new_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    solid = ink
    if scale < 1:  # keep thin lines alive: about as wide as a grid pixel before shrinking
        reach = math.ceil(0.85 / scale) if _is_hairline(ink) else max(1, round(0.5 / scale))
        solid = np.asarray(cv2.dilate(ink, np.ones((reach, reach), np.uint8)))
    weight = cv2.resize(ink.astype(np.float32), new_wh, interpolation=method)
    color = cv2.resize(picture_rgb.astype(np.float32) * ink[:, :, None], new_wh, interpolation=method)
    color = color / np.maximum(weight, 1e-3)[:, :, None]
    small = (cv2.resize(solid.astype(np.float32), new_wh, interpolation=method) > 0.4).astype(np.uint8) * 255
    left, top = (LINE_GRID_PX - new_wh[0]) // 2, (LINE_GRID_PX - new_wh[1]) // 2
    grid = np.zeros((LINE_GRID_PX, LINE_GRID_PX), np.uint8)
    grid[top : top + new_wh[1], left : left + new_wh[0]] = small
    colors = np.zeros((LINE_GRID_PX, LINE_GRID_PX, 3), np.float32)
    spread = cv2.dilate(color, np.ones((3, 3), np.uint8))
    filled = np.where((weight > 0.05)[:, :, None], color, spread)
    colors[top : top + new_wh[1], left : left + new_wh[0]] = filled
    return grid, np.clip(colors, 0, 255).astype(np.uint8)


def _is_hairline(ink: UInt8Array) -> bool:
    """Whether lines are at most some three pixels wide, so that a 3x3 erosion leaves less than half of them."""
    core = cv2.erode(ink, np.ones((3, 3), np.uint8))
    return bool(cv2.countNonZero(core) < 0.45 * cv2.countNonZero(ink))


def thin_lines(ink: UInt8Array) -> BoolArray:
    """Thin ink (0/255 on the line grid) to one-pixel lines; wide areas stay filled."""
    skeleton = np.asarray(cv2.ximgproc.thinning(ink)) > 0
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (FILL_WIDTH_PX, FILL_WIDTH_PX))
    areas = np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, disc)) > 0
    return np.asarray(skeleton | areas)


def render_lines(drawing: LineDrawing, size_px: int, pen_px: int = 3) -> UInt8Array:
    """Draw thin lines with one pen (its width on the line grid) on white paper: uint8 (size_px, size_px, 3)."""
    ink = _pen_over(drawing.lines, pen_px)
    color = _spread_color(drawing, pen_px)
    cover = resize_square(ink, size_px).astype(np.float32)[:, :, None] / 255.0
    inked = np.where(ink[:, :, None] > 0, color, 0).astype(np.uint8)
    tone = resize_square(inked, size_px).astype(np.float32) / np.maximum(cover, 1e-3)
    return np.clip(255.0 * (1.0 - cover) + tone * cover, 0, 255).astype(np.uint8)


def render_one_color(lines: BoolArray, color_rgb: Rgb, size_px: int, pen_px: int = 3) -> UInt8Array:
    """Draw thin lines in one ink: what ``render_lines`` gives for a single colour, several times faster."""
    cover = resize_square(_pen_over(lines, pen_px), size_px).astype(np.float32)[:, :, None] / 255.0
    missing = 255.0 - np.array(color_rgb, np.float32)
    return (255.0 - cover * missing).astype(np.uint8)


def _pen_over(lines: BoolArray, pen_px: int) -> UInt8Array:
    pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (pen_px, pen_px))
    return np.asarray(cv2.dilate(lines.astype(np.uint8) * 255, pen))


def _spread_color(drawing: LineDrawing, pen_px: int) -> UInt8Array:
    """Carry each line pixel's colour to the pixels that the pen covers around it (weighted mean)."""
    weight = drawing.lines.astype(np.float32)
    kernel = (pen_px + 2, pen_px + 2)
    total = cv2.blur(drawing.color_rgb.astype(np.float32) * weight[:, :, None], kernel)
    mass = np.maximum(cv2.blur(weight, kernel), 1e-4)
    return np.clip(total / mass[:, :, None], 0, 255).astype(np.uint8)
