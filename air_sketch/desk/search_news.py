"""What the gallery search's news change at the desk: loading, hits and failures. Pure."""

from __future__ import annotations

from dataclasses import replace

from air_sketch.desk.events import (
    Event,
    HitsArrived,
    SearchFailed,
    SearchLoading,
    SearchPhase,
    SearchReady,
    SearchUnavailable,
    Status,
    Tone,
)
from air_sketch.desk.state import DeskState, tell


def wait_for_hits(state: DeskState) -> DeskState:
    """A search has been asked aloud."""
    failed = state.search_phase in {SearchPhase.FAILED, SearchPhase.ABSENT}
    return replace(state, notice=None, searching=not failed)


def search_news(state: DeskState, event: Event, t_s: float) -> DeskState:
    """Take what the search says; any other event changes nothing."""
    match event:
        case SearchLoading(progress):
            return replace(state, search_phase=SearchPhase.LOADING, loading=progress)
        case SearchReady(description):
            return replace(state, search_phase=SearchPhase.READY, loading=None, search_note=description)
        case SearchUnavailable(reason):
            failed = replace(state, search_phase=SearchPhase.FAILED, loading=None, search_note=reason, searching=False)
            return tell(failed, Status(reason, Tone.ERROR), t_s)
        case HitsArrived():
            return _take_hits(state, event, t_s)
        case SearchFailed(reason):
            return tell(replace(state, searching=False), Status(reason, Tone.ERROR), t_s)
        case _:
            return state


def _take_hits(state: DeskState, event: HitsArrived, t_s: float) -> DeskState:
    """Show the first page, or put a further one behind those there are."""
    cards, caption = event.cards, event.caption
    answered = replace(state, searching=False)
    if event.page > 0:
        if event.page != state.page_count or not state.more:  # other hits have come meanwhile
            return answered
        if not cards:
            return tell(replace(answered, exhausted=True), Status("No more results"), t_s)
        return replace(answered, cards=state.cards + cards, page=event.page)
    found = replace(answered, cards=cards, cards_caption=caption, searched_once=True, page=0, exhausted=False)
    if event.quiet and cards:
        return found
    if not cards:
        return tell(found, Status(_nothing_fits(state)), t_s)
    more = f"The {len(cards)} best results. PgDn for more" if found.more else f"{len(cards)} results"
    return tell(found, Status(more, Tone.DONE), t_s)


def _nothing_fits(state: DeskState) -> str:
    where = state.query.where
    return f"Nothing in the gallery passes {where}" if where else "Nothing in the gallery fits"
