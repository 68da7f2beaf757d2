"""The drawing's journal: every change goes to disk within a third of a second, for the day the program dies.

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
from collections import deque
from collections.abc import Callable
from pathlib import Path

from air_sketch.drawing.sheet.document import Operation
from air_sketch.files import lock_file

LOG = logging.getLogger(__name__)

WRITE_EVERY_S = 0.25
"""``kill -9`` costs what has not been handed to the operating system yet: at most this, plus one write."""

SYNC_EVERY_S = 1.0
"""A power cut costs what the operating system has not put on the disk yet; asking for that may take long."""


def journal_folder(sketches: Path) -> Path:
    """Return the hidden folder beside the sketches that holds the journals of unsaved drawings."""
    absolute = sketches.absolute()
    return absolute.with_name(f".{absolute.name}-unsaved")


class Journal:
    """Appends operations in the background; ``take`` only puts them in a queue.

    Nothing is written before the first change, so that a program that draws nothing leaves nothing.
    """

    def __init__(self, folder: Path, canvas_wh: tuple[int, int], on_trouble: Callable[[str], None]) -> None:
        """Begin without a file; ``on_trouble`` is told once, on another thread, why nothing more is written."""
        self.path: Path | None = None
        self._folder, self._canvas_wh, self._on_trouble = folder, canvas_wh, on_trouble
        self._waiting: deque[Operation] = deque()
        self._io = threading.Lock()
        self._handle: int | None = None
        self._failed = False
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []

    def take(self, operation: Operation) -> None:
        """Queue one change."""
        if self._failed:
            return
        self._waiting.append(operation)
        if not self._threads:
            for job, every_s in ((self._write_waiting, WRITE_EVERY_S), (self._sync, SYNC_EVERY_S)):
                self._threads.append(threading.Thread(target=self._repeat, args=(job, every_s), daemon=True))
                self._threads[-1].start()

    def flush(self) -> bool:
        """Put everything on the disk now; return whether that worked."""
        self._write_waiting()
        self._sync()
        return not self._failed

    def close(self, *, remove: bool) -> None:
        """Stop; remove the file when the drawing is safe elsewhere."""
        self._closing.set()
        for thread in self._threads:
            thread.join(timeout=2.0)
        if not remove:
            self.flush()
        with self._io:
            self._failed = True
            if self._handle is not None and self.path is not None:
                os.close(self._handle)
                self._handle = None
                if remove:
                    remove_journal(self.path)

    def _repeat(self, job: Callable[[], None], every_s: float) -> None:
        while not self._closing.wait(every_s):
            job()

    def _write_waiting(self) -> None:
        """Hand everything queued to the operating system."""
        with self._io:
            if self._failed or not self._waiting:
                return
            waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
            lines = [json.dumps(operation, separators=(",", ":")) + "\n" for operation in waiting]
            try:
                if self._handle is None:
                    self._handle = self._create()
                _append(self._handle, "".join(lines))
            except OSError as error:
                self._failed = True
                reason = f"no safety copy of the drawing ({error.strerror or type(error).__name__})"
                LOG.warning("%s: %s", self._folder, reason)
                self._on_trouble(f"{self._folder}: {reason}. Save with S from time to time")

    def _create(self) -> int:
        """Create and lock the file, and write its header."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self.path = self._folder / f"{os.getpid()}-{time.time_ns()}.jsonl"
        # Locked under a name that nobody looks for: otherwise it could be taken for one left behind.
        hidden = self.path.with_suffix(".new")
        handle = os.open(hidden, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        lock_file(handle)
        header = {"format": "air-sketch-journal", "version": 1, "canvas_wh": self._canvas_wh}
        _append(handle, json.dumps(header) + "\n")
        if os.name == "posix":
            hidden.rename(self.path)
        else:
            self.path = hidden  # an open file cannot be renamed there
        return handle

    def _sync(self) -> None:
        with contextlib.suppress(OSError):  # closed meanwhile, or a disk that will fail at the next write
            if (handle := self._handle) is not None:
                os.fsync(handle)


def _append(handle: int, text: str) -> None:
    with open(handle, "ab", closefd=False) as file:
        file.write(text.encode())


def remove_journal(path: Path) -> None:
    """Remove a journal, and its folder when nothing else is in it."""
    with contextlib.suppress(OSError):
        path.unlink()
        path.parent.rmdir()
