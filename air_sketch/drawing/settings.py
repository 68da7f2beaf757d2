"""What a person or a set-up can adjust: thresholds, times, pens and the gesture map.

Every number has its unit in its name, and in its type the range, which readers of files check, and the reason for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from annotated_types import BaseMetadata, GroupedMetadata, Interval

from air_sketch.drawing.filters import OneEuroSettings
from air_sketch.hands.gestures import FingerBands
from air_sketch.values.datatypes import BoxNorm, Rgb

ANY_HAND = "any"
DRAW, ERASE, HOVER, PEN_PREFIX = "draw", "erase", "hover", "pen:"


@dataclass(frozen=True)
class Within(GroupedMetadata):
    """The range of a number, both ends in it, and the reason for it."""

    low: float
    high: float
    why: str

    def __iter__(self) -> Iterator[BaseMetadata]:
        """Give the range as whoever checks it understands it."""
        return iter(Interval(ge=self.low, le=self.high))


@dataclass(frozen=True)
class TimingSettings:
    """How long things must last; all in seconds, so that 15, 30 and 60 frames a second behave alike."""

    draw_dwell_s: Annotated[float, Within(0, 1, "one finger steady this long before ink; a passing pose leaves none")]
    select_dwell_s: Annotated[float, Within(0.05, 3, "a pen's pose steady this long before it is picked")]
    erase_dwell_s: Annotated[float, Within(0, 3, "an open hand steady this long before it erases")]
    lift_grace_s: Annotated[float, Within(0, 0.5, "a pose misread for less than this does not end a stroke")]
    bridge_s: Annotated[float, Within(0, 0.5, "a hand lost for less than this does not end a stroke")]
    tail_trim_s: Annotated[float, Within(0, 0.5, "cut from a stroke's end, where the finger was already curling")]
    min_stroke_s: Annotated[float, Within(0, 1, "a shorter stroke that went nowhere was a pose in passing")]


@dataclass(frozen=True)
class MotionSettings:
    """Limits on movement, in palms (wrist to middle knuckle, about 1.4 palm widths)."""

    gate_palms: Annotated[float, Within(0.1, 5, "a longer step between two frames is a tracking slip until confirmed")]
    bridge_palms: Annotated[float, Within(0.1, 5, "after a loss, a hand further away than this starts a new stroke")]
    select_max_speed_palms_s: Annotated[float, Within(0.1, 50, "pens are picked by a resting hand only")]
    eraser_radius_palms: Annotated[float, Within(0.1, 3, "size of the eraser around the palm")]


@dataclass(frozen=True)
class FitRecord:
    """What ``calibrate`` measured on the person; kept to be shown, not used while drawing."""

    frames: Annotated[float, Within(1, 1e6, "how many recorded frames the fit rests on")]
    accuracy: Annotated[float, Within(0, 1, "share of these frames that the fitted thresholds read right")]
    accuracy_before: Annotated[float, Within(0, 1, "the same for the thresholds that were there before")]
    noise_px: Annotated[float, Within(0, 1000, "jitter of the resting fingertip in a 640 px wide camera picture")]
    palm_fraction: Annotated[float, Within(0, 3, "palm (wrist to middle knuckle) over the width of the picture")]


@dataclass(frozen=True)
class Calibration:
    """Everything that ``calibration/NAME.json`` holds, validated.

    Attributes:
        finger_bands: extension thresholds per finger (see ``geometry.finger_extensions``).
        gesture_map: gesture -> "draw", "erase", "hover" or "pen:NAME".
        pens: pen name -> (r, g, b).
        start_pen: the pen in hand at the start.
        pen_width_fraction: pen width over canvas height.
        active_box_norm: left, top, right, bottom of the part of the camera picture that covers the whole canvas.
        hand: "Left", "Right" or "any": the hand that draws; the other one must wait.
        fit: what the person's values were fitted to, None for values made by hand.
    """

    finger_bands: FingerBands
    timing: TimingSettings
    motion: MotionSettings
    filter: OneEuroSettings
    gesture_map: Mapping[str, str]
    pens: Mapping[str, Rgb]
    start_pen: str
    pen_width_fraction: float
    active_box_norm: BoxNorm
    hand: str = ANY_HAND
    fit: FitRecord | None = None
