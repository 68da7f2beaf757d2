"""The loop itself: frames, mouse and keys to the desk, its state to the window."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from air_sketch.desk.desk import Desk
from air_sketch.desk.events import Tone
from air_sketch.desk.sitting import PenPoint
from air_sketch.hands.sighting import CameraEnded, CameraStopped, Sighting, TrackerFailed
from air_sketch.hands.vision import Vision
from air_sketch.window.highgui import HighGuiWindow
from air_sketch.window.parts.frame_view import FrameView
from air_sketch.window.pointer import Pointer
from air_sketch.window.screen import Screen

LOG = logging.getLogger(__name__)

KEY_WAIT_MS = 3  # how long a new frame may lie before it is noticed
# Without new frames (mouse, end of a video) the screen is still drawn this often, for blinking and news.
IDLE_REDRAW_EVERY_S = 1 / 30


@dataclass
class LiveLoop:
    """Everything that runs, and the turning of it; the parts are made by ``app.run_live``.

    There is no ``vision`` when the mouse draws; ``stopped`` tells whether the program has been asked to end.
    """

    window: HighGuiWindow
    screen: Screen
    view: FrameView
    desk: Desk
    vision: Vision | None
    stopped: Callable[[], bool]
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._started_s = self.clock()
        self._last_shown_s = -1.0
        self._has_seen = self.vision is None
        self._camera_away = False
        self._pointer = Pointer(draws=self.vision is None)

    def run(self) -> None:
        """Turn until the user leaves; the drawing is saved on the way out, whatever happens."""
        try:
            while not self.desk.is_left and not self.stopped() and self.window.is_open():
                self.turn()
            self._take_mouse()  # what was drawn in the moment before the window was closed
        finally:
            self.desk.keep_drawing()

    def turn(self) -> None:
        """Take all news, and draw when there is something to show."""
        fresh = self._take_vision()
        self._take_mouse()
        self.desk.take_news()
        now_s = self.clock()
        if fresh or now_s - self._last_shown_s >= IDLE_REDRAW_EVERY_S:
            self._show()
            self._last_shown_s = now_s
            if self._has_seen:  # the gallery loads once a hand could be seen, so that it delays nothing
                self.desk.worker.start()
        key = self.window.next_key(KEY_WAIT_MS)
        while key is not None and not self.desk.is_left:
            self.desk.take(key)
            key = self.window.next_key(1)

    def _take_vision(self) -> bool:
        """Take what the camera side says; return whether it said something."""
        events = [] if self.vision is None else self.vision.take()
        for event in events:
            match event:
                case Sighting():
                    self._see(event)
                case CameraStopped(reason):
                    LOG.warning("%s", reason)
                    self._camera_away = True
                    self.desk.sitting.pause()
                    self.view.rest("The camera has stopped", reason)
                    self.desk.tell(reason, Tone.ERROR)
                case CameraEnded():
                    LOG.info("the video has ended after %.1f s", self.desk.sitting.t_s)
                    self.desk.sitting.pause()
                    self.view.rest()
                    self.desk.tell("The video has ended. The drawing stays: type, search, save")
                case TrackerFailed(error):
                    raise error
        return bool(events)

    def _see(self, sighting: Sighting) -> None:
        self.view.take_frame(sighting.frame.image_bgr, self.clock())
        if self._camera_away:
            self._camera_away = False
            self.desk.tell("The camera is back", Tone.DONE)
        if not sighting.tracked:
            self.desk.tell("Loading the hand model…", Tone.BUSY)
            return
        if sighting.low_light and not self.view.low_light:
            self.desk.tell("It is dark: a lamp in front of you helps to find your hand")
        self.view.low_light = sighting.low_light
        self.desk.tell(self.desk.sitting.see(sighting), Tone.ERROR)
        self.view.result = self.desk.sitting.result
        self._has_seen = True

    def _take_mouse(self) -> None:
        for event in self.window.take_mouse_events():
            taken = self._pointer.take(event, self.screen.layout)
            if isinstance(taken, PenPoint):
                self.desk.tell(self.desk.sitting.point(taken, event.t_s - self._started_s), Tone.ERROR)
                self.view.result = self.desk.sitting.result
            elif taken is not None:
                self.desk.take(taken)

    def _show(self) -> None:
        sitting, view = self.desk.sitting, self.view
        pens = sitting.session.pens
        view.pen_rgb, view.pen_width_px, view.recording = pens.color_rgb, pens.width_px, sitting.tape.is_running
        self.window.show(
            self.screen.compose(self.window.window_wh, self.desk.state, view, sitting.document, self.clock())
        )
