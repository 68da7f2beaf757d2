"""Recorded sessions: one JSON line a frame, written as it happens and read back exactly.

The first line is a header; every further line is one frame: ``{"t_s", "hand": {...} or null, "keys": [...]}``,
where ``hand`` holds landmarks and world landmarks as float32 in their shortest exact form.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from air_sketch.values.datatypes import Float32Array
from air_sketch.values.errors import RecordingError, first_line
from air_sketch.values.hand import HandObservation

logger = logging.getLogger(__name__)

RECORDING_SUFFIX = ".jsonl"
FORMAT = "air-sketch-recording"
VERSION = 1

RecordedPointer = tuple[float, float, bool, bool]
"""x_px, y_px, pressed, erase of a mouse that drew instead of a hand."""


@dataclass(frozen=True)
class RecordedFrame:
    """One frame of a session.

    Attributes:
        t_s: seconds on the source's clock.
        observation: the hand, None when there was none.
        keys: names of the keys pressed before this frame that change the drawing ("clear", "undo", "redo",
            "pen:red" ...).
        pointer: when the mouse drew instead of a hand.
        phase: the phase of a calibration that the frame belongs to, "" for none.
    """

    t_s: float
    observation: HandObservation | None
    keys: tuple[str, ...] = ()
    pointer: RecordedPointer | None = None
    phase: str = ""


@dataclass(frozen=True)
class RecordingHeader:
    """What holds for the whole session: frame size, canvas size and free notes."""

    frame_wh: tuple[int, int]
    canvas_wh: tuple[int, int]
    notes: dict[str, Any] = field(default_factory=dict)


class RecordingWriter:
    """Append frames to a file, each flushed at once, so that a crash costs at most the line being written."""

    def __init__(self, path: Path, header: RecordingHeader) -> None:
        """Create the file.

        Raises:
            RecordingError: if it exists already or cannot be written.
        """
        self._path = path
        if path.exists():
            raise RecordingError(f"{path}: exists already", "Choose another name for --record.")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("x", encoding="utf-8")
        except OSError as error:
            raise RecordingError(f"{path}: cannot be written ({error.strerror})", "Choose another folder.") from None
        self._write(
            {
                "format": FORMAT,
                "version": VERSION,
                "frame_wh": list(header.frame_wh),
                "canvas_wh": list(header.canvas_wh),
                "notes": header.notes,
            }
        )

    def write(self, frame: RecordedFrame) -> None:
        """Append one frame.

        Raises:
            RecordingError: if the disk refuses.
        """
        line: dict[str, Any] = {"t_s": frame.t_s, "hand": _hand_to_json(frame.observation)}
        if frame.keys:
            line["keys"] = list(frame.keys)
        if frame.pointer is not None:
            line["pointer"] = list(frame.pointer)
        if frame.phase:
            line["phase"] = frame.phase
        self._write(line)

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._file.close()

    def _write(self, line: dict[str, Any]) -> None:
        try:
            self._file.write(json.dumps(line, separators=(",", ":")) + "\n")
            self._file.flush()
        except OSError as error:
            raise RecordingError(f"{self._path}: writing failed ({error.strerror})", "Free some space.") from None


class RecordingReader:
    """Read a recording: the header at once, frames as they are asked for."""

    def __init__(self, path: Path) -> None:
        """Open and check the header.

        Raises:
            RecordingError: if the file is missing, unreadable or no recording of a known version.
        """
        self.path = path
        try:
            with path.open("rb") as file:
                first = file.readline()
        except FileNotFoundError:
            raise RecordingError(f"{path}: no such file", f"Record one with: draw --record {path.name}") from None
        except OSError as error:
            raise RecordingError(f"{path}: cannot be read ({error.strerror}).") from None
        self.header = self._parse_header(first)

    def frames(self) -> Iterator[RecordedFrame]:
        """Yield every frame; a half-written last line is skipped with a warning.

        Raises:
            RecordingError: naming file and line, if a line is damaged.
        """
        last_s = -np.inf
        with self.path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if number == 1 or not line.strip():
                    continue
                try:
                    frame = _frame_from_json(json.loads(line), self.header.frame_wh)
                except (ValueError, TypeError, KeyError) as error:
                    if not line.endswith(b"\n"):
                        logger.warning("%s:%d: the last line is cut off; it is left out", self.path, number)
                        return
                    raise RecordingError(f"{self.path}:{number}: {_reason(error)}", "Delete this line.") from None
                if frame.t_s < last_s:
                    raise RecordingError(
                        f"{self.path}:{number}: t_s expected at least {last_s:g}, got {frame.t_s:g}",
                        "Delete this line.",
                    )
                last_s = frame.t_s
                yield frame

    def _parse_header(self, line: bytes) -> RecordingHeader:
        try:
            header = json.loads(line)
            if not isinstance(header, dict) or header.get("format") != FORMAT:
                raise ValueError(f"expected a header with format {FORMAT!r}")
            if header.get("version") != VERSION:
                raise ValueError(f"version expected {VERSION}, got {header.get('version')!r}")
            frame_wh = _size(header["frame_wh"], "frame_wh")
            canvas_wh = _size(header.get("canvas_wh", header["frame_wh"]), "canvas_wh")
            return RecordingHeader(frame_wh, canvas_wh, dict(header.get("notes") or {}))
        except (ValueError, TypeError, KeyError) as error:
            raise RecordingError(f"{self.path}:1: not a recording: {_reason(error)}.") from None


def _hand_to_json(observation: HandObservation | None) -> dict[str, Any] | None:
    if observation is None:
        return None
    return {
        "landmarks": _numbers(observation.landmarks_norm),
        "world": _numbers(observation.world_landmarks_m),
        "handedness": observation.handedness,
        "score": observation.score,
    }


def _numbers(points: Float32Array) -> list[list[float]]:
    """Write float32 values in their shortest form that reads back to the same float32."""
    return [[float(str(np.float32(value))) for value in point] for point in points]


def _frame_from_json(line: Any, frame_wh: tuple[int, int]) -> RecordedFrame:
    if not isinstance(line, dict):
        raise ValueError("expected an object")
    t_s = line["t_s"]
    if isinstance(t_s, bool) or not isinstance(t_s, int | float) or not np.isfinite(t_s):
        raise ValueError(f"t_s expected seconds, got {t_s!r}")
    hand, keys, pointer, phase = line["hand"], line.get("keys", []), line.get("pointer"), line.get("phase", "")
    if not isinstance(phase, str):
        raise ValueError(f"phase expected a name, got {phase!r}")
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise ValueError(f"keys expected a list of names, got {keys!r}")
    observation = None
    if hand is not None:
        if hand["handedness"] not in ("Left", "Right"):
            raise ValueError(f"handedness expected Left or Right, got {hand['handedness']!r}")
        observation = HandObservation(
            _landmarks(hand["landmarks"], "landmarks"),
            _landmarks(hand["world"], "world"),
            hand["handedness"],
            float(hand["score"]),
            frame_wh,
        )
    return RecordedFrame(float(t_s), observation, tuple(keys), _pointer(pointer), phase)


def _landmarks(value: Any, key: str) -> Float32Array:
    points = np.array(value, dtype=np.float32)
    if points.shape != (21, 3) or not np.isfinite(points).all():
        raise ValueError(f"{key} expected 21 x 3 finite numbers, got shape {points.shape}")
    return points


def _pointer(value: Any) -> RecordedPointer | None:
    if value is None:
        return None
    x_px, y_px, pressed, erase = value
    if not np.isfinite([x_px, y_px]).all():
        raise ValueError("pointer expected finite coordinates")
    return float(x_px), float(y_px), bool(pressed), bool(erase)


def _size(value: Any, key: str) -> tuple[int, int]:
    width_px, height_px = value
    if type(width_px) is not int or type(height_px) is not int or not (0 < width_px < 20000 and 0 < height_px < 20000):
        raise ValueError(f"{key} expected [width, height] in pixels, got {value!r}")
    return width_px, height_px


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing"
    if isinstance(error, json.JSONDecodeError):
        return f"not valid JSON ({error.msg})"
    return first_line(error)
