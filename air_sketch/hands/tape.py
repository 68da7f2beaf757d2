"""Writes the running session to a recording, or to nowhere."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from air_sketch.hands.recording import FORMAT, VERSION, RecordedPointer
from air_sketch.values.datatypes import Float32Array
from air_sketch.values.errors import RecordingError
from air_sketch.values.hand import HandObservation

LOG = logging.getLogger(__name__)


class Tape:
    """A recording that may be absent; a full disk stops it and nothing else.

    Each frame is flushed at once, so that a crash costs at most the line being written.
    """

    def __init__(self, file: TextIO | None) -> None:
        self._file = file
        self._keys: list[str] = []

    @classmethod
    def start(cls, path: Path | None, canvas_wh: tuple[int, int], notes: Mapping[str, str] | None = None) -> Tape:
        """Begin a recording where the path is given.

        Raises:
            RecordingError: if the file exists already or cannot be written.
        """
        if path is None:
            return cls(None)
        size = {"frame_wh": canvas_wh, "canvas_wh": canvas_wh}
        try:
            if path.exists():
                raise RecordingError(f"{path}: exists already", "Choose another name for --record.")
            path.parent.mkdir(parents=True, exist_ok=True)
            tape = cls(path.open("x", encoding="utf-8"))
            tape._write_line({"format": FORMAT, "version": VERSION, **size, "notes": notes or {}})
            return tape
        except OSError as error:
            raise RecordingError(f"{path}: cannot be written ({error.strerror})", "Choose another folder.") from None

    @property
    def is_running(self) -> bool:
        """Whether frames are being written."""
        return self._file is not None

    def note_key(self, name: str) -> None:
        """Remember a key that changed the drawing; it goes with the next frame."""
        self._keys.append(name)

    def write(self, t_s: float, observation: HandObservation | None, pointer: RecordedPointer | None = None) -> str:
        """Append one frame; return "" or, once, why recording has stopped."""
        keys, self._keys = self._keys, []
        if self._file is None:
            return ""
        line: dict[str, Any] = {"t_s": t_s, "hand": _hand_to_json(observation)}
        line |= {name: value for name, value in (("keys", keys), ("pointer", pointer)) if value}
        try:
            self._write_line(line)
        except OSError as error:
            self._file = None
            LOG.warning("Recording stopped: %s", error)
            return f"Recording stopped: {error}"
        return ""

    def close(self, t_s: float) -> None:
        """Write the keys that no frame has followed, and close."""
        if self._keys:
            self.write(t_s, None)
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write_line(self, line: dict[str, Any]) -> None:
        assert self._file is not None
        self._file.write(json.dumps(line, separators=(",", ":")) + "\n")
        self._file.flush()


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
