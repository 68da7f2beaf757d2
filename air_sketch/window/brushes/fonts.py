"""Which font draws which character.

A label is split into runs: each character goes to the first font that has it, in the order shipped
fonts, then well-known fonts of the operating system. A character nobody has becomes a visible box.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

from PIL import ImageFont

FONT_FOLDER = Path(__file__).resolve().parents[2] / "fonts"
REGULAR_FONTS = ("Inter-Regular.otf", "AirSketchHangul-Regular.ttf", "DejaVuSans-Rest.ttf")
BOLD_FONTS = ("Inter-SemiBold.otf", *REGULAR_FONTS)
MISSING_BOX = "□"

# Pillow looks for these names in the operating system's font folders, in this order.
SYSTEM_FONTS = (
    "NotoSansCJK-Regular.ttc", "NotoSansCJKkr-Regular.otf", "wqy-zenhei.ttc", "DroidSansFallbackFull.ttf",
    "NotoSansDevanagari-Regular.ttf", "NotoSansThai-Regular.ttf", "NotoSansBengali-Regular.ttf",
    "NotoSansTamil-Regular.ttf", "FreeSans.ttf", "Arial Unicode.ttf", "PingFang.ttc", "Hiragino Sans GB.ttc",
    "msyh.ttc", "meiryo.ttc", "Nirmala.ttf", "LeelawUI.ttf", "seguisym.ttf",
)  # fmt: skip

_PROBE_SIZE_PX = 20
_NEVER_A_CHARACTER = "\U0010fffd"


def runs(text: str, size_px: int, bold: bool) -> list[tuple[ImageFont.FreeTypeFont, str]]:
    """Split a label into pieces of one font each, in reading order of the string.

    Raises:
        OSError: if a shipped font cannot be opened.
    """
    pieces: list[tuple[str, str]] = []
    for character in text:
        if pieces and (unicodedata.combining(character) or character == " "):
            name, shown = pieces[-1][0], character
        elif owner := _find_owner(character, bold):
            name, shown = owner, character
        else:
            name, shown = _find_owner(MISSING_BOX, bold), MISSING_BOX
        if pieces and pieces[-1][0] == name:
            pieces[-1] = (name, pieces[-1][1] + shown)
        else:
            pieces.append((name, shown))
    return [(_open(name, size_px), run) for name, run in pieces]


@cache
def _open(name: str, size_px: int) -> ImageFont.FreeTypeFont:
    shipped = FONT_FOLDER / name
    return ImageFont.truetype(str(shipped) if shipped.is_file() else name, size_px)


@cache
def _find_owner(character: str, bold: bool) -> str:
    """Name the first font that has a character, "" when none has."""
    shipped = next((name for name in (BOLD_FONTS if bold else REGULAR_FONTS) if _has(name, character)), "")
    return shipped or next((name for name in _installed_fonts() if _has(name, character)), "")


@cache
def _installed_fonts() -> list[str]:
    found = []
    for name in SYSTEM_FONTS:
        try:
            _open(name, _PROBE_SIZE_PX)
        except OSError:
            continue
        found.append(name)
    return found


def _has(name: str, character: str) -> bool:
    """Tell whether a font draws a character as something else than its box for missing ones."""
    return character.isspace() or _glyph(name, character) != _glyph(name, _NEVER_A_CHARACTER)


@cache
def _glyph(name: str, character: str) -> tuple[tuple[int, int], bytes]:
    mask = _open(name, _PROBE_SIZE_PX).getmask(character)
    return mask.size, bytes(mask)
