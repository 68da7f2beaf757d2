"""Text on pictures: real fonts, any script we have glyphs for, and almost free when repeated.

OpenCV's own ``putText`` knows ASCII only. Here each label is set once with Pillow, kept as a
premultiplied sprite in a least-recently-used cache, and blended into the frame with two SIMD calls.
The fonts lie in ``air_sketch/fonts`` (Inter for Latin, Greek and Cyrillic, NanumSquare for Hangul and
kana, DejaVu Sans for the rest); scripts they lack are looked for in the system's fonts.
"""

from __future__ import annotations

import bisect
import math
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
from PIL import Image, ImageDraw

from air_sketch.values.datatypes import Rgb, UInt8Array
from air_sketch.window.brushes.fonts import MISSING_BOX, runs

ELLIPSIS = "…"
MAX_CHARACTERS = 400
CAP_HEIGHT_EM = 0.727  # Inter's


@dataclass(frozen=True)
class TextStyle:
    """How a label looks.

    Attributes:
        size_px: em size in pixels.
        color_rgb: letters, each 0..255.
        bold: semibold instead of regular (Latin, Greek, Cyrillic; other scripts have one weight).
    """

    size_px: int
    color_rgb: Rgb
    bold: bool = False


Sprite = tuple[UInt8Array, UInt8Array]
"""A picture with soft edges: colour times coverage, uint8 (H, W, 3) BGR, and how far the background shows through."""


def sprite_from_mask(mask: UInt8Array, color_rgb: Rgb) -> Sprite:
    """Colour a coverage mask, uint8 (H, W), 255 where the colour covers fully."""
    color_bgr = np.array(color_rgb[::-1], np.float32) / 255.0
    premultiplied = np.rint(mask[:, :, None].astype(np.float32) * color_bgr).astype(np.uint8)
    return premultiplied, np.repeat(255 - mask[:, :, None], 3, axis=2)


def blend_sprite(image_bgr: UInt8Array, sprite: Sprite, x_px: int, y_px: int) -> None:
    """Blend a sprite into a picture, in place, clipped at the edges; its left top corner may lie outside."""
    premultiplied, transmission = sprite
    height, width = transmission.shape[:2]
    left, top = max(0, x_px), max(0, y_px)
    right, bottom = min(image_bgr.shape[1], x_px + width), min(image_bgr.shape[0], y_px + height)
    if left >= right or top >= bottom:
        return
    roi = image_bgr[top:bottom, left:right]
    window = np.s_[top - y_px : bottom - y_px, left - x_px : right - x_px]
    cv2.multiply(roi, transmission[window], dst=roi, scale=1.0 / 255.0)
    cv2.add(roi, premultiplied[window], dst=roi)


def width_px(text: str, style: TextStyle) -> int:
    """Return how wide a label is, rounded up."""
    return math.ceil(_advance_px(printable(text), style.size_px, style.bold))


def draw(
    image_bgr: UInt8Array,
    text: str,
    x_px: float,
    middle_y_px: float,
    style: TextStyle,
    *,
    align: Literal["left", "center", "right"] = "left",
    max_width_px: int | None = None,
) -> int:
    """Draw one line with its capitals centred on a height.

    Args:
        image_bgr: uint8 (H, W, 3), changed in place.
        text: the label; control characters are dropped.
        x_px: left edge, centre or right edge, as ``align`` says.
        middle_y_px: where the middle of the capital letters goes.
        style: size, colour, weight.
        align: which side ``x_px`` is.
        max_width_px: longer labels end in an ellipsis.
    Returns:
        The width drawn, in pixels.
    """
    shown = text if max_width_px is None else shorten(text, style, max_width_px)
    if not shown:
        return 0
    width = width_px(shown, style)
    left = x_px - (0 if align == "left" else width if align == "right" else width / 2)
    top = middle_y_px + style.size_px * CAP_HEIGHT_EM / 2 - _baseline_px(style)
    blend_sprite(image_bgr, _label(shown, style), round(left), round(top))
    return width


def shorten(text: str, style: TextStyle, max_width_px: int, keep: Literal["start", "end"] = "start") -> str:
    """Cut a label to a width, with an ellipsis where it was cut; ``keep`` says which end stays readable."""
    whole = printable(text)
    if width_px(whole, style) <= max_width_px:
        return whole

    def cut(length: int) -> str:
        start = len(whole) - length
        return whole[:length].rstrip() + ELLIPSIS if keep == "start" else ELLIPSIS + whole[start:].lstrip()

    fitting = bisect.bisect_right(range(len(whole) + 1), max_width_px, key=lambda length: width_px(cut(length), style))
    return cut(max(0, fitting - 1))


def wrap(text: str, style: TextStyle, max_width_px: int, max_lines: int) -> list[str]:
    """Break a label at spaces into at most ``max_lines`` lines; the last one is shortened."""
    lines: list[str] = []
    words = printable(text).split()
    while words and len(lines) < max_lines - 1:
        line = words.pop(0)
        while words and width_px(f"{line} {words[0]}", style) <= max_width_px:
            line += " " + words.pop(0)
        lines.append(shorten(line, style, max_width_px))
    if words:
        lines.append(shorten(" ".join(words), style, max_width_px))
    return lines


@lru_cache(maxsize=2400)
def _advance_px(text: str, size_px: int, bold: bool) -> float:
    return sum(font.getlength(run) for font, run in runs(text, size_px, bold))


def _baseline_px(style: TextStyle) -> int:
    """Return the row of a label's sprite on which its letters stand."""
    return round(style.size_px * 1.15)


@lru_cache(maxsize=600)
def _label(text: str, style: TextStyle) -> Sprite:
    """Set a label."""
    shown, baseline = printable(text), _baseline_px(style)
    width = int(_advance_px(shown, style.size_px, style.bold)) + 6
    canvas = Image.new("L", (width, baseline + round(style.size_px * 0.45)), 0)
    pen, x = ImageDraw.Draw(canvas), 0.0
    for font, run in runs(shown, style.size_px, style.bold):
        pen.text((x, baseline), run, font=font, fill=255, anchor="ls")
        x += font.getlength(run)
    return sprite_from_mask(np.asarray(canvas, np.uint8), style.color_rgb)


def printable(text: str) -> str:
    """Make any string safe to set: composed, one line, no control or unpaired characters, not endless."""
    composed = unicodedata.normalize("NFC", text[:MAX_CHARACTERS])
    kept = []
    for character in composed:
        category = unicodedata.category(character)
        if category in {"Cc", "Zl", "Zp"}:
            kept.append(" ")
        elif category == "Cs":
            kept.append(MISSING_BOX)
        elif category != "Cf" and not "\ufe00" <= character <= "\ufe0f":
            kept.append(character)
    return "".join(kept)
