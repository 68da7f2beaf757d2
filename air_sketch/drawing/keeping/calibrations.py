"""Reads and writes ``calibration/NAME.json``."""

from __future__ import annotations

import json
import re
from pathlib import Path

from air_sketch.drawing.keeping.calibration_document import (
    calibration_from_dict,
    calibration_from_json,
    calibration_to_dict,
)
from air_sketch.drawing.settings import Calibration
from air_sketch.files import IS_INSTALLED, shipped, user_settings_folder, write_atomically
from air_sketch.values.errors import CalibrationError

SHIPPED_FOLDER = shipped("calibration")
CALIBRATION_FOLDER = user_settings_folder() / "calibration" if IS_INSTALLED else SHIPPED_FOLDER
DEFAULT_NAME = "default"

_SAFE_NAME = re.compile(r"[^\W_][\w .+-]{0,63}")
_WINDOWS_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def load_calibration(name: str = DEFAULT_NAME, folder: Path = CALIBRATION_FOLDER) -> Calibration:
    """Read and validate one person's settings.

    Args:
        name: file name without ".json".
        folder: where the calibrations lie.
    Raises:
        CalibrationError: if the file is missing, damaged or out of range; the text names file and key.
    """
    path = calibration_path(name, folder)
    if not path.exists():
        path = known_calibrations(folder).get(name, path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        known = ", ".join(known_calibrations(folder)) or "none"
        raise CalibrationError(f"{path}: no such calibration", f"Known: {known}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise CalibrationError(f"{path}: cannot be read ({error})", "Delete it or restore it from git.") from None
    try:
        return calibration_from_json(text)
    except CalibrationError as error:
        raise CalibrationError(f"{path}: {error}", "Mend or delete the file.") from None


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


def save_calibration(
    calibration: Calibration, name: str, folder: Path = CALIBRATION_FOLDER, *, force: bool = False
) -> Path:
    """Write one person's settings, whole or not at all; what lay there before is replaced.

    Args:
        calibration: the settings; they are validated once more as they will be read.
        name: file name without ".json".
        folder: where the calibrations lie.
        force: allows to replace the shipped default.
    Returns:
        The file.
    Raises:
        CalibrationError: if the name is no plain name, or that of the default without ``force``.
        StorageError: if the folder cannot be written.
    """
    path = calibration_path(name, folder)
    check_may_replace(name, force=force)
    document = calibration_to_dict(calibration)
    calibration_from_dict(document)
    write_atomically(path, (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode())
    return path


def check_may_replace(name: str, *, force: bool) -> None:
    """Keep the shipped settings from being replaced by accident.

    Raises:
        CalibrationError: if the name is that of the default and ``force`` is off.
    """
    if name.casefold() == DEFAULT_NAME and not force:
        raise CalibrationError("calibration 'default' belongs to everybody", "Choose your own name, or add --force.")
