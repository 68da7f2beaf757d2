"""The calibration window's side: the phase in large, all phases in small, and at the end the accuracy."""

from __future__ import annotations

import cv2

from air_sketch.calibration.fit import FitResult
from air_sketch.calibration.phases import PHASE_NAMES, PHASES, Phase
from air_sketch.calibration.sitting import CalibrationView
from air_sketch.calibration.window.icons import PhaseIcons
from air_sketch.values.datatypes import Rgb, UInt8Array
from air_sketch.window.brushes.brush import Brush, stroke_arc, stroke_circle
from air_sketch.window.brushes.layout import Rect
from air_sketch.window.brushes.text import TextStyle, Weight
from air_sketch.window.brushes.theme import (
    ACCENT,
    BANNER,
    BODY,
    DIM,
    FAINT,
    FIELD,
    GREEN,
    LABEL,
    RADIUS_PX,
    RED,
    SMALL,
    SURFACE,
    TEXT,
    WHITE,
)

FIGURE = TextStyle(40, TEXT, Weight.SEMIBOLD)
DONE_STYLE = TextStyle(13, DIM)
ROW_HEIGHT_PX = 42


def draw_panel(image_bgr: UInt8Array, rect: Rect, view: CalibrationView, brush: Brush, icons: PhaseIcons) -> None:
    """Draw the side panel, in place.

    Args:
        image_bgr: uint8 (H, W, 3), the window.
        rect: the panel's place.
        view: what to show.
        brush, icons: shared with the rest of the window.
    """
    brush.box(image_bgr, rect, SURFACE, RADIUS_PX)
    rows_height = ROW_HEIGHT_PX * len(PHASES) + 24
    top = Rect(rect.x, rect.y, rect.w, rect.h - rows_height)
    if view.result is not None:
        _draw_accuracy(image_bgr, top, view.result, view.saving_share, brush)
    else:
        _draw_phase(image_bgr, top, view, brush, icons)
    y = top.bottom + ROW_HEIGHT_PX // 2
    brush.box(image_bgr, Rect(rect.x + 20, top.bottom - 6, rect.w - 40, 1), FIELD)
    for number, phase in enumerate(PHASES):
        _draw_row(image_bgr, Rect(rect.x + 20, y, rect.w - 40, 0), number, phase, view=view, brush=brush, icons=icons)
        y += ROW_HEIGHT_PX


def _draw_phase(image_bgr: UInt8Array, rect: Rect, view: CalibrationView, brush: Brush, icons: PhaseIcons) -> None:
    """Draw the phase that is on: its picture inside a ring that fills."""
    phase = PHASES[0] if view.guidance is None else view.guidance.phase
    radius = max(40, min(104, (rect.h - 90) // 2, rect.w // 2 - 40))
    center = (round(rect.center_xy[0]), rect.y + 26 + radius)
    progress = 0.0 if view.guidance is None else view.guidance.progress
    brush.disc(image_bgr, center, radius - 6, FIELD)
    stroke_circle(image_bgr, center, radius, FIELD, 8)
    if view.refusal:
        stroke_circle(image_bgr, center, radius, RED, 8)
    elif view.guidance is not None and view.guidance.pausing:
        stroke_circle(image_bgr, center, radius, GREEN, 8)
    elif progress > 0:
        stroke_arc(image_bgr, center, radius, progress, color=ACCENT, width_px=8)
    icons.draw(image_bgr, phase, center, round(radius * 1.3), color=WHITE, left=view.left_hand)
    words = "Not saved" if view.refusal else PHASE_NAMES[phase]
    y = center[1] + radius + 30
    brush.text.draw(image_bgr, words, center[0], y, BANNER, align="center", max_width_px=rect.w - 40)
    number = len(PHASES) if view.guidance is None else min(view.guidance.done + 1, len(PHASES))
    note = "R starts again" if view.refusal else f"Step {1 if view.guidance is None else number} of {len(PHASES)}"
    brush.text.draw(image_bgr, note, center[0], y + 24, BODY, align="center")


def _draw_accuracy(image_bgr: UInt8Array, rect: Rect, result: FitResult, saving_share: float, brush: Brush) -> None:
    """Draw the share of frames read right, now and before, and the wait before saving."""
    x, width, text = rect.x + 24, rect.w - 48, brush.text
    y = rect.y + max(34, rect.h // 2 - 84)
    text.draw(image_bgr, f"{result.accuracy:.0%}", x, y, FIGURE)
    ring = (rect.right - 48, y)
    stroke_circle(image_bgr, ring, 18, FIELD, 6)
    if saving_share > 0:
        stroke_arc(image_bgr, ring, 18, saving_share, color=GREEN, width_px=6)
    y += 38
    text.draw(image_bgr, "of your frames are read right", x, y, BODY, max_width_px=width)
    for label, share, color in (
        ("with your calibration", result.accuracy, GREEN),
        ("with the settings before", result.accuracy_before, FAINT),
    ):
        y += 34
        text.draw(image_bgr, label, x, y, SMALL)
        text.draw(image_bgr, f"{share:.0%}", rect.right - 24, y, LABEL, align="right")
        brush.progress(image_bgr, Rect(x, y + 12, width, 6), share, color)


def _draw_row(
    image_bgr: UInt8Array,
    rect: Rect,
    number: int,
    phase: Phase,
    *,
    view: CalibrationView,
    brush: Brush,
    icons: PhaseIcons,
) -> None:
    """Draw one line of the list: picture, name, and a tick, a figure or nothing."""
    done = 0 if view.guidance is None else view.guidance.done
    is_current = number == done and view.result is None
    middle = rect.y
    if is_current:
        brush.box(image_bgr, Rect(rect.x - 8, middle - 18, rect.w + 16, 36), FIELD, 8)
    color = WHITE if is_current else DIM if number < done else FAINT
    icons.draw(image_bgr, phase, (rect.x + 14, middle), 28, color=color, left=view.left_hand)
    style = LABEL if is_current else DONE_STYLE if number < done else TextStyle(13, FAINT)
    brush.text.draw(image_bgr, PHASE_NAMES[phase], rect.x + 42, middle, style)
    if view.result is not None:
        score = view.result.scores[number]
        words = f"{score.right} of {score.frames}"
        brush.text.draw(image_bgr, words, rect.right - 26, middle, SMALL, align="right")
    if number < done:
        _draw_tick(image_bgr, (rect.right - 8, middle), GREEN)


def _draw_tick(image_bgr: UInt8Array, center_xy: tuple[int, int], color: Rgb) -> None:
    x, y = center_xy
    for start, end in (((x - 6, y), (x - 2, y + 4)), ((x - 2, y + 4), (x + 6, y - 5))):
        cv2.line(image_bgr, start, end, color[::-1], 2, cv2.LINE_AA)
