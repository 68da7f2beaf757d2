"""Finds journals that a crash has left behind, and reads the drawing out of them."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, PositiveInt, TypeAdapter

from air_sketch.drawing.keeping.journal import remove_journal
from air_sketch.drawing.settings import Channel
from air_sketch.drawing.sheet.document import Document, Operation, fit_operation
from air_sketch.files import lock_file
from air_sketch.values.datatypes import Strokes

LOG = logging.getLogger(__name__)

PATTERN = "*.jsonl" if os.name == "posix" else "*.new"

OPERATION: TypeAdapter[Operation] = TypeAdapter(
    tuple[Literal["begin"], float, float, float, float, tuple[Channel, Channel, Channel]]
    | tuple[Literal["extend", "erase"], float, float, float]
    | tuple[Literal["end"], float]
    | tuple[Literal["end", "drop", "erased", "clear", "undo", "redo"]],
    config=ConfigDict(strict=True, allow_inf_nan=False),
)


class _Header(BaseModel):
    format: Literal["air-sketch-journal"]
    version: Literal[1]
    canvas_wh: tuple[PositiveInt, PositiveInt]


@dataclass
class LostDrawing:
    """An unsaved drawing of a program that is gone; locked, so that no other program takes it as well.

    Attributes:
        path: its journal.
        handle: the same, open and locked.
        canvas_wh: size of the drawing in pixels.
        operations: everything that was done, in order.
    """

    path: Path
    handle: int
    canvas_wh: tuple[int, int]
    operations: tuple[Operation, ...]

    @property
    def strokes(self) -> Strokes:
        """The drawing as it was."""
        document = Document()
        self.restore(document, self.canvas_wh)
        return document.finished_strokes

    def restore(self, document: Document, canvas_wh: tuple[int, int]) -> None:
        """Do everything again on a document, history included; a stroke that was under the pen is finished."""
        for operation in self.operations:
            document.apply(fit_operation(operation, self.canvas_wh, canvas_wh))
        document.end_erasing()
        document.end_stroke()

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
    with a warning, and a file that is no journal is left alone.
    """
    for path in sorted(folder.glob(PATTERN), key=lambda path: path.stem.rpartition("-")[2], reverse=True):
        try:
            handle = os.open(path, os.O_RDWR)
        except OSError as error:
            LOG.warning("%s: an unsaved drawing cannot be read (%s)", path, error.strerror)
            continue
        lost = _read(path, handle) if lock_file(handle) else None
        if lost is None:
            os.close(handle)
        elif lost.strokes:
            return lost
        else:
            lost.remove()
    return None


def _read(path: Path, handle: int) -> LostDrawing | None:
    """Read a locked journal; None when it is none."""
    try:
        first, *lines = path.read_bytes().split(b"\n")
        canvas_wh = _Header.model_validate_json(first).canvas_wh
    except (OSError, ValueError):
        LOG.warning("%s: not a journal of a drawing; it is left alone", path)
        return None
    operations = []
    for number, line in enumerate(lines, start=2):
        try:
            operations += [OPERATION.validate_json(line)] if line else []
        except ValueError:
            what = "the last line is cut off" if number == len(lines) + 1 else "damaged line"
            LOG.warning("%s:%d: %s; it is left out", path, number, what)
    return LostDrawing(path, handle, canvas_wh, tuple(operations))
