"""The bars around the view: tool, hand lamp and speed above, caption and status below; all drawn in place."""

from __future__ import annotations

import math

from air_sketch.desk.events import Status, Tone
from air_sketch.desk.state import DeskState
from air_sketch.drawing.pens import ink_name
from air_sketch.values.datatypes import Rgb, UInt8Array
from air_sketch.voice.events import Voice, VoicePhase
from air_sketch.window.brushes import brush, text, theme
from air_sketch.window.brushes.layout import Rect
from air_sketch.window.parts.frame_view import FrameView

TOOL_WORDS = {"draw": "Drawing", "erase": "Erasing", "select": "Choosing a pen", "hover": "Hovering", "lost": "Ready"}
SEGMENTS = 16
SEGMENT_WIDTH_PX, SEGMENT_GAP_PX = 5, 3
LOUD_FROM, TOO_LOUD_FROM = 0.7, 0.95


def draw_brand(image_bgr: UInt8Array, rect: Rect) -> int:
    """Clear the header and draw the program's name; return where the first chip goes."""
    brush.box(image_bgr, rect, theme.BACKGROUND)
    middle = rect.y + rect.h // 2
    brush.disc(image_bgr, (rect.x + 8, middle), 8, theme.ACCENT)
    brush.disc(image_bgr, (rect.x + 11, middle - 3), 3, theme.BACKGROUND)
    return rect.x + 26 + text.draw(image_bgr, theme.TITLE, rect.x + 26, middle, theme.BRAND) + 18


def draw_chip(image_bgr: UInt8Array, x: int, middle: int, words: str, color: Rgb, *, ring: bool = False) -> int:
    """Draw a pill with a coloured dot and words; return where the next one goes."""
    width = 36 + text.width_px(words, theme.LABEL)
    brush.box(image_bgr, Rect(x, middle - 14, width, 28), theme.SURFACE, 14)
    if ring:
        brush.disc(image_bgr, (x + 16, middle), 8, theme.WHITE)
    brush.disc(image_bgr, (x + 16, middle), 6 if ring else 5, color)
    text.draw(image_bgr, words, x + 28, middle, theme.LABEL)
    return x + width + 8


def draw_header(image_bgr: UInt8Array, rect: Rect, view: FrameView) -> None:
    """Draw what the hand does, with which pen, and how the camera is."""
    middle, result = rect.y + rect.h // 2, view.result
    tool = TOOL_WORDS["lost" if result is None else result.tool_state]
    pen = f"{ink_name(view.pen_rgb)} pen, {view.pen_width_px:.0f} px"
    x = draw_chip(image_bgr, draw_brand(image_bgr, rect), middle, f"{tool} · {pen}", view.pen_rgb, ring=True)
    lamp = ("Hand seen", theme.GREEN) if result is not None and result.hand_seen else ("No hand", theme.AMBER)
    x = draw_chip(image_bgr, x, middle, *(lamp if view.looks_for_hand else ("Mouse", theme.DIM)))
    if view.low_light:
        x = draw_chip(image_bgr, x, middle, "Low light", theme.AMBER)
    right = rect.right
    if view.fps > 0:
        right -= text.draw(image_bgr, f"{view.fps} fps", right, middle, theme.SMALL, align="right") + 14
    if view.recording and right - x > 70:
        width = text.draw(image_bgr, "REC", right, middle, theme.LABEL, align="right")
        brush.disc(image_bgr, (right - width - 12, middle), 5, theme.RED)


