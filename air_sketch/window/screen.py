"""The window's picture: camera, ink and cursor in the middle, bars around them, results at the right.

Composition is pure: a state and a frame in, pixels out. Everything around the view is drawn into one
lasting buffer and only where it has changed; per frame the camera picture is copied (or resized) to its
place, and ink, cursor and four corners are laid over it there.
"""

from __future__ import annotations

import cv2
import numpy as np

from air_sketch.desk.state import DeskState
from air_sketch.values.datatypes import PointPx, Rgb, UInt8Array
from air_sketch.window.brushes.brush import Brush, stroke_arc, stroke_circle
from air_sketch.window.brushes.layout import Layout, Rect
from air_sketch.window.brushes.theme import BACKGROUND, BANNER, BLACK, BODY, RADIUS_PX, TRACK, WHITE
from air_sketch.window.parts.bars import Bars
from air_sketch.window.parts.frame_view import FrameView
from air_sketch.window.parts.help_page import HAND_ROWS, Rows, draw_help
from air_sketch.window.parts.question import draw_question
from air_sketch.window.parts.results import ResultsPanel

CURSOR_RADIUS_PX = 7
CURSOR_REACH_PX = 14
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

    def compose(self, state: DeskState, view: FrameView, t_s: float) -> UInt8Array:
        """Draw one window picture.

        Args:
            state: captions, results, messages.
            view: picture, hand and tool of this frame.
            t_s: seconds, for the blinking text cursor and the busy mark.
        Returns:
            uint8 (H, W, 3) BGR of ``layout.window_wh``; the same buffer at every call.
        """
        image, layout = self._image_bgr, self.layout
        place = image[layout.view.y : layout.view.bottom, layout.view.x : layout.view.right]
        picture = fit(view.picture_bgr, place)
        if view.ink is not None:
            view.ink.blend(picture, place)
        elif picture is not place:
            place[:] = picture
        if state.help_open:
            draw_help(image, layout.view, self._brush, self._help_rows, self._help_title)
        elif view.message:
            self._draw_message(image, layout.view, view.message, view.message_detail)
        elif view.show_cursor:
            self._draw_cursor(place, view)
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

    def _draw_message(self, image: UInt8Array, place: Rect, message: str, detail: str) -> None:
        text = self._brush.text
        widest = max(text.width_px(message, BANNER), text.width_px(detail, BODY))
        width, height = min(place.w - 24, widest + 64), 104 if detail else 72
        card = Rect(place.x + (place.w - width) // 2, place.y + (place.h - height) // 2, width, height)
        self._brush.box(image, card, BACKGROUND, 16, 0.82)
        x, y = card.center_xy
        text.draw(image, message, x, y - (14 if detail else 0), BANNER, align="center", max_width_px=width - 40)
        text.draw(image, detail, x, y + 18, BODY, align="center", max_width_px=width - 40)

    def _draw_cursor(self, clipped: UInt8Array, view: FrameView) -> None:
        """Draw the eraser's circle, the picking ring, the pen's dot or the hovering ring; never beyond the view."""
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
            stroke_circle(clipped, tip, SELECT_RING_RADIUS_PX, TRACK, 6)
            stroke_arc(clipped, tip, SELECT_RING_RADIUS_PX, view.select_progress, color=_visible(color), width_px=6)
            self._brush.disc(clipped, tip, CURSOR_RADIUS_PX, color)
        else:
            dot = view.pen_color_rgb if view.tool_state == "draw" else None
            self._brush.stamp(
                clipped, tip, CURSOR_REACH_PX, ("cursor", dot), lambda image, at: self._paint_cursor(image, at, dot)
            )

    def _paint_cursor(self, image: UInt8Array, center: PointPx, dot: Rgb | None) -> None:
        """Paint the pen's dot in its colour, or the hovering ring."""
        if dot is None:
            stroke_circle(image, center, CURSOR_RADIUS_PX + 2, BLACK, 4)
            stroke_circle(image, center, CURSOR_RADIUS_PX + 2, WHITE, 2)
        else:
            self._brush.disc(image, center, CURSOR_RADIUS_PX, dot)
            stroke_circle(image, center, CURSOR_RADIUS_PX + 1, WHITE, 2)


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


def _visible(color: Rgb) -> Rgb:
    """Lighten near-black ink so that its ring shows on the dark track."""
    return color if max(color) > 90 else WHITE
