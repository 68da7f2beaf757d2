"""What one frame costs: our whole loop, the bare hand model, and the loop that most such programs have."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np

from air_sketch.camera.low_light import LowLight
from air_sketch.camera.native_noise import native_chatter_silenced
from air_sketch.camera.paper import make_paper
from air_sketch.desk.state import DeskState
from air_sketch.drawing.keeping.calibrations import load_calibration
from air_sketch.drawing.session import Session
from air_sketch.drawing.sheet.document import Document
from air_sketch.hands.tracker import Landmarker, MediaPipeHandTracker
from air_sketch.values.datatypes import Frame, UInt8Array
from air_sketch.window.brushes.layout import Layout
from air_sketch.window.highgui import HighGuiWindow
from air_sketch.window.parts.frame_view import FrameView
from air_sketch.window.screen import Screen

FPS = 30.0
WARM_UP_FRAMES = 20


@dataclass(frozen=True)
class Drawing:
    """How much is on the sheet already."""

    strokes: int
    points: int


SMALL, LARGE = Drawing(1, 100), Drawing(200, 20_000)


class BareLandmarker:
    """MediaPipe's call and nothing else; the picture is converted beforehand."""

    def __init__(self) -> None:
        """Load the model."""
        self._landmarker = Landmarker("VIDEO").task

    def prepare(self, frame: Frame) -> Any:
        """Convert the picture."""
        import mediapipe

        rgb = cv2.cvtColor(frame.image_bgr, cv2.COLOR_BGR2RGB)
        return mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=rgb)

    def step(self, frame: Frame, prepared: Any) -> None:
        """Call the model."""
        self._landmarker.detect_for_video(prepared, round(frame.t_s * 1000) + 1)


class OurLoop:
    """Everything that the program does with a frame, one thing after the other on one thread."""

    def __init__(self, canvas_wh: tuple[int, int], drawing: Drawing, window: HighGuiWindow | None = None) -> None:
        """Args: canvas_wh: size of the frames. drawing: what is on the sheet. window: None composes only."""
        self._tracker, self._light = MediaPipeHandTracker(), LowLight()
        self._session = Session(load_calibration(), canvas_wh)
        fill(self._session.document, drawing, canvas_wh)
        self._screen, self._view = Screen(canvas_wh), FrameView(make_paper(canvas_wh))
        self._window, self._wh = window, Layout.first(canvas_wh).window_wh

    def prepare(self, _frame: Frame) -> None:
        """Nothing: converting the picture is part of the loop."""

    def step(self, frame: Frame, _prepared: None) -> None:
        """Track, recognise, filter, draw, compose, and show where there is a window."""
        hand = self._tracker.detect(self._light.prepare(frame))
        view, session = self._view, self._session
        view.take_frame(frame.image_bgr, frame.t_s)
        view.result = session.step(hand, frame.t_s)
        view.pen_rgb, view.pen_width_px = session.pens.color_rgb, session.pens.width_px
        picture = self._screen.compose(self._wh, DeskState(), view, session.document, frame.t_s)
        if self._window is not None:
            self._window.show(picture)
            cv2.pollKey()


class UsualLoop:
    """The loop of most webcam drawing programs: legacy Hands with its default of two, every line drawn every time."""

    def __init__(self, canvas_wh: tuple[int, int], drawing: Drawing) -> None:
        """Load the legacy solution; the same drawing, as lists of points."""
        with native_chatter_silenced():
            import mediapipe

            self._hands = mediapipe.solutions.hands.Hands(min_detection_confidence=0.5)
            self._hands.process(np.zeros((64, 64, 3), np.uint8))
        document = Document()
        fill(document, drawing, canvas_wh)
        self._lines = [[(round(p[0]), round(p[1])) for p in s.points] for s in document.finished_strokes]

    def prepare(self, _frame: Frame) -> None:
        """Nothing."""

    def step(self, frame: Frame, _prepared: None) -> None:
        """Convert, find hands, draw all lines anew."""
        image = frame.image_bgr.copy()
        result = self._hands.process(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
        if result.multi_hand_landmarks:
            tip = result.multi_hand_landmarks[0].landmark[8]
            self._lines[-1].append((int(tip.x * image.shape[1]), int(tip.y * image.shape[0])))
        for line in self._lines:
            for start, end in pairwise(line):
                cv2.line(image, start, end, (0, 0, 255), 5)


def fill(document: Document, drawing: Drawing, canvas_wh: tuple[int, int]) -> None:
    """Put scribbles on the sheet that cover it evenly, however many they are."""
    rng = np.random.default_rng(0)
    size, each = np.array(canvas_wh), drawing.points // drawing.strokes
    for number in range(drawing.strokes):
        reach = size / 2 if drawing.strokes == 1 else size / 12
        center = size / 2 if drawing.strokes == 1 else rng.uniform(size * 0.05, size * 0.95)
        angle = np.linspace(0, 2 * np.pi, each) * (1 + number % 3)
        points = np.clip(center + np.stack([np.cos(angle), np.sin(angle)], 1) * reach * 0.95, 1, size - 2)
        document.begin_stroke((*map(float, points[0]), 0.0), (20, 20, 20), canvas_wh[1] * 0.011)
        for i, point in enumerate(points[1:]):
            document.extend_stroke((float(point[0]), float(point[1]), i / FPS))
        document.end_stroke()


def frames_of(images: Sequence[UInt8Array], canvas_wh: tuple[int, int], count: int) -> list[Frame]:
    """Play the pictures forth and back until there are enough, in the wanted size."""
    sized = [np.asarray(cv2.resize(image, canvas_wh), dtype=np.uint8) for image in images]
    round_trip = sized + sized[::-1]
    return [Frame(round_trip[i % len(round_trip)], i / FPS, i) for i in range(count)]


def time_side_by_side(loops: Sequence[Any], frames: Sequence[Frame]) -> list[float]:
    """Give every frame to every loop, in turns, and return each loop's median in ms.

    In turns, so that whatever else the machine does meets all of them alike.
    """
    taken: list[list[float]] = [[] for _ in loops]
    for number, frame in enumerate(frames):
        order = list(range(len(loops)))
        for which in order if number % 2 else order[::-1]:
            prepared = loops[which].prepare(frame)
            begin_s = time.perf_counter()
            loops[which].step(frame, prepared)
            taken[which].append(time.perf_counter() - begin_s)
    return [1000.0 * float(np.median(times[WARM_UP_FRAMES:])) for times in taken]


def time_drawing_alone(frames: Sequence[Frame], drawing: Drawing) -> Callable[[], float]:
    """Return a measurement of the loop without the hand model: the part that a drawing could slow down."""
    height_px, width_px = frames[0].image_bgr.shape[:2]
    loop = OurLoop((width_px, height_px), drawing)
    observations = [loop._tracker.detect(frame) for frame in frames]

    def measure() -> float:
        times = []
        for frame, hand in zip(frames, observations, strict=True):
            loop._tracker.detect = lambda _frame, hand=hand: hand  # type: ignore[method-assign,misc]
            begin_s = time.perf_counter()
            loop.step(frame, None)
            times.append(time.perf_counter() - begin_s)
        return 1000.0 * float(np.median(times[WARM_UP_FRAMES:]))

    return measure
