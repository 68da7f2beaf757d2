"""What lies over the middle of the view: a message, or a question with the keys that answer it."""

from __future__ import annotations

from air_sketch.desk.events import Question
from air_sketch.values.datatypes import UInt8Array
from air_sketch.window.brushes import brush, text
from air_sketch.window.brushes.layout import Rect
from air_sketch.window.brushes.theme import BACKGROUND, BANNER, BODY, BORDER, LABEL

CARD_WH = (500, 156)
PICTURE_WH = (128, 108)


def draw_question(image_bgr: UInt8Array, view: Rect, question: Question) -> None:
    """Draw the card over the view, in place."""
    card = view.middle(min(CARD_WH[0], view.w - 16), min(CARD_WH[1], view.h - 16))
    brush.frame(image_bgr, card, BORDER, BACKGROUND, radius_px=16)
    left = card.x + 24
    if (card.w, card.h) == CARD_WH:
        brush.picture(image_bgr, Rect(left, card.y + 24, *PICTURE_WH), question.picture_rgb)
        left += PICTURE_WH[0] + 20
    room = card.right - 20 - left
    text.draw(image_bgr, "Take your last drawing back?", left, card.y + 36, BANNER, max_width_px=room)
    text.draw(image_bgr, question.detail, left, card.y + 66, BODY, max_width_px=room)
    middle = card.bottom - 38
    for cap, words in (("Enter", "take it back"), ("N", "not now")):
        left += brush.keycap(image_bgr, cap, left, middle) + 8
        left += text.draw(image_bgr, words, left, middle, LABEL) + 22


def draw_message(image_bgr: UInt8Array, view: Rect, message: str, detail: str = "") -> None:
    """Draw words in the middle of the view, in place; the detail may take three lines."""
    lines = text.wrap(detail, BODY, view.w - 64, 3)
    widest = max(text.width_px(message, BANNER), *(text.width_px(line, BODY) for line in lines), 0)
    width, height = min(view.w - 24, widest + 64), 72 + (14 + 18 * len(lines) if lines else 0)
    card = view.middle(width, height)
    brush.box(image_bgr, card, BACKGROUND, 16, 0.82)
    x, y = card.center_xy[0], card.y + (38 if lines else 36)
    text.draw(image_bgr, message, x, y, BANNER, align="center", max_width_px=width - 40)
    for line in lines:
        y += 18
        text.draw(image_bgr, line, x, y + 14, BODY, align="center", max_width_px=width - 40)
