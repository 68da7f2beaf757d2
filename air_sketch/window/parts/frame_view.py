"""What camera, hand and pen add to the window."""

from __future__ import annotations

import math
from dataclasses import dataclass

from air_sketch.values.datatypes import WHOLE_PICTURE, BoxNorm, Rgb, StepResult, UInt8Array

FPS_TOLD_EVERY_S = 0.5  # a number that flickers cannot be read, and costs a header every time


@dataclass
class FrameView:
    """What camera, hand and pen add to the window; the loop changes it from frame to frame.

    Attributes:
        picture_bgr: uint8 (H, W, 3), camera or paper, whatever its size; it is not changed.
        looks_for_hand: False for the mouse.
        active_box_norm: the part of the camera picture that covers the canvas; only that is shown, so that the
            cursor stays on the fingertip.
        result: what the session says of hand and pen; None when there are no frames.
        pen_rgb: the ink in use.
        pen_width_px: its width in canvas pixels.
        fps: frames a second.
        recording: frames are being written to a file.
        low_light: it is too dark to find hands well.
        message: a line in the middle of the view ("Starting the camera"), "" for none.
        detail: smaller words under it.
    """

    picture_bgr: UInt8Array
    looks_for_hand: bool = True
    active_box_norm: BoxNorm = WHOLE_PICTURE
    result: StepResult | None = None
    pen_rgb: Rgb = (0, 0, 0)
    pen_width_px: float = 5.0
    fps: int = 0
    recording: bool = False
    low_light: bool = False
    message: str = ""
    detail: str = ""
    _frames: int = 0
    _counted_from_s: float = -math.inf

    def take_frame(self, image_bgr: UInt8Array, now_s: float) -> None:
        """Show a camera frame, and count it; nobody may change it until the next one."""
        self.picture_bgr, self.message = part_in_box(image_bgr, self.active_box_norm), ""
        self._frames += 1
        if now_s - self._counted_from_s >= FPS_TOLD_EVERY_S:
            self.fps = round(self._frames / (now_s - self._counted_from_s))
            self._frames, self._counted_from_s = 0, now_s

    def rest(self, message: str = "", detail: str = "") -> None:
        """The frames have ended: no hand, no speed, words in the middle of the view."""
        self.result, self.message, self.detail = None, message, detail
        self.fps, self._frames, self._counted_from_s = 0, 0, -math.inf


def part_in_box(image_bgr: UInt8Array, box_norm: BoxNorm) -> UInt8Array:
    """Return the box's part of a picture, at least a pixel of it; nothing is copied."""
    height, width = image_bgr.shape[:2]
    left, right = round(box_norm[0] * width), round(box_norm[2] * width)
    top, bottom = round(box_norm[1] * height), round(box_norm[3] * height)
    return image_bgr[top : max(bottom, top + 1), left : max(right, left + 1)]
