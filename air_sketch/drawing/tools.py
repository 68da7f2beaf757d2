"""The tool state machine: steady poses in, what pen and eraser do out.

States: LOST (no hand), HOVER, SELECT (a pen's pose is being held), DRAW, ERASE. Ink needs a short dwell, picking a
pen a longer one at rest; leaving a pose acts at once. A stroke or an erasing gesture that is interrupted is first
*paused*: nothing is inked, and it goes on only if hand and pose come back soon and near enough.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from air_sketch.drawing.scribe import Scribe
from air_sketch.drawing.settings import DRAW, ERASE, HOVER, PEN_PREFIX, Calibration
from air_sketch.values.datatypes import PointPx

LOST, SELECT = "lost", "select"

_TIME_TOLERANCE_S = 1e-6
"""Frame times are rounded; 0.28 s that arrive as 0.2799999 are 0.28 s."""


@dataclass(frozen=True)
class HandInput:
    """One frame as the tools see it.

    Attributes:
        action: what the pose means: "draw", "erase", "hover" or "pen:NAME".
        tip_px: the filtered fingertip.
        palm_px: middle of the palm.
        palm_size_px: wrist to middle knuckle.
        speed_palms_s: how fast the palm moves.
        jumped: the fingertip was confirmed far from where it was; nothing may be joined across.
        held: the fingertip is unsure in this frame; it must not ink.
    """

    action: str
    tip_px: PointPx
    palm_px: PointPx
    palm_size_px: float
    speed_palms_s: float
    jumped: bool
    held: bool


@dataclass(frozen=True)
class _Pause:
    """A stroke or an erasing gesture that was interrupted and may still go on."""

    tool: str
    since_s: float
    by_loss: bool
    at_px: PointPx


class ToolMachine:
    """Turn one hand's poses over time into what the scribe does; clockless, times come in.

    Attributes:
        state: what the hand does now.
        ripening: a pen that is being picked, and how far that has come (0..1); None for none.
        pause: a stroke or an erasing gesture that may still go on.
    """

    def __init__(self, settings: Calibration, scribe: Scribe) -> None:
        self.state = LOST
        self.ripening: tuple[str, float] | None = None
        self.pause: _Pause | None = None
        self._timing, self._motion, self._scribe = settings.timing, settings.motion, scribe
        self._pose, self._pose_since_s = "", 0.0
        self._last_tip_px: PointPx = (0.0, 0.0)
        self._palm_size_px = 0.0

    def take(self, hand: HandInput | None, t_s: float) -> None:
        """Take one frame."""
        self.ripening = None
        if hand is not None:
            self._palm_size_px = hand.palm_size_px
        self._settle_pause(hand, t_s)
        if hand is None:
            if self.state in (DRAW, ERASE):
                self._interrupt(t_s, by_loss=True)
            self.state, self._pose = LOST, ""
            return
        if self.state in (DRAW, ERASE):
            self._work(hand, t_s)
        if self.state not in (DRAW, ERASE):
            self._wait(hand, t_s)
        self._last_tip_px = hand.tip_px

    def finish(self, t_s: float) -> None:
        """End whatever is going on because the input has ended."""
        self._end_pause(t_s)
        if self.state in (DRAW, ERASE):
            self._end(self.state, t_s, t_s, curled=False)
        self.state, self._pose = LOST, ""

    def _work(self, hand: HandInput, t_s: float) -> None:
        """Draw or erase on, or stop."""
        if hand.action != self.state:
            self._interrupt(t_s, by_loss=False)
            self.state = HOVER
        elif self.state == ERASE:
            self._scribe.erase_to(hand.palm_px, hand.palm_size_px)
        elif hand.jumped:
            self._end(DRAW, t_s, t_s, curled=False)
            self._scribe.pen_down(hand.tip_px, t_s)
        elif not hand.held:
            self._scribe.pen_move(hand.tip_px, t_s)

    def _wait(self, hand: HandInput, t_s: float) -> None:
        """Hover, and let a steady pose become a tool or a pen."""
        picks = hand.action.startswith(PEN_PREFIX) and hand.action != PEN_PREFIX + self._scribe.pens.name
        at_rest = not picks or hand.speed_palms_s <= self._motion.select_max_speed_palms_s
        if hand.action != self._pose or not at_rest:
            self._pose, self._pose_since_s = hand.action, t_s
        held_s = t_s - self._pose_since_s
        self.state = HOVER
        if hand.action == DRAW and _has_lasted(held_s, self._timing.draw_dwell_s) and not hand.held:
            self._end_pause(t_s)
            self.state = DRAW
            self._scribe.pen_down(hand.tip_px, t_s)
        elif hand.action == ERASE and _has_lasted(held_s, self._timing.erase_dwell_s):
            self._end_pause(t_s)
            self.state = ERASE
            self._scribe.erase_start(t_s)
            self._scribe.erase_to(hand.palm_px, hand.palm_size_px)
        elif picks:
            pen = hand.action.removeprefix(PEN_PREFIX)
            self.ripening = (pen, min(held_s / self._timing.select_dwell_s, 1.0))
            if _has_lasted(held_s, self._timing.select_dwell_s):
                self._end_pause(t_s)
                self._scribe.select(pen, t_s)
            else:
                self.state = SELECT

    def _interrupt(self, t_s: float, *, by_loss: bool) -> None:
        self.pause = _Pause(self.state, t_s, by_loss, self._last_tip_px)
        self._pose = ""

    def _settle_pause(self, hand: HandInput | None, t_s: float) -> None:
        """Resume what was interrupted, end it, or wait on."""
        if self.pause is None:
            return
        allowed_s = self._timing.bridge_s if self.pause.by_loss else self._timing.lift_grace_s
        in_time = _has_lasted(allowed_s, t_s - self.pause.since_s)
        if hand is None or hand.action != self.pause.tool:
            if not in_time:
                self._end_pause(t_s)
            elif hand is not None:
                self.pause = replace(self.pause, by_loss=False)
            return
        near = math.dist(hand.tip_px, self.pause.at_px) <= self._motion.bridge_palms * hand.palm_size_px
        if in_time and near and not hand.jumped:
            self.state, self.pause = self.pause.tool, None
        else:
            self._end_pause(t_s)

    def _end_pause(self, t_s: float) -> None:
        if self.pause is not None:
            pause, self.pause = self.pause, None
            self._end(pause.tool, pause.since_s, t_s, curled=not pause.by_loss)

    def _end(self, tool: str, lifted_s: float, t_s: float, *, curled: bool) -> None:
        """End a stroke, whose tail must be trimmed where the finger curled, or an erasing gesture."""
        if tool == ERASE:
            self._scribe.erase_end(t_s)
        else:
            keep_until_s = lifted_s - self._timing.tail_trim_s if curled else lifted_s
            self._scribe.pen_up(lifted_s, keep_until_s, self._palm_size_px, t_s)


def _has_lasted(held_s: float, needed_s: float) -> bool:
    return held_s >= needed_s - _TIME_TOLERANCE_S
