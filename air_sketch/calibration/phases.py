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
    """One thing that the person shows; the value stands in recordings."""

    PALM = "palm"
    FIST = "fist"
    POINT = "point"
    STILL = "still"
    UPPER_LEFT = "upper_left"
    LOWER_RIGHT = "lower_right"


PHASES = tuple(Phase)
"""In the order they are asked for."""

PHASE_NAMES: Mapping[Phase, str] = {
    Phase.PALM: "Open palm",
    Phase.FIST: "Fist",
    Phase.POINT: "One finger",
    Phase.STILL: "Hold still",
    Phase.UPPER_LEFT: "Upper left",
    Phase.LOWER_RIGHT: "Lower right",
}


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
