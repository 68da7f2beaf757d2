"""Recorded sessions: one JSON line a frame, read back exactly as ``Tape`` has written them.

The first line is a header; every further line is one frame: ``{"t_s", "hand": {...} or null, "keys": [...]}``,
where ``hand`` holds landmarks and world landmarks as float32 in their shortest exact form.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten
from typing import Any

import numpy as np

from air_sketch.camera.pictures import LONGEST_SIDE_PX, MOST_PIXELS
from air_sketch.files import open_regular
from air_sketch.values.datatypes import Float32Array
from air_sketch.values.errors import BAD_INPUT, RecordingError
from air_sketch.values.hand import HandObservation

logger = logging.getLogger(__name__)

RECORDING_SUFFIX = ".jsonl"
FORMAT = "air-sketch-recording"
VERSION = 1
LONGEST_COMPLAINT = 200
LONGEST_LINE_BYTES = 1 << 20
FARTHEST_S, FARTHEST_PX, FARTHEST_NORM = 4e9, 1e5, 10.0
"""Beyond these nothing was ever seen; numbers far beyond would take for ever to draw."""

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
    """

    t_s: float
    observation: HandObservation | None
    keys: tuple[str, ...] = ()
    pointer: RecordedPointer | None = None


class RecordingReader:
    """Read a recording: the header at once, frames as they are asked for."""

    def __init__(self, path: Path) -> None:
        """Open and check the header.

        Raises:
            RecordingError: if the file is missing, unreadable or no recording of a known version.
        """
        self.path = path
        try:
            with open_regular(path) as file:
                header = _parse(file.readline(LONGEST_LINE_BYTES))
            if (header["format"], header["version"]) != (FORMAT, VERSION):
                raise ValueError(f"expected version {VERSION} of {FORMAT!r}")
            self._frame_wh, self.canvas_wh = (
                canvas_size(header["frame_wh"]),
                canvas_size(header.get("canvas_wh", header["frame_wh"])),
            )
        except FileNotFoundError:
            raise RecordingError(f"{path}: no such file", f"Record one with: draw --record {path.name}") from None
        except OSError as error:
            raise RecordingError(f"{path}: cannot be read ({error.strerror}).") from None
        except BAD_INPUT as error:
            raise RecordingError(f"{path}:1: not a recording ({shorten(repr(error), LONGEST_COMPLAINT)})") from None

    def frames(self) -> Iterator[RecordedFrame]:
        """Yield every frame; a half-written last line is skipped with a warning.

        Raises:
            RecordingError: naming file and line, if a line is damaged.
        """
        last_s = -np.inf
        with open_regular(self.path) as file:
            for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE_BYTES), b""), start=1):
                if number == 1 or not line.strip():
                    continue
                try:
                    frame = _frame(_parse(line), self._frame_wh)
                    if frame.t_s < last_s:
                        raise ValueError(f"t_s expected at least {last_s:g}, got {frame.t_s:g}")
                except BAD_INPUT as error:
                    if not line.endswith(b"\n") and len(line) < LONGEST_LINE_BYTES:
                        logger.warning("%s:%d: the last line is cut off; it is left out", self.path, number)
                        return
                    what = shorten(repr(error), LONGEST_COMPLAINT)
                    raise RecordingError(f"{self.path}:{number}: no frame ({what})", "Delete this line.") from None
                last_s = frame.t_s
                yield frame


def _parse(line: bytes) -> Any:
    """Parse a line of JSON without NaN and infinity."""

    def refuse(text: str) -> None:
        raise ValueError(f"expected a number, got {text}")

    return json.loads(line, parse_constant=refuse)


def canvas_size(value: Any) -> tuple[int, int]:
    """Take two numbers as width and height in pixels; ValueError if they are not, or too large to be drawn on."""
    width_px, height_px = value
    sides = range(1, LONGEST_SIDE_PX + 1)
    if not {type(width_px), type(height_px)} == {int} or not (width_px in sides and height_px in sides):
        raise ValueError(f"expected [width, height] in pixels, 1 to {LONGEST_SIDE_PX}")
    if width_px * height_px > MOST_PIXELS:
        raise ValueError(f"expected up to {MOST_PIXELS:,} pixels, got {width_px * height_px:,}")
    return width_px, height_px


def _frame(line: Any, frame_wh: tuple[int, int]) -> RecordedFrame:
    hand, pointer, keys = line["hand"], line.get("pointer"), tuple(line.get("keys", ()))
    if hand is not None:
        landmarks, world = (_points(hand[key]) for key in ("landmarks", "world"))
        hand = HandObservation(landmarks, world, str(hand["handedness"]), _number(hand["score"], 1e3), frame_wh)
    if pointer is not None:
        x_px, y_px, pressed, erase = pointer
        pointer = (_number(x_px, FARTHEST_PX), _number(y_px, FARTHEST_PX), bool(pressed), bool(erase))
    if not all(isinstance(key, str) for key in keys):
        raise ValueError("expected names of keys")
    return RecordedFrame(_number(line["t_s"], FARTHEST_S), hand, keys, pointer)


def _number(value: Any, most: float) -> float:
    number = float(value)
    if not abs(number) <= most:
        raise ValueError(f"expected a number up to {most:g}, got {number:g}")
    return number


def _points(value: Any) -> Float32Array:
    points = np.array(value, np.float64).reshape(21, 3)
    if not (np.abs(points) <= FARTHEST_NORM).all():
        raise ValueError(f"expected coordinates up to {FARTHEST_NORM:g}")
    return points.astype(np.float32)
