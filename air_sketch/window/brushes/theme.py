"""Name, colours, type sizes and spacing of the window, in one place.

Colours are RGB. Contrast of text on its surface is at least 4.5:1 (WCAG AA), faint text excepted.
"""

from __future__ import annotations

from air_sketch.desk.events import Tone
from air_sketch.values.datatypes import Rgb
from air_sketch.window.brushes.text import TextStyle

TITLE = "Air Sketch"

BACKGROUND: Rgb = (15, 17, 22)
SURFACE: Rgb = (24, 27, 34)
FIELD: Rgb = (33, 38, 48)
BORDER: Rgb = (48, 55, 68)
TEXT: Rgb = (240, 243, 248)
DIM: Rgb = (160, 170, 186)
FAINT: Rgb = (112, 122, 140)
ACCENT: Rgb = (122, 156, 255)
GREEN: Rgb = (74, 211, 149)
AMBER: Rgb = (255, 195, 90)
RED: Rgb = (255, 112, 112)
BLACK: Rgb = (0, 0, 0)
WHITE: Rgb = (255, 255, 255)
TRACK: Rgb = (90, 98, 112)
"""Of a ring over the camera picture that has not filled yet."""

TONE_COLORS: dict[Tone, Rgb] = {Tone.HINT: FAINT, Tone.BUSY: ACCENT, Tone.DONE: GREEN, Tone.ERROR: RED}

BRAND = TextStyle(17, TEXT, bold=True)
HEADING = TextStyle(15, TEXT, bold=True)
LABEL = TextStyle(13, TEXT, bold=True)
BODY = TextStyle(13, DIM)
ERROR = TextStyle(13, TEXT)
SMALL = TextStyle(12, DIM)
TINY = TextStyle(11, DIM)
KEYCAP = TextStyle(12, TEXT, bold=True)
HINTS = TextStyle(12, FAINT)
CAPTION = TextStyle(18, TEXT)
CAPTION_EMPTY = TextStyle(16, FAINT)
CARD_TITLE = TextStyle(12, TEXT, bold=True)
BADGE = TextStyle(12, WHITE, bold=True)
BANNER = TextStyle(20, TEXT, bold=True)
HELP_TITLE = TextStyle(22, TEXT, bold=True)

MARGIN_PX = 14
GAP_PX = 12
RADIUS_PX = 12
