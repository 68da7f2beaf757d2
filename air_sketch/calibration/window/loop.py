"""The loop of the calibration window: frames and keys to the sitting, its view to the screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from air_sketch.calibration.fit import FitResult
from air_sketch.calibration.sitting import CalibrationSitting, Outcome
from air_sketch.calibration.window.screen import CalibrationScreen
from air_sketch.camera.paper import make_paper
from air_sketch.drawing.settings import Calibration
from air_sketch.hands.gestures import FingerBands
from air_sketch.hands.sighting import CameraEnded, CameraStopped, Sighting, TrackerFailed, VisionEvent
from air_sketch.hands.sources import CameraRequest, open_sight
from air_sketch.hands.tape import Tape
from air_sketch.hands.vision import Vision
from air_sketch.values.datatypes import UInt8Array
from air_sketch.window.brushes.layout import Layout
from air_sketch.window.brushes.theme import TITLE
from air_sketch.window.display import Display, check_display
from air_sketch.window.highgui import HighGuiWindow

CANVAS_WH = (640, 480)
KEY_WAIT_MS = 5
REDRAW_EVERY_S = 1 / 30


@dataclass(frozen=True)
class WindowRequest:
    """What the window is to look at.

    Attributes:
        source: camera number, video or recording.
        name: whose calibration it is, for the title.
        record: file to record the frames to, None for none.
        mirror: None mirrors webcams only.
        camera_size_wh: wanted webcam size; the canvas box fits cameras of the same shape.
    """

    source: str
    name: str
    record: Path | None = None
    mirror: bool | None = None
    camera_size_wh: tuple[int, int] = CANVAS_WH


def run_calibration_window(request: WindowRequest, before: Calibration, prior: FingerBands) -> FitResult | None:
    """Lead a person through the calibration.

    Args:
        request: what to look at.
        before: the person's settings so far.
        prior: thresholds that suit most people.
    Returns:
        The result to be saved; None when the person keeps the old settings.
    Raises:
        AirSketchError: if display, camera, hand model or recording cannot be had.
    """
    check_display()
    layout = Layout.first(request.camera_size_wh)
    window = HighGuiWindow(TITLE, layout.window_wh)
    vision: Vision | None = None
    tape = Tape(None)
    try:
        sitting = CalibrationSitting(before, prior)
        screen = CalibrationScreen(layout, request.name)
        starting = "Starting the camera and the hand model"
        window.show(screen.compose(sitting.view(0.0), make_paper(layout.canvas_wh), starting))
        window.settle()
        source = open_sight(CameraRequest(request.source, request.camera_size_wh, mirror=request.mirror))
        tape = Tape.start(request.record, source.canvas_wh)
        vision = Vision(source)
        vision.start()
        loop = CalibrationLoop(window, screen, sitting, vision, tape, source.canvas_wh)
        return loop.run()
    finally:
        window.close()
        tape.close(0.0)
        if vision is not None:
            vision.stop()


class CalibrationLoop:
    """Turns until the sitting has an outcome."""

    def __init__(
        self,
        window: Display,
        screen: CalibrationScreen,
        sitting: CalibrationSitting,
        vision: Vision,
        tape: Tape,
        canvas_wh: tuple[int, int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the parts."""
        self._window, self._screen, self._sitting = window, screen, sitting
        self._vision, self._tape, self._clock = vision, tape, clock
        self._canvas_wh = canvas_wh
        self._picture: UInt8Array = make_paper(canvas_wh)
        self._message = "Starting the camera and the hand model"
        self._shown_s = -1.0

    def run(self) -> FitResult | None:
        """Return the result, or None when the person keeps the old settings or closes the window."""
        while self._window.is_open():
            self.turn()
            if self._sitting.outcome is Outcome.SAVE:
                return self._sitting.result
            if self._sitting.outcome is Outcome.CANCEL:
                return None
        return None

    def turn(self) -> None:
        """Take all news, draw, take keys."""
        events = self._vision.take()
        for event in events:
            self._see(event)
        now_s = self._clock()
        self._sitting.tick(now_s)
        if events or now_s - self._shown_s >= REDRAW_EVERY_S:
            self._shown_s = now_s
            self._screen.resize(Layout.for_window(self._window.window_wh, self._canvas_wh))
            self._window.show(self._screen.compose(self._sitting.view(now_s), self._picture, self._message))
        key = self._window.next_key(KEY_WAIT_MS)
        while key is not None:
            self._sitting.take_key(key)
            key = self._window.next_key(1)

    def _see(self, event: VisionEvent) -> None:
        match event:
            case Sighting(frame, observation, tracked):
                self._picture = frame.image_bgr
                self._message = "" if tracked else "Loading the hand model"
                if tracked:
                    self._sitting.see(observation, frame.t_s)
                    self._tape.write(frame.t_s, observation)
            case CameraStopped(reason):
                self._message = reason
            case CameraEnded():
                self._sitting.source_ended()
            case TrackerFailed(error):
                raise error
