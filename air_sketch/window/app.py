"""The program with its window: joins camera, session, screen and gallery search in one loop.

Nothing in the loop waits: camera and hand tracking, searching, and saving have threads of their own, so
the window answers keys within a few milliseconds whatever they do.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from air_sketch.camera.paper import MOUSE_CANVAS_WH, make_paper
from air_sketch.desk.desk import Desk
from air_sketch.desk.errands import Errands
from air_sketch.desk.events import Status, Tone
from air_sketch.desk.search_worker import SearchWorker
from air_sketch.desk.sitting import Sitting
from air_sketch.desk.state import DeskState
from air_sketch.drawing.keeping.calibrations import DEFAULT_NAME, load_calibration
from air_sketch.drawing.keeping.journal import Journal, journal_folder
from air_sketch.drawing.keeping.recovery import find_lost_drawing
from air_sketch.drawing.session import Session
from air_sketch.hands.sources import MOUSE_SOURCE, CameraRequest, open_sight
from air_sketch.hands.tape import Tape
from air_sketch.hands.vision import Vision
from air_sketch.values.ports import SearchLoader
from air_sketch.voice.listener import Listener
from air_sketch.window.brushes.layout import Layout
from air_sketch.window.brushes.theme import TITLE
from air_sketch.window.display import check_display
from air_sketch.window.highgui import HighGuiWindow
from air_sketch.window.loop import LiveLoop
from air_sketch.window.parts.frame_view import FrameView
from air_sketch.window.parts.help_page import MOUSE_ROWS, hand_rows
from air_sketch.window.scene import Scene
from air_sketch.window.screen import Screen

LOG = logging.getLogger(__name__)

SIGNAL_EXIT_BASE = 128


@dataclass(frozen=True)
class LiveOptions:
    """What the window is started with.

    Attributes:
        source: "0", "1", ... a webcam; a video; a recording ending in ".jsonl"; or "mouse".
        calibration: name of a file in ``calibration/``, without ".json".
        record: file to record the session to, None for none.
        sketches: folder that drawings are saved in.
        camera_size_wh: wanted webcam size in pixels.
        camera_fps: wanted webcam rate.
        mirror: None mirrors webcams only.
    """

    source: str = "0"
    calibration: str = DEFAULT_NAME
    record: Path | None = None
    sketches: Path = field(default_factory=lambda: Path("sketches"))
    camera_size_wh: tuple[int, int] = (640, 480)
    camera_fps: float = 30.0
    mirror: bool | None = None


def run_live(options: LiveOptions, search_loader: SearchLoader, listener: Listener) -> int:
    """Open the window and run until the user leaves it.

    Args:
        options: source, folders and sizes.
        search_loader: builds the gallery search on a background thread.
        listener: takes spoken captions.
    Returns:
        Exit code: 0, or 130 after Ctrl-C, 143 after SIGTERM.
    Raises:
        AirSketchError: if display, camera, hand model, calibration or recording cannot be had; nothing is
            lost, and the text says what mends it.
    """
    check_display()
    settings = load_calibration(options.calibration)
    with _signals_caught() as caught:
        window = HighGuiWindow(TITLE, Layout.first(options.camera_size_wh).window_wh)
        worker = SearchWorker(search_loader)
        vision: Vision | None = None
        try:
            _show_start(window, options)
            vision, canvas_wh = _open_eyes(options)
            draws_with_mouse = vision is None
            if options.camera_size_wh != canvas_wh or draws_with_mouse:
                window.resize(Layout.first(canvas_wh).window_wh)
            rows = MOUSE_ROWS if draws_with_mouse else hand_rows(settings.gesture_map)
            screen = Screen(Layout.first(canvas_wh), rows, "Your mouse" if draws_with_mouse else "Fingers up")
            tape = Tape.start(options.record, canvas_wh)
            session, errands = Session(settings, canvas_wh), Errands()
            unsaved = journal_folder(options.sketches)
            journal = Journal(unsaved, canvas_wh, lambda reason: errands.tell(Status(reason, Tone.ERROR)))
            sitting = Sitting(session, tape, sketches=options.sketches, journal=journal)
            scene = Scene(screen, looks_for_hand=not draws_with_mouse, active_box_norm=settings.active_box_norm)
            desk = Desk(sitting, worker, errands, listener, find_lost_drawing(unsaved))
            LiveLoop(window, scene, desk, vision, stopped=lambda: bool(caught)).run()
        finally:
            window.close()
            listener.cancel()
            stopped = [part.stop() for part in (vision, worker) if part is not None]
    code = SIGNAL_EXIT_BASE + caught[0] if caught else 0
    if not all(stopped):
        _leave_now(code)
    return code


def _show_start(window: HighGuiWindow, options: LiveOptions) -> None:
    """Show the window before anything slow begins."""
    layout = Layout.first(options.camera_size_wh)
    what = "the paper" if options.source == MOUSE_SOURCE else "the camera and the hand model"
    view = FrameView(make_paper(layout.canvas_wh), message=f"Starting {what}", hand_seen=False)
    window.show(Screen(layout).compose(DeskState(), view, 0.0))
    window.settle()


def _open_eyes(options: LiveOptions) -> tuple[Vision | None, tuple[int, int]]:
    """Open the source on this thread (macOS wants that); return it and the canvas size."""
    if options.source == MOUSE_SOURCE:
        return None, MOUSE_CANVAS_WH
    request = CameraRequest(options.source, options.camera_size_wh, options.camera_fps, options.mirror)
    source = open_sight(request)
    vision = Vision(source)
    vision.start()
    return vision, source.canvas_wh


@contextmanager
def _signals_caught() -> Iterator[list[int]]:
    """Collect Ctrl-C and SIGTERM instead of raising in the middle of something; a second Ctrl-C raises."""
    caught: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        if caught and number == signal.SIGINT:
            raise KeyboardInterrupt
        caught.append(number)

    if threading.current_thread() is not threading.main_thread():
        yield caught
        return
    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
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
