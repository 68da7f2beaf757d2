"""The desk itself: its state, and the doing of what events ask for. A face feeds it and shows what it knows."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from air_sketch.desk.advance import advance
from air_sketch.desk.errands import Errands, open_card
from air_sketch.desk.events import (
    Action,
    Asked,
    Command,
    Event,
    Notice,
    OpenCard,
    RunSearch,
    SearchPhase,
    Status,
    Tone,
)
from air_sketch.desk.recovery_offer import Offer
from air_sketch.desk.search_desk import SearchDesk
from air_sketch.desk.search_worker import SearchWorker
from air_sketch.desk.sitting import Sitting
from air_sketch.desk.state import DeskState
from air_sketch.values.errors import AirSketchError
from air_sketch.voice.events import VoiceChanged
from air_sketch.voice.listener import Listener

LOG = logging.getLogger(__name__)


@dataclass
class Desk:
    """Everything behind a face; nothing here waits.

    Attributes:
        sitting: takes hand, pointer and drawing keys.
        worker: the gallery search; None for drawing alone.
        errands: saves and opens in the background.
        offer: a drawing that a crash has left behind; None for none.
        listener: takes spoken captions; None without speech.
        clock: seconds, monotonic.
    """

    sitting: Sitting
    worker: SearchWorker | None
    errands: Errands
    offer: Offer | None = None
    listener: Listener | None = None
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        """Begin with nothing asked."""
        phase = SearchPhase.ABSENT if self.worker is None else SearchPhase.LOADING
        self.state = DeskState(search_phase=phase, question=self.offer.question if self.offer else None)
        self.is_left = False
        self._search = SearchDesk(self.worker)
        self._worker_started = False

    def take(self, event: Event) -> None:
        """Take one event, and do what follows from it."""
        self.state, actions = advance(self.state, event, self.clock())
        for action in actions:
            self._do(action)

    def tell(self, text: str, tone: Tone = Tone.HINT) -> None:
        """Tell the user something; "" is nothing."""
        if text:
            self.take(Notice(Status(text, tone)))

    def take_news(self) -> None:
        """Take what has happened in the background."""
        for status in self.errands.poll():
            self.take(Notice(status))
        for spoken in self.listener.poll() if self.listener is not None else ():
            self.take(spoken)
        for event in self._search.news():
            self.take(event)
        self._search.refresh(self.state, self.sitting, self.clock())
        if self.offer is not None and self.sitting.document.finished_strokes:  # drawing on is an answer, too
            self.take(Asked(None))
            self._answer_offer(take_back=False)

    def start_search(self) -> None:
        """Begin loading the gallery; once is enough."""
        if self.worker is not None and not self._worker_started:
            self._worker_started = True
            self.worker.start()

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
                self.take(self._search.ask(action, self.state, self.sitting))
            case OpenCard(card):
                self.errands.submit(lambda: open_card(card))
            case Command.SAVE:
                self._save()
            case Command.QUIT:
                self.is_left = True
            case Command.LISTEN | Command.STOP_LISTENING | Command.CANCEL_LISTENING:
                self._listen(action)
            case Command.TAKE_BACK | Command.LEAVE:
                self._answer_offer(take_back=action is Command.TAKE_BACK)
            case _:
                self.take(Notice(self.sitting.change(action)))

    def _answer_offer(self, *, take_back: bool) -> None:
        offer, self.offer = self.offer, None
        if offer is not None:
            self.take(Notice(offer.take_back() if take_back else offer.leave()))

    def _listen(self, command: Command) -> None:
        if self.listener is None:
            self.tell("No speech recogniser is connected: T types the words", Tone.ERROR)
        elif command is Command.LISTEN:
            self.listener.start()
        elif command is Command.STOP_LISTENING:
            self.listener.stop()
        else:
            self.listener.cancel()
            self.take(VoiceChanged(None))

    def _save(self) -> None:
        strokes = self.sitting.document.strokes
        if strokes:
            self.errands.submit(lambda: self.sitting.save(strokes))
        else:
            self.tell("Nothing to save yet")
