"""The query bar over the cards: the balance of drawing and words, and what else shapes the hits."""

from __future__ import annotations

from air_sketch.desk.state import QueryState
from air_sketch.values.datatypes import ResultCard, Rgb, UInt8Array
from air_sketch.window.brushes import brush, text, theme
from air_sketch.window.brushes.layout import Rect
from air_sketch.window.brushes.text import TextStyle

BAR_HEIGHT_PX = 50
ROW_HEIGHT_PX = 20
PART_HEIGHT_PX = 13

SKETCH_COLOR, WORDS_COLOR, LIKE_COLOR = theme.ACCENT, theme.AMBER, theme.GREEN
_PILL = TextStyle(11, theme.TEXT, bold=True)
_PILL_OFF = TextStyle(11, theme.FAINT)
_PART = TextStyle(10, theme.BACKGROUND, bold=True)


def draw_query_bar(image_bgr: UInt8Array, place: Rect, query: QueryState) -> None:
    """Draw both rows into a place that is ``BAR_HEIGHT_PX`` high."""
    _draw_balance(image_bgr, Rect(place.x, place.y, place.w, ROW_HEIGHT_PX), query.sketch_weight)
    row = Rect(place.x, place.y + ROW_HEIGHT_PX + 4, place.w, ROW_HEIGHT_PX)
    x = _draw_pill(image_bgr, row, row.x, "Live", on=query.live, color=theme.GREEN)
    x = _draw_pill(image_bgr, row, x, "Folded" if query.fold else "All", on=query.fold, color=theme.ACCENT)
    where = query.where_before_typing if query.typing else query.where
    chips = [f"only {where}"] if where else []
    chips += [f"like {query.like.title}"] if query.like is not None else []
    if not chips:
        hint = "F filter   M more like one"
        text.draw(image_bgr, hint, row.right, row.y + 10, theme.TINY, align="right", max_width_px=row.right - x)
        return
    room = (row.right - x - 6 * (len(chips) - 1)) // len(chips)
    for words in chips:
        width = min(room, text.width_px(words, _PILL) + 16)
        brush.frame(image_bgr, Rect(x, row.y, width, ROW_HEIGHT_PX), theme.ACCENT, theme.SURFACE, radius_px=9)
        text.draw(image_bgr, words, x + 8, row.y + 10, _PILL, max_width_px=width - 14)
        x += width + 6


def _draw_balance(image_bgr: UInt8Array, row: Rect, weight: float) -> None:
    """Draw the slider: each colour is as long as what it stands for counts."""
    middle, share = row.y + row.h // 2, round(100 * weight)
    left_words, right_words = f"Drawing {share} %", f"{100 - share} % words"
    left, right = (TextStyle(11, color, bold=True) for color in (SKETCH_COLOR, WORDS_COLOR))
    widest = [text.width_px("Drawing 100 %", left), text.width_px("100 % words", right)]
    text.draw(image_bgr, left_words, row.x, middle, left)
    text.draw(image_bgr, right_words, row.right, middle, right, align="right")
    track = Rect(row.x + widest[0] + 10, middle - 2, row.w - sum(widest) - 20, 4)
    knob = round(track.x + track.w * weight)
    brush.box(image_bgr, track, theme.BORDER, 2)
    brush.box(image_bgr, Rect(track.x, track.y, knob - track.x, track.h), SKETCH_COLOR, 2, 0.6)
    brush.box(image_bgr, Rect(knob, track.y, track.right - knob, track.h), WORDS_COLOR, 2, 0.6)
    brush.box(image_bgr, Rect(track.x + track.w // 2, middle - 5, 1, 10), theme.DIM)
    brush.disc(image_bgr, (knob, middle), 6, theme.WHITE)


def _draw_pill(image_bgr: UInt8Array, row: Rect, x: int, words: str, *, on: bool, color: Rgb) -> int:
    """Draw a lamp with a word; return where the next one goes."""
    style = _PILL if on else _PILL_OFF
    width = text.width_px(words, style) + 26
    brush.box(image_bgr, Rect(x, row.y, width, ROW_HEIGHT_PX), theme.FIELD, 10)
    brush.disc(image_bgr, (x + 11, row.y + 10), 4, color if on else theme.BORDER)
    text.draw(image_bgr, words, x + 19, row.y + 10, style)
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


def draw_part_scores(image_bgr: UInt8Array, picture: Rect, card: ResultCard) -> int:
    """Draw, along the foot of a card's picture, what drawing, words and picked picture gave; return the height used."""
    parts = part_scores(card)
    if not parts:
        return 0
    foot = Rect(picture.x + 5, picture.bottom - PART_HEIGHT_PX - 4, picture.w - 10, PART_HEIGHT_PX)
    whole = sum(max(score, 0.0) for score, _ in parts) or 1.0
    least = 22  # room for the figure
    room = foot.w - least * len(parts)
    x = foot.x
    for number, (score, color) in enumerate(parts, start=1):
        last = number == len(parts)
        width = foot.right - x if last else least + round(room * max(score, 0.0) / whole)
        brush.box(image_bgr, Rect(x, foot.y, max(0, width - (0 if last else 1)), foot.h), color, 3)
        figure = f"{score:.2f}".replace("0.", ".")
        text.draw(image_bgr, figure, x + width / 2, foot.y + foot.h / 2, _PART, align="center")
        x += width
    return PART_HEIGHT_PX + 3
