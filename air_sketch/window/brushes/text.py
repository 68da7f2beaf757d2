"""Text on pictures: real fonts, any script we have glyphs for, and almost free when repeated.

OpenCV's own ``putText`` knows ASCII only. Here each label is set once with Pillow, kept as a
premultiplied sprite in a least-recently-used cache, and blended into the frame with two SIMD calls.
The fonts lie in ``air_sketch/fonts`` (Inter for Latin, Greek and Cyrillic, NanumSquare for Hangul and
kana, DejaVu Sans for the rest); scripts they lack are looked for in the system's fonts.
"""

from __future__ import annotations

import unicodedata
from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum
from typing import Literal

import cv2
import numpy as np
from PIL import Image, ImageDraw

from air_sketch.values.datatypes import Rgb, UInt8Array
from air_sketch.window.brushes.fonts import FontBook

ELLIPSIS = "…"
PLACEHOLDER = "□"
MAX_CHARACTERS = 400
SPRITES_KEPT = 600

Align = Literal["left", "center", "right"]


class Weight(str, Enum):
    """How heavy the letters are."""

    REGULAR = "regular"
    SEMIBOLD = "semibold"


@dataclass(frozen=True)
class TextStyle:
    """How a label looks.

    Attributes:
        size_px: em size in pixels.
        color_rgb: letters, each 0..255.
        weight: regular or semibold (Latin, Greek, Cyrillic; other scripts have one weight).
    """

    size_px: int
    color_rgb: Rgb
    weight: Weight = Weight.REGULAR


