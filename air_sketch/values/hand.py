"""One hand in one frame, as a tracker sees it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from air_sketch.values.datatypes import Float32Array


class HandLandmark(IntEnum):
    """MediaPipe's 21 hand landmarks, in its order."""

    WRIST = 0
    THUMB_CMC = 1
    THUMB_MCP = 2
    THUMB_IP = 3
    THUMB_TIP = 4
    INDEX_MCP = 5
    INDEX_PIP = 6
    INDEX_DIP = 7
    INDEX_TIP = 8
    MIDDLE_MCP = 9
    MIDDLE_PIP = 10
    MIDDLE_DIP = 11
    MIDDLE_TIP = 12
    RING_MCP = 13
    RING_PIP = 14
    RING_DIP = 15
    RING_TIP = 16
    PINKY_MCP = 17
    PINKY_PIP = 18
    PINKY_DIP = 19
    PINKY_TIP = 20


@dataclass(frozen=True)
class HandObservation:
    """One hand in one frame.

    Attributes:
        landmarks_norm: float32 (21, 3), x and y in 0..1 of the frame (may lie slightly outside), z as
            MediaPipe gives it (same scale as x).
        world_landmarks_m: float32 (21, 3), metres, origin at the hand's centre.
        handedness: "Left" or "Right", the user's own hand as seen in the mirrored picture.
        score: 0..1, MediaPipe's handedness score.
        frame_wh: size in pixels of the frame that was looked at; it makes ``landmarks_norm`` isotropic again.
    """

    landmarks_norm: Float32Array
    world_landmarks_m: Float32Array
    handedness: str
    score: float
    frame_wh: tuple[int, int] = (640, 480)

    @cached_property
    def isotropic_px(self) -> list[tuple[float, float, float]]:
        """The image landmarks in frame pixels in all three axes, as plain numbers; z has the scale of x."""
        width_px, height_px = self.frame_wh
        return [(x * width_px, y * height_px, z * width_px) for x, y, z in self.landmarks_norm.tolist()]
