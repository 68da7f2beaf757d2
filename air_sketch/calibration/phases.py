"""The phases of a calibration, and what is recorded in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from air_sketch.values.hand import HandObservation


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


HandRecording = Mapping[Phase, tuple[TimedHand, ...]]
"""The steady frames of each phase."""
