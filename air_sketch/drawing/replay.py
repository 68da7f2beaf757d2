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
        frames: how many frames there were.
        frames_with_hand: how many of them showed a hand (or a pressed pointer).
        strokes: the finished drawing.
        events: everything that happened, in order.
        tips: the fingertip of every frame, None without a hand.
    """

    canvas_wh: tuple[int, int]
    frames: int
    frames_with_hand: int
    strokes: Strokes
    events: tuple[SessionEvent, ...]
    tips: tuple[Tip | None, ...]


def replay_source(path: Path, settings: Calibration, mirror: bool = False) -> ReplayResult:
    """Run the whole pipeline over a file; raises what ``open_file`` does.

    Args:
        path: a ``.jsonl`` recording, or a video.
        settings: gesture map and thresholds.
        mirror: mirror a video's frames.
    """
    canvas_wh, frames = open_file(path, mirror)
    return replay_frames(frames, settings, canvas_wh)


def replay_frames(frames: Iterator[RecordedFrame], settings: Calibration, canvas_wh: tuple[int, int]) -> ReplayResult:
    """Feed recorded frames to a fresh session, keys and pointer included."""
    session = Session(settings, canvas_wh)
    tips: list[Tip | None] = []
    last_s = 0.0
    for frame in frames:
        last_s = frame.t_s
        tips.append(play_frame(session, frame))
    session.finish(last_s)
    return ReplayResult(
        canvas_wh,
        len(tips),
        sum(tip is not None for tip in tips),
        session.document.finished_strokes,
        tuple(session.events),
        tuple(tips),
    )


def play_frame(session: Session, frame: RecordedFrame) -> Tip | None:
    """Give one recorded frame to a session, in the order of the live loop: keys first, then hand or pointer."""
    for key in frame.keys:
        session.apply_key(key, frame.t_s)
    if frame.pointer is not None:
        x_px, y_px, pressed, erase = frame.pointer
        result = session.step_pointer(x_px, y_px, pressed, frame.t_s, erase=erase)
    else:
        result = session.step(frame.observation, frame.t_s)
    return None if result.tip_px is None else (frame.t_s, *result.tip_px)
