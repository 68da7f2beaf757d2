"""The program with its window: joins camera, session, screen and gallery search in one loop.

Nothing in the loop waits: camera and hand tracking, searching, and saving have threads of their own, so
the window answers keys within a few milliseconds whatever they do.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from air_sketch.camera.paper import MOUSE_CANVAS_WH, make_paper
from air_sketch.desk.desk import Desk
from air_sketch.desk.errands import Errands
from air_sketch.desk.events import Status, Tone
from air_sketch.desk.search_worker import SearchWorker
from air_sketch.desk.sitting import Sitting
from air_sketch.desk.state import DeskState
from air_sketch.drawing.keeping.calibrations import load_calibration
from air_sketch.drawing.keeping.journal import Journal, journal_folder
from air_sketch.drawing.keeping.recovery import find_lost_drawing
from air_sketch.drawing.session import Session
from air_sketch.drawing.sheet.document import Document
from air_sketch.hands.sources import MOUSE_SOURCE, CameraRequest, open_sight
from air_sketch.hands.tape import Tape
from air_sketch.hands.vision import Vision
from air_sketch.values.ports import SearchLoader
from air_sketch.voice.listener import Listener
from air_sketch.window.brushes.theme import TITLE
from air_sketch.window.highgui import HighGuiWindow
from air_sketch.window.loop import LiveLoop
from air_sketch.window.parts.frame_view import FrameView
from air_sketch.window.parts.help_page import MOUSE_ROWS, hand_rows
from air_sketch.window.screen import Screen

SIGNAL_EXIT_BASE = 128


def run_live(
    request: CameraRequest,
    *,
    calibration: str,
    record: Path | None,
    sketches: Path,
    search_loader: SearchLoader,
    listener: Listener,
) -> int:
    """Open the window and run until the user leaves it.

    Args:
        request: what to look at; the source may also be "mouse".
        calibration: name of a file in ``calibration/``, without ".json".
        record: file to record the session to, None for none.
        sketches: folder that drawings are saved in.
        search_loader: builds the gallery search on a background thread.
        listener: takes spoken captions.
    Returns:
        Exit code: 0, or 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP.
    Raises:
        AirSketchError: if display, camera, hand model, calibration or recording cannot be had; nothing is
            lost, and the text says what mends it.
    """
    settings = load_calibration(calibration)
    draws_with_mouse = request.source == MOUSE_SOURCE
    canvas_wh = MOUSE_CANVAS_WH if draws_with_mouse else request.size_wh
    rows = MOUSE_ROWS if draws_with_mouse else hand_rows(settings.gesture_map)
    screen = Screen(canvas_wh, rows)
    view = FrameView(make_paper(canvas_wh), not draws_with_mouse, settings.active_box_norm)
    with _signals_caught() as caught:
        window = HighGuiWindow(TITLE, screen.layout.window_wh)
        worker = SearchWorker(search_loader)
        vision: Vision | None = None
        try:
            if not draws_with_mouse:
                view.rest("Starting the camera and the hand model")
                window.show(screen.compose(window.window_wh, DeskState(), view, Document(), 0.0))
                window.settle()
                source = open_sight(request)  # on this thread: macOS wants that
                vision = Vision(source)
                vision.start()
                canvas_wh = source.canvas_wh
            if canvas_wh != screen.layout.canvas_wh:
                screen = Screen(canvas_wh, rows)
                window.resize(screen.layout.window_wh)
            tape = Tape.start(record, canvas_wh)
            session, errands = Session(settings, canvas_wh), Errands()
            unsaved = journal_folder(sketches)
            journal = Journal(unsaved, canvas_wh, lambda reason: errands.tell(Status(reason, Tone.ERROR)))
            sitting = Sitting(session, tape, sketches=sketches, journal=journal)
            desk = Desk(sitting, worker, errands, listener, find_lost_drawing(unsaved))
            LiveLoop(window, screen, view, desk, vision, stopped=lambda: bool(caught)).run()
        finally:
            window.close()
            listener.cancel()
            stopped = [part.stop() for part in (vision, worker) if part is not None]
    code = SIGNAL_EXIT_BASE + caught[0] if caught else 0
    if not all(stopped):
        _leave_now(code)
    return code


@contextmanager
def _signals_caught() -> Iterator[list[int]]:
    """Collect Ctrl-C, SIGTERM and SIGHUP instead of raising in the middle of something; a second Ctrl-C raises."""
    caught: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        if caught and number == signal.SIGINT:
            raise KeyboardInterrupt
        caught.append(number)

    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup does
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, note) for number in numbers}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave_now(code: int) -> None:
    """End the process although a thread is still inside an import or a device.

    Python's own way out would wait for it, or pull the interpreter from under it ("terminate called").
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
