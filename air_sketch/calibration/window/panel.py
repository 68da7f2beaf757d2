"""The calibration window's side: the phase in large, all phases in small, and at the end the accuracy."""

from __future__ import annotations

import cv2

from air_sketch.calibration.fit import FitResult
from air_sketch.calibration.phases import PHASES
from air_sketch.calibration.sitting import SAVES_AFTER_S, CalibrationSitting
from air_sketch.calibration.window.icons import draw_icon
from air_sketch.values.datatypes import Rgb, UInt8Array
from air_sketch.window.brushes import brush, text, theme
from air_sketch.window.brushes.brush import stroke_arc, stroke_circle
from air_sketch.window.brushes.layout import Rect
from air_sketch.window.brushes.text import TextStyle

FIGURE = TextStyle(40, theme.TEXT, bold=True)
ROW_HEIGHT_PX = 42


def draw_panel(image_bgr: UInt8Array, rect: Rect, sitting: CalibrationSitting) -> None:
    """Draw the side panel, in place."""
    brush.box(image_bgr, rect, theme.SURFACE, theme.RADIUS_PX)
    top = Rect(rect.x, rect.y, rect.w, rect.h - ROW_HEIGHT_PX * len(PHASES) - 24)
    if sitting.result is not None:
        _draw_accuracy(image_bgr, top, sitting.result, 1.0 - sitting.saves_in_s / SAVES_AFTER_S)
    else:
        _draw_phase(image_bgr, top, sitting)
    brush.box(image_bgr, Rect(rect.x + 20, top.bottom - 6, rect.w - 40, 1), theme.FIELD)
    for number in range(len(PHASES)):
        y = top.bottom + ROW_HEIGHT_PX // 2 + number * ROW_HEIGHT_PX
        _draw_row(image_bgr, Rect(rect.x + 20, y, rect.w - 40, 0), number, sitting)


def _draw_phase(image_bgr: UInt8Array, rect: Rect, sitting: CalibrationSitting) -> None:
    """Draw the phase that is on: its picture inside a ring that fills."""
    guide, refused = sitting.guide, bool(sitting.refusal)
    radius = max(40, min(104, (rect.h - 90) // 2, rect.w // 2 - 40))
    center = (round(rect.center_xy[0]), rect.y + 26 + radius)
    brush.disc(image_bgr, center, radius - 6, theme.FIELD)
    ring = theme.RED if refused else theme.GREEN if guide.pausing else theme.FIELD
    stroke_circle(image_bgr, center, radius, ring, 8)
    if not refused and guide.progress > 0:
        stroke_arc(image_bgr, center, radius, guide.progress, color=theme.ACCENT, width_px=8)
    draw_icon(image_bgr, guide.phase, center, round(radius * 1.3), color=theme.WHITE, left=sitting.left_hand)
    words = "Not saved" if refused else guide.phase.label
    y = center[1] + radius + 30
    text.draw(image_bgr, words, center[0], y, theme.BANNER, align="center", max_width_px=rect.w - 40)
    step = f"Step {min(guide.done + 1, len(PHASES))} of {len(PHASES)}"
    text.draw(image_bgr, "R starts again" if refused else step, center[0], y + 24, theme.BODY, align="center")


def _draw_accuracy(image_bgr: UInt8Array, rect: Rect, result: FitResult, saving_share: float) -> None:
    """Draw the share of frames read right, now and before, and the wait before saving."""
    x, width, y = rect.x + 24, rect.w - 48, rect.y + max(34, rect.h // 2 - 84)
    text.draw(image_bgr, f"{result.record.accuracy:.0%}", x, y, FIGURE)
    ring = (rect.right - 48, y)
    stroke_circle(image_bgr, ring, 18, theme.FIELD, 6)
    if saving_share > 0:
        stroke_arc(image_bgr, ring, 18, saving_share, color=theme.GREEN, width_px=6)
    y += 38
    text.draw(image_bgr, "of your frames are read right", x, y, theme.BODY, max_width_px=width)
    for label, share, color in (
        ("with your calibration", result.record.accuracy, theme.GREEN),
        ("with the settings before", result.record.accuracy_before, theme.FAINT),
    ):
        y += 34
        text.draw(image_bgr, label, x, y, theme.SMALL)
        text.draw(image_bgr, f"{share:.0%}", rect.right - 24, y, theme.LABEL, align="right")
        brush.progress(image_bgr, Rect(x, y + 12, width, 6), share, color)


def _draw_row(image_bgr: UInt8Array, rect: Rect, number: int, sitting: CalibrationSitting) -> None:
    """Draw one line of the list: picture, name, and a tick, a figure or nothing."""
    phase, done, middle = PHASES[number], sitting.guide.done, rect.y
    color, style = (theme.DIM, theme.BODY) if number < done else (theme.FAINT, TextStyle(13, theme.FAINT))
    if number == done and sitting.result is None:
        color, style = theme.WHITE, theme.LABEL
        brush.box(image_bgr, Rect(rect.x - 8, middle - 18, rect.w + 16, 36), theme.FIELD, 8)
    draw_icon(image_bgr, phase, (rect.x + 14, middle), 28, color=color, left=sitting.left_hand)
    text.draw(image_bgr, phase.label, rect.x + 42, middle, style)
    if sitting.result is not None:
        score = sitting.result.scores[number]
        words = f"{score.right} of {score.frames}"
        text.draw(image_bgr, words, rect.right - 26, middle, theme.SMALL, align="right")
    if number < done:
        _draw_tick(image_bgr, (rect.right - 8, middle), theme.GREEN)


def _draw_tick(image_bgr: UInt8Array, center_xy: tuple[int, int], color: Rgb) -> None:
    x, y = center_xy
    for start, end in (((x - 6, y), (x - 2, y + 4)), ((x - 2, y + 4), (x + 6, y - 5))):
        cv2.line(image_bgr, start, end, color[::-1], 2, cv2.LINE_AA)
