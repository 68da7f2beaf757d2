"""``calibrate``: measures a hand, in the window or from a file, and writes the person's settings."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from air_sketch.calibration.fit import FitResult, fit_calibration
from air_sketch.calibration.guide import collect_phases
from air_sketch.drawing.keeping.calibrations import (
    CALIBRATION_FOLDER,
    calibration_path,
    check_may_replace,
    load_calibration,
    save_calibration,
)
from air_sketch.drawing.settings import Calibration
from air_sketch.files import COMMAND, why_not_writable
from air_sketch.hands.sources import CameraRequest, is_camera_number, open_file
from air_sketch.values.errors import CalibrationError

logger = logging.getLogger(__name__)


def run_calibrate(args: argparse.Namespace) -> int:
    """Carry out ``calibrate``; 1 when the person cancels.

    Raises:
        AirSketchError: anything that the user can mend; the old calibration is then untouched.
    """
    folder = CALIBRATION_FOLDER if args.folder is None else Path(args.folder)
    path = calibration_path(args.name, folder)
    check_may_replace(args.name, force=args.force)
    if reason := why_not_writable(folder):  # before the person has gone through all the phases
        raise CalibrationError(f"{path} cannot be written ({reason})", "Choose another folder with --folder DIR.")
    result = _measure(args, settings_before(args.name, folder))
    if result is None:
        kept = f"{path} is unchanged" if path.exists() else f"{path} was not written"
        print(f"calibration cancelled: {kept}", file=sys.stderr)
        return 1
    save_calibration(result.calibration, args.name, folder)
    if args.json:
        print(json.dumps(result_to_json(result, args.name, path)))
    else:
        print(_summary(result, args.name, path))
    return 0


def settings_before(name: str, folder: Path) -> Calibration:
    """Return the person's settings so far; the default where there are none, or none that can be read."""
    try:
        return load_calibration(name, folder)
    except CalibrationError as error:
        if calibration_path(name, folder).exists():
            logger.warning("%s It will be replaced.", error)
        return load_calibration()


def result_to_json(result: FitResult, name: str, path: Path) -> dict[str, Any]:
    """Return the fitted values and their accuracy as plain JSON values."""
    fitted, record = result.calibration, result.record
    return {
        "name": name,
        "file": str(path),
        "accuracy": record.accuracy,
        "accuracy_before": record.accuracy_before,
        "phases": [
            {"phase": s.phase.value, "frames": s.frames, "right": s.right, "right_before": s.right_before}
            for s in result.scores
        ],
        "fingers": asdict(fitted.finger_bands),
        "fingers_kept": list(result.kept),
        "filter": asdict(fitted.filter),
        "noise_px": record.noise_px,
        "hand": fitted.hand,
        "palm_fraction": record.palm_fraction,
        "pen_width_fraction": fitted.pen_width_fraction,
        "active_box_norm": list(fitted.active_box_norm),
    }


def _measure(args: argparse.Namespace, before: Calibration) -> FitResult | None:
    """Get a result from the window, or from a file without one; None when the person cancels."""
    prior = load_calibration().finger_bands
    if is_camera_number(args.source) or args.show:
        from air_sketch.calibration.window.loop import run_calibration_window

        request = CameraRequest(args.source, args.camera_size, mirror=True if args.mirror else None)
        return run_calibration_window(request, args.name, before, prior)
    try:
        _, frames = open_file(Path(args.source), args.mirror)
        return fit_calibration(collect_phases(frames), before, prior)
    except CalibrationError as error:
        raise CalibrationError(f"{args.source}: {error}. Nothing was written.") from None


def _summary(result: FitResult, name: str, path: Path) -> str:
    record = result.record
    lines = [f"read right      {record.accuracy:6.1%}  before {record.accuracy_before:.1%}"]
    lines += [
        f"  {s.phase.label:13} {s.right / s.frames:6.1%}  before {s.right_before / s.frames:.1%}" for s in result.scores
    ]
    lines.append(f"saved {path}")
    if path.parent == CALIBRATION_FOLDER:
        lines.append(f"Use it: {COMMAND} --calibration {name}")
    return "\n".join(lines)
