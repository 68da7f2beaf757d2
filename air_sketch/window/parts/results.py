"""The results panel: nine cards with pictures, or what to do to get some."""

from __future__ import annotations

from air_sketch.desk.events import SearchPhase
from air_sketch.desk.state import NOT_SURE, DeskState
from air_sketch.values.datatypes import ResultCard, Rgb, UInt8Array
from air_sketch.window.brushes import brush, text, theme
from air_sketch.window.brushes.layout import Rect
from air_sketch.window.brushes.text import TextStyle
from air_sketch.window.parts.query_bar import BAR_HEIGHT_PX, draw_part_scores, draw_query_bar

PADDING_PX = 14
HEADING_HEIGHT_PX = 44
ARROW_PX = 22
ROOMY_CARD_PX = 96
COLUMNS = 3
ROWS = 3
CELL_GAP_PX = 10
TITLE_LINE_PX = 15
TEXT_HEIGHT_PX = 54
# Manifest columns worth a line under the title, in this order.
DETAIL_COLUMNS = ("brand", "price")
FIRST_STEPS = (("1", "Draw an outline in the air"), ("T", "Say in words what it is"), ("Enter", "See what fits"))

_SCORE = TextStyle(11, theme.WHITE, bold=True)
FAINT_ARROW = TextStyle(13, theme.FAINT, bold=True)


def cell_rects(panel: Rect) -> list[Rect]:
    """Return where the nine cards go, in window pixels, row by row."""
    inner = panel.inset(PADDING_PX)
    top = panel.y + HEADING_HEIGHT_PX + BAR_HEIGHT_PX + 4
    width = (inner.w - (COLUMNS - 1) * CELL_GAP_PX) // COLUMNS
    height = (panel.bottom - PADDING_PX - top - (ROWS - 1) * CELL_GAP_PX) // ROWS
    return [
        Rect(inner.x + column * (width + CELL_GAP_PX), top + row * (height + CELL_GAP_PX), width, height)
        for row in range(ROWS)
        for column in range(COLUMNS)
    ]


def card_at(panel: Rect, x_px: float, y_px: float) -> int | None:
    """Return which card lies under a window point, from 0, or None."""
    return next((i for i, cell in enumerate(cell_rects(panel)) if cell.contains(x_px, y_px)), None)


def arrow_rects(panel: Rect) -> tuple[Rect, Rect]:
    """Return where the arrows to the page before and the next one are."""
    top, right = panel.y + 24 - ARROW_PX // 2, panel.right - PADDING_PX
    return Rect(right - 2 * ARROW_PX - 4, top, ARROW_PX, ARROW_PX), Rect(right - ARROW_PX, top, ARROW_PX, ARROW_PX)


def page_turn_at(panel: Rect, x_px: float, y_px: float) -> int:
    """Return -1 or 1 when a window point lies on a page arrow, else 0."""
    before, after = arrow_rects(panel)
    return int(after.contains(x_px, y_px)) - int(before.contains(x_px, y_px))


def details_line(card: ResultCard) -> str:
    """Join what the manifest says about brand and price; empty when it says nothing."""
    details = {name.lower(): str(value).strip() for name, value in card.record.items()}
    return " · ".join(details[name] for name in DETAIL_COLUMNS if details.get(name))


def draw_results(image_bgr: UInt8Array, rect: Rect, state: DeskState) -> None:
    """Draw the whole panel, in place."""
    brush.box(image_bgr, rect, theme.BACKGROUND)
    brush.box(image_bgr, rect, theme.SURFACE, theme.RADIUS_PX)
    _draw_heading(image_bgr, rect, state)
    bar = Rect(rect.x + PADDING_PX, rect.y + HEADING_HEIGHT_PX, rect.w - 2 * PADDING_PX, BAR_HEIGHT_PX)
    draw_query_bar(image_bgr, bar, state.query)
    for number, (card, cell) in enumerate(zip(state.visible_cards, cell_rects(rect), strict=False), start=1):
        _draw_card(image_bgr, cell, card, number)
    if not state.cards:
        _draw_empty(image_bgr, rect, state)


def _draw_heading(image_bgr: UInt8Array, rect: Rect, state: DeskState) -> None:
    middle, left, right = rect.y + 24, rect.x + PADDING_PX, rect.right - PADDING_PX
    note = state.search_note if state.search_phase is SearchPhase.READY else ""
    heading = "Searching…" if state.searching else NOT_SURE if state.doubted else "Results"
    left += text.draw(image_bgr, heading, left, middle, theme.HEADING) + 12
    if state.cards and state.cards_caption:
        note = state.cards_note or f"“{state.cards_caption}”"
    if state.page_count > 1 or state.more:
        ways = (state.page > 0, state.page < state.page_count - 1 or state.more)
        for arrow, sign, leads in zip(arrow_rects(rect), "<>", ways, strict=True):
            brush.box(image_bgr, arrow, theme.FIELD, 7)
            style = theme.LABEL if leads else FAINT_ARROW
            text.draw(image_bgr, sign, *arrow.center_xy, style, align="center")
        right = arrow_rects(rect)[0].x
        right -= text.draw(image_bgr, f"page {state.page + 1}", right - 8, middle, theme.SMALL, align="right") + 20
    text.draw(image_bgr, note, right, middle, theme.SMALL, align="right", max_width_px=right - left)


