"""The picture part of the loop: background, ink, hand, speed, message -> window picture."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from air_sketch.camera.paper import make_paper
from air_sketch.desk.state import DeskState
from air_sketch.drawing.ink.rendering import InkLayer
from air_sketch.drawing.sheet.document import Document
from air_sketch.values.datatypes import WHOLE_PICTURE, BoxNorm, Rgb, StepResult, UInt8Array
from air_sketch.window.brushes.layout import Layout
from air_sketch.window.parts.frame_view import FrameView
from air_sketch.window.screen import Screen

FPS_OVER_S = 1.5


def part_in_box(image_bgr: UInt8Array, box_norm: BoxNorm) -> UInt8Array:
    """Return the box's part of a picture, at least a pixel of it; nothing is copied."""
    if box_norm == WHOLE_PICTURE:
        return image_bgr
    height, width = image_bgr.shape[:2]
    left, right = round(box_norm[0] * width), round(box_norm[2] * width)
    top, bottom = round(box_norm[1] * height), round(box_norm[3] * height)
    return image_bgr[top : max(bottom, top + 1), left : max(right, left + 1)]


class Scene:
    """Holds what the next picture is made of."""

    def __init__(
        self,
        screen: Screen,
        *,
        looks_for_hand: bool,
        active_box_norm: BoxNorm = WHOLE_PICTURE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start with empty paper.

        Args:
            screen: composes the picture.
            looks_for_hand: False for the mouse.
            active_box_norm: the part of the camera picture that covers the canvas; only that is shown, so that
                the cursor stays on the fingertip.
            clock: seconds.
        """
        self.screen = screen
        self._clock = clock
        self._looks_for_hand = looks_for_hand
        self._active_box_norm = active_box_norm
        canvas_wh = screen.layout.canvas_wh
        self._window_wh = screen.layout.window_wh
        self._ink = InkLayer(canvas_wh, _view_wh(screen))
        self._background = make_paper(canvas_wh)
        self._result: StepResult | None = None
        self._message, self._detail = "", ""
        self.low_light = False
        self._frame_times: deque[float] = deque()

    def set_background(self, image_bgr: UInt8Array) -> None:
        """Take a camera frame, and count it; nobody may change it until the next one."""
        self._background = part_in_box(image_bgr, self._active_box_norm)
        now_s = self._clock()
        self._frame_times.append(now_s)
        while now_s - self._frame_times[0] > FPS_OVER_S:
            self._frame_times.popleft()

    def set_result(self, result: StepResult | None) -> None:
        """Take what the session says of hand and pen."""
        self._result = result

    def set_message(self, message: str, detail: str = "") -> None:
        """Put words in the middle of the view; "" takes them away."""
        self._message, self._detail = message, detail

    def rest(self) -> None:
        """The frames have ended: no hand, no speed."""
        self._result = None
        self._frame_times.clear()

    def compose(
        self,
        window_wh: tuple[int, int],
        state: DeskState,
        document: Document,
        pen: tuple[Rgb, float],
        *,
        recording: bool,
    ) -> UInt8Array:
        """Compose the window picture.

        Args:
            window_wh: the window's inner size now.
            state: captions, results, messages.
            document: the drawing.
            pen: ink in use, and its width in canvas pixels.
            recording: whether the session is being recorded.
        """
        if window_wh != self._window_wh:
            self._window_wh = window_wh
            self.screen.resize(Layout.for_window(window_wh, self.screen.layout.canvas_wh))
            if self._ink.view_wh != _view_wh(self.screen):
                self._ink = InkLayer(self.screen.layout.canvas_wh, _view_wh(self.screen))
        self._ink.update(document.finished_strokes, document.wet_stroke)
        return self.screen.compose(state, self._view(pen, recording), self._clock())

    def _view(self, pen: tuple[Rgb, float], recording: bool) -> FrameView:
        result = self._result
        seen = result is not None and result.hand_seen
        return FrameView(
            self._background,
            ink=self._ink,
            tool_state="lost" if result is None else result.tool_state,
            hand_seen=seen if self._looks_for_hand else None,
            tip_px=None if result is None else result.tip_px,
            palm_px=None if result is None else result.palm_px,
            eraser_radius_px=0.0 if result is None else result.eraser_radius_px,
            select_progress=0.0 if result is None else result.select_progress,
            select_color_rgb=None if result is None else result.select_color_rgb,
            pen_color_rgb=pen[0],
            pen_width_px=pen[1],
            fps=self._fps(),
            recording=recording,
            low_light=self.low_light,
            message=self._message,
            message_detail=self._detail,
        )

    def _fps(self) -> float:
        if len(self._frame_times) < 2:
            return 0.0
        span_s = self._frame_times[-1] - self._frame_times[0]
        return (len(self._frame_times) - 1) / span_s if span_s > 0 else 0.0


def _view_wh(screen: Screen) -> tuple[int, int]:
    return screen.layout.view.w, screen.layout.view.h
