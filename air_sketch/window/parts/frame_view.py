"""What one frame adds to the window: picture, hand and tool."""

from __future__ import annotations

from dataclasses import dataclass

from air_sketch.drawing.ink.rendering import InkLayer
from air_sketch.values.datatypes import PointPx, Rgb, UInt8Array


@dataclass(frozen=True)
class FrameView:
    """What one frame adds to the window.

    Attributes:
        picture_bgr: uint8 (H, W, 3), camera or paper, whatever its size; it is not changed.
        tool_state: "lost", "hover", "draw", "erase" or "select".
        hand_seen: whether a hand is seen; None where no hand is looked for (mouse).
        pen_color_rgb: the ink in use.
        pen_width_px: its width in canvas pixels.
        tip_px: (x, y) of the pen in canvas pixels, None when there is none.
        palm_px: (x, y) of the palm in canvas pixels, None when there is none.
        eraser_radius_px: in canvas pixels.
        select_progress: 0..1, how far picking a pen has come.
        select_color_rgb: the pen being picked, None for none.
        fps: frames shown per second.
        recording: frames are being written to a file.
        low_light: it is too dark to find hands well.
        message: a line in the middle of the view ("Starting the camera"), "" for none.
        message_detail: a smaller line under it.
        show_cursor: draw the cursor at the tip.
        ink: the drawing, of the view's size; None for none.
    """

    picture_bgr: UInt8Array
    tool_state: str = "lost"
    hand_seen: bool | None = False
    pen_color_rgb: Rgb = (0, 0, 0)
    pen_width_px: float = 5.0
    tip_px: PointPx | None = None
    palm_px: PointPx | None = None
    eraser_radius_px: float = 0.0
    select_progress: float = 0.0
    select_color_rgb: Rgb | None = None
    fps: float = 0.0
    recording: bool = False
    low_light: bool = False
    message: str = ""
    message_detail: str = ""
    show_cursor: bool = True
    ink: InkLayer | None = None
