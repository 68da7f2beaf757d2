"""The desk itself: its state, and the doing of what events ask for. A face feeds it and shows what it knows."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace

from air_sketch.desk.advance import advance
from air_sketch.desk.errands import Errands, open_card
from air_sketch.desk.events import (
    Action,
    Event,
    HitsArrived,
    Question,
    RunSearch,
    SearchPhase,
    SearchQuery,
    Status,
    Tone,
)
from air_sketch.desk.news import wait_for_hits
from air_sketch.desk.search_worker import LiveTrigger, SearchWorker
from air_sketch.desk.sitting import Sitting
from air_sketch.desk.state import CARDS_PER_PAGE, DeskState, forget_old_notice
from air_sketch.drawing.ink.rendering import render_paper
from air_sketch.drawing.keeping.recovery import LostDrawing
from air_sketch.values.datatypes import ResultCard, Strokes
from air_sketch.values.errors import AirSketchError, counted
from air_sketch.voice.events import VoiceChanged
from air_sketch.voice.listener import Listener

LOG = logging.getLogger(__name__)


@dataclass
class Desk:
    """Everything behind a face; nothing here waits. ``lost`` is a drawing that a crash has left behind."""

    sitting: Sitting
    worker: SearchWorker
    errands: Errands
    listener: Listener
    lost: LostDrawing | None = None

    def __post_init__(self) -> None:
        self.state = DeskState(search_phase=SearchPhase.LOADING, question=self._find_question())
        self.is_left = False
        self._live = LiveTrigger()
        self._shown: SearchQuery | None = None

    def take(self, event: Event) -> None:
        """Take one event, and do what follows from it."""
        before = self.state.caption
        self.state, actions = advance(self.state, event, time.monotonic())
        if self.state.editing and self.state.caption != before:
            self.worker.suggest(self.state.caption)
        for action in actions:
            self._do(action)

    def tell(self, text: str, tone: Tone = Tone.HINT) -> None:
        """Tell the user something; "" is nothing."""
        if text:
            self.take(Status(text, tone))

    def take_news(self) -> None:
        """Take what has happened in the background."""
        for event in (*self.errands.poll(), *self.listener.poll(), *self.worker.poll()):
            self.take(event)
            if isinstance(event, HitsArrived) and event.query.request.page == 0:
                self._shown = event.query
        self._refresh_hits()
        if self.lost is not None and self.sitting.document.finished_strokes:  # drawing on is an answer, too
            self._answer_offer(take_back=False)
        self.state = forget_old_notice(self.state, time.monotonic())

    def keep_drawing(self) -> None:
        """Wait for saves under way, and save a drawing that has not been saved."""
        self.errands.finish()
        try:
            path = self.sitting.end()
        except AirSketchError as error:
            LOG.error("The drawing could not be saved: %s", error)
            return
        if path is not None:
            LOG.warning("The drawing was not saved yet, so it is now: %s", path)

    def _do(self, action: Action) -> None:
        match action:
            case RunSearch():
                self._search(action)
            case ResultCard():
                self.errands.submit(lambda: open_card(action))
            case "save":
                if strokes := self.sitting.document.strokes:
                    self.errands.submit(lambda: self.sitting.save(strokes))
                else:
                    self.tell("Nothing to save yet")
            case "quit":
                self.is_left = True
            case "listen":
                self.listener.start()
            case "stop listening":
                self.listener.stop()
            case "cancel listening":
                self.listener.cancel()
                self.take(VoiceChanged(None))
            case "take back" | "leave":
                self._answer_offer(take_back=action == "take back")
            case _:
                self.take(self.sitting.change(action))

    def _search(self, action: RunSearch) -> None:
        """Hand a search to the background."""
        strokes, caption = self.sitting.document.strokes, action.caption
        if action.page == 0 and not strokes and not caption and self.state.query.like is None:
            self.tell("Draw something, or press T and type what you look for")
            return
        if action.page > 0 and self._shown is not None:  # of the hits shown, whatever has been drawn since
            request = replace(self._shown.request, page=action.page)
            self.worker.request(replace(self._shown, request=request, quiet=False))
        else:
            self._live.note(strokes, caption)
            self.worker.request(self._query(strokes, caption, quiet=action.quiet))
        if not action.quiet:
            LOG.info("search asked: %r and %d strokes", caption, len(strokes))
            self.state = wait_for_hits(self.state)

    def _refresh_hits(self) -> None:
        """With live hits on, ask again after a finished stroke or word; only the latest request is answered."""
        query = self.state.query
        if not query.live or self.state.search_phase is not SearchPhase.READY:
            return
        strokes = self.sitting.document.finished_strokes
        words = self._live.due(strokes, self.state.caption, time.monotonic(), typing=self.state.editing)
        if words is not None and (strokes or words or query.like is not None):
            self.worker.request(self._query(strokes, words, quiet=True))

    def _query(self, strokes: Strokes, caption: str, *, quiet: bool) -> SearchQuery:
        canvas_wh = self.sitting.session.canvas_wh
        picture = (lambda: render_paper(strokes, canvas_wh)) if strokes else (lambda: None)
        return SearchQuery(picture, self.state.query.request(caption, CARDS_PER_PAGE), quiet)

    def _find_question(self) -> Question | None:
        """Ask for a lost drawing, but not while recording, which must hold every stroke itself."""
        if self.lost is None:
            return None
        strokes = self.lost.strokes
        count = counted(len(strokes), "stroke")
        found = f"{count}, {time.strftime('%d %B, %H:%M', time.localtime(self.lost.path.stat().st_mtime))}"
        recorded = self.sitting.tape.is_running
        what = "It is offered at the next start without --record" if recorded else "Enter in the window takes it back"
        LOG.warning("An unsaved drawing (%s) waits in %s. %s", found, self.lost.path, what)
        if recorded:
            self.lost.leave()
            self.lost = None
            return None
        return Question(f"It was not saved: {found}", render_paper(strokes, self.lost.canvas_wh))

    def _answer_offer(self, *, take_back: bool) -> None:
        """Put the lost drawing on the sheet, or keep it for a later start."""
        lost, self.lost = self.lost, None
        self.state = replace(self.state, question=None)
        if lost is None:
            return
        if not take_back:
            lost.leave()
            LOG.info("the unsaved drawing stays in %s", lost.path)
            self.tell("The unsaved drawing is kept for the next start")
            return
        lost.restore(self.sitting.document, self.sitting.session.canvas_wh)
        if self.sitting.journal.flush():  # now it is safe there
            lost.remove()
        else:
            lost.leave()
        LOG.info("took the unsaved drawing back: %d strokes", len(self.sitting.document.finished_strokes))
        self.tell("Your drawing is back. S saves it", Tone.DONE)
