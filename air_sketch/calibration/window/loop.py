"""The loop of the calibration window: frames and keys to the sitting, its state to the screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from air_sketch.calibration.fit import FitResult
from air_sketch.calibration.sitting import CalibrationSitting
from air_sketch.calibration.window.screen import compose
from air_sketch.camera.paper import make_paper
from air_sketch.drawing.settings import Calibration
from air_sketch.hands.gestures import FingerBands
from air_sketch.hands.sighting import CameraEnded, CameraStopped, Sighting, TrackerFailed, VisionEvent
from air_sketch.hands.sources import CameraRequest, open_sight
from air_sketch.hands.tape import Tape
from air_sketch.hands.vision import Vision
from air_sketch.window.brushes.layout import Layout
from air_sketch.window.brushes.theme import TITLE
from air_sketch.window.highgui import HighGuiWindow

KEY_WAIT_MS = 5
REDRAW_EVERY_S = 1 / 30


def run_calibration_window(
    request: CameraRequest, name: str, record: Path | None, before: Calibration, prior: FingerBands
) -> FitResult | None:
    """Lead a person through the calibration.

    Args:
        request: what to look at.
        name: whose calibration it is, for the title.
        record: file to record the frames to, None for none.
        before: the person's settings so far.
        prior: thresholds that suit most people.
    Returns:
        The result to be saved; None when the person keeps the old settings.
    Raises:
        AirSketchError: if display, camera, hand model or recording cannot be had.
    """
    window = HighGuiWindow(TITLE, Layout.first(request.size_wh).window_wh)
    vision: Vision | None = None
    tape = Tape(None)
    try:
        loop = CalibrationLoop(window, CalibrationSitting(before, prior), name, request.size_wh)
        loop.show()
        window.settle()
        source = open_sight(request)
        tape = Tape.start(record, source.canvas_wh)
        vision = Vision(source)
        vision.start()
        loop.canvas_wh = source.canvas_wh
        return loop.run(vision, tape)
    finally:
        window.close()
        tape.close(0.0)
        if vision is not None:
            vision.stop()


@dataclass
class CalibrationLoop:
    """Turns until the sitting has an outcome.

    Attributes:
        window: shows pictures, gives keys.
        sitting: leads the person.
        name: whose calibration it is.
        canvas_wh: size of the pictures.
        message: over the picture, such as why there is none.
        clock: seconds, monotonic.
    """

    window: HighGuiWindow
    sitting: CalibrationSitting
    name: str
    canvas_wh: tuple[int, int]
    message: tuple[str, ...] = ("Starting the camera and the hand model",)
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        """Begin with empty paper."""
        self._picture = make_paper(self.canvas_wh)

    def run(self, vision: Vision, tape: Tape) -> FitResult | None:
        """Return the result, or None when the person keeps the old settings or closes the window."""
        shown_s = -1.0
        while self.window.is_open() and self.sitting.saves is None:
            events = vision.take()
            for event in events:
                self._see(event, tape)
            now_s = self.clock()
            self.sitting.tick(now_s)
            if events or now_s - shown_s >= REDRAW_EVERY_S:
                shown_s = now_s
                self.show()
            key = self.window.next_key(KEY_WAIT_MS)
            while key is not None:
                self.sitting.take_key(key)
                key = self.window.next_key(1)
        return self.sitting.result if self.sitting.saves else None

    def show(self) -> None:
        """Draw one picture."""
        layout = Layout.for_window(self.window.window_wh, self.canvas_wh)
        self.window.show(compose(layout, self.name, self.sitting, self._picture, *self.message))

    def _see(self, event: VisionEvent, tape: Tape) -> None:
        match event:
            case Sighting(frame, observation, tracked):
                self._picture = frame.image_bgr
                self.message = () if tracked else ("Loading the hand model",)
                if tracked:
                    self.sitting.see(observation, frame.t_s)
                    tape.write(frame.t_s, observation)
            case CameraStopped(reason):
                self.message = ("The camera has stopped", reason)
            case CameraEnded():
                self.sitting.source_ended()
            case TrackerFailed(error):
                raise error
