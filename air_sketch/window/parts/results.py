"""The results panel: nine cards with pictures, or what to do to get some."""

from __future__ import annotations

import cv2
import numpy as np

from air_sketch.desk.events import SearchPhase
from air_sketch.desk.state import DeskState
from air_sketch.values.datatypes import ResultCard, Rgb, UInt8Array
from air_sketch.window.brushes.brush import Brush
from air_sketch.window.brushes.layout import Rect
from air_sketch.window.brushes.text import TextStyle, Weight
from air_sketch.window.brushes.theme import (
    ACCENT,
    BACKGROUND,
    BADGE,
    BODY,
    CARD,
    CARD_DETAIL,
    CARD_TITLE,
    FAINT,
    FIELD,
    HEADING,
    LABEL,
    RADIUS_PX,
    RED,
    SMALL,
    SURFACE,
    TINY,
)
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

_SCORE = TextStyle(11, (255, 255, 255), Weight.SEMIBOLD)
FAINT_ARROW = TextStyle(13, FAINT, Weight.SEMIBOLD)


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
    lowered = {name.lower(): value for name, value in card.details.items()}
    return " · ".join(str(lowered[name]) for name in DETAIL_COLUMNS if str(lowered.get(name, "")).strip())


class ResultsPanel:
    """Draws the panel anew only when what it shows has changed."""

    def __init__(self, brush: Brush) -> None:
        """Args: brush: shared with the rest of the window."""
        self._brush = brush
        self._drawn: tuple[object, ...] | None = None
        self._drawn_cards: tuple[ResultCard, ...] | None = None

    def draw(self, image_bgr: UInt8Array, rect: Rect, state: DeskState) -> bool:
        """Bring the panel up to date, in place.

        Args:
            image_bgr: uint8 (H, W, 3), the window; still holds what was drawn last time.
            rect: the panel's place.
            state: what to show.
        Returns:
            Whether anything had to be drawn.
        """
        search = (state.searching, state.searched_once, state.search_phase, state.search_note, _coarse_progress(state))
        key = (id(image_bgr), rect, state.page, state.more, state.cards_caption, search, state.query)
        if key == self._drawn and state.cards is self._drawn_cards:
            return False
        self._drawn, self._drawn_cards = key, state.cards
        self._brush.box(image_bgr, rect, BACKGROUND)
        self._brush.box(image_bgr, rect, SURFACE, RADIUS_PX)
        self._draw_heading(image_bgr, rect, state)
        bar = Rect(rect.x + PADDING_PX, rect.y + HEADING_HEIGHT_PX, rect.w - 2 * PADDING_PX, BAR_HEIGHT_PX)
        draw_query_bar(image_bgr, bar, self._brush, state.query)
        if state.cards:
            for number, (card, cell) in enumerate(zip(state.visible_cards, cell_rects(rect), strict=False), start=1):
                self._draw_card(image_bgr, cell, card, number)
        else:
            self._draw_empty(image_bgr, rect, state)
        return True

    def _draw_heading(self, image_bgr: UInt8Array, rect: Rect, state: DeskState) -> None:
        text, middle = self._brush.text, rect.y + 24
        left, right = rect.x + PADDING_PX, rect.right - PADDING_PX
        note = state.search_note if state.search_phase is SearchPhase.READY else ""
        used = text.draw(image_bgr, "Searching…" if state.searching else "Results", left, middle, HEADING)
        if state.cards and state.cards_caption:
            note = f"“{state.cards_caption}”"
        if state.page_count > 1 or state.more:
            right = self._draw_pages(image_bgr, rect, state)
        room = right - left - used - 12
        text.draw(image_bgr, note, right, middle, SMALL, align="right", max_width_px=room)

    def _draw_pages(self, image_bgr: UInt8Array, rect: Rect, state: DeskState) -> int:
        """Draw the page number between its arrows; return where they begin."""
        text, middle = self._brush.text, rect.y + 24
        ways = (state.page > 0, state.page < state.page_count - 1 or state.more)
        for arrow, sign, leads in zip(arrow_rects(rect), "<>", ways, strict=True):
            self._brush.box(image_bgr, arrow, FIELD, 7)
            text.draw(image_bgr, sign, *arrow.center_xy, LABEL if leads else FAINT_ARROW, align="center")
        left = arrow_rects(rect)[0].x
        return left - text.draw(image_bgr, f"page {state.page + 1}", left - 8, middle, SMALL, align="right") - 20

    def _draw_card(self, image_bgr: UInt8Array, cell: Rect, card: ResultCard, number: int) -> None:
        brush, text = self._brush, self._brush.text
        picture = Rect(cell.x, cell.y, cell.w, max(24, cell.h - TEXT_HEIGHT_PX))
        brush.box(image_bgr, picture, CARD, 0)
        paste_letterboxed(image_bgr, picture.inset(4), card.thumbnail_rgb)
        if card.thumbnail_rgb is None:
            text.draw(image_bgr, "no picture", *picture.center_xy, TINY, align="center")
        brush.round_corners(image_bgr, picture, SURFACE, 8)
        brush.box(image_bgr, Rect(picture.x + 5, picture.y + 5, 20, 20), ACCENT if number == 1 else FIELD, 7, 0.95)
        text.draw(image_bgr, str(number), picture.x + 15, picture.y + 15, BADGE, align="center")
        foot = picture.bottom - draw_part_scores(image_bgr, picture, brush, card)
        self._draw_pill(image_bgr, f"{card.score:.2f}", picture.right - 5, foot - 23)
        if card.alike:
            words = f"+{card.alike} alike" if picture.w >= ROOMY_CARD_PX else f"+{card.alike}"
            self._draw_pill(image_bgr, words, picture.right - 5, picture.y + 6)
        y = picture.bottom + 13
        details = details_line(card)
        for line in text.wrap(card.title, CARD_TITLE, cell.w, 2 if details else 3):
            text.draw(image_bgr, line, cell.x, y, CARD_TITLE)
            y += TITLE_LINE_PX
        text.draw(image_bgr, details, cell.x, y + 1, CARD_DETAIL, max_width_px=cell.w)

    def _draw_pill(self, image_bgr: UInt8Array, words: str, right_px: int, top_px: int) -> None:
        width = self._brush.text.width_px(words, _SCORE) + 12
        pill = Rect(right_px - width, top_px, width, 18)
        self._brush.box(image_bgr, pill, BACKGROUND, 9, 0.72)
        self._brush.text.draw(image_bgr, words, *pill.center_xy, _SCORE, align="center")

    def _draw_empty(self, image_bgr: UInt8Array, rect: Rect, state: DeskState) -> None:
        if state.search_phase is SearchPhase.FAILED:
            self._draw_words(image_bgr, rect, "No search just now", state.search_note, RED)
            return
        if state.searched_once and not state.searching:
            advice = "Nothing in this gallery fits. Try other words, or another outline."
            if state.query.where:
                advice = f"Nothing passes the filter {state.query.where}. F changes it."
            self._draw_words(image_bgr, rect, "No results", advice, ACCENT)
            return
        self._draw_first_steps(image_bgr, rect)
        if state.search_phase is SearchPhase.LOADING and state.loading is not None:
            bar = Rect(rect.x + PADDING_PX, rect.bottom - 30, rect.w - 2 * PADDING_PX, 6)
            message = state.loading.message
            self._brush.text.draw(image_bgr, message, bar.x, bar.y - 16, SMALL, max_width_px=bar.w - 50)
            if state.loading.fraction is not None:
                percent = f"{state.loading.fraction:.0%}"
                self._brush.text.draw(image_bgr, percent, bar.right, bar.y - 16, SMALL, align="right")
                self._brush.progress(image_bgr, bar, state.loading.fraction, ACCENT)

    def _draw_words(self, image_bgr: UInt8Array, rect: Rect, title: str, words: str, color: Rgb) -> None:
        brush, left, y = self._brush, rect.x + PADDING_PX, rect.y + HEADING_HEIGHT_PX + BAR_HEIGHT_PX + 30
        brush.box(image_bgr, Rect(left, y - 12, 3, 24), color, 1)
        brush.text.draw(image_bgr, title, left + 14, y, HEADING)
        for line in brush.text.wrap(words, BODY, rect.w - 2 * PADDING_PX - 14, 9):
            y += 22
            brush.text.draw(image_bgr, line, left + 14, y, BODY)

    def _draw_first_steps(self, image_bgr: UInt8Array, rect: Rect) -> None:
        brush = self._brush
        y = rect.y + rect.h // 2 - 70
        brush.text.draw(image_bgr, "Your finds appear here", rect.x + rect.w / 2, y, HEADING, align="center")
        widest = max(brush.text.width_px(words, BODY) for _, words in FIRST_STEPS)
        left = rect.x + (rect.w - widest - 64) // 2
        for cap, words in FIRST_STEPS:
            y += 40
            if cap == "1":
                brush.disc(image_bgr, (left + 26, y), 5, ACCENT)
            else:
                width = max(22, brush.text.width_px(cap, LABEL) + 14)
                brush.keycap(image_bgr, cap, left + 26 - width // 2, y)
            brush.text.draw(image_bgr, words, left + 64, y, BODY)


def paste_letterboxed(image_bgr: UInt8Array, rect: Rect, picture_rgb: UInt8Array | None) -> None:
    """Fit a picture into a rectangle without distortion, in place; any size and channel count goes.

    Args:
        image_bgr: uint8 (H, W, 3).
        rect: where.
        picture_rgb: uint8 (h, w, 3), (h, w) or (h, w, 4); None draws nothing.
    """
    if picture_rgb is None or picture_rgb.size == 0 or rect.w < 1 or rect.h < 1:
        return
    picture = picture_rgb if picture_rgb.ndim == 3 else np.repeat(picture_rgb[:, :, None], 3, axis=2)
    place = rect.fit((picture.shape[1], picture.shape[0]))
    shrinking = place.w < picture.shape[1]
    size_wh = (place.w, place.h)
    resized = cv2.resize(picture[:, :, :3], size_wh, interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC)
    image_bgr[place.y : place.bottom, place.x : place.right] = resized[:, :, ::-1]


def _coarse_progress(state: DeskState) -> tuple[str, int] | None:
    if state.loading is None:
        return None
    return state.loading.message, -1 if state.loading.fraction is None else round(state.loading.fraction * 100)
