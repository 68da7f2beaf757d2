"""What the window knows, and how keys and background news change it.

One pure function, ``advance``: (state, event, time) -> (state, actions). It draws nothing, saves nothing
and searches nothing; the loop carries the actions out and feeds their outcome back as events.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from air_sketch.datatypes import Progress, ResultCard
from air_sketch.keys import Key
from air_sketch.screen_events import (
    Action,
    Asked,
    CardClicked,
    Command,
    Event,
    HitsArrived,
    KeyPressed,
    Notice,
    OpenCard,
    Question,
    RunSearch,
    SearchFailed,
    SearchLoading,
    SearchPhase,
    SearchReady,
    SearchStarted,
    SearchUnavailable,
    Status,
    Tick,
    Tone,
)
from air_sketch.screen_voice import CaptionHeard, NothingUnderstood, Voice, VoiceChanged, VoiceEvent, VoicePhase

CARDS_PER_PAGE = 9
CAPTION_MAX_CHARACTERS = 200
# A message is read at leisure, an error twice.
NOTICE_LASTS_S = 5.0
ERROR_LASTS_S = 12.0


@dataclass(frozen=True)
class ScreenState:
    """Everything the window shows beside the picture and the drawing.

    Attributes:
        caption: the words, while editing as well.
        editing: keys go into the caption.
        caption_before_edit: what Esc brings back.
        help_open: the help page lies over the view.
        notice: the latest message, until ``notice_until_s``.
        search_phase: how far the gallery search is.
        loading: its progress while loading.
        search_note: its description when ready, the reason when failed.
        searching: a search has been asked for and has not been answered.
        cards: the hits of the last search, best first.
        cards_caption: the words they were found with.
        searched_once: a search has been answered, even if with nothing.
        page: which nine cards are shown, from 0.
        question: what the view asks, None for nothing.
        voice: the spoken caption under way, None for none.
    """

    caption: str = ""
    editing: bool = False
    caption_before_edit: str = ""
    help_open: bool = False
    notice: Status | None = None
    notice_until_s: float = 0.0
    search_phase: SearchPhase = SearchPhase.ABSENT
    loading: Progress | None = None
    search_note: str = ""
    searching: bool = False
    cards: tuple[ResultCard, ...] = ()
    cards_caption: str = ""
    searched_once: bool = False
    page: int = 0
    question: Question | None = None
    voice: Voice | None = None

    @property
    def page_count(self) -> int:
        """Number of pages of nine cards, at least 1."""
        return max(1, -(-len(self.cards) // CARDS_PER_PAGE))

    @property
    def visible_cards(self) -> tuple[ResultCard, ...]:
        """The cards that keys 1-9 open."""
        return self.cards[self.page * CARDS_PER_PAGE : (self.page + 1) * CARDS_PER_PAGE]


Step = tuple[ScreenState, tuple[Action, ...]]


def advance(state: ScreenState, event: Event, t_s: float) -> Step:
    """Take one event.

    Args:
        state: what the window shows now.
        event: what happened.
        t_s: seconds, monotonic.
    Returns:
        The new state and what the loop has to do.
    """
    match event:
        case KeyPressed(key):
            return _press(state, key, t_s)
        case CardClicked(position):
            return _open_card(state, position, t_s)
        case _:
            return _take_news(state, event, t_s), ()


def _take_news(state: ScreenState, event: Event, t_s: float) -> ScreenState:
    match event:
        case Notice(status):
            return _tell(state, status, t_s)
        case SearchStarted() | Asked():
            return _asked(state, event)
        case VoiceChanged() | CaptionHeard() | NothingUnderstood():
            return _voice_news(state, event, t_s)
        case Tick():
            expired = state.notice is not None and t_s >= state.notice_until_s
            return replace(state, notice=None) if expired else state
        case _:
            return _search_news(state, event, t_s)


def _press(state: ScreenState, key: Key, t_s: float) -> Step:
    answer = None if state.voice is None else _voice_answer(state.voice, key, state.editing)
    if answer is not None:
        return state, answer
    return _edit_caption(state, key) if state.editing else _command(state, key, t_s)


def status_line(state: ScreenState) -> Status:
    """Choose the one line worth showing now: news, then work under way, then a hint."""
    if state.voice is not None:
        listening = state.voice.phase is VoicePhase.LISTENING
        return Status("Listening: V ends it, Esc cancels" if listening else "Thinking: Esc cancels", Tone.BUSY)
    if state.notice is not None:
        return state.notice
    if state.search_phase is SearchPhase.FAILED:
        return Status(state.search_note, Tone.ERROR)
    return _work_line(state) or Status(_hint(state))


def _work_line(state: ScreenState) -> Status | None:
    if state.search_phase is SearchPhase.LOADING:
        progress = state.loading or Progress("Loading the gallery search")
        text = f"Will search when ready: {progress.message}" if state.searching else f"{progress.message}…"
        return Status(text, Tone.BUSY, progress.fraction)
    return Status("Searching…", Tone.BUSY) if state.searching else None


def _hint(state: ScreenState) -> str:
    if state.editing:
        return "Type what it is. Enter searches, Esc cancels"
    if state.cards:
        return "1-9 open a result, T changes the words, Enter searches again"
    return "Draw, press T and type what it is, or V and say it, Enter searches"


def _voice_answer(voice: Voice, key: Key, editing: bool) -> tuple[Command, ...] | None:
    """Say what a key does to a spoken caption; None when it means what it always means."""
    if key.name == "escape":
        return (Command.CANCEL_LISTENING,)
    if editing or not (key.name == "enter" or key.text.lower() == "v"):
        return None
    # Enter must not search before the words are there, and V has been heard already.
    return (Command.STOP_LISTENING,) if voice.phase is VoicePhase.LISTENING else ()


def _voice_news(state: ScreenState, event: VoiceEvent, t_s: float) -> ScreenState:
    match event:
        case VoiceChanged(voice):
            return replace(state, voice=voice)
        case CaptionHeard(text):
            # Words that were being typed meanwhile stay before what was heard.
            typed, before = (state.caption, state.caption_before_edit) if state.editing else ("", state.caption)
            caption = f"{typed.rstrip()} {text}".strip()[:CAPTION_MAX_CHARACTERS]
            return replace(
                state, caption=caption, editing=True, caption_before_edit=before, help_open=False, notice=None
            )
        case NothingUnderstood(reason, is_error):
            return _tell(state, Status(reason, Tone.ERROR if is_error else Tone.HINT), t_s)


def _edit_caption(state: ScreenState, key: Key) -> Step:
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


def _command(state: ScreenState, key: Key, t_s: float) -> Step:
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
    return respond(state) if respond is not None else (state, ())


def _open_card(state: ScreenState, position: int, t_s: float) -> Step:
    if 0 <= position < len(state.visible_cards):
        return state, (OpenCard(state.visible_cards[position]),)
    text = f"There is no result {position + 1}" if state.cards else "No results yet: Enter searches"
    return _tell(state, Status(text), t_s), ()


def _turn_page(state: ScreenState, by: int) -> Step:
    return replace(state, page=min(max(0, state.page + by), state.page_count - 1)), ()


def _tell(state: ScreenState, status: Status, t_s: float) -> ScreenState:
    lasts_s = ERROR_LASTS_S if status.tone is Tone.ERROR else NOTICE_LASTS_S
    return replace(state, notice=status, notice_until_s=t_s + lasts_s)


def _asked(state: ScreenState, event: SearchStarted | Asked) -> ScreenState:
    if isinstance(event, Asked):
        return replace(state, question=event.question)
    failed = state.search_phase in {SearchPhase.FAILED, SearchPhase.ABSENT}
    return replace(state, notice=None, searching=not failed)


def _search_news(state: ScreenState, event: Event, t_s: float) -> ScreenState:
    match event:
        case SearchLoading(progress):
            return replace(state, search_phase=SearchPhase.LOADING, loading=progress)
        case SearchReady(description):
            return replace(state, search_phase=SearchPhase.READY, loading=None, search_note=description)
        case SearchUnavailable(reason):
            failed = replace(state, search_phase=SearchPhase.FAILED, loading=None, search_note=reason, searching=False)
            return _tell(failed, Status(reason, Tone.ERROR), t_s)
        case HitsArrived(caption, cards):
            found = replace(state, searching=False, cards=cards, cards_caption=caption, searched_once=True, page=0)
            text = f"{len(cards)} results" if cards else "Nothing in the gallery fits"
            return _tell(found, Status(text, Tone.DONE if cards else Tone.HINT), t_s)
        case SearchFailed(reason):
            return _tell(replace(state, searching=False), Status(reason, Tone.ERROR), t_s)
        case _:
            return state


def _asking(command: Command) -> Callable[[ScreenState], Step]:
    return lambda state: (state, (command,))


_ANSWERS = {"enter": Command.TAKE_BACK, "y": Command.TAKE_BACK, "n": Command.LEAVE, "escape": Command.LEAVE}
_RESPONSES: dict[str, Callable[[ScreenState], Step]] = {
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
    "v": _asking(Command.LISTEN),
    "h": lambda state: (replace(state, help_open=True), ()),
    "page_down": lambda state: _turn_page(state, 1),
    "page_up": lambda state: _turn_page(state, -1),
    "down": lambda state: _turn_page(state, 1),
    "up": lambda state: _turn_page(state, -1),
}