def draw_caption(image_bgr: UInt8Array, rect: Rect, state: DeskState, blink_on: bool) -> None:
    """Draw the line that is typed into: the caption, or the filter; or how a spoken caption goes."""
    filtering = state.query.typing
    typing = state.editing or filtering
    line = state.query.where if filtering else state.caption
    middle, left = rect.y + rect.h // 2, rect.x + 16
    edge, width = (theme.ACCENT, 2) if typing else (theme.BORDER, 1)
    brush.box(image_bgr, rect, theme.BACKGROUND)
    brush.frame(image_bgr, rect, edge, theme.FIELD, radius_px=10, width_px=width)
    if state.voice is not None:
        draw_voice(image_bgr, rect, state.voice)
        return
    if filtering:
        left += text.draw(image_bgr, "Only", left, middle, theme.LABEL) + 10
    right = rect.right - 14
    for cap, words in (("Enter", "filter" if filtering else "search"), ("Esc", "cancel"))[: 1 + typing]:
        right -= text.draw(image_bgr, words, right, middle, theme.SMALL, align="right") + 8
        right -= brush.keycap_width_px(cap)
        brush.keycap(image_bgr, cap, right, middle)
        right -= 14
    room = right - left - 14
    if not line and not typing:
        invitation = "Press T and type, or V and say, e.g. long red dress"
        text.draw(image_bgr, invitation, left, middle, theme.CAPTION_EMPTY, max_width_px=room)
        return
    shown = text.shorten(line, theme.CAPTION, room, keep="end" if typing else "start")
    text.draw(image_bgr, shown, left, middle, theme.CAPTION)
    if blink_on:
        end = left + text.width_px(shown, theme.CAPTION) + 2
        brush.box(image_bgr, Rect(end, middle - 12, 2, 24), theme.ACCENT)


def draw_voice(image_bgr: UInt8Array, rect: Rect, voice: Voice) -> None:
    """Draw a lamp, what is going on, and how loud it is, into the caption's frame."""
    middle, x = rect.y + rect.h // 2, rect.x + 16
    listening = voice.phase is VoicePhase.LISTENING
    brush.disc(image_bgr, (x + 6, middle), 6, theme.RED if listening else theme.ACCENT)
    x += 22 + text.draw(image_bgr, "Listening…" if listening else "Thinking…", x + 22, middle, theme.CAPTION) + 18
    right = rect.right - 14
    right -= text.draw(image_bgr, "cancel", right, middle, theme.SMALL, align="right") + 8
    brush.keycap(image_bgr, "Esc", right - 34, middle)
    if not listening:
        return
    for segment in range(SEGMENTS):
        left = x + segment * (SEGMENT_WIDTH_PX + SEGMENT_GAP_PX)
        share = (segment + 1) / SEGMENTS
        color = theme.RED if share > TOO_LOUD_FROM else theme.AMBER if share > LOUD_FROM else theme.GREEN
        height = 8 + segment
        place = Rect(left, middle - height // 2, SEGMENT_WIDTH_PX, height)
        brush.box(image_bgr, place, color if share <= voice.level + 1e-6 else theme.BORDER, 2)
    x += SEGMENTS * (SEGMENT_WIDTH_PX + SEGMENT_GAP_PX) + 14
    text.draw(image_bgr, f"{math.ceil(voice.left_s)} s", x, middle, theme.SMALL)


def draw_status(image_bgr: UInt8Array, rect: Rect, status: Status, busy_dot: int) -> None:
    """Draw the one line of news, with three dots of which one is lit (-1 for none), and the keys at its right."""
    middle, x, right = rect.y + rect.h // 2, rect.x + 4, rect.right
    brush.box(image_bgr, rect, theme.BACKGROUND)
    hints = "L live    F filter    S save    Z undo    H help    Q quit"
    hints_width = text.width_px(hints, theme.HINTS) + 20
    news_width = text.width_px(status.text, theme.BODY)
    if status.tone is not Tone.ERROR and hints_width + news_width + 40 < rect.w:  # news goes before hints
        text.draw(image_bgr, hints, right - 4, middle, theme.HINTS, align="right")
        right -= hints_width
    color = theme.TONE_COLORS[status.tone]
    if busy_dot >= 0:
        for dot in range(3):
            brush.disc(image_bgr, (x + 4 + dot * 9, middle), 3, color if dot == busy_dot else theme.FIELD)
        x += 34
    elif status.tone is not Tone.HINT:
        brush.disc(image_bgr, (x + 4, middle), 4, color)
        x += 18
    bar = 90 if status.fraction is not None and right - x > 260 else 0
    style = theme.BODY if status.tone is not Tone.ERROR else theme.ERROR
    x += text.draw(image_bgr, status.text, x, middle, style, max_width_px=right - x - bar - 50 * bool(bar))
    if bar and status.fraction is not None:
        brush.progress(image_bgr, Rect(x + 12, middle - 3, bar, 6), status.fraction, color)
        text.draw(image_bgr, f"{status.fraction:.0%}", x + bar + 20, middle, theme.SMALL)