def _draw_card(image_bgr: UInt8Array, cell: Rect, card: ResultCard, number: int) -> None:
    picture = Rect(cell.x, cell.y, cell.w, max(24, cell.h - TEXT_HEIGHT_PX))
    brush.box(image_bgr, picture, theme.WHITE, 0)
    if card.thumbnail_rgb is None:
        text.draw(image_bgr, "no picture", *picture.center_xy, theme.TINY, align="center")
    else:
        brush.picture(image_bgr, picture.inset(4), card.thumbnail_rgb)
    brush.round_corners(image_bgr, picture, theme.SURFACE, 8)
    badge = theme.ACCENT if number == 1 else theme.FIELD
    brush.box(image_bgr, Rect(picture.x + 5, picture.y + 5, 20, 20), badge, 7, 0.95)
    text.draw(image_bgr, str(number), picture.x + 15, picture.y + 15, theme.BADGE, align="center")
    foot = picture.bottom - draw_part_scores(image_bgr, picture, card)
    _draw_pill(image_bgr, f"{card.shown_score:.2f}", picture.right - 5, foot - 23)
    if card.alike:
        words = f"+{card.alike} alike" if picture.w >= ROOMY_CARD_PX else f"+{card.alike}"
        _draw_pill(image_bgr, words, picture.right - 5, picture.y + 6)
    y = picture.bottom + 13
    details = details_line(card)
    for line in text.wrap(card.title, theme.CARD_TITLE, cell.w, 2 if details else 3):
        text.draw(image_bgr, line, cell.x, y, theme.CARD_TITLE)
        y += TITLE_LINE_PX
    text.draw(image_bgr, details, cell.x, y + 1, theme.TINY, max_width_px=cell.w)


def _draw_pill(image_bgr: UInt8Array, words: str, right_px: int, top_px: int) -> None:
    width = text.width_px(words, _SCORE) + 12
    pill = Rect(right_px - width, top_px, width, 18)
    brush.box(image_bgr, pill, theme.BACKGROUND, 9, 0.72)
    text.draw(image_bgr, words, *pill.center_xy, _SCORE, align="center")


def _draw_empty(image_bgr: UInt8Array, rect: Rect, state: DeskState) -> None:
    if state.search_phase is SearchPhase.FAILED:
        _draw_words(image_bgr, rect, "No search just now", state.search_note, theme.RED)
        return
    if state.searched_once and not state.searching:
        advice = "Nothing in this gallery fits. Try other words, or another outline."
        if state.query.where:
            advice = f"Nothing passes the filter {state.query.where}. F changes it."
        _draw_words(image_bgr, rect, "No results", advice, theme.ACCENT)
        return
    _draw_first_steps(image_bgr, rect)
    if state.search_phase is SearchPhase.LOADING and state.search_note:
        bar = Rect(rect.x + PADDING_PX, rect.bottom - 30, rect.w - 2 * PADDING_PX, 6)
        text.draw(image_bgr, state.search_note, bar.x, bar.y - 16, theme.SMALL, max_width_px=bar.w - 50)
        if state.loading is not None:
            percent = f"{state.loading:.0%}"
            text.draw(image_bgr, percent, bar.right, bar.y - 16, theme.SMALL, align="right")
            brush.progress(image_bgr, bar, state.loading, theme.ACCENT)


def _draw_words(image_bgr: UInt8Array, rect: Rect, title: str, words: str, color: Rgb) -> None:
    left, y = rect.x + PADDING_PX, rect.y + HEADING_HEIGHT_PX + BAR_HEIGHT_PX + 30
    brush.box(image_bgr, Rect(left, y - 12, 3, 24), color, 1)
    text.draw(image_bgr, title, left + 14, y, theme.HEADING)
    for line in text.wrap(words, theme.BODY, rect.w - 2 * PADDING_PX - 14, 9):
        y += 22
        text.draw(image_bgr, line, left + 14, y, theme.BODY)


def _draw_first_steps(image_bgr: UInt8Array, rect: Rect) -> None:
    y = rect.y + rect.h // 2 - 70
    text.draw(image_bgr, "Your finds appear here", rect.x + rect.w / 2, y, theme.HEADING, align="center")
    widest = max(text.width_px(words, theme.BODY) for _, words in FIRST_STEPS)
    left = rect.x + (rect.w - widest - 64) // 2
    for cap, words in FIRST_STEPS:
        y += 40
        if cap == "1":
            brush.disc(image_bgr, (left + 26, y), 5, theme.ACCENT)
        else:
            brush.keycap(image_bgr, cap, left + 26 - brush.keycap_width_px(cap) // 2, y)
        text.draw(image_bgr, words, left + 64, y, theme.BODY)
