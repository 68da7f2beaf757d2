"""The desk's dealings with the gallery search: asking aloud, asking live, and taking the answers."""

from __future__ import annotations

import logging
from dataclasses import replace

from air_sketch.desk.events import (
    Event,
    HitsArrived,
    Notice,
    RunSearch,
    SearchEvent,
    SearchFailed,
    SearchPhase,
    SearchQuery,
    SearchReady,
    SearchStarted,
    Status,
    Tone,
)
from air_sketch.desk.search_worker import SearchWorker
from air_sketch.desk.sitting import Sitting
from air_sketch.desk.state import CARDS_PER_PAGE, DeskState
from air_sketch.drawing.ink.rendering import render_paper
from air_sketch.values.datatypes import Strokes

LOG = logging.getLogger(__name__)

HITS_ASKED = CARDS_PER_PAGE

SETTLE_S = 0.12
"""A drawing that changes this often (erasing, several undos) is asked for once, when it rests."""
WORD_PAUSE_S = 0.6
"""A word without a space after it counts as typed after this pause."""


class SearchDesk:
    """Makes queries of what is drawn, typed and set, and remembers whose hits are shown."""

    def __init__(self, worker: SearchWorker | None) -> None:
        """Args: worker: answers in the background; None for drawing alone."""
        self._worker = worker
        self._live = LiveTrigger()
        self._shown: SearchQuery | None = None

    def ask(self, action: RunSearch, state: DeskState, sitting: Sitting) -> Event:
        """Hand a search to the background; return what to tell."""
        caption, strokes = action.caption, sitting.document.strokes
        if action.page == 0 and not strokes and not caption and state.query.like is None:
            return Notice(Status("Draw something, or press T and type what you look for"))
        if self._worker is None:
            return Notice(Status("No gallery is connected", Tone.ERROR))
        if action.page > 0 and self._shown is not None:  # of the hits shown, whatever has been drawn since
            request = replace(self._shown.request, page=action.page)
            self._worker.request(SearchQuery(self._shown.make_picture, request))
            return SearchStarted()
        self._live.note(strokes, caption)
        self._worker.request(_query(strokes, caption, state, sitting, quiet=action.quiet))
        if not action.quiet:
            LOG.info("search asked: %r and %d strokes", caption, len(strokes))
        return SearchStarted(quiet=action.quiet)

    def refresh(self, state: DeskState, sitting: Sitting, t_s: float) -> None:
        """With live hits on, ask again after a finished stroke or word; only the latest request is answered."""
        if not state.query.live or self._worker is None or state.search_phase is not SearchPhase.READY:
            return
        strokes = sitting.document.finished_strokes
        words = self._live.due(strokes, state.caption, t_s, typing=state.editing)
        if words is not None and (strokes or words or state.query.like is not None):
            self._worker.request(_query(strokes, words, state, sitting, quiet=True))

    def news(self) -> list[SearchEvent]:
        """Return what the search has to tell."""
        events = self._worker.poll() if self._worker is not None else []
        for event in events:
            _log(event)
            if isinstance(event, HitsArrived) and event.page == 0:
                self._shown = event.query
        return events


def _query(strokes: Strokes, caption: str, state: DeskState, sitting: Sitting, *, quiet: bool) -> SearchQuery:
    canvas_wh = sitting.canvas_wh
    picture = (lambda: render_paper(strokes, canvas_wh)) if strokes else (lambda: None)
    return SearchQuery(picture, state.query.request(caption, HITS_ASKED), quiet)


def _log(event: SearchEvent) -> None:
    """Keep a readable trace of the search on stderr."""
    match event:
        case HitsArrived(caption, cards):
            asked = f"again {caption!r}" if event.quiet else repr(caption)
            first = f", first: {cards[0].title}" if cards else ""
            LOG.info("search %s: %d hits%s", asked, len(cards), first)
        case SearchReady(description):
            LOG.info("search ready: %s", description)
        case SearchFailed(reason):
            LOG.warning("search failed: %s", reason)


class LiveTrigger:
    """Tells when the finished strokes or the typed words have become others than were asked for last."""

    def __init__(self) -> None:
        """Begin with nothing asked."""
        self._asked: tuple[Strokes, str] = ((), "")
        self._seen: tuple[Strokes, str] = ((), "")
        self._seen_s = 0.0
        self._line, self._line_s = "", 0.0

    def due(self, strokes: Strokes, line: str, t_s: float, *, typing: bool) -> str | None:
        """Look at the sheet and the caption.

        Args:
            strokes: the finished ones; the same tuple as long as nothing has changed.
            line: the caption as it stands.
            t_s: seconds, monotonic.
            typing: the caption is being typed.
        Returns:
            The words to ask with now, None when there is nothing new to ask.
        """
        if line != self._line:
            self._line, self._line_s = line, t_s
        rests = not typing or t_s - self._line_s >= WORD_PAUSE_S
        now = (strokes, (line if rests else line[: line.rfind(" ") + 1]).strip())
        if not _same(now, self._seen):
            self._seen, self._seen_s = now, t_s
        if _same(now, self._asked) or (strokes is not self._asked[0] and t_s - self._seen_s < SETTLE_S):
            return None
        self._asked = now
        return now[1]

    def note(self, strokes: Strokes, words: str) -> None:
        """Somebody asked aloud with these."""
        self._asked = (strokes, words)


def _same(first: tuple[Strokes, str], second: tuple[Strokes, str]) -> bool:
    return first[0] is second[0] and first[1] == second[1]