@dataclass(frozen=True)
class Sprite:
    """A picture with soft edges, ready to be blended.

    Attributes:
        premultiplied_bgr: uint8 (H, W, 3), colour times coverage.
        transmission: uint8 (H, W, 3), 255 where the background shows through fully.
        baseline_px: row of the text's baseline; 0 for sprites without text.
    """

    premultiplied_bgr: UInt8Array
    transmission: UInt8Array
    baseline_px: int = 0

    @property
    def wh(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.premultiplied_bgr.shape[1], self.premultiplied_bgr.shape[0]


def sprite_from_mask(mask: UInt8Array, color_rgb: Rgb, baseline_px: int = 0) -> Sprite:
    """Colour a coverage mask.

    Args:
        mask: uint8 (H, W), 255 where the colour covers fully.
        color_rgb: each 0..255.
        baseline_px: kept in the sprite.
    """
    color_bgr = np.array(color_rgb[::-1], np.float32) / 255.0
    premultiplied = np.rint(mask[:, :, None].astype(np.float32) * color_bgr).astype(np.uint8)
    transmission = np.repeat(255 - mask[:, :, None], 3, axis=2)
    return Sprite(np.ascontiguousarray(premultiplied), np.ascontiguousarray(transmission), baseline_px)


def blend_sprite(image_bgr: UInt8Array, sprite: Sprite, x_px: int, y_px: int) -> None:
    """Blend a sprite into a picture, in place, clipped at the edges.

    Args:
        image_bgr: uint8 (H, W, 3).
        sprite: what to draw.
        x_px: left edge, may lie outside.
        y_px: top edge, may lie outside.
    """
    width, height = sprite.wh
    left, top = max(0, x_px), max(0, y_px)
    right, bottom = min(image_bgr.shape[1], x_px + width), min(image_bgr.shape[0], y_px + height)
    if left >= right or top >= bottom:
        return
    roi = image_bgr[top:bottom, left:right]
    window = np.s_[top - y_px : bottom - y_px, left - x_px : right - x_px]
    cv2.multiply(roi, sprite.transmission[window], dst=roi, scale=1.0 / 255.0)
    cv2.add(roi, sprite.premultiplied_bgr[window], dst=roi)


class TextPainter:
    """Sets labels and remembers them."""

    def __init__(self, fonts: FontBook | None = None) -> None:
        """Args: fonts: where glyphs come from; the shipped fonts by default."""
        self._fonts = fonts or FontBook()
        self._sprites: OrderedDict[tuple[str, TextStyle], Sprite] = OrderedDict()
        self._widths: OrderedDict[tuple[str, int, Weight], float] = OrderedDict()

    def width_px(self, text: str, style: TextStyle) -> int:
        """Return how wide a label is, rounded up."""
        return int(np.ceil(self._advance_px(printable(text), style)))

    def sprite(self, text: str, style: TextStyle) -> Sprite:
        """Return the label's sprite, set now or remembered."""
        key = (text, style)
        found = self._sprites.get(key)
        if found is not None:
            self._sprites.move_to_end(key)
            return found
        made = self._set(printable(text), style)
        self._sprites[key] = made
        if len(self._sprites) > SPRITES_KEPT:
            self._sprites.popitem(last=False)
        return made

    def draw(
        self,
        image_bgr: UInt8Array,
        text: str,
        x_px: float,
        middle_y_px: float,
        style: TextStyle,
        *,
        align: Align = "left",
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
        shown = text if max_width_px is None else self.shorten(text, style, max_width_px)
        if not shown:
            return 0
        width = self.width_px(shown, style)
        left = x_px - (0 if align == "left" else width if align == "right" else width / 2)
        sprite = self.sprite(shown, style)
        top = middle_y_px + self._fonts.cap_height_px(style.size_px) / 2 - sprite.baseline_px
        blend_sprite(image_bgr, sprite, round(left), round(top))
        return width

    def shorten(self, text: str, style: TextStyle, max_width_px: int, keep: Literal["start", "end"] = "start") -> str:
        """Cut a label to a width, with an ellipsis where it was cut.

        Args:
            text: the label.
            style: how it will be set.
            max_width_px: the room there is.
            keep: which end stays readable.
        """
        whole = printable(text)
        if self._advance_px(whole, style) <= max_width_px:
            return whole
        shortest, longest = 0, len(whole)
        while shortest < longest:
            middle = (shortest + longest + 1) // 2
            if self._advance_px(_cut(whole, middle, keep), style) <= max_width_px:
                shortest = middle
            else:
                longest = middle - 1
        return _cut(whole, shortest, keep) if shortest else ELLIPSIS

    def wrap(self, text: str, style: TextStyle, max_width_px: int, max_lines: int) -> list[str]:
        """Break a label at spaces into at most ``max_lines`` lines; the last one is shortened."""
        lines: list[str] = []
        words = printable(text).split()
        while words and len(lines) < max_lines - 1:
            line = words.pop(0)
            while words and self._advance_px(f"{line} {words[0]}", style) <= max_width_px:
                line += " " + words.pop(0)
            lines.append(self.shorten(line, style, max_width_px))
        if words:
            lines.append(self.shorten(" ".join(words), style, max_width_px))
        return lines

    def _advance_px(self, text: str, style: TextStyle) -> float:
        key = (text, style.size_px, style.weight)
        width = self._widths.get(key)
        if width is None:
            bold = style.weight is Weight.SEMIBOLD
            width = sum(font.getlength(run) for font, run in self._fonts.runs(text, style.size_px, bold))
            self._widths[key] = width
            if len(self._widths) > SPRITES_KEPT * 4:
                self._widths.popitem(last=False)
        return width

    def _set(self, text: str, style: TextStyle) -> Sprite:
        bold = style.weight is Weight.SEMIBOLD
        baseline = round(style.size_px * 1.15)
        canvas = Image.new("L", (int(self._advance_px(text, style)) + 6, baseline + round(style.size_px * 0.45)), 0)
        pen = ImageDraw.Draw(canvas)
        x = 0.0
        for font, run in self._fonts.runs(text, style.size_px, bold):
            pen.text((x, baseline), run, font=font, fill=255, anchor="ls")
            x += font.getlength(run)
        return sprite_from_mask(np.asarray(canvas, np.uint8), style.color_rgb, baseline)


def printable(text: str) -> str:
    """Make any string safe to set: composed, one line, no control or unpaired characters, not endless."""
    composed = unicodedata.normalize("NFC", text[:MAX_CHARACTERS])
    kept = []
    for character in composed:
        category = unicodedata.category(character)
        if category in {"Cc", "Zl", "Zp"}:
            kept.append(" ")
        elif category == "Cs":
            kept.append(PLACEHOLDER)
        elif category != "Cf" and not "\ufe00" <= character <= "\ufe0f":
            kept.append(character)
    return "".join(kept)


def _cut(text: str, length: int, keep: Literal["start", "end"]) -> str:
    if keep == "start":
        return text[:length].rstrip() + ELLIPSIS
    return ELLIPSIS + text[len(text) - length :].lstrip()
