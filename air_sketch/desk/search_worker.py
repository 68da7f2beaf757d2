"""The gallery search on a thread of its own, so that drawing never waits for it, and when live hits are asked for.

The thread first loads the search (seconds: torch), then answers queries; of several waiting ones only
the latest counts. It is a daemon: quitting never waits for an import to end.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import sys
import threading
from dataclasses import replace

from air_sketch.desk.errands import explain
from air_sketch.desk.events import (
    HitsArrived,
    SearchChanged,
    SearchEvent,
    SearchFailed,
    SearchPhase,
    SearchQuery,
    SuggestionsArrived,
)
from air_sketch.values.datatypes import Strokes
from air_sketch.values.ports import SearchLoader, SketchSearch
from air_sketch.values.scheduling import BACKGROUND_NICENESS

LOG = logging.getLogger(__name__)

SETTLE_S = 0.12
"""A drawing that changes this often (erasing, several undos) is asked for once, when it rests."""
WORD_PAUSE_S = 0.6
"""A word without a space after it counts as typed after this pause."""


class SearchWorker:
    """Loads and asks the gallery search in the background."""

    def __init__(self, loader: SearchLoader) -> None:
        """Args: loader: builds the search; called once, on the background thread."""
        self._loader = loader
        self._events: queue.SimpleQueue[SearchEvent] = queue.SimpleQueue()
        self._queries: queue.SimpleQueue[SearchQuery | str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="gallery search", daemon=True)

    def start(self) -> None:
        """Begin loading; once is enough."""
        if self._thread.ident is None:
            self._thread.start()

    def request(self, query: SearchQuery) -> None:
        """Ask for a search; it replaces one that has not begun, and waits until loading is done."""
        self._queries.put(query)

    def suggest(self, typed: str) -> None:
        """Ask how the gallery continues a caption; of several waiting ones the latest is answered."""
        self._queries.put(typed)

    def poll(self) -> list[SearchEvent]:
        """Return what has happened since the last call, oldest first; never waits."""
        return [self._events.get_nowait() for _ in range(self._events.qsize())]

    def stop(self, timeout_s: float = 0.3) -> bool:
        """Ask the thread to end; False when it is still inside a long import or search after ``timeout_s``."""
        self._queries.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        tell = self._events.put

        def report(note: str, done: float | None) -> None:
            # Counted work comes after the imports, whose locks drawing would wait for if they stood back.
            if done is not None:
                _lower_priority()
            tell(SearchChanged(SearchPhase.LOADING, note, done))

        try:
            search = self._loader(report)
        except BaseException as error:  # packages in Rust panic past Exception, and nobody else would hear of it
            tell(SearchChanged(SearchPhase.FAILED, explain(error, "The gallery search failed to load")))
            return
        _lower_priority()
        LOG.info("search ready: %s", search.description)
        tell(SearchChanged(SearchPhase.READY, search.description))
        while (asked := self._latest()) is not None:
            typed, query = asked
            if typed:
                with contextlib.suppress(BaseException):  # nobody misses suggestions that do not come
                    tell(SuggestionsArrived(typed, search.suggest(typed)))
            if query:
                tell(_answer(search, query))

    def _latest(self) -> tuple[str, SearchQuery | None] | None:
        """Wait; return the latest caption to be continued, "" for none, and the latest query; None at the end."""
        typed, query = "", None
        while True:
            match self._queries.get():
                case None:
                    return None
                case str(caption):
                    typed = caption
                case asked:
                    query = asked
            if self._queries.empty():
                return typed, query


class LiveTrigger:
    """Tells when the finished strokes or the typed words have become others than were asked for last."""

    def __init__(self) -> None:
        self._asked: tuple[Strokes, str] = ((), "")
        self._seen: tuple[Strokes, str] = ((), "")
        self._seen_s = 0.0

    def due(self, strokes: Strokes, line: str, t_s: float, *, typing: bool) -> str | None:
        """Look at the finished strokes and the caption, which may be being typed, at ``t_s`` seconds, monotonic.

        Returns:
            The words to ask with now, None when there is nothing new to ask.
        """
        if (strokes, line) != self._seen:
            self._seen, self._seen_s = (strokes, line), t_s
        rested_s = t_s - self._seen_s
        is_whole = not typing or rested_s >= WORD_PAUSE_S
        words = (line if is_whole else line[: line.rfind(" ") + 1]).strip()
        if (strokes, words) == self._asked or (strokes != self._asked[0] and rested_s < SETTLE_S):
            return None
        self._asked = (strokes, words)
        return words

    def note(self, strokes: Strokes, words: str) -> None:
        """Somebody asked aloud with these."""
        self._asked = (strokes, words)


def _answer(search: SketchSearch, query: SearchQuery) -> SearchEvent:
    caption = query.request.caption
    try:
        answer = search.search(replace(query.request, picture_rgb=query.make_picture()))
    except BaseException as error:
        return SearchFailed(explain(error, "The search failed"))
    first = f", first: {answer.cards[0].title}" if answer.cards else ""
    note = f" ({answer.note})" if answer.note else ""
    what = "search again" if query.quiet else "search"
    LOG.info("%s %r: %d hits%s%s", what, caption, len(answer.cards), first, note)
    return HitsArrived(query, answer)


def _lower_priority() -> None:
    """Let the threads that draw go first; Linux alone counts niceness per thread."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BACKGROUND_NICENESS)
