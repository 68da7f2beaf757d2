"""The query bar over the cards: the balance of drawing and words, and what else shapes the hits."""

from __future__ import annotations

from air_sketch.desk.state import QueryState
from air_sketch.values.datatypes import ResultCard, Rgb, UInt8Array
from air_sketch.window.brushes.brush import Brush
from air_sketch.window.brushes.layout import Rect
from air_sketch.window.brushes.text import TextStyle, Weight
from air_sketch.window.brushes.theme import (
    ACCENT,
    AMBER,
    BACKGROUND,
    BORDER,
    DIM,
    FAINT,
    FIELD,
    GREEN,
    SURFACE,
    TEXT,
    TINY,
    WHITE,
)

BAR_HEIGHT_PX = 50
ROW_HEIGHT_PX = 20
PART_HEIGHT_PX = 13

SKETCH_COLOR, WORDS_COLOR, LIKE_COLOR = ACCENT, AMBER, GREEN
_PILL = TextStyle(11, TEXT, Weight.SEMIBOLD)
_PILL_OFF = TextStyle(11, FAINT)
_PART = TextStyle(10, BACKGROUND, Weight.SEMIBOLD)


def draw_query_bar(image_bgr: UInt8Array, place: Rect, brush: Brush, query: QueryState) -> None:
    """Draw both rows, in place.

    Args:
        image_bgr: uint8 (H, W, 3), the window.
        place: ``BAR_HEIGHT_PX`` high.
        brush: shared with the rest of the window.
        query: what to show.
    """
    _draw_balance(image_bgr, Rect(place.x, place.y, place.w, ROW_HEIGHT_PX), brush, query.sketch_weight)
    row = Rect(place.x, place.y + ROW_HEIGHT_PX + 4, place.w, ROW_HEIGHT_PX)
    x = _draw_pill(image_bgr, row, row.x, brush, "Live", on=query.live, color=GREEN)
    x = _draw_pill(image_bgr, row, x, brush, "Folded" if query.fold else "All", on=query.fold, color=ACCENT)
    where = query.where_before_typing if query.typing else query.where
    chips = [f"only {where}"] if where else []
    chips += [f"like {query.like.title}"] if query.like is not None else []
    if not chips:
        hint = "F filter   M more like one"
        brush.text.draw(image_bgr, hint, row.right, row.y + 10, TINY, align="right", max_width_px=row.right - x)
        return
    room = (row.right - x - 6 * (len(chips) - 1)) // len(chips)
    for words in chips:
        width = min(room, brush.text.width_px(words, _PILL) + 16)
        brush.frame(image_bgr, Rect(x, row.y, width, ROW_HEIGHT_PX), ACCENT, SURFACE, radius_px=9)
        brush.text.draw(image_bgr, words, x + 8, row.y + 10, _PILL, max_width_px=width - 14)
        x += width + 6


def _draw_balance(image_bgr: UInt8Array, row: Rect, brush: Brush, weight: float) -> None:
    """Draw the slider: each colour is as long as what it stands for counts."""
    middle, share = row.y + row.h // 2, round(100 * weight)
    left_words, right_words = f"Drawing {share} %", f"{100 - share} % words"
    left, right = (TextStyle(11, color, Weight.SEMIBOLD) for color in (SKETCH_COLOR, WORDS_COLOR))
    widest = [brush.text.width_px("Drawing 100 %", left), brush.text.width_px("100 % words", right)]
    brush.text.draw(image_bgr, left_words, row.x, middle, left)
    brush.text.draw(image_bgr, right_words, row.right, middle, right, align="right")
    track = Rect(row.x + widest[0] + 10, middle - 2, row.w - sum(widest) - 20, 4)
    if track.w < 24:
        return
    knob = round(track.x + track.w * weight)
    brush.box(image_bgr, track, BORDER, 2)
    brush.box(image_bgr, Rect(track.x, track.y, knob - track.x, track.h), SKETCH_COLOR, 2, 0.6)
    brush.box(image_bgr, Rect(knob, track.y, track.right - knob, track.h), WORDS_COLOR, 2, 0.6)
    brush.box(image_bgr, Rect(track.x + track.w // 2, middle - 5, 1, 10), DIM)
    brush.disc(image_bgr, (knob, middle), 6, WHITE)


def _draw_pill(image_bgr: UInt8Array, row: Rect, x: int, brush: Brush, words: str, *, on: bool, color: Rgb) -> int:
    """Draw a lamp with a word; return where the next one goes."""
    style = _PILL if on else _PILL_OFF
    width = brush.text.width_px(words, style) + 26
    brush.box(image_bgr, Rect(x, row.y, width, ROW_HEIGHT_PX), FIELD, 10)
    brush.disc(image_bgr, (x + 11, row.y + 10), 4, color if on else BORDER)
    brush.text.draw(image_bgr, words, x + 19, row.y + 10, style)
    return x + width + 6


def part_scores(card: ResultCard) -> list[tuple[float, Rgb]]:
    """Return the parts of a card's score with their colours; empty when there is only one part."""
    parts = [
        (card.sketch_score, SKETCH_COLOR),
        (card.words_score, WORDS_COLOR),
        (card.like_score, LIKE_COLOR),
    ]
    given = [(score, color) for score, color in parts if score is not None]
    return given if len(given) > 1 else []


def draw_part_scores(image_bgr: UInt8Array, picture: Rect, brush: Brush, card: ResultCard) -> int:
    """Draw, along the foot of a card's picture, what drawing, words and picked picture gave; return the height used."""
    parts = part_scores(card)
    if not parts:
        return 0
    foot = Rect(picture.x + 5, picture.bottom - PART_HEIGHT_PX - 4, picture.w - 10, PART_HEIGHT_PX)
    whole = sum(max(score, 0.0) for score, _ in parts) or 1.0
    least = 22 if foot.w >= 22 * len(parts) else 0  # room for the figure
    room = foot.w - least * len(parts)
    x = foot.x
    for number, (score, color) in enumerate(parts, start=1):
        last = number == len(parts)
        width = foot.right - x if last else least + round(room * max(score, 0.0) / whole)
        brush.box(image_bgr, Rect(x, foot.y, max(0, width - (0 if last else 1)), foot.h), color, 3)
        figure = f"{score:.2f}".replace("0.", ".")
        if least:
            brush.text.draw(image_bgr, figure, x + width / 2, foot.y + foot.h / 2, _PART, align="center")
        x += width
    return PART_HEIGHT_PX + 3
