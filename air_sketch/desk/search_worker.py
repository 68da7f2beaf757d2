"""The gallery search on a thread of its own, so that drawing never waits for it.

The thread first loads the search (seconds: torch), then answers queries; of several waiting ones only
the latest counts. It is a daemon: quitting never waits for an import to end.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
from dataclasses import replace

from air_sketch.desk.events import (
    HitsArrived,
    SearchEvent,
    SearchFailed,
    SearchLoading,
    SearchQuery,
    SearchReady,
    SearchUnavailable,
)
from air_sketch.values.datatypes import Progress
from air_sketch.values.errors import AirSketchError
from air_sketch.values.ports import SearchLoader, SketchSearch
from air_sketch.values.scheduling import BACKGROUND_NICENESS

LOG = logging.getLogger(__name__)


class SearchWorker:
    """Loads and asks the gallery search in the background."""

    def __init__(self, loader: SearchLoader) -> None:
        """Args: loader: builds the search; called once, on the background thread."""
        self._loader = loader
        self._events: queue.SimpleQueue[SearchEvent] = queue.SimpleQueue()
        self._wake = threading.Condition()
        self._latest: SearchQuery | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="gallery search", daemon=True)

    def start(self) -> None:
        """Begin loading."""
        self._thread.start()

    def request(self, query: SearchQuery) -> None:
        """Ask for a search; it replaces one that has not begun, and waits until loading is done."""
        with self._wake:
            self._latest = query
            self._wake.notify()

    def poll(self) -> list[SearchEvent]:
        """Return what has happened since the last call, oldest first; never waits."""
        news: list[SearchEvent] = []
        while True:
            try:
                news.append(self._events.get_nowait())
            except queue.Empty:
                return news

    def stop(self, timeout_s: float = 0.3) -> bool:
        """Ask the thread to end.

        Args:
            timeout_s: how long to wait for it.
        Returns:
            False when it is still inside a long import or search.
        """
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        _lower_priority()
        search = self._load()
        while search is not None:
            query = self._next_query()
            if query is None:
                return
            self._events.put(_answer(search, query))

    def _load(self) -> SketchSearch | None:
        try:
            self._events.put(SearchLoading(Progress("Loading the gallery search")))
            search = self._loader(self._report)
            self._events.put(SearchReady(search.description))
            return search
        except _Stopped:
            return None
        except AirSketchError as error:
            LOG.warning("gallery search: %s", error)
            self._events.put(SearchUnavailable(str(error)))
        except Exception as error:
            LOG.exception("gallery search failed to load")
            self._events.put(SearchUnavailable(f"The gallery search failed to load: {_one_line(error)}"))
        return None

    def _report(self, progress: Progress) -> None:
        if self._stopping:
            raise _Stopped
        self._events.put(SearchLoading(progress))

    def _next_query(self) -> SearchQuery | None:
        with self._wake:
            while self._latest is None and not self._stopping:
                self._wake.wait()
            query, self._latest = self._latest, None
            return None if self._stopping else query


class _Stopped(Exception):
    """Unwinds a loader that reports progress after the face has gone."""


def _answer(search: SketchSearch, query: SearchQuery) -> SearchEvent:
    try:
        cards = search.search(replace(query.request, picture_rgb=query.make_picture()))
        return HitsArrived(query.request.caption, tuple(cards), query)
    except AirSketchError as error:
        return SearchFailed(str(error))
    except Exception as error:
        LOG.exception("search failed")
        return SearchFailed(f"The search failed: {_one_line(error)}")


def _one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]


def _lower_priority() -> None:
    """Let the threads that draw go first; Linux alone counts niceness per thread."""
    if sys.platform == "linux":
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BACKGROUND_NICENESS)
        except OSError:
            LOG.debug("cannot lower the priority of the search thread")
