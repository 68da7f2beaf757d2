"""Which font draws which character.

A label is split into runs: each character goes to the first font that has it, in the order shipped
fonts, then well-known fonts of the operating system. A character nobody has becomes a visible box.
"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

from PIL import ImageFont

FONT_FOLDER = Path(__file__).resolve().parents[2] / "fonts"
REGULAR_FONTS = ("Inter-Regular.otf", "AirSketchHangul-Regular.ttf", "DejaVuSans-Rest.ttf")
BOLD_FONTS = ("Inter-SemiBold.otf", *REGULAR_FONTS)
MISSING_BOX = "□"

# Names, not paths: folders differ between distributions. In the order tried.
SYSTEM_FONT_NAMES = (
    "NotoSansCJK-Regular.ttc", "NotoSansCJKkr-Regular.otf", "wqy-zenhei.ttc", "DroidSansFallbackFull.ttf",
    "NotoSansDevanagari-Regular.ttf", "NotoSansThai-Regular.ttf", "NotoSansBengali-Regular.ttf",
    "NotoSansTamil-Regular.ttf", "FreeSans.ttf", "Arial Unicode.ttf", "PingFang.ttc", "Hiragino Sans GB.ttc",
    "msyh.ttc", "meiryo.ttc", "Nirmala.ttf", "LeelawUI.ttf", "seguisym.ttf",
)  # fmt: skip
SYSTEM_FONT_FOLDERS = {
    "linux": ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts"),
    "darwin": ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
    "win32": ("C:/Windows/Fonts",),
}

_PROBE_SIZE_PX = 20
_NEVER_A_CHARACTER = "\U0010fffd"


class FontBook:
    """Opens fonts on demand and remembers who has which character."""

    def __init__(self, folder: Path = FONT_FOLDER, use_system_fonts: bool = True) -> None:
        """Open the shipped fonts.

        Args:
            folder: where the shipped fonts lie.
            use_system_fonts: also look in the operating system's font folders for missing characters.
        """
        self._shipped = {False: [folder / n for n in REGULAR_FONTS], True: [folder / n for n in BOLD_FONTS]}
        self._system: list[Path] | None = None if use_system_fonts else []
        self._fonts: dict[tuple[Path, int], ImageFont.FreeTypeFont] = {}
        self._missing_glyph: dict[Path, tuple[tuple[int, int], bytes]] = {}
        self._owner: dict[tuple[str, bool], Path | None] = {}

    def cap_height_px(self, size_px: int) -> float:
        """Return the height of capital letters; Inter's is 0.727 em."""
        return size_px * 0.727

    def runs(self, text: str, size_px: int, bold: bool) -> list[tuple[ImageFont.FreeTypeFont, str]]:
        """Split a label into pieces of one font each, in reading order of the string."""
        pieces: list[tuple[Path, str]] = []
        for character in text:
            if pieces and (unicodedata.combining(character) or character == " "):
                pieces[-1] = (pieces[-1][0], pieces[-1][1] + character)
                continue
            owner = self._find_owner(character, bold)
            shown = character if owner else MISSING_BOX
            path = owner or self._find_owner(MISSING_BOX, bold) or self._shipped[bold][0]
            if pieces and pieces[-1][0] == path:
                pieces[-1] = (path, pieces[-1][1] + shown)
            else:
                pieces.append((path, shown))
        return [(self._open(path, size_px), run) for path, run in pieces]

    def _open(self, path: Path, size_px: int) -> ImageFont.FreeTypeFont:
        key = (path, size_px)
        if key not in self._fonts:
            self._fonts[key] = ImageFont.truetype(str(path), size_px)
        return self._fonts[key]

    def _find_owner(self, character: str, bold: bool) -> Path | None:
        key = (character, bold)
        if key not in self._owner:
            shipped = next((p for p in self._shipped[bold] if self._has(p, character)), None)
            self._owner[key] = shipped or next((p for p in self._system_fonts() if self._has(p, character)), None)
        return self._owner[key]

    def _has(self, path: Path, character: str) -> bool:
        """Tell whether a font draws a character as something else than its box for missing ones."""
        try:
            font = self._open(path, _PROBE_SIZE_PX)
            if path not in self._missing_glyph:
                self._missing_glyph[path] = _glyph(font, _NEVER_A_CHARACTER)
            return character.isspace() or _glyph(font, character) != self._missing_glyph[path]
        except (OSError, ValueError):
            return False

    def _system_fonts(self) -> list[Path]:
        if self._system is None:
            folders = SYSTEM_FONT_FOLDERS.get(sys.platform, SYSTEM_FONT_FOLDERS["linux"])
            found: dict[str, Path] = {}
            for folder in folders:
                for path in Path(folder).expanduser().rglob("*.[to]t[cf]"):
                    found.setdefault(path.name, path)
            self._system = [found[name] for name in SYSTEM_FONT_NAMES if name in found]
        return self._system


def _glyph(font: ImageFont.FreeTypeFont, character: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(character)
    return mask.size, bytes(mask)
