"""A calibration as ``calibration/NAME.json`` holds it: text in, validated settings out, and a plain dictionary back.

Every value is checked, so that a bad file is named by key instead of drawing badly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from textwrap import shorten
from types import MappingProxyType
from typing import Annotated, Any, Literal

from annotated_types import Interval, MinLen
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from air_sketch.drawing.filters import OneEuroSettings
from air_sketch.drawing.settings import (
    DRAW,
    ERASE,
    HOVER,
    PEN_PREFIX,
    Calibration,
    FitRecord,
    MotionSettings,
    TimingSettings,
)
from air_sketch.hands.gestures import COUNT_NAMES, FingerBands
from air_sketch.values.errors import CalibrationError

SCHEMA_VERSION = 2
"""2 added ``hand`` and ``fit``."""

GESTURES = (*COUNT_NAMES, "other")
LONGEST_COMPLAINT = 300

_Share = Annotated[float, Interval(ge=0, le=1)]
_Channel = Annotated[int, Interval(ge=0, le=255)]
_ReadOnly = AfterValidator(MappingProxyType)
_COMPLAINTS = {
    "missing": "expected a value, but the key is missing",
    "extra_forbidden": "expected no such key",
    "unexpected_keyword_argument": "expected no such key",
}


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    schema_version: Annotated[int, Interval(ge=1, le=SCHEMA_VERSION)]
    fingers: FingerBands
    timing: TimingSettings
    motion: MotionSettings
    filter: OneEuroSettings
    gesture_map: Annotated[dict[str, str], _ReadOnly]
    pens: Annotated[dict[str, tuple[_Channel, _Channel, _Channel]], MinLen(1), _ReadOnly]
    start_pen: str
    pen_width_fraction: Annotated[float, Interval(ge=0.001, le=0.1)]
    active_box_norm: tuple[_Share, _Share, _Share, _Share]
    hand: Literal["any", "Left", "Right"] = "any"
    fit: FitRecord | None = None


def calibration_from_json(text: str) -> Calibration:
    """Validate one calibration document.

    Raises:
        CalibrationError: naming the key, what was expected and what was found, in one line.
    """
    try:
        values = dict(_Document.model_validate_json(text))
    except ValidationError as error:
        raise CalibrationError(_complaint(error)) from None
    del values["schema_version"]
    calibration = Calibration(finger_bands=values.pop("fingers"), **values)
    for problem in _contradictions(calibration):
        raise CalibrationError(shorten(problem, LONGEST_COMPLAINT))
    return calibration


def calibration_from_dict(document: object) -> Calibration:
    """Validate what ``json.loads`` gave of one (see ``calibration_from_json``)."""
    return calibration_from_json(json.dumps(document))


def calibration_to_dict(calibration: Calibration) -> dict[str, Any]:
    """Return the document that ``calibration_from_dict`` reads back to the same settings."""
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "fingers": asdict(calibration.finger_bands),
        "timing": asdict(calibration.timing),
        "motion": asdict(calibration.motion),
        "filter": asdict(calibration.filter),
        "gesture_map": dict(calibration.gesture_map),
        "pens": {name: list(rgb) for name, rgb in calibration.pens.items()},
        "start_pen": calibration.start_pen,
        "pen_width_fraction": calibration.pen_width_fraction,
        "active_box_norm": list(calibration.active_box_norm),
        "hand": calibration.hand,
    }
    return document if calibration.fit is None else {**document, "fit": asdict(calibration.fit)}


def _contradictions(read: Calibration) -> Iterator[str]:
    """Say where one value does not suit another."""
    for name, band in vars(read.finger_bands).items():
        if band.off >= band.on:
            yield f"fingers.{name}.off: expected less than on ({band.on:g}), got {band.off:g}"
    if read.gesture_map.keys() != set(GESTURES):
        yield f"gesture_map: expected the keys {', '.join(GESTURES)}, got {', '.join(read.gesture_map) or 'none'}"
    uses = {DRAW, ERASE, HOVER, *(PEN_PREFIX + pen for pen in read.pens)}
    for gesture, use in read.gesture_map.items():
        if use not in uses:
            yield f"gesture_map.{gesture}: expected one of {', '.join(sorted(uses))}, got {use!r}"
    if read.start_pen not in read.pens:
        yield f"start_pen: expected one of {', '.join(sorted(read.pens))}, got {read.start_pen!r}"
    left, top, right, bottom = box = read.active_box_norm
    if right - left < 0.1 or bottom - top < 0.1:
        yield f"active_box_norm: expected a box at least 0.1 wide and high, got {list(box)}"


def _complaint(error: ValidationError) -> str:
    """Say the first thing that is wrong."""
    first = error.errors(include_url=False)[0]
    key = ".".join(map(str, first["loc"])) or "document"
    got = "" if first["type"] == "json_invalid" else f", got {first['input']!r}"
    said = _COMPLAINTS.get(first["type"]) or re.sub(r".* should (be|have)|Invalid", "expected", first["msg"]) + got
    if key == "schema_version" and first["type"] != "missing":
        said = f"expected 1 to {SCHEMA_VERSION}, got {first['input']!r}. A newer Air Sketch writes newer versions"
    return shorten(f"{key}: {said}", LONGEST_COMPLAINT)
