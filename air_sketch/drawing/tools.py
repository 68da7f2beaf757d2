"""The tool state machine: steady poses in, pen and eraser orders out.

States: LOST (no hand), HOVER, SELECT (a pen's pose is being held), DRAW, ERASE. Ink needs a short dwell, picking a
pen a longer one at rest; leaving a pose acts at once. A stroke or an erasing gesture that is interrupted is first
*suspended*: nothing is inked, and it goes on only if hand and pose come back soon and near enough.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from air_sketch.drawing.dwell import Dwell, has_lasted
from air_sketch.drawing.settings import DRAW, ERASE, HOVER, PEN_PREFIX, MotionSettings, TimingSettings
from air_sketch.values.datatypes import PointPx


class ToolState(str, Enum):
    """What the hand is doing now."""

    LOST = "lost"
    HOVER = "hover"
    SELECT = "select"
    DRAW = "draw"
    ERASE = "erase"


class OrderKind(str, Enum):
    """What the document is to do."""

    PEN_DOWN = "pen_down"
    PEN_MOVE = "pen_move"
    PEN_UP = "pen_up"
    ERASE_START = "erase_start"
    ERASE_MOVE = "erase_move"
    ERASE_END = "erase_end"
    SELECT = "select"


@dataclass(frozen=True)
class HandInput:
    """One frame as the tools see it.

    Attributes:
        action: what the pose means: "draw", "erase", "hover" or "pen:NAME".
        tip_px: the filtered fingertip.
        palm_size_px: wrist to middle knuckle.
        speed_palms_s: how fast the palm moves.
        jumped: the fingertip was confirmed far from where it was; nothing may be joined across.
        held: the fingertip is unsure in this frame; it must not ink.
    """

    action: str
    tip_px: PointPx
    palm_size_px: float
    speed_palms_s: float = 0.0
    jumped: bool = False
    held: bool = False


@dataclass(frozen=True)
class Order:
    """One order to the document.

    Attributes:
        kind: what to do.
        lifted_s: for PEN_UP, when the finger left the drawing pose.
        curled: for PEN_UP, whether it left by bending, so that its tail must be trimmed.
        pen: for SELECT, the pen's name.
    """

    kind: OrderKind
    lifted_s: float = 0.0
    curled: bool = False
    pen: str = ""


@dataclass(frozen=True)
class ToolResult:
    """The outcome of one frame: state, orders, and how far a pick has come (0..1) for which pen."""

    state: ToolState
    orders: tuple[Order, ...] = ()
    select_progress: float = 0.0
    select_pen: str | None = None


@dataclass(frozen=True)
class _Suspended:
    """A stroke or an erasing gesture that was interrupted and may still go on."""

    tool: ToolState
    since_s: float
    by_loss: bool
    at_px: PointPx


class ToolMachine:
    """Turn one hand's poses over time into tool orders; clockless, times come in."""

    def __init__(self, timing: TimingSettings, motion: MotionSettings, pen: str) -> None:
        """Start with no hand and the given pen."""
        self._timing, self._motion = timing, motion
        self.pen = pen
        self.state = ToolState.LOST
        self._dwell = Dwell()
        self._suspended: _Suspended | None = None
        self._last_tip_px: PointPx = (0.0, 0.0)

    @property
    def is_suspended(self) -> bool:
        """Whether an interrupted stroke or erasing gesture may still go on."""
        return self._suspended is not None

    def take(self, hand: HandInput | None, t_s: float) -> ToolResult:
        """Take one frame."""
        orders = self._settle_suspended(hand, t_s)
        if hand is None:
            return self._lose_hand(orders, t_s)
        if self.state in (ToolState.DRAW, ToolState.ERASE):
            orders += self._work(hand, t_s)
        if self.state in (ToolState.DRAW, ToolState.ERASE):
            self._last_tip_px = hand.tip_px
            return ToolResult(self.state, tuple(orders))
        return self._wait(hand, t_s, orders)

    def finish(self, t_s: float) -> tuple[Order, ...]:
        """End whatever is going on because the input has ended."""
        suspended, self._suspended = self._suspended, None
        state, self.state = self.state, ToolState.LOST
        self._dwell.reset()
        if suspended is not None:
            return (_end_of(suspended.tool, suspended.since_s, curled=not suspended.by_loss),)
        if state in (ToolState.DRAW, ToolState.ERASE):
            return (_end_of(state, t_s, curled=False),)
        return ()

    def _work(self, hand: HandInput, t_s: float) -> list[Order]:
        """Draw or erase on, or stop."""
        wanted = DRAW if self.state is ToolState.DRAW else ERASE
        if hand.action != wanted:
            self._suspend(t_s, by_loss=False)
            self.state = ToolState.HOVER
            return []
        if self.state is ToolState.ERASE:
            return [Order(OrderKind.ERASE_MOVE)]
        if hand.jumped:
            return [_end_of(ToolState.DRAW, t_s, curled=False), Order(OrderKind.PEN_DOWN)]
        return [] if hand.held else [Order(OrderKind.PEN_MOVE)]

    def _wait(self, hand: HandInput, t_s: float, orders: list[Order]) -> ToolResult:
        """Hover, and let a steady pose become a tool or a pen."""
        picks = hand.action.startswith(PEN_PREFIX) and hand.action != PEN_PREFIX + self.pen
        at_rest = not picks or hand.speed_palms_s <= self._motion.select_max_speed_palms_s
        held_s = self._dwell.measure(hand.action, t_s, steady=at_rest)
        self.state = ToolState.HOVER
        if hand.action == DRAW and has_lasted(held_s, self._timing.draw_dwell_s) and not hand.held:
            self._end_suspended(orders)
            self.state = ToolState.DRAW
            orders.append(Order(OrderKind.PEN_DOWN))
        elif hand.action == ERASE and has_lasted(held_s, self._timing.erase_dwell_s):
            self._end_suspended(orders)
            self.state = ToolState.ERASE
            orders += [Order(OrderKind.ERASE_START), Order(OrderKind.ERASE_MOVE)]
        elif picks:
            return self._pick(hand.action.removeprefix(PEN_PREFIX), held_s, orders)
        self._last_tip_px = hand.tip_px
        return ToolResult(self.state, tuple(orders))

    def _pick(self, pen: str, held_s: float, orders: list[Order]) -> ToolResult:
        """Let a pen's pose ripen."""
        if has_lasted(held_s, self._timing.select_dwell_s):
            self._end_suspended(orders)
            self.pen = pen
            return ToolResult(self.state, (*orders, Order(OrderKind.SELECT, pen=pen)), 1.0, pen)
        self.state = ToolState.SELECT
        return ToolResult(self.state, tuple(orders), held_s / self._timing.select_dwell_s, pen)

    def _lose_hand(self, orders: list[Order], t_s: float) -> ToolResult:
        if self.state in (ToolState.DRAW, ToolState.ERASE):
            self._suspend(t_s, by_loss=True)
        self.state = ToolState.LOST
        self._dwell.reset()
        return ToolResult(self.state, tuple(orders))

    def _suspend(self, t_s: float, *, by_loss: bool) -> None:
        self._suspended = _Suspended(self.state, t_s, by_loss, self._last_tip_px)
        self._dwell.reset()

    def _settle_suspended(self, hand: HandInput | None, t_s: float) -> list[Order]:
        """Resume what was interrupted, end it, or wait on."""
        if self._suspended is None:
            return []
        paused = self._suspended
        allowed_s = self._timing.bridge_s if paused.by_loss else self._timing.lift_grace_s
        in_time = has_lasted(allowed_s, t_s - paused.since_s)
        if hand is None or hand.action != _action_of(paused.tool):
            orders: list[Order] = []
            if not in_time:
                self._end_suspended(orders)
            elif hand is not None and paused.by_loss:
                self._suspended = _Suspended(paused.tool, paused.since_s, False, paused.at_px)
            return orders
        near = math.dist(hand.tip_px, paused.at_px) <= self._motion.bridge_palms * hand.palm_size_px
        if in_time and near and not hand.jumped:
            self.state, self._suspended = paused.tool, None
            return []
        orders = []
        self._end_suspended(orders)
        return orders

    def _end_suspended(self, orders: list[Order]) -> None:
        if self._suspended is not None:
            paused, self._suspended = self._suspended, None
            orders.append(_end_of(paused.tool, paused.since_s, curled=not paused.by_loss))


def _action_of(tool: ToolState) -> str:
    return {ToolState.DRAW: DRAW, ToolState.ERASE: ERASE}.get(tool, HOVER)


def _end_of(tool: ToolState, lifted_s: float, *, curled: bool) -> Order:
    if tool is ToolState.ERASE:
        return Order(OrderKind.ERASE_END)
    return Order(OrderKind.PEN_UP, lifted_s=lifted_s, curled=curled)
