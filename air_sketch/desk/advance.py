"""How keys, clicks and background news change what the desk knows.

One pure function, ``advance``: (state, event, time) -> (state, actions). It draws nothing, saves nothing
and searches nothing; the desk carries the actions out and feeds their outcome back as events.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from air_sketch.desk.events import Action, Click, Command, Event, Key, ListenCommand, RunSearch, Status, Tone
from air_sketch.desk.news import take_news
from air_sketch.desk.state import LINE_MAX_CHARACTERS, DeskState, balance_words, tell
from air_sketch.voice.events import Voice, VoicePhase

Reaction = tuple[DeskState, tuple[Action, ...]]

WEIGHT_STEP = 0.1


def advance(state: DeskState, event: Event, t_s: float) -> Reaction:
    """Take one event at ``t_s`` seconds, monotonic; return the new state and what the desk has to do."""
    match event:
        case Key():
            return _press(state, event, t_s)
        case Click("page", by):
            return _turn_page(state, by)
        case Click(kind, position):
            return _take_card(state, position, t_s, like=kind == "like")
        case _:
            return take_news(state, event, t_s), ()


def _press(state: DeskState, key: Key, t_s: float) -> Reaction:
    """Hand a key to whatever listens: speech, the filter line, the caption, the question of a card, or the commands."""
    if state.voice is not None:
        answer = _answer_voice(state.voice, key, state.editing or state.query.typing)
        if answer is not None:
            return state, answer
    if state.query.typing:
        return _edit_filter(state, key, t_s)
    if state.editing:
        return _edit_caption(state, key)
    if state.help_open and (key.name == "escape" or key.command.lower() == "h"):
        return replace(state, help_open=False), ()
    if state.query.picking:
        return _answer_picking(state, key, t_s)
    return _command(state, key, t_s)


def _answer_voice(voice: Voice, key: Key, typing: bool) -> tuple[ListenCommand, ...] | None:
    """Say what a key does to a spoken caption; None when it means what it always means."""
    if key.name == "escape":
        return ("cancel listening",)
    if typing or not (key.name == "enter" or key.command.lower() == "v"):
        return None
    # Enter must not search before the words are there, and V has been heard already.
    return ("stop listening",) if voice.phase is VoicePhase.LISTENING else ()


def _edit_filter(state: DeskState, key: Key, t_s: float) -> Reaction:
    query = state.query
    if key.name == "escape":
        return _set_query(state, t_s, where=query.where_before_typing, typing=False)
    if key.name == "enter":
        where = query.where.strip()
        said = f"Only {where}" if where else "No filter"
        return _set_query(state, t_s, said, where != query.where_before_typing, where=where, typing=False)
    return _set_query(state, t_s, where=_typed(query.where, key))


def _edit_caption(state: DeskState, key: Key) -> Reaction:
    if key.name == "escape":
        return replace(state, caption=state.caption_before_edit, editing=False), ()
    if key.name == "enter":
        caption = state.caption.strip()
        query = replace(state.query, as_typed=state.query.as_typed and caption == state.caption_before_edit)
        return replace(state, caption=caption, editing=False, query=query), (RunSearch(caption),)
    if key.name == "tab":
        return replace(state, caption=(state.suggestions or (state.caption,))[0], suggestions=()), ()
    if key.name in ("up", "down") and state.suggestions:  # the next one comes to the front
        by = 1 if key.name == "down" else -1
        return replace(state, suggestions=(*state.suggestions[by:], *state.suggestions[:by])), ()
    return replace(state, caption=_typed(state.caption, key), suggestions=()), ()


def _typed(line: str, key: Key) -> str:
    """Return what a key makes of a line of text."""
    if key.name == "backspace":
        return line[:-1]
    if key.name == "delete":
        return ""
    return (line + key.text)[:LINE_MAX_CHARACTERS].lstrip()


def _answer_picking(state: DeskState, key: Key, t_s: float) -> Reaction:
    done = replace(state, query=replace(state.query, picking=False))
    if key.command and key.command in "123456789":
        return _take_card(done, int(key.command) - 1, t_s, like=True)
    if key.command.lower() == "m" and state.query.like is not None:
        return _set_query(done, t_s, "Searching without a picked picture", True, like=None)
    return (done, ()) if key.name == "escape" or key.command.lower() == "m" else _command(done, key, t_s)


def _command(state: DeskState, key: Key, t_s: float) -> Reaction:
    name = key.command.lower() or key.name
    name = {"_": "-", "+": "=", "down": "page_down", "up": "page_up"}.get(name, name)
    if state.question is not None and name in _ANSWERS:
        return replace(state, question=None), (_ANSWERS[name],)
    if name in tuple("123456789"):
        return _take_card(state, int(name) - 1, t_s)
    if name in _COMMANDS:
        return state, ("previous pen" if key.command == "C" else _COMMANDS[name],)
    return _RESPONSES[name](state, t_s) if name in _RESPONSES else (state, ())


def _take_card(state: DeskState, position: int, t_s: float, *, like: bool = False) -> Reaction:
    """Open the n-th visible card, or let its picture join the query."""
    if not 0 <= position < len(state.visible_cards):
        text = f"There is no result {position + 1}" if state.cards else "No results yet: Enter searches"
        return tell(state, Status(text), t_s), ()
    card = state.visible_cards[position]
    if not like:
        return state, (card,)
    return _set_query(state, t_s, f"More like “{card.title}”", True, like=card, picking=False)


def _turn_page(state: DeskState, by: int) -> Reaction:
    if by > 0 and state.held_back:
        return replace(state, cards=state.cards + state.held_back, held_back=()), ()
    if by > 0 and state.page == state.page_count - 1 and state.more:
        return state, (RunSearch(state.cards_caption, page=state.page_count),)
    return replace(state, page=min(max(0, state.page + by), state.page_count - 1)), ()


def _lean(state: DeskState, t_s: float, by: float) -> Reaction:
    """Give the drawing more weight against the words, or less."""
    weight = min(max(round(state.query.sketch_weight + by, 2), 0.0), 1.0)
    said = balance_words(replace(state.query, sketch_weight=weight))
    return _set_query(state, t_s, said, weight != state.query.sketch_weight, sketch_weight=weight)


def _turn_live(state: DeskState, t_s: float) -> Reaction:
    live = not state.query.live
    said = "Live: the hits follow every stroke and word" if live else "Live is off: Enter searches"
    return _set_query(state, t_s, said, live=live)


def _turn_fold(state: DeskState, t_s: float) -> Reaction:
    fold = not state.query.fold
    said = "Near-duplicates are folded" if fold else "Near-duplicates are shown one by one"
    return _set_query(state, t_s, said, True, fold=fold)


def _turn_as_typed(state: DeskState, t_s: float) -> Reaction:
    as_typed = not state.query.as_typed
    said = "The words are searched exactly as typed" if as_typed else "Typing errors are mended, filters are understood"
    return _set_query(state, t_s, said, True, as_typed=as_typed)


def _set_query(state: DeskState, t_s: float, said: str = "", outdates_hits: bool = False, **changes: Any) -> Reaction:
    """Take new settings of the search; ask again when that changes the hits shown."""
    changed = replace(state, query=replace(state.query, **changes))
    if said:
        changed = tell(changed, Status(said, Tone.DONE), t_s)
    asks = outdates_hits and (state.searched_once or changed.query.like is not state.query.like)
    return changed, (RunSearch(state.caption, quiet=True),) if asks else ()


_ANSWERS: dict[str, Command] = {"enter": "take back", "y": "take back", "n": "leave", "escape": "leave"}
_COMMANDS: dict[str, Command] = {
    "escape": "quit",
    "q": "quit",
    "s": "save",
    "r": "clear",
    "z": "undo",
    "y": "redo",
    "c": "next pen",
    "]": "wider",
    "[": "thinner",
    "v": "listen",
}
_RESPONSES: dict[str, Callable[[DeskState, float], Reaction]] = {
    "enter": lambda state, _: (state, (RunSearch(state.caption),)),
    "t": lambda s, _: (
        replace(s, editing=True, caption_before_edit=s.caption, help_open=False, notice=None, suggestions=()),
        (),
    ),
    "f": lambda s, t_s: _set_query(
        replace(s, help_open=False, notice=None), t_s, typing=True, where_before_typing=s.query.where
    ),
    "m": lambda s, t_s: _set_query(replace(s, notice=None), t_s, picking=True),
    "h": lambda state, _: (replace(state, help_open=True), ()),
    "l": _turn_live,
    "d": _turn_fold,
    "x": _turn_as_typed,
    "-": lambda state, t_s: _lean(state, t_s, -WEIGHT_STEP),
    "=": lambda state, t_s: _lean(state, t_s, WEIGHT_STEP),
    "page_down": lambda state, _: _turn_page(state, 1),
    "page_up": lambda state, _: _turn_page(state, -1),
}
