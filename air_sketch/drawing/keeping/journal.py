"""The drawing's journal: every change is handed to the operating system at once, for the day the program dies.

One file for each running program, ``PID-TIME.jsonl``: a header line, then one line for each operation, only ever
appended. A living program holds a lock on its file, so a file without one was left behind by a crash. A program
that ends properly has saved the drawing and removes its file.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from air_sketch.drawing.sheet.document import Operation
from air_sketch.files import lock_file

LOG = logging.getLogger(__name__)

SYNC_EVERY_S = 1.0
"""A power cut costs what the operating system has not put on the disk yet; asking for that may take long. A disk
that was full is tried again as often."""


def journal_folder(sketches: Path) -> Path:
    """Return the hidden folder beside the sketches that holds the journals of unsaved drawings."""
    absolute = sketches.absolute()
    return absolute.with_name(f".{absolute.name}-unsaved")


class Journal:
    """Appends operations as they are told: a thread for that would starve while torch is imported on another one.

    Nothing is written before the first change, so that a program that draws nothing leaves nothing.
    """

    def __init__(self, folder: Path, canvas_wh: tuple[int, int], on_trouble: Callable[[str], None]) -> None:
        """Begin without a file; ``on_trouble`` is told, on any thread, why nothing is written for the time being."""
        self.path: Path | None = None
        self._folder, self._on_trouble = folder, on_trouble
        header = {"format": "air-sketch-journal", "version": 1, "canvas_wh": canvas_wh}
        self._waiting = bytearray(json.dumps(header).encode() + b"\n")
        self._io = threading.Lock()
        self._handle: int | None = None
        self._failing = False
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def take(self, operation: Operation) -> None:
        """Write one change; while that fails, keep it."""
        if self._closing.is_set():
            return
        with self._io:
            self._waiting += json.dumps(operation, separators=(",", ":")).encode() + b"\n"
            if not self._failing:
                self._write_waiting()
        if self._thread is None:
            self._thread = threading.Thread(target=self._sync_again_and_again, name="journal", daemon=True)
            self._thread.start()

    def flush(self) -> bool:
        """Put everything on the disk now; return whether that worked."""
        if self._thread is not None:
            with self._io:
                self._write_waiting()
            self._sync()
        return not self._failing

    def close(self, *, remove: bool) -> None:
        """Stop; remove the file when the drawing is safe elsewhere."""
        if not remove:
            self.flush()
        self._closing.set()
        if self._thread is not None:
            self._thread.join(timeout=2.0)
        with self._io:
            if self._handle is not None and self.path is not None:
                os.close(self._handle)
                self._handle = None
                if remove:
                    remove_journal(self.path)

    def _sync_again_and_again(self) -> None:
        while not self._closing.wait(SYNC_EVERY_S):
            if self._failing:
                with self._io:
                    self._write_waiting()
            self._sync()

    def _write_waiting(self) -> None:
        """Hand everything that waits to the operating system; what does not fit on a full disk goes on waiting."""
        try:
            if self._handle is None:
                self._handle = self._create()
            while self._waiting:
                del self._waiting[: os.write(self._handle, self._waiting)]
            self._failing = False
        except OSError as error:
            if not self._failing:
                reason = f"no safety copy of the drawing ({error.strerror or type(error).__name__})"
                LOG.warning("%s: %s", self._folder, reason)
                self._on_trouble(f"{self._folder}: {reason}. Save with S from time to time")
            self._failing = True

    def _create(self) -> int:
        """Create and lock the file."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{os.getpid()}-{time.time_ns()}.jsonl"
        # Locked under a name that nobody looks for: otherwise it could be taken for one left behind.
        hidden = path.with_suffix(".new")
        binary = getattr(os, "O_BINARY", 0)
        handle = os.open(hidden, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | binary, 0o600)
        lock_file(handle)
        if os.name == "posix":
            hidden.rename(path)
        else:
            path = hidden  # an open file cannot be renamed there
        self.path = path
        return handle

    def _sync(self) -> None:
        with contextlib.suppress(OSError):  # closed meanwhile, or a disk that will fail at the next write
            if (handle := self._handle) is not None:
                os.fsync(handle)


def remove_journal(path: Path) -> None:
    """Remove a journal, and its folder when nothing else is in it."""
    with contextlib.suppress(OSError):
        path.unlink()
        path.parent.rmdir()
