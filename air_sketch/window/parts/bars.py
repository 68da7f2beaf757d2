"""The bars around the view: tool, hand lamp and speed above, caption and status below."""

from __future__ import annotations

from air_sketch.desk.events import Status, Tone
from air_sketch.desk.state import DeskState, status_line
from air_sketch.drawing.pens import ink_name
from air_sketch.values.datatypes import Rgb, UInt8Array
from air_sketch.window.brushes.brush import Brush
from air_sketch.window.brushes.layout import Layout, Rect
from air_sketch.window.brushes.text import TextStyle
from air_sketch.window.brushes.theme import (
    ACCENT,
    AMBER,
    BACKGROUND,
    BODY,
    BORDER,
    BRAND,
    CAPTION,
    CAPTION_EMPTY,
    DIM,
    FAINT,
    FIELD,
    GREEN,
    LABEL,
    RED,
    SMALL,
    SURFACE,
    TEXT,
    TITLE,
    TONE_COLORS,
    WHITE,
)
from air_sketch.window.parts.frame_view import FrameView
from air_sketch.window.parts.voice_meter import draw_voice

BLINK_S = 0.53
SPEED_TOLD_EVERY_S = 0.5  # a number that flickers cannot be read, and costs a header every time
BUSY_DOTS_PER_S = 8
TOOL_WORDS = {"draw": "Drawing", "erase": "Erasing", "select": "Choosing a pen", "hover": "Hovering", "lost": "Ready"}


