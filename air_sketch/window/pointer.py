"""The mouse: draws and erases on the view (``--source mouse``), opens result cards and picks them on the panel."""

from __future__ import annotations

from dataclasses import dataclass

from air_sketch.desk.events import Click
from air_sketch.desk.sitting import PenPoint
from air_sketch.window.brushes.layout import Layout
from air_sketch.window.parts.results import card_at, page_turn_at


@dataclass(frozen=True)
class MouseEvent:
    """The mouse moved or a button changed.

    Attributes:
        x_px, y_px: place in the picture shown last.
        left, right: whether the button is down now.
        t_s: when, ``time.monotonic`` seconds.
        pressed: "left" or "right" when that button has just gone down, else "".
    """

    x_px: int
    y_px: int
    left: bool
    right: bool
    t_s: float
    pressed: str = ""


class Pointer:
    """Turns mouse events into points of the canvas and clicks; a stroke must begin inside the view."""

    def __init__(self, draws: bool) -> None:
        """Args: draws: False when the hand draws and the mouse only clicks."""
        self._draws = draws
        self._held: str = ""

    def take(self, event: MouseEvent, layout: Layout) -> PenPoint | Click | None:
        """Take one mouse event.

        Returns:
            Where the pen is now, what was clicked in the panel, or None when the event means nothing.
        """
        if event.pressed and layout.panel.contains(event.x_px, event.y_px):
            return _click(event, layout)
        if not self._draws:
            return None
        inside, was_held = layout.view.contains(event.x_px, event.y_px), self._held
        if inside and not self._held:
            self._held = event.pressed
        if not (event.left if self._held == "left" else event.right):
            self._held = ""
        x_px, y_px = layout.to_canvas(event.x_px, event.y_px)
        away = not (inside or self._held or was_held)
        return PenPoint(x_px, y_px, pressed=bool(self._held), erase=self._held == "right", away=away)


def _click(event: MouseEvent, layout: Layout) -> Click | None:
    """Left opens a card or turns the page, right asks for more like a card."""
    position = card_at(layout.panel, event.x_px, event.y_px)
    if position is not None:
        return Click("open" if event.pressed == "left" else "like", position)
    by = page_turn_at(layout.panel, event.x_px, event.y_px)
    return Click("page", by) if by and event.pressed == "left" else None
