"""What a person or a set-up can adjust: thresholds, times, pens and the gesture map.

Every number has its unit in its name, and in its type the range, which readers of files check, and the reason for it.
They check types and names, too (``__pydantic_config__``), so that a bad file is named by key instead of drawing badly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Interval, MinLen
from pydantic import ConfigDict, Field

from air_sketch.hands.gestures import FingerBands

ANY_HAND = "any"
DRAW, ERASE, HOVER, PEN_PREFIX = "draw", "erase", "hover", "pen:"

SCHEMA_VERSION = 2
"""2 added ``hand`` and ``fit``."""

Share = Annotated[float, Interval(ge=0, le=1)]
Channel = Annotated[int, Interval(ge=0, le=255)]


@dataclass(frozen=True)
class TimingSettings:
    """How long things must last; all in seconds, so that 15, 30 and 60 frames a second behave alike."""

    draw_dwell_s: Annotated[float, Interval(ge=0, le=1), "one finger steady this long before ink, none in passing"]
    select_dwell_s: Annotated[float, Interval(ge=0.05, le=3), "a pen's pose steady this long before it is picked"]
    erase_dwell_s: Annotated[float, Interval(ge=0, le=3), "an open hand steady this long before it erases"]
    lift_grace_s: Annotated[float, Interval(ge=0, le=0.5), "a pose misread for less than this does not end a stroke"]
    bridge_s: Annotated[float, Interval(ge=0, le=0.5), "a hand lost for less than this does not end a stroke"]
    tail_trim_s: Annotated[float, Interval(ge=0, le=0.5), "cut from a stroke's end: the finger was curling"]
    min_stroke_s: Annotated[float, Interval(ge=0, le=1), "a shorter stroke that went nowhere was a pose in passing"]


@dataclass(frozen=True)
class MotionSettings:
    """Limits on movement, in palms (wrist to middle knuckle, about 1.4 palm widths)."""

    gate_palms: Annotated[float, Interval(ge=0.1, le=5), "a longer step in a frame is a slip until confirmed"]
    bridge_palms: Annotated[float, Interval(ge=0.1, le=5), "after a loss, a hand further away starts a new stroke"]
    select_max_speed_palms_s: Annotated[float, Interval(ge=0.1, le=50), "pens are picked by a resting hand only"]
    eraser_radius_palms: Annotated[float, Interval(ge=0.1, le=3), "size of the eraser around the palm"]


@dataclass(frozen=True)
class OneEuroSettings:
    """How strongly the fingertip is smoothed; speeds are in px/s of a 640 px wide picture."""

    min_cutoff_hz: Annotated[float, Interval(ge=0.05, le=20), "lower is steadier at rest"]
    beta: Annotated[float, Interval(ge=0, le=2), "per speed; higher lags less in motion"]
    derivative_cutoff_hz: Annotated[float, Interval(ge=0.05, le=20), "smoothing of the speed estimate itself"]
    rest_speed: Annotated[float, Interval(ge=0, le=500), "a tremor up to this speed counts as rest"]


@dataclass(frozen=True)
class FitRecord:
    """What ``calibrate`` measured on the person; kept to be shown, not used while drawing."""

    frames: Annotated[float, Interval(ge=1, le=1e6), "how many recorded frames the fit rests on"]
    accuracy: Annotated[float, Interval(ge=0, le=1), "share of these frames that the fitted thresholds read right"]
    accuracy_before: Annotated[float, Interval(ge=0, le=1), "the same for the thresholds that were there before"]
    noise_px: Annotated[float, Interval(ge=0, le=1000), "jitter of the resting fingertip in a 640 px wide picture"]
    palm_fraction: Annotated[float, Interval(ge=0, le=3), "palm (wrist to middle knuckle) over the picture's width"]


@dataclass(frozen=True)
class Calibration:
    """Everything that ``calibration/NAME.json`` holds.

    Attributes:
        schema_version: of the file.
        finger_bands: extension thresholds per finger (see ``geometry.finger_extensions``).
        gesture_map: gesture -> "draw", "erase", "hover" or "pen:NAME".
        pens: pen name -> (r, g, b).
        start_pen: the pen in hand at the start.
        pen_width_fraction: pen width over canvas height.
        active_box_norm: left, top, right, bottom of the part of the camera picture that covers the whole canvas.
        hand: "any", "Left" or "Right": the hand that draws; the other one must wait.
        fit: what the person's values were fitted to, None for values made by hand.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    schema_version: Annotated[int, Interval(ge=1, le=SCHEMA_VERSION)]
    finger_bands: Annotated[FingerBands, Field(alias="fingers")]
    timing: TimingSettings
    motion: MotionSettings
    filter: OneEuroSettings
    gesture_map: dict[str, str]
    pens: Annotated[dict[str, tuple[Channel, Channel, Channel]], MinLen(1)]
    start_pen: str
    pen_width_fraction: Annotated[float, Interval(ge=0.001, le=0.1)]
    active_box_norm: tuple[Share, Share, Share, Share]
    hand: str = ANY_HAND
    fit: FitRecord | None = None
