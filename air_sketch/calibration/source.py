"""A calibration from a file: any recording or video of a person who went through it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from air_sketch.calibration.guide import Guide
from air_sketch.calibration.phases import PHASE_NAMES, PHASES, HandRecording
from air_sketch.camera.video_file import VideoFileCamera
from air_sketch.hands.recording import RECORDING_SUFFIX, RecordedFrame, RecordingReader
from air_sketch.values.errors import CalibrationError
from air_sketch.values.ports import HandTracker


def read_hand_recording(path: Path, make_tracker: Callable[[bool], HandTracker], mirror: bool = False) -> HandRecording:
    """Collect the steady frames of every phase from a file.

    Args:
        path: a ``.jsonl`` recording, or a video.
        make_tracker: builds a tracker for mirrored (True) or plain frames; not called for recordings.
        mirror: mirror a video's frames.
    Raises:
        CalibrationError: if a phase is missing.
        CameraError, RecordingError: if the file cannot be read.
    """
    if path.suffix.lower() == RECORDING_SUFFIX:
        return collect_phases(RecordingReader(path).frames())
    video = VideoFileCamera(path, mirror)
    try:
        return collect_phases(_tracked(video, make_tracker(mirror)))
    finally:
        video.close()


def collect_phases(frames: Iterable[RecordedFrame]) -> HandRecording:
    """Find the phases in a sequence, as in the window.

    Raises:
        CalibrationError: naming the first phase that is missing.
    """
    guide = Guide()
    for frame in frames:
        guide.see(frame.observation, frame.t_s)
    if not guide.finished:
        done = ", ".join(PHASE_NAMES[phase].lower() for phase in PHASES[: guide.done]) or "nothing"
        steps = ", ".join(name.lower() for name in PHASE_NAMES.values())
        raise CalibrationError(
            f"the recording ends before the step {PHASE_NAMES[guide.phase].lower()!r} was held long enough "
            f"(seen: {done})",
            f"Show {steps}, about two seconds each",
        )
    return guide.recording


def _tracked(video: VideoFileCamera, tracker: HandTracker) -> Iterator[RecordedFrame]:
    try:
        while (frame := video.read()) is not None:
            yield RecordedFrame(frame.t_s, tracker.detect(frame))
    finally:
        tracker.close()
