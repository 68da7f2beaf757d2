"""Writes ``calibration/NAME.json``."""

from __future__ import annotations

import json
from pathlib import Path

from air_sketch.calibration import Calibration, calibration_from_dict, calibration_to_dict
from air_sketch.config import CALIBRATION_FOLDER, DEFAULT_NAME, calibration_path
from air_sketch.errors import CalibrationError
from air_sketch.storage import write_atomically


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
        raise CalibrationError("calibration 'default' belongs to everybody. Choose your own name, or add --force.")
