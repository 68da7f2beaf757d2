"""A calibration as ``calibration/NAME.json`` holds it: a plain dictionary in, validated settings out, and back.

Every value is checked, so that a bad file is named by key instead of drawing badly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, asdict, fields, is_dataclass
from types import MappingProxyType
from typing import Any, TypeVar, get_type_hints

from air_sketch.drawing.filters import OneEuroSettings
from air_sketch.drawing.settings import (
    ANY_HAND,
    DRAW,
    ERASE,
    HOVER,
    PEN_PREFIX,
    Calibration,
    FitRecord,
    MotionSettings,
    TimingSettings,
)
from air_sketch.hands.gestures import COUNT_NAMES, Band, FingerBands
from air_sketch.values.datatypes import BoxNorm, Rgb
from air_sketch.values.errors import CalibrationError

SCHEMA_VERSION = 2
"""2 added ``hand`` and ``fit``."""

HANDS = (ANY_HAND, "Left", "Right")
GESTURES = (*COUNT_NAMES, "other")

T = TypeVar("T")

_TOP_KEYS = (
    "schema_version",
    "fingers",
    "timing",
    "motion",
    "filter",
    "gesture_map",
    "pens",
    "start_pen",
    "pen_width_fraction",
    "active_box_norm",
    "hand",
)
_OPTIONAL_KEYS = frozenset({"fit"})

_FILTER_RANGES = {
    "min_cutoff_hz": (0.05, 20.0),
    "beta": (0.0, 2.0),
    "derivative_cutoff_hz": (0.05, 20.0),
    "rest_speed": (0.0, 500.0),
}


def calibration_from_dict(document: object) -> Calibration:
    """Validate one calibration document.

    Args:
        document: what ``json.load`` gave.
    Raises:
        CalibrationError: naming the key, what was expected and what was found.
    """
    top = upgraded(_object(document, "document"))
    _check_keys(top, "document", set(_TOP_KEYS), _OPTIONAL_KEYS)
    pens = _pens(top["pens"])
    return Calibration(
        finger_bands=_finger_bands(top["fingers"]),
        timing=_section(TimingSettings, top["timing"], "timing"),
        motion=_section(MotionSettings, top["motion"], "motion"),
        filter=_section(OneEuroSettings, top["filter"], "filter"),
        gesture_map=_gesture_map(top["gesture_map"], set(pens)),
        pens=pens,
        start_pen=_one_of(top["start_pen"], "start_pen", set(pens)),
        pen_width_fraction=number_in_range(top["pen_width_fraction"], "pen_width_fraction", (0.001, 0.1)),
        active_box_norm=_active_box(top["active_box_norm"]),
        hand=_one_of(top["hand"], "hand", set(HANDS)),
        fit=None if top.get("fit") is None else _section(FitRecord, top["fit"], "fit"),
    )


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


def number_in_range(value: object, key: str, bounds: tuple[float, float]) -> float:
    """Return a finite number inside its bounds, or raise CalibrationError naming the key."""
    low, high = bounds
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not is_number or not low <= float(value) <= high:  # type: ignore[arg-type]
        raise CalibrationError(f"{key}: expected a number from {low:g} to {high:g}, got {value!r}")
    return float(value)  # type: ignore[arg-type]


def _section(kind: type[T], value: object, key: str) -> T:
    """Fill one flat dataclass of numbers, checked against its fields' ranges."""
    section = _object(value, key)
    assert is_dataclass(kind) and get_type_hints(kind)
    _check_keys(section, key, {f.name for f in fields(kind)})
    return kind(**{f.name: number_in_range(section[f.name], f"{key}.{f.name}", _range_of(f)) for f in fields(kind)})


def _range_of(declared: Field[Any]) -> tuple[float, float]:
    if declared.default is not MISSING and declared.name in _FILTER_RANGES:
        return _FILTER_RANGES[declared.name]
    low, high = declared.metadata["range"]
    return float(low), float(high)


def _finger_bands(value: object) -> FingerBands:
    section = _object(value, "fingers")
    names = [f.name for f in fields(FingerBands)]
    _check_keys(section, "fingers", set(names))
    bands = {}
    for name in names:
        key = f"fingers.{name}"
        pair = _object(section[name], key)
        _check_keys(pair, key, {"on", "off"})
        on, off = (number_in_range(pair[side], f"{key}.{side}", (0.1, 3.0)) for side in ("on", "off"))
        if off >= on:
            raise CalibrationError(f"{key}.off: expected less than on ({on:g}), got {off:g}")
        bands[name] = Band(on, off)
    return FingerBands(**bands)


def _gesture_map(value: object, pens: set[str]) -> Mapping[str, str]:
    section = _object(value, "gesture_map")
    _check_keys(section, "gesture_map", set(GESTURES))
    allowed = {DRAW, ERASE, HOVER} | {PEN_PREFIX + pen for pen in pens}
    return MappingProxyType({name: _one_of(section[name], f"gesture_map.{name}", allowed) for name in GESTURES})


def _pens(value: object) -> Mapping[str, Rgb]:
    section = _object(value, "pens")
    if not section:
        raise CalibrationError("pens: expected at least one pen, got none")
    pens = {}
    for name, rgb in section.items():
        if not isinstance(rgb, list) or len(rgb) != 3 or not all(type(c) is int and 0 <= c <= 255 for c in rgb):
            raise CalibrationError(f"pens.{name}: expected three whole numbers from 0 to 255, got {rgb!r}")
        pens[name] = (rgb[0], rgb[1], rgb[2])
    return MappingProxyType(pens)


def _active_box(value: object) -> BoxNorm:
    key = "active_box_norm"
    if not isinstance(value, list) or len(value) != 4:
        raise CalibrationError(f"{key}: expected [left, top, right, bottom], got {value!r}")
    left, top, right, bottom = (number_in_range(edge, key, (0.0, 1.0)) for edge in value)
    if right - left < 0.1 or bottom - top < 0.1:
        raise CalibrationError(f"{key}: expected a box at least 0.1 wide and high, got {value!r}")
    return left, top, right, bottom


def _object(value: object, key: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise CalibrationError(f"{key}: expected an object, got {type(value).__name__}")
    return value


def _check_keys(section: dict[str, Any], key: str, expected: set[str], optional: frozenset[str] = frozenset()) -> None:
    prefix = "" if key == "document" else f"{key}."
    for name in sorted(expected - set(section)):
        raise CalibrationError(f"{prefix}{name}: expected a value, but the key is missing")
    for name in sorted(set(section) - expected - optional):
        raise CalibrationError(f"{prefix}{name}: unknown key, expected one of {', '.join(sorted(expected))}")


def _one_of(value: object, key: str, allowed: set[str]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise CalibrationError(f"{key}: expected one of {', '.join(sorted(allowed))}, got {value!r}")
    return value


def upgraded(document: dict[str, Any]) -> dict[str, Any]:
    """Bring an older document to this version.

    Raises:
        CalibrationError: if it is newer than this program, or tells no version.
    """
    version = document.get("schema_version")
    if type(version) is int and version == 1:
        return {"hand": ANY_HAND, **document, "schema_version": SCHEMA_VERSION}
    if type(version) is int and version == SCHEMA_VERSION:
        return document
    newer = ". It was written by a newer Air Sketch" if type(version) is int and version > SCHEMA_VERSION else ""
    raise CalibrationError(f"schema_version: expected 1 to {SCHEMA_VERSION}, got {version!r}{newer}")
