"""The caption line while somebody speaks: a lamp, what is going on, and how loud it is."""

from __future__ import annotations

import math

from air_sketch.values.datatypes import UInt8Array
from air_sketch.voice.events import Voice, VoicePhase
from air_sketch.window.brushes import brush, text
from air_sketch.window.brushes.layout import Rect
from air_sketch.window.brushes.theme import ACCENT, AMBER, BORDER, CAPTION, GREEN, RED, SMALL

SEGMENTS = 16
SEGMENT_WIDTH_PX, SEGMENT_GAP_PX = 5, 3
LOUD_FROM, TOO_LOUD_FROM = 0.7, 0.95


def draw_voice(image_bgr: UInt8Array, rect: Rect, voice: Voice) -> None:
    """Draw into the caption's frame, in place."""
    middle, x = rect.y + rect.h // 2, rect.x + 16
    listening = voice.phase is VoicePhase.LISTENING
    brush.disc(image_bgr, (x + 6, middle), 6, RED if listening else ACCENT)
    x += 22 + text.draw(image_bgr, "Listening…" if listening else "Thinking…", x + 22, middle, CAPTION) + 18
    right = rect.right - 14
    right -= text.draw(image_bgr, "cancel", right, middle, SMALL, align="right") + 8
    brush.keycap(image_bgr, "Esc", right - 34, middle)
    if not listening:
        return
    for segment in range(SEGMENTS):
        left = x + segment * (SEGMENT_WIDTH_PX + SEGMENT_GAP_PX)
        share = (segment + 1) / SEGMENTS
        color = RED if share > TOO_LOUD_FROM else AMBER if share > LOUD_FROM else GREEN
        height = 8 + segment
        place = Rect(left, middle - height // 2, SEGMENT_WIDTH_PX, height)
        brush.box(image_bgr, place, color if share <= voice.level + 1e-6 else BORDER, 2)
    x += SEGMENTS * (SEGMENT_WIDTH_PX + SEGMENT_GAP_PX) + 14
    text.draw(image_bgr, f"{math.ceil(voice.left_s)} s", x, middle, SMALL)
