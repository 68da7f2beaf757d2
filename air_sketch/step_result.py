"""What one step of a session found and did."""

from __future__ import annotations

from dataclasses import dataclass

from air_sketch.datatypes import SessionEvent

PointPx = tuple[float, float]
Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class StepResult:
    """What one step found and did, for the screen.

    Attributes:
        tool_state: "lost", "hover", "select", "draw" or "erase".
        hand_seen: whether there is a hand in this frame.
        tip_px: the fingertip or pointer on the canvas, filtered.
        palm_px: middle of the palm on the canvas.
        eraser_radius_px: how far the eraser reaches around the palm.
        fingers: how many fingers are up, None without a hand.
        gesture: name of the pose, "" without a hand.
        select_progress: 0..1, how far a pen's pose has ripened.
        select_color_rgb: the ink of that pen, None when none is being picked.
        events: what happened in this step.
    """

    tool_state: str
    hand_seen: bool
    tip_px: PointPx | None
    palm_px: PointPx | None
    eraser_radius_px: float
    fingers: int | None
    gesture: str
    select_progress: float
    select_color_rgb: Rgb | None
    events: tuple[SessionEvent, ...]
