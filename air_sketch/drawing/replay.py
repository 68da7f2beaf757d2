"""The pipeline without camera or display: a video or a recording in, strokes and fingertips out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from air_sketch.drawing.session import Session
from air_sketch.drawing.settings import Calibration
from air_sketch.hands.recording import RecordedFrame
from air_sketch.hands.sources import open_file
from air_sketch.values.datatypes import SessionEvent, Strokes

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


def replay_source(path: Path, settings: Calibration, mirror: bool = False) -> ReplayResult:
    """Run the whole pipeline over a file; takes and raises what ``open_file`` does."""
    canvas_wh, frames = open_file(path, mirror)
    return replay_frames(frames, settings, canvas_wh)


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
