"""Reads and writes ``calibration/NAME.json``; every value is checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from textwrap import shorten

from pydantic import TypeAdapter, ValidationError

from air_sketch.drawing.settings import ANY_HAND, DRAW, ERASE, HOVER, PEN_PREFIX, SCHEMA_VERSION, Calibration
from air_sketch.files import IS_INSTALLED, open_regular, shipped, user_settings_folder, write_atomically
from air_sketch.hands.gestures import COUNT_NAMES
from air_sketch.values.errors import BAD_INPUT, CalibrationError, first_line

SHIPPED_FOLDER = shipped("calibration")
CALIBRATION_FOLDER = user_settings_folder() / "calibration" if IS_INSTALLED else SHIPPED_FOLDER
DEFAULT_NAME = "default"
LONGEST_COMPLAINT = 300
MOST_BYTES = 1 << 20

_SAFE_NAME = re.compile(r"[^\W_][\w .+-]{0,63}")
_WINDOWS_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_DOCUMENT = TypeAdapter(Calibration)


def load_calibration(name: str = DEFAULT_NAME, folder: Path = CALIBRATION_FOLDER) -> Calibration:
    """Read and validate one person's settings, ``NAME.json`` in the folder.

    Raises:
        CalibrationError: if the file is missing, damaged or out of range; the text names file and key.
    """
    path = calibration_path(name, folder)
    if not path.exists():
        path = known_calibrations(folder).get(name, path)
    try:
        with open_regular(path) as file:
            text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise OSError(f"expected up to {MOST_BYTES:,} bytes")
        return calibration_from_json(text.decode())
    except FileNotFoundError:
        known = ", ".join(known_calibrations(folder)) or "none"
        raise CalibrationError(f"{path}: no such calibration", f"Known: {known}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise CalibrationError(f"{path}: cannot be read ({error})", "Delete it or restore it from git.") from None
    except CalibrationError as error:
        raise CalibrationError(f"{path}: {error}", "Mend or delete the file.") from None


def calibration_from_json(text: str) -> Calibration:
    """Validate one calibration document.

    Raises:
        CalibrationError: naming the key, what was expected and what was found, in one line.
    """
    try:
        try:
            calibration = _DOCUMENT.validate_json(text)
        except ValidationError as error:
            raise CalibrationError(_complaint(error)) from None
    except BAD_INPUT as error:
        raise CalibrationError(f"document: not as expected: {shorten(first_line(error), LONGEST_COMPLAINT)}") from None
    for problem in _contradictions(calibration):
        raise CalibrationError(shorten(problem, LONGEST_COMPLAINT))
    return replace(calibration, schema_version=SCHEMA_VERSION)


def known_calibrations(folder: Path = CALIBRATION_FOLDER) -> dict[str, Path]:
    """Return a folder's files by name; beside those in the program's own folder there is always the shipped default."""
    always = SHIPPED_FOLDER.glob(f"{DEFAULT_NAME}.json") if folder == CALIBRATION_FOLDER else ()
    files = {path.stem: path for path in (*always, *folder.glob("*.json"))}
    return dict(sorted(files.items()))


def calibration_path(name: str, folder: Path = CALIBRATION_FOLDER) -> Path:
    """Return where one person's settings lie.

    Raises:
        CalibrationError: if the name could mean another folder, or no file at all on some system.
    """
    if not _SAFE_NAME.fullmatch(name) or name != name.strip(" .") or _WINDOWS_DEVICES.fullmatch(name):
        raise CalibrationError(
            f"calibration {name!r}: expected a plain name such as 'anna', up to 64 letters, digits, spaces or . + - _"
        )
    return folder / f"{name}.json"


def save_calibration(calibration: Calibration, name: str, folder: Path = CALIBRATION_FOLDER) -> Path:
    """Write one person's settings, whole or not at all, and return the file; what lay there before is replaced.

    Raises:
        CalibrationError: if the name is no plain name, or a value could not be read again.
        StorageError: if the folder cannot be written.
    """
    path = calibration_path(name, folder)
    document = _DOCUMENT.dump_json(calibration, indent=2, by_alias=True, exclude_none=True, warnings=False)
    calibration_from_json(document.decode())
    write_atomically(path, document + b"\n")
    return path


def check_may_replace(name: str, *, force: bool) -> None:
    """Keep the shipped settings from being replaced by accident: raise CalibrationError without ``force``."""
    if name.casefold() == DEFAULT_NAME and not force:
        raise CalibrationError("calibration 'default' belongs to everybody", "Choose your own name, or add --force.")


def _contradictions(read: Calibration) -> Iterator[str]:
    """Say where one value does not suit another."""
    for name, band in vars(read.finger_bands).items():
        if band.off >= band.on:
            yield f"fingers.{name}.off: expected less than on ({band.on:g}), got {band.off:g}"
    gestures = (*COUNT_NAMES, "other")
    if read.gesture_map.keys() != set(gestures):
        yield f"gesture_map: expected the keys {', '.join(gestures)}, got {', '.join(read.gesture_map) or 'none'}"
    uses = {DRAW, ERASE, HOVER, *(PEN_PREFIX + pen for pen in read.pens)}
    for gesture, use in read.gesture_map.items():
        if use not in uses:
            yield f"gesture_map.{gesture}: expected one of {', '.join(sorted(uses))}, got {use!r}"
    if read.start_pen not in read.pens:
        yield f"start_pen: expected one of {', '.join(sorted(read.pens))}, got {read.start_pen!r}"
    if read.hand not in (ANY_HAND, "Left", "Right"):
        yield f"hand: expected any, Left or Right, got {read.hand!r}"
    left, top, right, bottom = box = read.active_box_norm
    if right - left < 0.1 or bottom - top < 0.1:
        yield f"active_box_norm: expected a box at least 0.1 wide and high, got {list(box)}"


def _complaint(error: ValidationError) -> str:
    """Say the first thing that is wrong."""
    first = error.errors(include_url=False)[0]
    key = ".".join(map(str, first["loc"])) or "document"
    got = "" if first["type"] in ("missing", "json_invalid") else f", got {first['input']!r}"
    said = f"not as expected: {first['msg']}{got}"
    if key == "schema_version" and first["type"] != "missing":
        said = f"expected 1 to {SCHEMA_VERSION}, got {first['input']!r}. A newer Air Sketch writes newer versions"
    return shorten(f"{key}: {said}", LONGEST_COMPLAINT)
