"""A calibration from a file: any recording or video of a person who went through it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from air_sketch.calibration.guide import Guide
from air_sketch.calibration.phases import PHASES, HandRecording
from air_sketch.hands.recording import RecordedFrame
from air_sketch.hands.sources import open_file
from air_sketch.values.errors import CalibrationError


def read_hand_recording(path: Path, mirror: bool = False) -> HandRecording:
    """Collect the steady frames of every phase from a recording or a video, which may be mirrored.

    Raises:
        CalibrationError: if a phase is missing.
        CameraError, HandModelError, RecordingError: if the file cannot be read.
    """
    _, frames = open_file(path, mirror)
    return collect_phases(frames)


def collect_phases(frames: Iterable[RecordedFrame]) -> HandRecording:
    """Find the phases in a sequence, as in the window.

    Raises:
        CalibrationError: naming the first phase that is missing.
    """
    guide = Guide()
    for frame in frames:
        guide.see(frame.observation, frame.t_s)
    if not guide.finished:
        steps = ", ".join(phase.label.lower() for phase in PHASES)
        raise CalibrationError(
            f"the recording ends before the step {guide.phase.label.lower()!r} was held long enough",
            f"Show {steps}, about two seconds each",
        )
    return guide.recording
