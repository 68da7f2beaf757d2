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
from typing import Any

import numpy as np

from air_sketch.values.errors import RecordingError
from air_sketch.values.hand import HandObservation

logger = logging.getLogger(__name__)

RECORDING_SUFFIX = ".jsonl"
FORMAT = "air-sketch-recording"
VERSION = 1
_SIDES_PX = range(1, 20000)

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
            with path.open("rb") as file:
                header = _parse(file.readline())
            if (header["format"], header["version"]) != (FORMAT, VERSION):
                raise ValueError(f"expected version {VERSION} of {FORMAT!r}")
            self._frame_wh, self.canvas_wh = (
                _size(header["frame_wh"]),
                _size(header.get("canvas_wh", header["frame_wh"])),
            )
        except FileNotFoundError:
            raise RecordingError(f"{path}: no such file", f"Record one with: draw --record {path.name}") from None
        except OSError as error:
            raise RecordingError(f"{path}: cannot be read ({error.strerror}).") from None
        except (ValueError, TypeError, KeyError) as error:
            raise RecordingError(f"{path}:1: not a recording ({error!r}).") from None

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
                    frame = _frame(_parse(line), self._frame_wh)
                    if frame.t_s < last_s:
                        raise ValueError(f"t_s expected at least {last_s:g}, got {frame.t_s:g}")
                except (ValueError, TypeError, KeyError) as error:
                    if not line.endswith(b"\n"):
                        logger.warning("%s:%d: the last line is cut off; it is left out", self.path, number)
                        return
                    raise RecordingError(f"{self.path}:{number}: no frame ({error!r})", "Delete this line.") from None
                last_s = frame.t_s
                yield frame


def _parse(line: bytes) -> Any:
    """Parse a line of JSON without NaN and infinity."""

    def refuse(text: str) -> None:
        raise ValueError(f"expected a number, got {text}")

    return json.loads(line, parse_constant=refuse)


def _size(value: Any) -> tuple[int, int]:
    width_px, height_px = value
    if width_px not in _SIDES_PX or height_px not in _SIDES_PX:
        raise ValueError(f"expected [width, height] in pixels, got {value!r}")
    return width_px, height_px


def _frame(line: Any, frame_wh: tuple[int, int]) -> RecordedFrame:
    hand, pointer = line["hand"], line.get("pointer")
    if hand is not None:
        landmarks, world = (np.array(hand[key], np.float32).reshape(21, 3) for key in ("landmarks", "world"))
        hand = HandObservation(landmarks, world, hand["handedness"], float(hand["score"]), frame_wh)
    if pointer is not None:
        x_px, y_px, pressed, erase = pointer
        pointer = (float(x_px), float(y_px), bool(pressed), bool(erase))
    return RecordedFrame(float(line["t_s"]), hand, tuple(line.get("keys", ())), pointer)
