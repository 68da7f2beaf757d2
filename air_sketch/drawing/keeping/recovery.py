"""Finds journals that a crash has left behind, and reads the drawing out of them."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from air_sketch.drawing.keeping.journal import FORMAT, VERSION, remove_journal
from air_sketch.drawing.sheet.document import Document
from air_sketch.drawing.sheet.operations import Operation, fit_operation, operation_from_json
from air_sketch.files import lock_file
from air_sketch.values.datatypes import Strokes

LOG = logging.getLogger(__name__)

PATTERN = "*.jsonl" if os.name == "posix" else "*.new"


@dataclass
class LostDrawing:
    """An unsaved drawing of a program that is gone; locked, so that no other program takes it as well.

    Attributes:
        path: its journal.
        canvas_wh: size of the drawing in pixels.
        operations: everything that was done, in order.
        written_s: when it was last written, seconds since 1970.
    """

    path: Path
    canvas_wh: tuple[int, int]
    operations: tuple[Operation, ...]
    written_s: float
    handle: int

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
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1

    def remove(self) -> None:
        """Remove the journal: its drawing is safe elsewhere."""
        if self.handle >= 0:
            remove_journal(self.path, self.handle)
            self.handle = -1


def find_lost_drawing(folder: Path) -> LostDrawing | None:
    """Return the newest drawing left behind in a folder of journals; None when there is none.

    Journals of living programs are passed over. Journals of an empty sheet are removed; damaged lines are skipped
    with a warning, and a file that is no journal is left alone.
    """
    for path in _newest_first(folder):
        try:
            handle = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        except OSError as error:
            LOG.warning("%s: an unsaved drawing cannot be read (%s)", path, error.strerror)
            continue
        if not lock_file(handle):
            os.close(handle)
            continue
        lost = _read(path, handle)
        if lost is None:
            os.close(handle)
        elif lost.strokes:
            return lost
        else:
            lost.remove()
    return None


def _newest_first(folder: Path) -> list[Path]:
    try:
        found = [(path.stat().st_mtime, path) for path in folder.glob(PATTERN)]
    except OSError:
        return []
    return [path for _, path in sorted(found, reverse=True)]


def _read(path: Path, handle: int) -> LostDrawing | None:
    """Read a journal through its locked handle."""
    try:
        os.lseek(handle, 0, os.SEEK_SET)
        with os.fdopen(os.dup(handle), "rb") as file:
            first, *lines = file.read().split(b"\n")
        canvas_wh = _canvas(json.loads(first))
    except (OSError, ValueError, TypeError, KeyError) as error:
        LOG.warning("%s: not a journal of a drawing (%s); it is left alone", path, error)
        return None
    operations = []
    for number, line in enumerate(lines, start=2):
        if not line:
            continue
        try:
            operations.append(operation_from_json(json.loads(line)))
        except (ValueError, TypeError) as error:
            what = "the last line is cut off" if number == len(lines) + 1 else f"damaged line ({error})"
            LOG.warning("%s:%d: %s; it is left out", path, number, what)
    return LostDrawing(path, canvas_wh, tuple(operations), os.fstat(handle).st_mtime, handle)


def _canvas(header: Any) -> tuple[int, int]:
    if not isinstance(header, dict) or header.get("format") != FORMAT or header.get("version") != VERSION:
        raise ValueError(f"expected format {FORMAT!r}, version {VERSION}")
    width_px, height_px = header["canvas_wh"]
    if type(width_px) is not int or type(height_px) is not int or min(width_px, height_px) < 1:
        raise ValueError("canvas_wh expected [width, height]")
    return width_px, height_px
