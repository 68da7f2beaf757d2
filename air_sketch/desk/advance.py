"""How keys, clicks and background news change what the desk knows.

One pure function, ``advance``: (state, event, time) -> (state, actions). It draws nothing, saves nothing
and searches nothing; the loop carries the actions out and feeds their outcome back as events.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from air_sketch.desk.events import (
    Action,
    Asked,
    CardClicked,
    CardPicked,
    Click,
    Command,
    Event,
    KeyPressed,
    Notice,
    OpenCard,
    PageTurned,
    RunSearch,
    SearchStarted,
    Status,
    Tick,
)
from air_sketch.desk.key import Key
from air_sketch.desk.query import QueryChange, pick, press_query_key, type_filter
from air_sketch.desk.search_news import search_news, wait_for_hits
from air_sketch.desk.spoken import voice_answer, voice_news
from air_sketch.desk.state import CAPTION_MAX_CHARACTERS, DeskState, tell
from air_sketch.voice.events import CaptionHeard, NothingUnderstood, VoiceChanged

Reaction = tuple[DeskState, tuple[Action, ...]]


def advance(state: DeskState, event: Event, t_s: float) -> Reaction:
    """Take one event.

    Args:
        state: what the desk knows now.
        event: what happened.
        t_s: seconds, monotonic.
    Returns:
        The new state and what the loop has to do.
    """
    match event:
        case KeyPressed(key):
            return _press(state, key, t_s)
        case CardClicked() | CardPicked() | PageTurned():
            return _click(state, event, t_s)
        case _:
            return _take_news(state, event, t_s), ()


def _take_news(state: DeskState, event: Event, t_s: float) -> DeskState:
    match event:
        case Notice(status):
            return tell(state, status, t_s)
        case SearchStarted(quiet):
            return state if quiet else wait_for_hits(state)
        case Asked(question):
            return replace(state, question=question)
        case VoiceChanged() | CaptionHeard() | NothingUnderstood():
            return voice_news(state, event, t_s)
        case Tick():
            expired = state.notice is not None and t_s >= state.notice_until_s
            return replace(state, notice=None) if expired else state
        case _:
            return search_news(state, event, t_s)


def _press(state: DeskState, key: Key, t_s: float) -> Reaction:
    """Hand a key to whatever listens: speech, the filter line, the caption, the question of a card, or the commands."""
    if state.voice is not None:
        answer = voice_answer(state.voice, key, state.editing or state.query.typing)
        if answer is not None:
            return state, answer
    if state.query.typing:
        return _change_query(state, type_filter(state.query, key), t_s)
    if state.editing:
        return _edit_caption(state, key)
    closes_help = state.help_open and (key.name == "escape" or key.text.lower() == "h")
    if state.query.picking and not closes_help:
        return _answer_picking(state, key, t_s)
    return _command(state, key, t_s)


def _click(state: DeskState, event: Click, t_s: float) -> Reaction:
    match event:
        case CardClicked(position):
            return _open_card(state, position, t_s)
        case CardPicked(position):
            return _pick_card(state, position, t_s)
    return _turn_page(state, event.by)


def _edit_caption(state: DeskState, key: Key) -> Reaction:
    if key.name == "char":
        caption = (state.caption + key.text)[:CAPTION_MAX_CHARACTERS]
        return replace(state, caption=caption.lstrip()), ()
    if key.name == "backspace":
        return replace(state, caption=state.caption[:-1]), ()
    if key.name == "delete":
        return replace(state, caption=""), ()
    if key.name == "escape":
        return replace(state, caption=state.caption_before_edit, editing=False), ()
    if key.name == "enter":
        caption = state.caption.strip()
        return replace(state, caption=caption, editing=False), (RunSearch(caption),)
    return state, ()


def _command(state: DeskState, key: Key, t_s: float) -> Reaction:
    letter = key.text.lower()
    if state.help_open and (key.name == "escape" or letter == "h"):
        return replace(state, help_open=False), ()
    if state.question is not None and (answer := _ANSWERS.get(letter or key.name)) is not None:
        return replace(state, question=None), (answer,)
    if letter and letter in "123456789":
        return _open_card(state, int(letter) - 1, t_s)
    if key.text == "C":
        return state, (Command.PREVIOUS_PEN,)
    respond = _RESPONSES.get(letter or key.name)
    if respond is not None:
        return respond(state)
    change = press_query_key(state.query, key)
    return (state, ()) if change is None else _change_query(state, change, t_s)


def _change_query(state: DeskState, change: QueryChange, t_s: float) -> Reaction:
    """Take the new settings; ask again when that changes the hits shown."""
    opened = change.query.typing and not state.query.typing
    changed = replace(state, query=change.query, help_open=state.help_open and not opened)
    if opened:
        changed = replace(changed, notice=None)
    if change.status is not None:
        changed = tell(changed, change.status, t_s)
    asks = change.searches and (state.searched_once or change.query.like is not state.query.like)
    return changed, (RunSearch(state.caption, quiet=True),) if asks else ()


def _answer_picking(state: DeskState, key: Key, t_s: float) -> Reaction:
    done = replace(state, query=replace(state.query, picking=False))
    if key.text and key.text in "123456789":
        return _pick_card(done, int(key.text) - 1, t_s)
    if key.text.lower() == "m" and state.query.like is not None:
        return _change_query(state, pick(state.query, None), t_s)
    return (done, ()) if key.name == "escape" or key.text.lower() == "m" else _command(done, key, t_s)


def _pick_card(state: DeskState, position: int, t_s: float) -> Reaction:
    if not 0 <= position < len(state.visible_cards):
        text = f"There is no result {position + 1}" if state.cards else "No results yet: Enter searches"
        return tell(state, Status(text), t_s), ()
    return _change_query(state, pick(state.query, state.visible_cards[position]), t_s)


def _begin_picking(state: DeskState) -> Reaction:
    return replace(state, query=replace(state.query, picking=True), notice=None), ()


def _open_card(state: DeskState, position: int, t_s: float) -> Reaction:
    if 0 <= position < len(state.visible_cards):
        return state, (OpenCard(state.visible_cards[position]),)
    text = f"There is no result {position + 1}" if state.cards else "No results yet: Enter searches"
    return tell(state, Status(text), t_s), ()


def _turn_page(state: DeskState, by: int) -> Reaction:
    if by > 0 and state.page == state.page_count - 1 and state.more:
        return state, (RunSearch(state.cards_caption, page=state.page_count),)
    return replace(state, page=min(max(0, state.page + by), state.page_count - 1)), ()


def _asking(command: Command) -> Callable[[DeskState], Reaction]:
    return lambda state: (state, (command,))


_ANSWERS = {"enter": Command.TAKE_BACK, "y": Command.TAKE_BACK, "n": Command.LEAVE, "escape": Command.LEAVE}
_RESPONSES: dict[str, Callable[[DeskState], Reaction]] = {
    "enter": lambda state: (state, (RunSearch(state.caption),)),
    "escape": _asking(Command.QUIT),
    "q": _asking(Command.QUIT),
    "s": _asking(Command.SAVE),
    "r": _asking(Command.CLEAR),
    "z": _asking(Command.UNDO),
    "y": _asking(Command.REDO),
    "c": _asking(Command.NEXT_PEN),
    "]": _asking(Command.WIDER),
    "[": _asking(Command.THINNER),
    "t": lambda s: (
        replace(s, editing=True, caption_before_edit=s.caption, help_open=False, notice=None),
        (),
    ),
    "m": _begin_picking,
    "v": _asking(Command.LISTEN),
    "h": lambda state: (replace(state, help_open=True), ()),
    "page_down": lambda state: _turn_page(state, 1),
    "page_up": lambda state: _turn_page(state, -1),
    "down": lambda state: _turn_page(state, 1),
    "up": lambda state: _turn_page(state, -1),
}
