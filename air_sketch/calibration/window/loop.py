"""The loop of the calibration window: frames and keys to the sitting, its state to the screen."""

from __future__ import annotations

import time
from collections.abc import Callable

from air_sketch.calibration.fit import FitResult
from air_sketch.calibration.sitting import CalibrationSitting
from air_sketch.calibration.window.screen import compose
from air_sketch.camera.paper import make_paper
from air_sketch.drawing.settings import Calibration
from air_sketch.hands.gestures import FingerBands
from air_sketch.hands.sighting import CameraEnded, CameraStopped, Sighting, TrackerFailed
from air_sketch.hands.sources import CameraRequest, open_sight
from air_sketch.hands.vision import Vision
from air_sketch.window.brushes.layout import Layout
from air_sketch.window.brushes.theme import TITLE
from air_sketch.window.highgui import HighGuiWindow

KEY_WAIT_MS = 5
REDRAW_EVERY_S = 1 / 30
STARTING = "Starting the camera and the hand model"


def run_calibration_window(
    request: CameraRequest, name: str, before: Calibration, prior: FingerBands
) -> FitResult | None:
    """Lead a person through the calibration; see ``fit_calibration``.

    Returns:
        The result to be saved; None when the person keeps the old settings.
    Raises:
        AirSketchError: if display, camera or hand model cannot be had.
    """
    layout = Layout.first(request.size_wh)
    window, sitting = HighGuiWindow(TITLE, layout.window_wh), CalibrationSitting(before, prior)
    vision: Vision | None = None
    try:
        window.show(compose(layout, name, sitting, make_paper(layout.canvas_wh), STARTING))
        window.settle()
        source = open_sight(request)
        vision = Vision(source)
        vision.start()
        return lead(window, vision, sitting, name, source.canvas_wh)
    finally:
        window.close()
        if vision is not None:
            vision.stop()


def lead(
    window: HighGuiWindow,
    vision: Vision,
    sitting: CalibrationSitting,
    name: str,
    canvas_wh: tuple[int, int],
    clock: Callable[[], float] = time.monotonic,
) -> FitResult | None:
    """Turn until the sitting has an outcome; None when the person keeps the old settings or closes the window."""
    picture, message, detail, shown_s = make_paper(canvas_wh), STARTING, "", -1.0
    while window.is_open() and sitting.saves is None:
        events = vision.take()
        for event in events:
            match event:
                case Sighting(frame, observation, tracked):
                    picture, message, detail = frame.image_bgr, "" if tracked else "Loading the hand model", ""
                    if tracked:
                        sitting.see(observation, frame.t_s)
                case CameraStopped(reason):
                    message, detail = "The camera has stopped", reason
                case CameraEnded():
                    sitting.source_ended()
                case TrackerFailed(error):
                    raise error
        now_s = clock()
        sitting.tick(now_s)
        if events or now_s - shown_s >= REDRAW_EVERY_S:
            shown_s = now_s
            layout = Layout.for_window(window.window_wh, canvas_wh)
            window.show(compose(layout, name, sitting, picture, message, detail))
        key = window.next_key(KEY_WAIT_MS)
        while key is not None:
            sitting.take_key(key)
            key = window.next_key(1)
    return sitting.result if sitting.saves else None
