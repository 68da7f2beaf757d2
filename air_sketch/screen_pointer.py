"""The mouse: draws and erases on the view (``--source mouse``), opens result cards and picks them on the panel."""

from __future__ import annotations

from dataclasses import replace

from air_sketch.panel import card_at, page_step_at
from air_sketch.screen_events import CardClicked, CardPicked, Click, PageTurned
from air_sketch.screen_layout import Layout
from air_sketch.session import Session, StepResult
from air_sketch.window import MouseEvent


class Pointer:
    """Turns mouse events into pointer steps; a stroke must begin inside the view."""

    def __init__(self, session: Session, draws: bool) -> None:
        """Args: session: what is drawn on. draws: False when the hand draws and the mouse only clicks."""
        self._session = session
        self._draws = draws
        self._held: str = ""

    def step(self, event: MouseEvent, layout: Layout, t_s: float) -> tuple[StepResult | None, Click | None]:
        """Take one mouse event.

        Args:
            event: in pixels of the composed picture.
            layout: what lies where.
            t_s: session time.
        Returns:
            What the pen did, if anything; what was clicked in the panel, if anything.
        """
        if event.pressed and layout.panel.contains(event.x_px, event.y_px):
            return None, _click(event, layout)
        if not self._draws:
            return None, None
        inside = layout.view.contains(event.x_px, event.y_px)
        if event.pressed and inside and not self._held:
            self._held = event.pressed
        was_held = bool(self._held)
        still_down = event.left if self._held == "left" else event.right
        if not still_down:
            self._held = ""
        x_px, y_px = layout.to_canvas(event.x_px, event.y_px)
        width, height = layout.canvas_wh
        x_px, y_px = min(max(x_px, 0.0), width - 1.0), min(max(y_px, 0.0), height - 1.0)
        erase = self._held == "right"
        result = self._session.step_pointer(x_px, y_px, bool(self._held), t_s, erase=erase)
        away = not (inside or self._held or was_held)
        return (replace(result, tip_px=None) if away else result), None


def _click(event: MouseEvent, layout: Layout) -> Click | None:
    """Left opens a card or turns the page, right asks for more like a card."""
    position = card_at(layout.panel, event.x_px, event.y_px)
    if position is not None:
        return CardClicked(position) if event.pressed == "left" else CardPicked(position)
    step = page_step_at(layout.panel, event.x_px, event.y_px)
    return PageTurned(step) if step and event.pressed == "left" else None
