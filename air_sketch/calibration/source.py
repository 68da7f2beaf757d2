"""A calibration from a file: a labelled recording, or any recording or video of a person who went through it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from air_sketch.calibration.guide import SETTLE_S, Guide
from air_sketch.calibration.phases import PHASE_NAMES, PHASES, HandRecording, Phase, TimedHand
from air_sketch.hands.recording import RecordedFrame
from air_sketch.hands.sources import open_file
from air_sketch.values.errors import CalibrationError


def read_hand_recording(path: Path, mirror: bool = False) -> HandRecording:
    """Collect the steady frames of every phase from a file.

    Lines of a recording may say which phase they belong to (``"phase": "fist"``); otherwise the phases are found
    in the sequence itself, as in the window.

    Args:
        path: a ``.jsonl`` recording, or a video.
        mirror: mirror a video's frames.
    Raises:
        CalibrationError: if a phase is missing.
        CameraError, RecordingError: if the file cannot be read.
    """
    _, frames = open_file(path, mirror)
    return collect_phases(frames)


def collect_phases(frames: Iterable[RecordedFrame]) -> HandRecording:
    """Sort frames into phases, by their labels where there are any, else by what they show.

    Raises:
        CalibrationError: naming the first phase that is missing.
    """
    guide, labelled = Guide(), LabelledFrames()
    for frame in frames:
        labelled.add(frame)
        guide.see(frame.observation, frame.t_s)
    if labelled.recording:
        return labelled.recording
    if not guide.finished:
        done = ", ".join(PHASE_NAMES[phase].lower() for phase in PHASES[: len(guide.recording)]) or "nothing"
        steps = ", ".join(name.lower() for name in PHASE_NAMES.values())
        raise CalibrationError(
            f"the recording ends before the step {PHASE_NAMES[guide.phase].lower()!r} was held long enough "
            f"(seen: {done})",
            f"Show {steps}, about two seconds each",
        )
    return guide.recording


class LabelledFrames:
    """Collects frames that say which phase they belong to."""

    def __init__(self) -> None:
        """Start empty."""
        self.recording: dict[Phase, tuple[TimedHand, ...]] = {}
        self._phase_since_s: tuple[str, float] = ("", 0.0)

    def add(self, frame: RecordedFrame) -> None:
        """Take one frame; the first moments of each phase, and frames without a hand, are left out."""
        if frame.phase != self._phase_since_s[0]:
            self._phase_since_s = (frame.phase, frame.t_s)
        if frame.phase not in {phase.value for phase in PHASES}:
            return
        phase = Phase(frame.phase)
        hands = self.recording.setdefault(phase, ())
        if frame.observation is not None and frame.t_s - self._phase_since_s[1] >= SETTLE_S:
            self.recording[phase] = (*hands, TimedHand(frame.t_s, frame.observation))
