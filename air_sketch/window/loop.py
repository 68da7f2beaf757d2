"""The loop itself: news in, session and screen state forward, picture out."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from air_sketch.desk.advance import advance
from air_sketch.desk.errands import Errands, open_card
from air_sketch.desk.events import (
    Action,
    Asked,
    Command,
    Event,
    KeyPressed,
    Notice,
    OpenCard,
    RunSearch,
    SearchPhase,
    Status,
    Tick,
    Tone,
)
from air_sketch.desk.key import Key
from air_sketch.desk.recovery_offer import Offer
from air_sketch.desk.search_desk import SearchDesk
from air_sketch.desk.search_worker import SearchWorker
from air_sketch.desk.sitting import PenPoint, Sitting
from air_sketch.desk.state import DeskState
from air_sketch.hands.sighting import CameraEnded, CameraStopped, Sighting, TrackerFailed, VisionEvent
from air_sketch.hands.vision import Vision
from air_sketch.values.datatypes import UInt8Array
from air_sketch.values.errors import AirSketchError
from air_sketch.voice.events import VoiceChanged
from air_sketch.voice.listener import Listener
from air_sketch.window.highgui import MouseEvent
from air_sketch.window.pointer import Pointer
from air_sketch.window.scene import Scene

LOG = logging.getLogger(__name__)

KEY_WAIT_MS = 3  # how long a new frame may lie before it is noticed
# Without new frames (mouse, end of a video) the screen is still drawn this often, for blinking and news.
IDLE_REDRAW_EVERY_S = 1 / 30


class LiveWindow(Protocol):
    """What the loop needs of a window; see ``HighGuiWindow``."""

    @property
    def window_wh(self) -> tuple[int, int]:
        """Inner size in pixels."""

    def show(self, image_bgr: UInt8Array) -> None:
        """Show one picture."""

    def next_key(self, wait_ms: int) -> Key | None:
        """Return the next key, or None."""

    def take_mouse_events(self) -> list[MouseEvent]:
        """Return what the mouse has done."""

    def is_open(self) -> bool:
        """Tell whether the user has left the window open."""


@dataclass
class LiveLoop:
    """Everything that runs, and the turning of it; the parts are made by ``app.run_live``.

    Attributes:
        window: shows pictures, gives keys and mouse.
        scene: makes the pictures.
        sitting: takes hand, pointer and drawing keys.
        vision: camera and tracker; None when the mouse draws.
        worker: the gallery search; None for drawing alone.
        errands: saves and opens in the background.
        stopped: tells whether the program has been asked to end.
        offer: a drawing that a crash has left behind; None for none.
        listener: takes spoken captions; None without speech.
        clock: seconds, monotonic.
    """

    window: LiveWindow
    scene: Scene
    sitting: Sitting
    vision: Vision | None
    worker: SearchWorker | None
    errands: Errands
    stopped: Callable[[], bool]
    offer: Offer | None = None
    listener: Listener | None = None
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        """Begin with nothing seen."""
        phase = SearchPhase.ABSENT if self.worker is None else SearchPhase.LOADING
        self.state = DeskState(search_phase=phase, question=self.offer.question if self.offer else None)
        if self.vision is not None:
            self.scene.set_message("Starting the camera and the hand model")
        self._started_s = self.clock()
        self._last_shown_s = -1.0
        self._has_seen = self.vision is None
        self._worker_started = False
        self._camera_away = False
        self._desk = SearchDesk(self.worker)
        self._pointer = Pointer(draws=self.vision is None)
        self._quit = False

    def run(self) -> None:
        """Turn until the user leaves; the drawing is saved on the way out, whatever happens."""
        try:
            while not self._quit and not self.stopped() and self.window.is_open():
                self.turn()
        finally:
            self._keep_drawing()

    def turn(self) -> None:
        """Take all news, and draw when there is something to show."""
        fresh = self._take_vision()
        for mouse_event in self.window.take_mouse_events():
            self._take_mouse(mouse_event)
        self._take_background()
        if self.offer is not None and self.sitting.document.finished_strokes:  # drawing on is an answer, too
            self._take(Asked(None))
            self._answer_offer(take_back=False)
        now_s = self.clock()
        if fresh or now_s - self._last_shown_s >= IDLE_REDRAW_EVERY_S:
            self._take(Tick())
            self._show()
            self._last_shown_s = now_s
            self._start_worker()
        key = self.window.next_key(KEY_WAIT_MS)
        while key is not None and not self._quit:
            self._take(KeyPressed(key))
            key = self.window.next_key(1)

    def _take(self, event: Event) -> None:
        self.state, actions = advance(self.state, event, self.clock())
        for action in actions:
            self._do(action)

    def _tell(self, text: str, tone: Tone = Tone.HINT) -> None:
        if text:
            self._take(Notice(Status(text, tone)))

    def _do(self, action: Action) -> None:
        match action:
            case RunSearch():
                self._take(self._desk.ask(action, self.state, self.sitting))
            case OpenCard(card):
                self.errands.submit(lambda: open_card(card))
            case Command.SAVE:
                self._save()
            case Command.QUIT:
                self._quit = True
            case Command.LISTEN | Command.STOP_LISTENING | Command.CANCEL_LISTENING:
                self._listen(action)
            case Command.TAKE_BACK | Command.LEAVE:
                self._answer_offer(take_back=action is Command.TAKE_BACK)
            case _:
                self._take(Notice(self.sitting.change(action)))

    def _answer_offer(self, *, take_back: bool) -> None:
        offer, self.offer = self.offer, None
        if offer is not None:
            self._take(Notice(offer.take_back() if take_back else offer.leave()))

    def _listen(self, command: Command) -> None:
        if self.listener is None:
            self._tell("No speech recogniser is connected: T types the words", Tone.ERROR)
        elif command is Command.LISTEN:
            self.listener.start()
        elif command is Command.STOP_LISTENING:
            self.listener.stop()
        else:
            self.listener.cancel()
            self._take(VoiceChanged(None))

    def _save(self) -> None:
        strokes = self.sitting.document.strokes
        if strokes:
            self.errands.submit(lambda: self.sitting.save(strokes))
        else:
            self._tell("Nothing to save yet")

    def _take_vision(self) -> bool:
        """Take frames; return whether there was one."""
        events = [] if self.vision is None else self.vision.take()
        for event in events:
            self._see(event)
        return any(isinstance(event, Sighting) for event in events)

    def _see(self, event: VisionEvent) -> None:
        match event:
            case Sighting():
                self._see_frame(event)
            case CameraStopped(reason):
                LOG.warning("%s", reason)
                self._camera_away = True
                self.sitting.pause()
                self.scene.rest()
                self.scene.set_message("The camera has stopped", reason)
                self._tell(reason, Tone.ERROR)
            case CameraEnded():
                LOG.info("the video has ended after %.1f s", self.sitting.t_s)
                self.sitting.pause()
                self.scene.rest()
                self._tell("The video has ended. The drawing stays: type, search, save")
            case TrackerFailed(error):
                raise error

    def _see_frame(self, sighting: Sighting) -> None:
        self.scene.set_message("")
        self.scene.set_background(sighting.frame.image_bgr)
        if self._camera_away:
            self._camera_away = False
            self._tell("The camera is back", Tone.DONE)
        if not sighting.tracked:
            self._tell("Loading the hand model…", Tone.BUSY)
            return
        if sighting.low_light and not self.scene.low_light:
            self._tell("It is dark: a lamp in front of you helps to find your hand")
        self.scene.low_light = sighting.low_light
        self._tell(self.sitting.see(sighting), Tone.ERROR)
        self.scene.set_result(self.sitting.result)
        self._has_seen = True

    def _take_mouse(self, event: MouseEvent) -> None:
        match self._pointer.take(event, self.scene.screen.layout):
            case PenPoint() as point:
                self._tell(self.sitting.point(point, event.t_s - self._started_s), Tone.ERROR)
                self.scene.set_result(self.sitting.result)
            case None:
                pass
            case click:
                self._take(click)

    def _take_background(self) -> None:
        for status in self.errands.poll():
            self._take(Notice(status))
        for spoken in self.listener.poll() if self.listener is not None else ():
            self._take(spoken)
        for event in self._desk.news():
            self._take(event)
        self._desk.refresh(self.state, self.sitting, self.clock())

    def _start_worker(self) -> None:
        """Begin loading the gallery once a hand could be seen, so that it delays nothing."""
        if self.worker is not None and not self._worker_started and self._has_seen:
            self._worker_started = True
            self.worker.start()

    def _show(self) -> None:
        sitting = self.sitting
        pen = (sitting.pen_rgb, sitting.pen_width_px)
        picture = self.scene.compose(
            self.window.window_wh, self.state, sitting.document, pen, recording=sitting.is_recorded
        )
        self.window.show(picture)

    def _keep_drawing(self) -> None:
        """Wait for saves under way, and save a drawing that has not been saved."""
        self.errands.finish()
        try:
            path = self.sitting.end()
        except AirSketchError as error:
            LOG.error("The drawing could not be saved: %s", error)
            return
        if path is not None:
            LOG.warning("The drawing was not saved yet, so it is now: %s", path)
