"""The question in the middle of the view whether a lost drawing is taken back, with the keys that answer it."""

from __future__ import annotations

import cv2

from air_sketch.desk.events import Question
from air_sketch.values.datatypes import UInt8Array
from air_sketch.window.brushes.brush import Brush
from air_sketch.window.brushes.layout import Rect
from air_sketch.window.brushes.theme import BACKGROUND, BANNER, BODY, BORDER, LABEL

CARD_WH = (500, 156)
PICTURE_WH = (128, 108)


def draw_question(image_bgr: UInt8Array, view: Rect, brush: Brush, question: Question) -> None:
    """Draw the card over the view, in place.

    Args:
        image_bgr: uint8 (H, W, 3), the window.
        view: the camera view's place.
        brush: shared with the rest of the window.
        question: what is asked.
    """
    width, height = min(CARD_WH[0], view.w - 16), min(CARD_WH[1], view.h - 16)
    card = Rect(view.x + (view.w - width) // 2, view.y + (view.h - height) // 2, width, height)
    brush.box(image_bgr, card, BORDER, 16)
    brush.box(image_bgr, card.inset(1), BACKGROUND, 15)
    left = card.x + 24
    if width >= CARD_WH[0] and height >= CARD_WH[1]:
        _paste(image_bgr, Rect(left, card.y + 24, *PICTURE_WH), question.picture_rgb)
        left += PICTURE_WH[0] + 20
    room = card.right - 20 - left
    brush.text.draw(image_bgr, "Take your last drawing back?", left, card.y + 36, BANNER, max_width_px=room)
    brush.text.draw(image_bgr, question.detail, left, card.y + 66, BODY, max_width_px=room)
    middle = card.bottom - 38
    for cap, words in (("Enter", "take it back"), ("N", "not now")):
        left += brush.keycap(image_bgr, cap, left, middle) + 8
        left += brush.text.draw(image_bgr, words, left, middle, LABEL) + 22


def _paste(image_bgr: UInt8Array, box: Rect, picture_rgb: UInt8Array) -> None:
    place = box.fit((picture_rgb.shape[1], picture_rgb.shape[0]))
    small = cv2.resize(picture_rgb, (place.w, place.h), interpolation=cv2.INTER_AREA)
    image_bgr[place.y : place.bottom, place.x : place.right] = small[..., ::-1]
