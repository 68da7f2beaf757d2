"""The calibration window's picture: camera with the hand marked, what to do, and how far it has come."""

from __future__ import annotations

import cv2
import numpy as np

from air_sketch.calibration.phases import Phase
from air_sketch.calibration.sitting import CalibrationView
from air_sketch.calibration.window.icons import PhaseIcons
from air_sketch.calibration.window.panel import draw_panel
from air_sketch.values.datatypes import BoxNorm, Rgb, UInt8Array
from air_sketch.window.brushes.brush import Brush, stroke_arc, stroke_circle
from air_sketch.window.brushes.layout import Layout, Rect
from air_sketch.window.brushes.theme import (
    ACCENT,
    AMBER,
    BACKGROUND,
    BANNER,
    BLACK,
    BODY,
    BORDER,
    BRAND,
    FIELD,
    GREEN,
    LABEL,
    RADIUS_PX,
    RED,
    SMALL,
    SURFACE,
    TITLE,
    TRACK,
    WHITE,
)

RING_RADIUS_PX = 44


class CalibrationScreen:
    """Composes window pictures in the main window's dress."""

    def __init__(self, layout: Layout, name: str) -> None:
        """Args: layout: sizes and places. name: whose calibration it is."""
        self.layout = layout
        self._name = name
        self._brush = Brush()
        self._icons = PhaseIcons()

    def resize(self, layout: Layout) -> None:
        """Take a new window size."""
        self.layout = layout

    def compose(self, view: CalibrationView, picture_bgr: UInt8Array, message: str = "") -> UInt8Array:
        """Draw one window picture.

        Args:
            view: what to show.
            picture_bgr: the camera's picture, or the recorded hand on paper.
            message: a line over the picture, such as why there is none.
        Returns:
            uint8 (H, W, 3) BGR of ``layout.window_wh``.
        """
        layout = self.layout
        image = np.empty((layout.window_wh[1], layout.window_wh[0], 3), np.uint8)
        image[:] = BACKGROUND[::-1]
        place = layout.view
        roi = image[place.y : place.bottom, place.x : place.right]
        cv2.resize(picture_bgr, (place.w, place.h), dst=roi, interpolation=cv2.INTER_LINEAR)
        if message:
            self._draw_message(image, place, message)
        elif view.result is not None:
            _draw_box(roi, view.result.calibration.active_box_norm)
        else:
            self._draw_hand_marks(roi, view)
        self._brush.round_corners(image, place, BACKGROUND, RADIUS_PX)
        self._draw_header(image, layout.header, view)
        self._draw_instruction(image, layout.caption, view)
        self._draw_keys(image, layout.status, view)
        draw_panel(image, layout.panel, view, self._brush, self._icons)
        return image

    def _draw_header(self, image: UInt8Array, rect: Rect, view: CalibrationView) -> None:
        brush, middle = self._brush, rect.y + rect.h // 2
        brush.disc(image, (rect.x + 8, middle), 8, ACCENT)
        brush.disc(image, (rect.x + 11, middle - 3), 3, BACKGROUND)
        x = rect.x + 26 + brush.text.draw(image, TITLE, rect.x + 26, middle, BRAND) + 18
        seen = view.at_norm is not None
        for words, color in ((f"Calibrating {self._name}", ACCENT), _hand_words(view, seen)):
            shown = brush.text.shorten(words, LABEL, 260)
            width = 36 + brush.text.width_px(shown, LABEL)
            brush.box(image, Rect(x, middle - 14, width, 28), SURFACE, 14)
            brush.disc(image, (x + 16, middle), 5, color)
            brush.text.draw(image, shown, x + 28, middle, LABEL)
            x += width + 8

    def _draw_instruction(self, image: UInt8Array, rect: Rect, view: CalibrationView) -> None:
        words, color = _instruction(view)
        brush, middle = self._brush, rect.y + rect.h // 2
        brush.frame(image, rect, color, FIELD, radius_px=10, width_px=2)
        if view.refusal:
            lines = brush.text.wrap(words, LABEL, rect.w - 36, 2)
            for number, line in enumerate(lines):
                y = middle + round((number - (len(lines) - 1) / 2) * 18)
                brush.text.draw(image, line, rect.x + 18, y, LABEL, max_width_px=rect.w - 36)
        else:
            brush.text.draw(image, words, rect.x + 18, middle, BANNER, max_width_px=rect.w - 36)

    def _draw_keys(self, image: UInt8Array, rect: Rect, view: CalibrationView) -> None:
        brush, middle, x = self._brush, rect.y + rect.h // 2, rect.x + 4
        pairs = [("Esc", "keeps the old calibration"), ("R", "starts again")]
        if view.result is not None:
            pairs.insert(0, ("Enter", "saves now"))
        for cap, words in pairs:
            x += brush.keycap(image, cap, x, middle) + 8
            x += brush.text.draw(image, words, x, middle, SMALL) + 18

    def _draw_message(self, image: UInt8Array, place: Rect, message: str) -> None:
        text = self._brush.text
        lines = text.wrap(message, BODY, min(place.w - 80, 520), 3)
        width = min(place.w - 24, max(text.width_px(line, BODY) for line in lines) + 64)
        height = 40 + 22 * len(lines)
        card = Rect(place.x + (place.w - width) // 2, place.y + (place.h - height) // 2, width, height)
        self._brush.box(image, card, BACKGROUND, 16, 0.82)
        for number, line in enumerate(lines):
            y = card.y + 31 + 22 * number
            text.draw(image, line, card.center_xy[0], y, BODY, align="center", max_width_px=width - 40)

    def _draw_hand_marks(self, roi: UInt8Array, view: CalibrationView) -> None:
        """Draw the ring at the hand, and the corner box as it grows."""
        if view.at_norm is None or view.guidance is None or view.refusal:
            return
        height, width = roi.shape[:2]
        at = (float(np.clip(view.at_norm[0], -1, 2)) * width, float(np.clip(view.at_norm[1], -1, 2)) * height)
        if view.guidance.phase is Phase.LOWER_RIGHT and view.first_corner_norm is not None:
            _draw_box(roi, (*view.first_corner_norm, *view.at_norm))
        on_palm = view.guidance.phase in (Phase.PALM, Phase.FIST)
        radius = RING_RADIUS_PX if on_palm else RING_RADIUS_PX * 0.6
        stroke_circle(roi, at, radius, BLACK, 9)
        stroke_circle(roi, at, radius, GREEN if view.guidance.pausing else TRACK, 6)
        if view.guidance.progress > 0:
            stroke_arc(roi, at, radius, view.guidance.progress, color=WHITE, width_px=6)
        if not on_palm:
            self._brush.disc(roi, at, 4, WHITE)


def _draw_box(roi: UInt8Array, box_norm: BoxNorm) -> None:
    """Darken what lies outside the box and mark its corners, in place."""
    height, width = roi.shape[:2]
    left, right = sorted((round(box_norm[0] * width), round(box_norm[2] * width)))
    top, bottom = sorted((round(box_norm[1] * height), round(box_norm[3] * height)))
    left, right = max(0, left), min(width, right)
    top, bottom = max(0, top), min(height, bottom)
    if right - left < 4 or bottom - top < 4:
        return
    inside = roi[top:bottom, left:right].copy()
    roi[:] = roi // 2
    roi[top:bottom, left:right] = inside
    arm = max(8, min(36, (right - left) // 3, (bottom - top) // 3))
    for x, towards_x in ((left, 1), (right - 1, -1)):
        for y, towards_y in ((top, 1), (bottom - 1, -1)):
            for color, thick in ((BLACK, 7), (ACCENT, 4)):
                cv2.line(roi, (x, y), (x + towards_x * arm, y), color[::-1], thick, cv2.LINE_AA)
                cv2.line(roi, (x, y), (x, y + towards_y * arm), color[::-1], thick, cv2.LINE_AA)


def _hand_words(view: CalibrationView, seen: bool) -> tuple[str, Rgb]:
    if not seen:
        return "No hand", AMBER
    return ("Left hand" if view.left_hand else "Right hand"), GREEN


def _instruction(view: CalibrationView) -> tuple[str, Rgb]:
    if view.refusal:
        return f"Not saved: {view.refusal}.".replace("..", "."), RED
    if view.result is not None:
        return f"Done. Saving in {view.saves_in_s:.0f} s", GREEN
    if view.guidance is None:
        return "Show your hand to the camera", BORDER
    if view.guidance.pausing and view.guidance.done:
        return f"Good. {view.guidance.instruction}", GREEN
    return view.guidance.instruction, ACCENT if view.guidance.hand_seen else AMBER
