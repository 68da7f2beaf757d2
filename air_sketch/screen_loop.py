"""The loop itself: news in, session and screen state forward, picture out."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from air_sketch.background import SearchQuery, SearchWorker
from air_sketch.datatypes import Stroke, UInt8Array
from air_sketch.errors import AirSketchError
from air_sketch.keys import Key
from air_sketch.rendering import InkLayer, render_paper
from air_sketch.screen import Screen
from air_sketch.screen_errands import Errands, open_card, rescue_sketch, save_sketch
from air_sketch.screen_layout import Layout
from air_sketch.screen_pointer import Pointer
from air_sketch.screen_sources import make_paper
from air_sketch.screen_state import (
    Action,
    Command,
    Event,
    HitsArrived,
    KeyPressed,
    Notice,
    OpenCard,
    RunSearch,
    ScreenState,
    SearchFailed,
    SearchLoading,
    SearchPhase,
    SearchReady,
    SearchStarted,
    Status,
    Tick,
    Tone,
    advance,
)
from air_sketch.screen_tape import Tape
from air_sketch.screen_view import FrameView
from air_sketch.screen_vision import CameraEnded, CameraStopped, Sighting, TrackerFailed, Vision, VisionEvent
from air_sketch.session import Session, StepResult
from air_sketch.window import MouseEvent

LOG = logging.getLogger(__name__)

HITS_ASKED = 27  # three pages
KEY_WAIT_MS = 3  # how long a new frame may lie before it is noticed
# Without new frames (mouse, end of a video) the screen is still drawn this often, for blinking and news.
IDLE_REDRAW_EVERY_S = 1 / 30
FPS_OVER_S = 1.5


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
    """Everything that runs, and the turning of it; the parts are made by ``app.run_live``."""

    window: LiveWindow
    screen: Screen
    session: Session
    pointer: Pointer
    vision: Vision | None
    worker: SearchWorker | None
    errands: Errands
    tape: Tape
    sketches: Path
    stopped: Callable[[], bool]
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        """Prepare the picture and the state."""
        canvas_wh = self.screen.layout.canvas_wh
        self.state = ScreenState(search_phase=SearchPhase.ABSENT if self.worker is None else SearchPhase.LOADING)
        self._ink = InkLayer(canvas_wh)
        self._background = make_paper(canvas_wh)
        self._picture = np.empty_like(self._background)
        self._result: StepResult | None = None
        self._message = "" if self.vision is None else "Starting the camera and the hand model"
        self._detail = ""
        self._frame_times: deque[float] = deque()
        self._session_t_s = 0.0
        self._last_shown_s = -1.0
        self._saved: tuple[Stroke, ...] = ()
        self._worker_started = False
        self._quit = False
        self._started_s = self.clock()

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
        now_s = self.clock()
        if fresh or now_s - self._last_shown_s >= IDLE_REDRAW_EVERY_S:
            self._take(Tick())
            self._show(now_s)
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
        self._take(Notice(Status(text, tone)))

    def _do(self, action: Action) -> None:
        match action:
            case RunSearch(caption):
                self._search(caption)
            case OpenCard(card):
                self.errands.submit(lambda: open_card(card))
            case Command.SAVE:
                self._save()
            case Command.QUIT:
                self._quit = True
            case Command.CLEAR | Command.UNDO | Command.REDO:
                self._change_drawing(action)

    def _change_drawing(self, command: Command) -> None:
        if self.session.apply_key(command.value, self._now_in_session_s()):
            self.tape.note_key(command.value)
            words = {Command.CLEAR: "Cleared. Z brings it back", Command.UNDO: "Undone. Y does it again"}
            self._tell(words.get(command, "Done again"), Tone.DONE)
        else:
            self._tell(f"Nothing to {command.value}")

    def _search(self, caption: str) -> None:
        strokes = self.session.document.strokes
        if not strokes and not caption:
            self._tell("Draw something, or press T and type what you look for")
        elif self.worker is None:
            self._tell("No gallery is connected", Tone.ERROR)
        else:
            canvas_wh = self.screen.layout.canvas_wh
            picture = (lambda: render_paper(strokes, canvas_wh)) if strokes else (lambda: None)
            self.worker.request(SearchQuery(picture, caption, HITS_ASKED))
            self._take(SearchStarted())

    def _save(self) -> None:
        strokes, canvas_wh = self.session.document.strokes, self.screen.layout.canvas_wh
        if not strokes:
            self._tell("Nothing to save yet")
            return

        def save() -> Status:
            path = save_sketch(strokes, canvas_wh, self.sketches)
            self._saved = strokes
            return Status(f"Saved {path} with .svg and .json", Tone.DONE)

        self.errands.submit(save)

    def _take_vision(self) -> bool:
        """Take frames; return whether there was one."""
        if self.vision is None:
            return False
        events = self.vision.take()
        for event in events:
            self._see(event)
        return any(isinstance(event, Sighting) for event in events)

    def _see(self, event: VisionEvent) -> None:
        match event:
            case Sighting():
                self._see_frame(event)
            case CameraStopped(reason):
                LOG.warning("%s", reason)
                self._message, self._detail = "The camera has stopped", reason
                self._tell(reason, Tone.ERROR)
            case CameraEnded():
                LOG.info("the video has ended after %.1f s", self._session_t_s)
                self.session.finish(self._session_t_s)
                self._frame_times.clear()
                self._tell("The video has ended. The drawing stays: type, search, save")
            case TrackerFailed(error):
                raise error

    def _see_frame(self, sighting: Sighting) -> None:
        frame = sighting.frame
        self._message, self._detail = "", ""
        self._background = frame.image_bgr
        self._count_frame()
        if not sighting.tracked:
            self._tell("Loading the hand model…", Tone.BUSY)
            return
        self._session_t_s = frame.t_s
        for name in sighting.keys:
            self.session.apply_key(name, frame.t_s)
            self.tape.note_key(name)
        if sighting.pointer is not None:
            x_px, y_px, pressed, erase = sighting.pointer
            self._result = self.session.step_pointer(x_px, y_px, pressed, frame.t_s, erase=erase)
        else:
            self._result = self.session.step(sighting.observation, frame.t_s)
        self._record(frame.t_s, sighting)

    def _record(self, t_s: float, sighting: Sighting) -> None:
        trouble = self.tape.write(t_s, sighting.observation, sighting.pointer)
        if trouble:
            self._tell(trouble, Tone.ERROR)

    def _take_mouse(self, event: MouseEvent) -> None:
        t_s = max(self._session_t_s, event.t_s - self._started_s) if self.vision is None else self._session_t_s
        result, click = self.pointer.step(event, self.screen.layout, t_s)
        if click is not None:
            self._take(click)
        if result is not None and result.tip_px is not None:
            self._session_t_s, self._result = t_s, result
            pressed, erase = result.tool_state in {"draw", "erase"}, result.tool_state == "erase"
            trouble = self.tape.write(t_s, None, (*result.tip_px, pressed, erase))
            if trouble:
                self._tell(trouble, Tone.ERROR)

    def _take_background(self) -> None:
        for status in self.errands.poll():
            self._take(Notice(status))
        for event in self.worker.poll() if self.worker is not None else ():
            _log_search(event)
            self._take(event)

    def _start_worker(self) -> None:
        """Begin loading the gallery once the first frame has been seen, so that it delays nothing."""
        if self.worker is None or self._worker_started or (self.vision is not None and self._result is None):
            return
        self._worker_started = True
        self.worker.start()

    def _count_frame(self) -> None:
        now_s = self.clock()
        self._frame_times.append(now_s)
        while self._frame_times and now_s - self._frame_times[0] > FPS_OVER_S:
            self._frame_times.popleft()

    def _fps(self) -> float:
        if len(self._frame_times) < 2:
            return 0.0
        span_s = self._frame_times[-1] - self._frame_times[0]
        return (len(self._frame_times) - 1) / span_s if span_s > 0 else 0.0

    def _now_in_session_s(self) -> float:
        return self._session_t_s if self.vision is not None else self.clock() - self._started_s

    def _show(self, now_s: float) -> None:
        canvas_wh = self.screen.layout.canvas_wh
        layout = Layout.for_window(self.window.window_wh, canvas_wh)
        self.screen.resize(layout)
        if self._background.shape != self._picture.shape:
            self._picture = np.empty_like(self._background)
        np.copyto(self._picture, self._background)
        document = self.session.document
        self._ink.update(document.finished_strokes, document.wet_stroke)
        self._ink.blend_onto(self._picture)
        self.window.show(self.screen.compose(self.state, self._frame_view(), now_s))
        self._last_shown_s = now_s

    def _frame_view(self) -> FrameView:
        result = self._result
        common = FrameView(
            self._picture,
            pen_color_rgb=self.session.pen_color_rgb,
            hand_seen=None if self.vision is None else False,
            fps=self._fps(),
            recording=self.tape.is_running,
            message=self._message,
            message_detail=self._detail,
        )
        if result is None:
            return common
        return FrameView(
            self._picture,
            tool_state=result.tool_state,
            hand_seen=None if self.vision is None else result.hand_seen,
            pen_color_rgb=self.session.pen_color_rgb,
            tip_px=result.tip_px,
            palm_px=result.palm_px,
            eraser_radius_px=result.eraser_radius_px,
            select_progress=result.select_progress,
            select_color_rgb=result.select_color_rgb,
            fps=common.fps,
            recording=common.recording,
            message=self._message,
            message_detail=self._detail,
        )

    def _keep_drawing(self) -> None:
        """End what is going on, and save a drawing that has not been saved."""
        self.session.finish(self._now_in_session_s())
        self.tape.close(self._session_t_s)
        self.errands.finish()
        strokes = self.session.document.strokes
        if strokes and strokes != self._saved:
            try:
                path = rescue_sketch(strokes, self.screen.layout.canvas_wh, self.sketches)
                LOG.warning("The drawing was not saved yet, so it is now: %s", path)
            except AirSketchError as error:
                LOG.error("The drawing could not be saved: %s", error)


def _log_search(event: Event) -> None:
    """Keep a readable trace of the search on stderr."""
    match event:
        case HitsArrived(caption, cards):
            first = f", first: {cards[0].title}" if cards else ""
            LOG.info("search %r: %d hits%s", caption, len(cards), first)
        case SearchReady(description):
            LOG.info("search ready: %s", description)
        case SearchFailed(reason):
            LOG.warning("search failed: %s", reason)
        case SearchLoading(progress):
            LOG.debug("%s", progress.message)
