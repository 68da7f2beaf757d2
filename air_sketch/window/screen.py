"""The window's picture: camera, ink and cursor in the middle, bars around them, results at the right.

Composition is pure: a state and a frame in, pixels out. Everything around the view is drawn into one
lasting buffer and only where it has changed; per frame the camera picture is copied (or resized) to its
place, and ink, cursor and four corners are laid over it there.
"""

from __future__ import annotations

import cv2
import numpy as np

from air_sketch.desk.events import Tone
from air_sketch.desk.state import DeskState, status_line
from air_sketch.drawing.ink.rendering import InkLayer
from air_sketch.drawing.sheet.document import Document
from air_sketch.values.datatypes import Rgb, StepResult, UInt8Array
from air_sketch.window.brushes import brush
from air_sketch.window.brushes.brush import stroke_arc, stroke_circle
from air_sketch.window.brushes.layout import Layout
from air_sketch.window.brushes.theme import BACKGROUND, BLACK, RADIUS_PX, TRACK, WHITE
from air_sketch.window.parts.bars import draw_caption, draw_header, draw_status
from air_sketch.window.parts.frame_view import FrameView
from air_sketch.window.parts.help_page import Rows, draw_help
from air_sketch.window.parts.question import draw_message, draw_question
from air_sketch.window.parts.results import draw_results

BLINK_S = 0.53
BUSY_DOTS_PER_S = 8
CURSOR_RADIUS_PX = 7
SELECT_RING_RADIUS_PX = 30
SMALLEST_ERASER_PX = 8


