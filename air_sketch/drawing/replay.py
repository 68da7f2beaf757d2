"""The pipeline without camera or display: a video or a recording in, strokes and fingertips out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from air_sketch.camera.low_light import LowLight
from air_sketch.camera.video_file import VideoFileCamera
from air_sketch.drawing.session import Session
from air_sketch.drawing.settings import Calibration
from air_sketch.hands.recording import RECORDING_SUFFIX, RecordedFrame, RecordingReader
from air_sketch.values.datatypes import SessionEvent, Strokes
from air_sketch.values.ports import HandTracker

Tip = tuple[float, float, float]
"""t_s, x_px, y_px."""


@dataclass(frozen=True)
class ReplayResult:
    """What a replayed source drew.

    Attributes:
        canvas_wh: width and height of the canvas in pixels.
        strokes: the finished drawing.
        events: everything that happened, in order.
        tips: the fingertip (or pointer) of every frame, None without a hand.
    """

    canvas_wh: tuple[int, int]
    strokes: Strokes
    events: tuple[SessionEvent, ...]
    tips: tuple[Tip | None, ...]


def replay_source(
    path: Path, settings: Calibration, make_tracker: Callable[[bool], HandTracker], mirror: bool = False
) -> ReplayResult:
    """Run the whole pipeline over a ``.jsonl`` recording, or over a video, whose frames may be mirrored.

    ``make_tracker`` builds a tracker for mirrored (True) or plain frames; it is not called for recordings.

    Raises:
        CameraError: if the video cannot be read.
        RecordingError: if the recording is damaged.
    """
    if path.suffix.lower() == RECORDING_SUFFIX:
        reader = RecordingReader(path)
        return replay_frames(reader.frames(), settings, reader.header.canvas_wh)
    video = VideoFileCamera(path, mirror)
    try:
        return replay_frames(_tracked_frames(video, make_tracker(mirror)), settings, video.resolution_wh)
    finally:
        video.close()


def replay_frames(frames: Iterator[RecordedFrame], settings: Calibration, canvas_wh: tuple[int, int]) -> ReplayResult:
    """Feed recorded frames to a fresh session, keys and pointer included."""
    session = Session(settings, canvas_wh)
    tips: list[Tip | None] = []
    last_s = 0.0
    for frame in frames:
        last_s = frame.t_s
        tip_px = session.play(frame.t_s, frame.observation, frame.keys, frame.pointer).tip_px
        tips.append(None if tip_px is None else (last_s, *tip_px))
    session.finish(last_s)
    return ReplayResult(canvas_wh, session.document.finished_strokes, tuple(session.events), tuple(tips))


def _tracked_frames(video: VideoFileCamera, tracker: HandTracker) -> Iterator[RecordedFrame]:
    light = LowLight()
    try:
        while (frame := video.read()) is not None:
            yield RecordedFrame(frame.t_s, tracker.detect(light.prepare(frame)))
    finally:
        tracker.close()
