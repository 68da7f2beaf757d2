"""``calibrate``: measures a hand, in the window or from a file, and writes the person's settings."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from air_sketch.calibration.fit import FitResult, fit_calibration
from air_sketch.calibration.phases import PHASE_NAMES
from air_sketch.calibration.source import read_hand_recording
from air_sketch.drawing.keeping.calibrations import (
    CALIBRATION_FOLDER,
    calibration_path,
    check_may_replace,
    load_calibration,
    save_calibration,
)
from air_sketch.files import COMMAND, why_not_writable
from air_sketch.values.errors import CalibrationError

if TYPE_CHECKING:
    from air_sketch.drawing.settings import Calibration

logger = logging.getLogger(__name__)


def run_calibrate(args: argparse.Namespace) -> int:
    """Carry out ``calibrate``; 1 when the person cancels.

    Raises:
        AirSketchError: anything that the user can mend; the old calibration is then untouched.
    """
    folder = CALIBRATION_FOLDER if args.folder is None else Path(args.folder)
    path = calibration_path(args.name, folder)
    check_may_replace(args.name, force=args.force)
    _check_before_measuring(args, path)
    before = settings_before(args.name, folder)
    result = _measure(args, before)
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


def _check_before_measuring(args: argparse.Namespace, path: Path) -> None:
    """Refuse what would only come out when the person has gone through all the phases."""
    reason = why_not_writable(path.parent)
    if reason:
        raise CalibrationError(f"{path} cannot be written ({reason})", "Choose another folder with --folder DIR.")
    if args.record is not None and not _needs_window(args):
        raise CalibrationError("--record has nothing to record: expected a camera, or a file with --show.")


def _needs_window(args: argparse.Namespace) -> bool:
    return bool(args.source.isdigit() or args.show)


def settings_before(name: str, folder: Path) -> Calibration:
    """Return the person's settings so far; the default where there are none, or none that can be read."""
    if not calibration_path(name, folder).exists():
        return load_calibration()
    try:
        return load_calibration(name, folder)
    except CalibrationError as error:
        logger.warning("%s It will be replaced.", error)
        return load_calibration()


def result_to_json(result: FitResult, name: str, path: Path) -> dict[str, Any]:
    """Return the fitted values and their accuracy as plain JSON values."""
    fitted, record = result.calibration, result.calibration.fit
    assert record is not None
    return {
        "name": name,
        "file": str(path),
        "accuracy": round(result.accuracy, 4),
        "accuracy_before": round(result.accuracy_before, 4),
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
    if _needs_window(args):
        from air_sketch.calibration.window.loop import WindowRequest, run_calibration_window

        record = None if args.record is None else Path(args.record)
        mirror = True if args.mirror else None
        request = WindowRequest(args.source, args.name, record, mirror, args.camera_size)
        return run_calibration_window(request, before, prior)
    from air_sketch.hands.tracker import MediaPipeHandTracker

    path = Path(args.source)
    try:
        return fit_calibration(read_hand_recording(path, MediaPipeHandTracker, args.mirror), before, prior)
    except CalibrationError as error:
        raise CalibrationError(f"{path}: {error}. Nothing was written.") from None


def _summary(result: FitResult, name: str, path: Path) -> str:
    fitted, record = result.calibration, result.calibration.fit
    assert record is not None
    left, top, right, bottom = fitted.active_box_norm
    lines = [
        f"read right      {result.accuracy:6.1%}  of {record.frames:.0f} frames, before {result.accuracy_before:.1%}"
    ]
    lines += [
        f"  {PHASE_NAMES[s.phase]:13} {s.right / s.frames:6.1%}  before {s.right_before / s.frames:.1%}"
        for s in result.scores
    ]
    lines += [
        f"hand            {fitted.hand.lower()}, palm {record.palm_fraction:.0%} of the picture's width",
        f"jitter at rest  {record.noise_px:.2f} px, smoothed from {fitted.filter.min_cutoff_hz:g} Hz",
        f"canvas          {left:.0%} to {right:.0%} across, {top:.0%} to {bottom:.0%} down the picture",
        f"saved {path}",
    ]
    if path.parent == CALIBRATION_FOLDER:
        lines.append(f"Use it: {COMMAND} --calibration {name}")
    return "\n".join(lines)