class Screen:
    """Composes window pictures."""

    def __init__(self, canvas_wh: tuple[int, int], help_rows: Rows = ()) -> None:
        """Prepare an empty window.

        Args:
            canvas_wh: size of the drawing.
            help_rows: what the help page says about the hand (or the mouse).
        """
        self._help_rows = help_rows
        self._lay_out(Layout.first(canvas_wh))

    def compose(
        self, window_wh: tuple[int, int], state: DeskState, view: FrameView, document: Document, now_s: float
    ) -> UInt8Array:
        """Draw one window picture.

        Args:
            window_wh: the window's inner size now.
            state: captions, results, messages.
            view: picture, hand and pen of this frame.
            document: the drawing.
            now_s: seconds, for the blinking text cursor and the busy mark.
        Returns:
            uint8 (H, W, 3) BGR of ``layout.window_wh``; the same buffer until that changes.
        """
        layout = Layout.for_window(window_wh, self.layout.canvas_wh)
        if layout != self.layout:
            self._lay_out(layout)
        self._ink.update(document.finished_strokes, document.wet_stroke)
        image, place = self._image_bgr, self._image_bgr[layout.view.rows_and_columns]
        self._ink.blend(fit(view.picture_bgr, place), place)
        if state.help_open:
            draw_help(image, layout.view, self._help_rows)
        elif view.message:
            draw_message(image, layout.view, view.message, view.detail)
        elif view.result is not None:
            self._draw_cursor(place, view.result, view.pen_rgb)
        if state.question is not None and not state.help_open:
            draw_question(image, layout.view, state.question)
        brush.round_corners(image, layout.view, BACKGROUND, RADIUS_PX)
        self._draw_bars(state, view, now_s)
        self._draw_results(state)
        return image

    def _lay_out(self, layout: Layout) -> None:
        """Take a new window size; everything is drawn anew."""
        self.layout = layout
        self._image_bgr = np.empty((layout.window_wh[1], layout.window_wh[0], 3), np.uint8)
        self._image_bgr[:] = BACKGROUND[::-1]
        self._ink = InkLayer(layout.canvas_wh, (layout.view.w, layout.view.h))
        self._shown: dict[str, tuple[object, ...]] = {}
        self._cards: object = None

    def _changed(self, part: str, *shown: object) -> bool:
        """Tell whether a part shows something else than at the last call."""
        changed = self._shown.get(part) != shown
        self._shown[part] = shown
        return changed

    def _draw_bars(self, state: DeskState, view: FrameView, now_s: float) -> None:
        hand = None if view.result is None else (view.result.tool_state, view.result.hand_seen)
        pen = (view.pen_rgb, round(view.pen_width_px))
        if self._changed("header", hand, pen, view.fps, view.recording, view.low_light):
            draw_header(self._image_bgr, self.layout.header, view)
        blink_on = (state.editing or state.query.typing) and int(now_s / BLINK_S) % 2 == 0
        line = (state.caption, state.query.where, state.editing, state.query.typing)
        if self._changed("caption", *line, blink_on, state.voice):
            draw_caption(self._image_bgr, self.layout.caption, state, blink_on)
        status = status_line(state)
        busy_dot = int(now_s * BUSY_DOTS_PER_S) % 3 if status.tone is Tone.BUSY else -1
        if self._changed("status", status, busy_dot):
            draw_status(self._image_bgr, self.layout.status, status, busy_dot)

    def _draw_results(self, state: DeskState) -> None:
        new_cards, self._cards = state.cards is not self._cards, state.cards
        search = (state.searching, state.searched_once, state.search_phase, state.search_note, state.loading)
        if self._changed("results", state.page, state.more, state.cards_caption, search, state.query) or new_cards:
            draw_results(self._image_bgr, self.layout.panel, state)

    def _draw_cursor(self, place: UInt8Array, result: StepResult, pen_rgb: Rgb) -> None:
        """Draw the eraser's circle, the picking ring, the pen's dot or the hovering ring; never beyond the view."""
        scale = self.layout.view.w / self.layout.canvas_wh[0]
        if result.tool_state == "erase" and result.palm_px is not None:
            center = (result.palm_px[0] * scale, result.palm_px[1] * scale)
            radius = max(SMALLEST_ERASER_PX, round(result.eraser_radius_px * scale))
            brush.disc(place, center, radius, WHITE, 0.22)
            stroke_circle(place, center, radius, BLACK, 4)
            stroke_circle(place, center, radius, WHITE, 2)
            return
        if result.tip_px is None or result.tool_state == "lost":
            return
        tip = (result.tip_px[0] * scale, result.tip_px[1] * scale)
        if result.tool_state == "select" and result.select_progress > 0:
            color = result.select_color_rgb or WHITE
            seen = color if max(color) > 90 else WHITE  # near-black ink would not show on the dark track
            stroke_circle(place, tip, SELECT_RING_RADIUS_PX, BLACK, 9)
            stroke_circle(place, tip, SELECT_RING_RADIUS_PX, TRACK, 6)
            stroke_arc(place, tip, SELECT_RING_RADIUS_PX, result.select_progress, color=seen, width_px=6)
            brush.disc(place, tip, CURSOR_RADIUS_PX, color)
        elif result.tool_state == "draw":
            brush.disc(place, tip, CURSOR_RADIUS_PX, pen_rgb)
            stroke_circle(place, tip, CURSOR_RADIUS_PX + 1, WHITE, 2)
        else:
            stroke_circle(place, tip, CURSOR_RADIUS_PX + 2, BLACK, 4)
            stroke_circle(place, tip, CURSOR_RADIUS_PX + 2, WHITE, 2)


def fit(picture_bgr: UInt8Array, place: UInt8Array) -> UInt8Array:
    """Return a picture in the size of its place: itself if it has that, else the place, with the picture resized there.

    A picture twice as large or more is halved first: that averages all pixels and is quick, where one step to an odd
    size would either leave pixels out or take milliseconds.
    """
    height, width = place.shape[:2]
    while picture_bgr.shape[0] >= 2 * height and picture_bgr.shape[1] >= 2 * width:
        half_wh = (picture_bgr.shape[1] // 2, picture_bgr.shape[0] // 2)
        picture_bgr = np.asarray(cv2.resize(picture_bgr, half_wh, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    if picture_bgr.shape[:2] == (height, width):
        return picture_bgr
    cv2.resize(picture_bgr, (width, height), dst=place, interpolation=cv2.INTER_LINEAR)
    return place
