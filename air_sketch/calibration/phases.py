"""The phases of a calibration, and what is recorded in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import numpy as np

from air_sketch.hands.geometry import finger_extensions, palm_size_px
from air_sketch.values.datatypes import Float32Array, PointNorm
from air_sketch.values.hand import HandLandmark, HandObservation


class Phase(str, Enum):
    """One thing that the person shows, in the order they are asked for; with the ways between about ten seconds in all.

    Attributes:
        label: its name in the window.
        instruction: what the person is to do.
        hold_s: how long it is recorded.
    """

    label: str
    instruction: str
    hold_s: float

    def __new__(cls, value: str, label: str, instruction: str, hold_s: float) -> Phase:
        """Make a member whose value is a word for programs."""
        phase = str.__new__(cls, value)
        phase._value_, phase.label, phase.instruction, phase.hold_s = value, label, instruction, hold_s
        return phase

    PALM = "palm", "Open palm", "Open your hand, palm to the camera", 1.0
    FIST = "fist", "Fist", "Close it to a fist", 1.0
    POINT = "point", "One finger", "Point up with one finger", 0.8
    STILL = "still", "Hold still", "Hold that finger quite still", 1.6
    UPPER_LEFT = "upper_left", "Upper left", "Reach up and left, as far as is comfortable", 0.8
    LOWER_RIGHT = "lower_right", "Lower right", "Reach down and right, as far as is comfortable", 0.8


PHASES = tuple(Phase)


@dataclass(frozen=True)
class TimedHand:
    """One recorded hand and when it was seen."""

    t_s: float
    observation: HandObservation

    @cached_property
    def extensions(self) -> Float32Array:
        """How far each finger is stretched, float32 (5,), thumb first (see ``geometry.finger_extensions``)."""
        return np.array(finger_extensions(self.observation), dtype=np.float32)

    @cached_property
    def tip_norm(self) -> PointNorm:
        """Where the tip of the index finger is."""
        tip = self.observation.landmarks_norm[HandLandmark.INDEX_TIP]
        return float(tip[0]), float(tip[1])

    @cached_property
    def palm_norm(self) -> float:
        """The palm over the width of the picture."""
        return palm_size_px(self.observation, self.observation.frame_wh) / self.observation.frame_wh[0]


HandRecording = Mapping[Phase, tuple[TimedHand, ...]]
"""The steady frames of each phase."""