class Bars:
    """Draws each bar anew only when what it shows has changed."""

    def __init__(self, brush: Brush) -> None:
        """Args: brush: shared with the rest of the window."""
        self._brush = brush
        self._drawn: dict[str, tuple[object, ...]] = {}
        self._fps, self._fps_told_s = 0, 0.0

    def forget(self) -> None:
        """Draw everything at the next call, as after a resize."""
        self._drawn.clear()

    def draw(self, image_bgr: UInt8Array, layout: Layout, state: DeskState, view: FrameView, t_s: float) -> None:
        """Bring the bars up to date, in place."""
        status = status_line(state)
        typing = state.editing or state.query.typing
        blink_on = typing and int(t_s / BLINK_S) % 2 == 0
        busy_dot = int(t_s * BUSY_DOTS_PER_S) % 3 if status.tone is Tone.BUSY else -1
        fps = self._speed(round(view.fps), t_s)
        pen = (view.pen_color_rgb, round(view.pen_width_px))
        if self._changed("header", view.tool_state, view.hand_seen, *pen, fps, view.recording, view.low_light):
            self._draw_header(image_bgr, layout.header, view, fps)
        line = state.query.where if state.query.typing else state.caption
        if self._changed("caption", line, state.editing, state.query.typing, blink_on, state.voice):
            self._draw_caption(image_bgr, layout.caption, state, line, blink_on)
        if self._changed("status", status, busy_dot):
            self._draw_status(image_bgr, layout.status, status, busy_dot)

    def _speed(self, fps: int, t_s: float) -> int:
        """Return the frames a second to show: a steady number, but none at once when there are none."""
        if bool(fps) != bool(self._fps) or not 0.0 <= t_s - self._fps_told_s < SPEED_TOLD_EVERY_S:
            self._fps, self._fps_told_s = fps, t_s
        return self._fps

    def _changed(self, bar: str, *shown: object) -> bool:
        if self._drawn.get(bar) == shown:
            return False
        self._drawn[bar] = shown
        return True

    def _draw_header(self, image_bgr: UInt8Array, rect: Rect, view: FrameView, fps: int) -> None:
        brush, text = self._brush, self._brush.text
        brush.box(image_bgr, rect, BACKGROUND)
        middle = rect.y + rect.h // 2
        brush.disc(image_bgr, (rect.x + 8, middle), 8, ACCENT)
        brush.disc(image_bgr, (rect.x + 11, middle - 3), 3, BACKGROUND)
        x = rect.x + 26 + text.draw(image_bgr, TITLE, rect.x + 26, middle, BRAND) + 18
        x = self._chip(image_bgr, x, middle, _tool_words(view), color=view.pen_color_rgb, ring=True)
        if view.hand_seen is None:
            x = self._chip(image_bgr, x, middle, "Mouse", color=DIM)
        else:
            words, lamp = ("Hand seen", GREEN) if view.hand_seen else ("No hand", AMBER)
            x = self._chip(image_bgr, x, middle, words, color=lamp)
        if view.low_light:
            x = self._chip(image_bgr, x, middle, "Low light", color=AMBER)
        right = rect.right
        if fps > 0:
            right -= text.draw(image_bgr, f"{fps} fps", right, middle, SMALL, align="right") + 14
        if view.recording and right - x > 70:
            width = text.draw(image_bgr, "REC", right, middle, LABEL, align="right")
            brush.disc(image_bgr, (right - width - 12, middle), 5, RED)

    def _chip(self, image_bgr: UInt8Array, x: int, middle: int, words: str, *, color: Rgb, ring: bool = False) -> int:
        """Draw a pill with a coloured dot and words; return where the next one goes."""
        brush = self._brush
        width = 34 + brush.text.width_px(words, LABEL) + 2
        brush.box(image_bgr, Rect(x, middle - 14, width, 28), SURFACE, 14)
        if ring:
            brush.disc(image_bgr, (x + 16, middle), 8, WHITE)
        brush.disc(image_bgr, (x + 16, middle), 6 if ring else 5, color)
        brush.text.draw(image_bgr, words, x + 28, middle, LABEL)
        return x + width + 8

    def _draw_caption(self, image_bgr: UInt8Array, rect: Rect, state: DeskState, line: str, blink_on: bool) -> None:
        """Draw the line that is typed into: the caption, or the filter."""
        typing = state.editing or state.query.typing
        brush, text, middle = self._brush, self._brush.text, rect.y + rect.h // 2
        brush.box(image_bgr, rect, BACKGROUND)
        brush.frame(
            image_bgr,
            rect,
            ACCENT if typing else BORDER,
            FIELD,
            radius_px=10,
            width_px=2 if typing else 1,
        )
        left = rect.x + 16
        if state.voice is not None:
            draw_voice(image_bgr, rect, brush, state.voice)
            return
        if state.query.typing:
            left += text.draw(image_bgr, "Only", left, middle, LABEL) + 10
        hint_width = self._draw_caption_hint(image_bgr, rect, typing, "filter" if state.query.typing else "search")
        room = rect.right - 16 - hint_width - left - 12
        if not line and not typing:
            text.draw(image_bgr, "Press T and type, or V and say, e.g. long red dress", left, middle, CAPTION_EMPTY,
                      max_width_px=room)  # fmt: skip
            return
        shown = text.shorten(line, CAPTION, room, keep="end" if typing else "start")
        text.draw(image_bgr, shown, left, middle, CAPTION)
        if blink_on:
            end = left + text.width_px(shown, CAPTION) + 2
            brush.box(image_bgr, Rect(end, middle - 12, 2, 24), ACCENT)

    def _draw_caption_hint(self, image_bgr: UInt8Array, rect: Rect, typing: bool, enter: str) -> int:
        """Draw the keys that act on the caption, at its right; return their width."""
        brush, middle, x = self._brush, rect.y + rect.h // 2, rect.right - 14
        pairs = (("Esc", "cancel"), ("Enter", enter)) if typing else (("Enter", enter),)
        for cap, words in reversed(pairs):
            x -= brush.text.draw(image_bgr, words, x, middle, SMALL, align="right") + 8
            width = max(22, brush.text.width_px(cap, LABEL) + 12)
            x -= brush.keycap(image_bgr, cap, x - width, middle) + 14
        return rect.right - 14 - x

    def _draw_status(self, image_bgr: UInt8Array, rect: Rect, status: Status, busy_dot: int) -> None:
        brush, middle, x = self._brush, rect.y + rect.h // 2, rect.x + 4
        brush.box(image_bgr, rect, BACKGROUND)
        hints_width = 0
        if status.tone is not Tone.ERROR:
            hints = "L live    F filter    S save    Z undo    H help    Q quit"
            style = TextStyle(12, FAINT)
            hints_width = brush.text.width_px(hints, style) + 20
            if hints_width + brush.text.width_px(status.text, BODY) + 40 < rect.w:  # news goes before hints
                brush.text.draw(image_bgr, hints, rect.right - 4, middle, style, align="right")
            else:
                hints_width = 0
        color = TONE_COLORS[status.tone]
        if busy_dot >= 0:
            for dot in range(3):
                brush.disc(image_bgr, (x + 4 + dot * 9, middle), 3, color if dot == busy_dot else FIELD)
            x += 34
        elif status.tone is not Tone.HINT:
            brush.disc(image_bgr, (x + 4, middle), 4, color)
            x += 18
        room = rect.right - hints_width - x
        bar = 90 if status.fraction is not None and room > 260 else 0
        style = BODY if status.tone is not Tone.ERROR else TextStyle(13, TEXT)
        x += brush.text.draw(image_bgr, status.text, x, middle, style, max_width_px=room - bar - 50 * bool(bar))
        if bar and status.fraction is not None:
            brush.progress(image_bgr, Rect(x + 12, middle - 3, bar, 6), status.fraction, color)
            brush.text.draw(image_bgr, f"{status.fraction:.0%}", x + bar + 20, middle, SMALL)


def _tool_words(view: FrameView) -> str:
    pen = f"{ink_name(view.pen_color_rgb)} pen, {view.pen_width_px:.0f} px"
    return f"{TOOL_WORDS.get(view.tool_state, view.tool_state)} · {pen}"
