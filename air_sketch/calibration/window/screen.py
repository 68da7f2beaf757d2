"""The calibration window's picture: camera with the hand marked, what to do, and at its side how far it has come."""

from __future__ import annotations

import cv2
import numpy as np

from air_sketch.calibration.fit import FitResult
from air_sketch.calibration.phases import PHASES, Phase
from air_sketch.calibration.sitting import SAVES_AFTER_S, CalibrationSitting
from air_sketch.calibration.window.icons import draw_icon
from air_sketch.values.datatypes import BoxNorm, Rgb, UInt8Array
from air_sketch.window.brushes import brush, text, theme
from air_sketch.window.brushes.brush import stroke_arc, stroke_circle
from air_sketch.window.brushes.layout import Layout, Rect
from air_sketch.window.brushes.text import TextStyle
from air_sketch.window.parts.bars import draw_brand, draw_chip
from air_sketch.window.parts.question import draw_message

RING_RADIUS_PX = 44
ROW_HEIGHT_PX = 42
FIGURE = TextStyle(40, theme.TEXT, bold=True)


def compose(
    layout: Layout, name: str, sitting: CalibrationSitting, picture_bgr: UInt8Array, message: str = "", detail: str = ""
) -> UInt8Array:
    """Draw one window picture in the main window's dress.

    Args:
        layout: sizes and places.
        name: whose calibration it is.
        sitting: what to show.
        picture_bgr: the camera's picture, or the recorded hand on paper.
        message, detail: over the picture, such as why there is none.
    Returns:
        uint8 (H, W, 3) BGR of ``layout.window_wh``.
    """
    image = np.empty((layout.window_wh[1], layout.window_wh[0], 3), np.uint8)
    image[:] = theme.BACKGROUND[::-1]
    place = image[layout.view.rows_and_columns]
    cv2.resize(picture_bgr, (layout.view.w, layout.view.h), dst=place, interpolation=cv2.INTER_LINEAR)
    if message:
        draw_message(image, layout.view, message, detail)
    elif sitting.result is not None:
        _draw_box(place, sitting.result.calibration.active_box_norm)
    elif not sitting.refusal:
        _draw_hand_marks(place, sitting)
    brush.round_corners(image, layout.view, theme.BACKGROUND, theme.RADIUS_PX)
    _draw_header(image, layout.header, name, sitting)
    _draw_instruction(image, layout.caption, sitting)
    _draw_keys(image, layout.status, sitting)
    _draw_panel(image, layout.panel, sitting)
    return image


def _draw_header(image: UInt8Array, rect: Rect, name: str, sitting: CalibrationSitting) -> None:
    middle = rect.y + rect.h // 2
    title = text.shorten(f"Calibrating {name}", theme.LABEL, 260)
    x = draw_chip(image, draw_brand(image, rect), middle, title, theme.ACCENT)
    seen = ("Left hand" if sitting.left_hand else "Right hand"), theme.GREEN
    draw_chip(image, x, middle, *(("No hand", theme.AMBER) if sitting.hand is None else seen))


def _draw_instruction(image: UInt8Array, rect: Rect, sitting: CalibrationSitting) -> None:
    words, color = _instruction(sitting)
    middle, room = rect.y + rect.h // 2, rect.w - 36
    brush.frame(image, rect, color, theme.FIELD, radius_px=10, width_px=2)
    if not sitting.refusal:
        text.draw(image, words, rect.x + 18, middle, theme.BANNER, max_width_px=room)
        return
    lines = text.wrap(words, theme.LABEL, room, 2)
    for number, line in enumerate(lines):
        text.draw(image, line, rect.x + 18, middle + (18 * number - 9 if len(lines) > 1 else 0), theme.LABEL)


def _instruction(sitting: CalibrationSitting) -> tuple[str, Rgb]:
    guide = sitting.guide
    if sitting.refusal:
        return f"Not saved: {sitting.refusal}.".replace("..", "."), theme.RED
    if sitting.result is not None:
        return f"Done. Saving in {sitting.saves_in_s:.0f} s", theme.GREEN
    if guide.pausing:
        return f"Good. {guide.instruction}", theme.GREEN
    return guide.instruction, theme.ACCENT if guide.hand_seen else theme.AMBER


def _draw_keys(image: UInt8Array, rect: Rect, sitting: CalibrationSitting) -> None:
    middle, x = rect.y + rect.h // 2, rect.x + 4
    pairs = (("Enter", "saves now"), ("Esc", "keeps the old calibration"), ("R", "starts again"))
    for cap, words in pairs if sitting.result is not None else pairs[1:]:
        x += brush.keycap(image, cap, x, middle) + 8
        x += text.draw(image, words, x, middle, theme.SMALL) + 18


def _draw_hand_marks(place: UInt8Array, sitting: CalibrationSitting) -> None:
    """Draw the ring at the hand, and the corner box as it grows."""
    guide, at_norm = sitting.guide, sitting.at_norm
    if at_norm is None:
        return
    x, y = np.clip(at_norm, -1.0, 2.0) * (place.shape[1], place.shape[0])
    at = (float(x), float(y))
    first_corner = guide.tip_of(Phase.UPPER_LEFT)
    if guide.phase is Phase.LOWER_RIGHT and first_corner is not None:
        _draw_box(place, (*first_corner, *at_norm))
    on_palm = guide.phase in (Phase.PALM, Phase.FIST)
    radius = RING_RADIUS_PX if on_palm else RING_RADIUS_PX * 0.6
    stroke_circle(place, at, radius, theme.BLACK, 9)
    stroke_circle(place, at, radius, theme.GREEN if guide.pausing else theme.TRACK, 6)
    if guide.progress > 0:
        stroke_arc(place, at, radius, guide.progress, color=theme.WHITE, width_px=6)
    if not on_palm:
        brush.disc(place, at, 4, theme.WHITE)


def _draw_box(place: UInt8Array, box_norm: BoxNorm) -> None:
    """Darken what lies outside the box and mark its corners, in place."""
    height, width = place.shape[:2]
    left, right = sorted(np.clip((round(box_norm[0] * width), round(box_norm[2] * width)), 0, width).tolist())
    top, bottom = sorted(np.clip((round(box_norm[1] * height), round(box_norm[3] * height)), 0, height).tolist())
    if right - left < 4 or bottom - top < 4:
        return
    inside = place[top:bottom, left:right].copy()
    place[:] = place // 2
    place[top:bottom, left:right] = inside
    arm = max(8, min(36, (right - left) // 3, (bottom - top) // 3))
    for x, towards_x in ((left, 1), (right - 1, -1)):
        for y, towards_y in ((top, 1), (bottom - 1, -1)):
            for color, thick in ((theme.BLACK, 7), (theme.ACCENT, 4)):
                cv2.line(place, (x, y), (x + towards_x * arm, y), color[::-1], thick, cv2.LINE_AA)
                cv2.line(place, (x, y), (x, y + towards_y * arm), color[::-1], thick, cv2.LINE_AA)


def _draw_panel(image_bgr: UInt8Array, rect: Rect, sitting: CalibrationSitting) -> None:
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
