"""The window's picture: camera, ink and cursor in the middle, bars around them, results at the right.

Composition is pure: a state and a frame in, pixels out. Everything around the view is drawn into one
lasting buffer and only where it has changed; per frame remain one resize, the cursor and four corners.
"""

from __future__ import annotations

import cv2
import numpy as np

from air_sketch.datatypes import UInt8Array
from air_sketch.panel import ResultsPanel
from air_sketch.screen_bars import Bars
from air_sketch.screen_help import HAND_ROWS, Rows, draw_help
from air_sketch.screen_layout import Layout, Rect
from air_sketch.screen_paint import Brush, stroke_arc, stroke_circle
from air_sketch.screen_question import draw_question
from air_sketch.screen_state import ScreenState
from air_sketch.screen_theme import BACKGROUND, BANNER, BLACK, BODY, RADIUS_PX, WHITE
from air_sketch.screen_view import FrameView
from air_sketch.text import Rgb

CURSOR_RADIUS_PX = 7
SELECT_RING_RADIUS_PX = 30
SMALLEST_ERASER_PX = 8


class Screen:
    """Composes window pictures."""

    def __init__(self, layout: Layout, help_rows: Rows = HAND_ROWS, help_title: str = "Fingers up") -> None:
        """Prepare an empty window.

        Args:
            layout: sizes and places.
            help_rows: what the help page says about the hand (or the mouse).
            help_title: the heading over it.
        """
        self._brush = Brush()
        self._help_rows, self._help_title = help_rows, help_title
        self._panel = ResultsPanel(self._brush)
        self._bars = Bars(self._brush)
        self.layout = layout
        self._image_bgr = self._blank(layout)

    def resize(self, layout: Layout) -> None:
        """Take a new window size; everything is drawn anew."""
        if layout != self.layout:
            self.layout = layout
            self._image_bgr = self._blank(layout)

    def compose(self, state: ScreenState, view: FrameView, t_s: float) -> UInt8Array:
        """Draw one window picture.

        Args:
            state: captions, results, messages.
            view: picture, hand and tool of this frame.
            t_s: seconds, for the blinking text cursor and the busy mark.
        Returns:
            uint8 (H, W, 3) BGR of ``layout.window_wh``; the same buffer at every call.
        """
        image, layout = self._image_bgr, self.layout
        self._paste_view(image, layout.view, view.picture_bgr)
        if state.help_open:
            draw_help(image, layout.view, self._brush, self._help_rows, self._help_title)
        elif view.message:
            self._draw_message(image, layout.view, view.message, view.message_detail)
        elif view.show_cursor:
            self._draw_cursor(image, view)
        if state.question is not None and not state.help_open:
            draw_question(image, layout.view, self._brush, state.question)
        self._brush.round_corners(image, layout.view, BACKGROUND, RADIUS_PX)
        self._bars.draw(image, layout, state, view, t_s)
        self._panel.draw(image, layout.panel, state)
        return image

    def _blank(self, layout: Layout) -> UInt8Array:
        image = np.empty((layout.window_wh[1], layout.window_wh[0], 3), np.uint8)
        image[:] = BACKGROUND[::-1]
        self._bars.forget()
        return image

    def _paste_view(self, image: UInt8Array, place: Rect, picture_bgr: UInt8Array) -> None:
        roi = image[place.y : place.bottom, place.x : place.right]
        if picture_bgr.shape[:2] == roi.shape[:2]:
            roi[:] = picture_bgr
        else:
            shrinking = picture_bgr.shape[1] > place.w * 1.5
            method = cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
            cv2.resize(picture_bgr, (place.w, place.h), dst=roi, interpolation=method)

    def _draw_message(self, image: UInt8Array, place: Rect, message: str, detail: str) -> None:
        text = self._brush.text
        widest = max(text.width_px(message, BANNER), text.width_px(detail, BODY))
        width, height = min(place.w - 24, widest + 64), 104 if detail else 72
        card = Rect(place.x + (place.w - width) // 2, place.y + (place.h - height) // 2, width, height)
        self._brush.box(image, card, BACKGROUND, 16, 0.82)
        x, y = card.center_xy
        text.draw(image, message, x, y - (14 if detail else 0), BANNER, align="center", max_width_px=width - 40)
        text.draw(image, detail, x, y + 18, BODY, align="center", max_width_px=width - 40)

    def _draw_cursor(self, image: UInt8Array, view: FrameView) -> None:
        """Draw the eraser's circle, the picking ring, the pen's dot or the hovering ring."""
        clipped = image[self.layout.view.y : self.layout.view.bottom, self.layout.view.x : self.layout.view.right]
        scale = self.layout.view_scale
        if view.tool_state == "erase" and view.palm_px is not None:
            center = (view.palm_px[0] * scale, view.palm_px[1] * scale)
            radius = max(SMALLEST_ERASER_PX, round(view.eraser_radius_px * scale))
            self._brush.disc(clipped, center, radius, WHITE, 0.22)
            stroke_circle(clipped, center, radius, BLACK, 4)
            stroke_circle(clipped, center, radius, WHITE, 2)
            return
        if view.tip_px is None or view.tool_state == "lost":
            return
        tip = (view.tip_px[0] * scale, view.tip_px[1] * scale)
        if view.tool_state == "select" and view.select_progress > 0:
            color = view.select_color_rgb or WHITE
            stroke_circle(clipped, tip, SELECT_RING_RADIUS_PX, BLACK, 9)
            stroke_circle(clipped, tip, SELECT_RING_RADIUS_PX, (90, 98, 112), 6)
            stroke_arc(clipped, tip, SELECT_RING_RADIUS_PX, view.select_progress, color=_visible(color), width_px=6)
            self._brush.disc(clipped, tip, CURSOR_RADIUS_PX, color)
        elif view.tool_state == "draw":
            self._brush.disc(clipped, tip, CURSOR_RADIUS_PX, view.pen_color_rgb)
            stroke_circle(clipped, tip, CURSOR_RADIUS_PX + 1, WHITE, 2)
        else:
            stroke_circle(clipped, tip, CURSOR_RADIUS_PX + 2, BLACK, 4)
            stroke_circle(clipped, tip, CURSOR_RADIUS_PX + 2, WHITE, 2)


def _visible(color: Rgb) -> Rgb:
    """Lighten near-black ink so that its ring shows on the dark track."""
    return color if max(color) > 90 else WHITE
