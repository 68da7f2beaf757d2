"""What news from the background change at the desk: the search loads and answers, words are heard. Pure."""

from __future__ import annotations

from dataclasses import replace

from air_sketch.desk.events import (
    HitsArrived,
    SearchChanged,
    SearchEvent,
    SearchFailed,
    SearchPhase,
    Status,
    SuggestionsArrived,
    Tone,
)
from air_sketch.desk.state import DOUBTED_CARDS, LINE_MAX_CHARACTERS, NOT_SURE, DeskState, tell
from air_sketch.values.datatypes import ResultCard
from air_sketch.values.errors import counted
from air_sketch.voice.events import CaptionHeard, NothingUnderstood, VoiceChanged, VoiceEvent


def wait_for_hits(state: DeskState) -> DeskState:
    """A search has been asked aloud."""
    return replace(state, notice=None, searching=state.search_phase is not SearchPhase.FAILED)


def take_news(state: DeskState, event: Status | SearchEvent | VoiceEvent, t_s: float) -> DeskState:
    """Take something that has happened, or is to be told."""
    match event:
        case Status():
            return tell(state, event, t_s)
        case SearchChanged(phase, note, fraction):
            state = replace(state, search_phase=phase, search_note=note, loading=fraction)
            return _fail(state, note, t_s) if phase is SearchPhase.FAILED else state
        case SuggestionsArrived(typed, captions):
            is_in_time = state.editing and state.caption == typed
            state = replace(state, suggestions=captions) if is_in_time else state
        case HitsArrived():
            return _take_hits(state, event, t_s)
        case SearchFailed(reason):
            return _fail(state, reason, t_s)
        case VoiceChanged(voice):
            state = replace(state, voice=voice)
        case _:
            state = _hear(state, event, t_s)
    return state


def _fail(state: DeskState, reason: str, t_s: float) -> DeskState:
    return tell(replace(state, searching=False), Status(reason, Tone.ERROR), t_s)


def _take_hits(state: DeskState, event: HitsArrived, t_s: float) -> DeskState:
    """Show the first page, or put a further one behind those there are."""
    answer, page, caption = event.answer, event.query.request.page, event.query.request.caption
    cards, held_back = answer.cards, tuple[ResultCard, ...]()
    answered = replace(state, searching=False)
    if page > 0:
        if page != state.page_count or not state.more:  # other hits have come meanwhile
            return answered
        if not cards:
            return tell(replace(answered, exhausted=True), Status("No more results"), t_s)
        return replace(answered, cards=state.cards + cards, page=page)
    if answer.is_doubted:
        cards, held_back = cards[:DOUBTED_CARDS], cards[DOUBTED_CARDS:]
    found = replace(
        answered,
        cards=cards,
        held_back=held_back,
        doubted=answer.is_doubted and bool(cards),
        cards_caption=caption,
        cards_note=answer.note,
        altered=not answer.is_as_typed,
        searched_once=True,
        page=0,
        exhausted=False,
    )
    if not cards:
        where = state.query.where
        nothing = f"Nothing in the gallery {f'passes {where}' if where else 'fits'}"
        return tell(found, Status(". ".join(filter(None, (answer.note, nothing)))), t_s)
    return found if event.query.quiet else tell(found, _found_line(found), t_s)


def _found_line(state: DeskState) -> Status:
    if state.cards_note:
        return Status(state.cards_note + (": X searches exactly as typed" if state.altered else ""))
    if state.doubted:
        return Status(NOT_SURE + (". PgDn for more" if state.held_back else ""))
    count = len(state.cards)
    return Status(f"The {count} best results. PgDn for more" if state.more else counted(count, "result"), Tone.DONE)


def _hear(state: DeskState, event: CaptionHeard | NothingUnderstood, t_s: float) -> DeskState:
    """Put words that were heard into the caption, to be mended or accepted."""
    if isinstance(event, NothingUnderstood):
        return tell(state, Status(event.reason, Tone.ERROR if event.is_error else Tone.HINT), t_s)
    # Words that were being typed meanwhile stay before what was heard.
    typed, before = (state.caption, state.caption_before_edit) if state.editing else ("", state.caption)
    return replace(
        state,
        caption=f"{typed.rstrip()} {event.text}".strip()[:LINE_MAX_CHARACTERS],
        editing=True,
        caption_before_edit=before,
        help_open=False,
        notice=None,
        query=replace(state.query, typing=False, picking=False),  # the words go where they can be seen
    )
