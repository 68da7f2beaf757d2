"""Saving and opening, away from the thread that draws."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from air_sketch.desk.events import Status, Tone
from air_sketch.drawing.keeping.saving import save_drawing
from air_sketch.values.datatypes import ResultCard, Strokes
from air_sketch.values.errors import AirSketchError, StorageError, printable

LOG = logging.getLogger(__name__)

PAGE = re.compile(r"https?://[^\s/?#\[]\S*", re.IGNORECASE)
PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jif", ".jfif", ".jfi", ".mpo", ".png", ".apng", ".webp", ".bmp", ".gif"}
    | {".tif", ".tiff", ".heic", ".heif", ".hif", ".avif"}
)


class Errands:
    """Does one job after the other in the background and collects what to tell the user."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "errands")
        self._news: queue.SimpleQueue[Status] = queue.SimpleQueue()

    def submit(self, job: Callable[[], Status]) -> None:
        """Queue a job; known errors become red status lines."""
        self._pool.submit(self._do, job)

    def tell(self, status: Status) -> None:
        """Add something to tell, from any thread."""
        self._news.put(status)

    def poll(self) -> list[Status]:
        """Return the outcomes since the last call; never waits."""
        return [self._news.get_nowait() for _ in range(self._news.qsize())]

    def finish(self) -> None:
        """Wait for what is queued."""
        self._pool.shutdown(wait=True)

    def _do(self, job: Callable[[], Status]) -> None:
        try:
            self._news.put(job())
        except BaseException as error:
            self._news.put(Status(explain(error, "That failed"), Tone.ERROR))


def explain(error: BaseException, what: str) -> str:
    """Say in one line why something failed; only what nobody foresaw is logged whole."""
    if isinstance(error, AirSketchError):
        LOG.warning("%s", error)
        return str(error)
    LOG.exception("%s", what)
    return " ".join(f"{what}: {type(error).__name__}: {error}".split())[:300]


def save_sketch(strokes: Strokes, canvas_wh: tuple[int, int], folder: Path, *, anywhere: bool = False) -> Path:
    """Save a drawing as PNG, SVG and JSON under a time stamp; return the PNG's path.

    On the way out it goes ``anywhere``: to the home folder, or a new one of nobody else in the temporary folder, where
    its own cannot be written.

    Raises:
        StorageError: if no folder can be written.
    """
    stamp = time.strftime("%Y-%m-%d_%H-%M-%S")
    with contextlib.suppress(*[StorageError] * anywhere):
        return save_drawing(strokes, canvas_wh, folder, stamp)
    with contextlib.suppress(StorageError, RuntimeError):  # RuntimeError: there is no home
        return save_drawing(strokes, canvas_wh, Path.home() / "air-sketch-sketches", stamp)
    try:
        return save_drawing(strokes, canvas_wh, Path(tempfile.mkdtemp(prefix="air-sketch-sketches-")), stamp)
    except OSError as error:
        raise StorageError(f"{folder}: the drawing cannot be saved anywhere ({error.strerror})") from None


def open_card(card: ResultCard) -> Status:
    """Open a hit's product page, else its picture, in the desktop's own program.

    Only http and https pages and picture files are opened: a gallery's manifest is somebody else's text.
    """
    url, path = card.url.strip(), card.image_path
    if url:
        if not PAGE.fullmatch(url) or not url.isprintable():
            return Status(f"Not opened: expected an http or https page, got {url[:60]!r}", Tone.ERROR)
        name = url
    elif path is None:
        return Status(f"“{card.title}” has neither a page nor a picture file of its own")
    elif not (real := Path(os.path.realpath(path))).is_file() or real.suffix.lower() not in PICTURE_SUFFIXES:
        return Status(f"{printable(str(path))} is not opened: expected a picture file that is still there", Tone.ERROR)
    else:
        url, name = real.as_uri(), printable(path.name)
    # A process of its own: some browsers talk on the terminal, and text browsers would take it over. ``-I``: the
    # working directory may be a gallery with a webbrowser.py.
    _start([sys.executable, "-I", "-m", "webbrowser", "-t", url])
    LOG.info("opened %s", name)
    return Status(f"Opened {name}", Tone.DONE)


def _start(command: list[str]) -> None:
    """Start a program and forget it, with nothing of it on our terminal."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    process.returncode = 0  # nobody waits for it; keeps Popen from warning about that when it is collected
