"""Finds journals that a crash has left behind, and reads the drawing out of them."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from annotated_types import Interval
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from air_sketch.drawing.keeping.journal import remove_journal
from air_sketch.drawing.settings import Channel
from air_sketch.drawing.sheet.document import Document, Operation, fit_operation
from air_sketch.drawing.sheet.strokes import path_length_px
from air_sketch.files import is_regular, lock_file
from air_sketch.hands.recording import FARTHEST_PX, FARTHEST_S, canvas_size
from air_sketch.values.datatypes import Strokes
from air_sketch.values.errors import BAD_INPUT

LOG = logging.getLogger(__name__)

PATTERN = "*.jsonl" if os.name == "posix" else "*.new"

LONGEST_LINE_BYTES = 4096
MOST_WARNINGS = 5
PATIENCE_S, MOST_POINTS, LONGEST_WAY_PX = 10.0, 1_000_000, 10_000_000
"""What takes longer to do again (processor time), or is more, holds up the start and is no person's drawing."""

_Px = Annotated[float, Interval(ge=-FARTHEST_PX, le=FARTHEST_PX)]
_Size = Annotated[float, Interval(ge=0, le=FARTHEST_PX)]
_Time = Annotated[float, Interval(ge=-FARTHEST_S, le=FARTHEST_S)]
OPERATION: TypeAdapter[Operation] = TypeAdapter(
    Annotated[
        tuple[Literal["extend"], _Px, _Px, _Time]
        | tuple[Literal["begin"], _Px, _Px, _Time, _Size, tuple[Channel, Channel, Channel]]
        | tuple[Literal["erase"], _Px, _Px, _Size]
        | tuple[Literal["end"], _Time]
        | tuple[Literal["end", "drop", "erased", "clear", "undo", "redo"]],
        Field(union_mode="left_to_right"),
    ],
    config=ConfigDict(strict=True, allow_inf_nan=False),
)


class _TooLargeError(Exception):
    """A journal would hold up the start."""


class _Header(BaseModel):
    format: Literal["air-sketch-journal"]
    version: Literal[1]
    canvas_wh: Annotated[tuple[int, int], AfterValidator(canvas_size)]


@dataclass
class LostDrawing:
    """An unsaved drawing of a program that is gone; locked, so that no other program takes it as well.

    Attributes:
        path: its journal.
        handle: the same, open and locked.
        canvas_wh: size of the drawing in pixels.
        operations: everything that was done, in order.
        strokes: the drawing as it was; of a sheet that had been emptied, what was last on it.
    """

    path: Path
    handle: int
    canvas_wh: tuple[int, int]
    operations: Sequence[Operation]
    strokes: Strokes

    def restore(self, document: Document, canvas_wh: tuple[int, int]) -> None:
        """Do everything again on a document, history included; a stroke that was under the pen is finished."""
        for operation in self.operations:
            document.apply(fit_operation(operation, self.canvas_wh, canvas_wh))
        _finish(document)

    def leave(self) -> None:
        """Let go of the journal; the file stays for a later start."""
        os.close(self.handle)

    def remove(self) -> None:
        """Remove the journal: its drawing is safe elsewhere."""
        os.close(self.handle)
        remove_journal(self.path)


def find_lost_drawing(folder: Path) -> LostDrawing | None:
    """Return the newest drawing left behind in a folder of journals; None when there is none.

    Journals of living programs are passed over. Journals of an empty sheet are removed; damaged lines are skipped
    with a warning, and a file that is no journal is left alone. What would hold up the start waits for a later one.
    """
    until_s = time.thread_time() + PATIENCE_S
    for path in sorted(folder.glob(PATTERN), key=lambda path: path.stem.rpartition("-")[2], reverse=True):
        if time.thread_time() > until_s:
            break
        try:
            handle = os.open(path, os.O_RDWR)
        except OSError as error:
            LOG.warning("%s: an unsaved drawing cannot be read (%s)", path, error.strerror)
            continue
        lost = _read(path, handle) if is_regular(handle) and lock_file(handle) else None
        if lost is None:
            os.close(handle)
        elif lost.strokes:
            return lost
        else:
            lost.remove()
    return None


def _read(path: Path, handle: int) -> LostDrawing | None:
    """Read a locked journal; None when it is none, or would hold up the start: then it is kept under another name."""
    document, operations = Document(), list[Operation]()
    try:
        with open(handle, "rb", closefd=False) as file:
            canvas_wh = _Header.model_validate_json(file.readline(LONGEST_LINE_BYTES)).canvas_wh
            for operation in _operations(path, file):
                document.apply(operation)
                operations.append(operation)
        _finish(document)
        strokes = document.finished_strokes
        way_px = sum(path_length_px(stroke.points) for stroke in strokes)
        if way_px > LONGEST_WAY_PX or sum(len(stroke.points) for stroke in strokes) > MOST_POINTS:
            raise _TooLargeError
        return LostDrawing(path, handle, canvas_wh, operations, strokes)
    except _TooLargeError:
        aside = path.with_suffix(".too-large")
        LOG.warning("%s: an unsaved drawing is too large to be taken back; it is kept as %s", path, aside.name)
        with contextlib.suppress(OSError):
            path.rename(aside)
    except (OSError, *BAD_INPUT):
        LOG.warning("%s: not a journal of a drawing; it is left alone", path)
    return None


def _operations(path: Path, file: BinaryIO) -> Iterator[Operation]:
    """Yield what a journal's lines say, without the damaged ones."""
    damaged, until_s = 0, time.thread_time() + PATIENCE_S
    for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE_BYTES), b""), start=2):
        if time.thread_time() > until_s:
            raise _TooLargeError
        try:
            if line.strip():
                yield OPERATION.validate_json(line)
        except BAD_INPUT:
            damaged += 1
            if damaged <= MOST_WARNINGS:
                what = "damaged line" if line.endswith(b"\n") else "the last line is cut off"
                LOG.warning("%s:%d: %s; it is left out", path, number, what)


def _finish(document: Document) -> None:
    """End what was under way when the program died, and show what was on a sheet that had been emptied."""
    document.end_erasing()
    document.end_stroke()
    document.bring_back()
