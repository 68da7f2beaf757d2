"""What the desk knows, and the one line of it worth saying now. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from air_sketch.desk.events import Question, SearchPhase, Status, Tone
from air_sketch.values.datatypes import ResultCard, SearchRequest
from air_sketch.voice.events import Voice, VoicePhase

CARDS_PER_PAGE = 9
DOUBTED_CARDS = 4
"""So many are shown when what was meant is rather not among them; the next page brings the others."""
NOT_SURE = "Not sure: nearest things"
LINE_MAX_CHARACTERS = 200
# A message is read at leisure, an error twice.
NOTICE_LASTS_S = 5.0
ERROR_LASTS_S = 12.0


@dataclass(frozen=True)
class QueryState:
    """The settings of the search.

    Attributes:
        sketch_weight: 0..1, the drawing against the words; 0.5 is the gallery's own balance.
        where: the filter line, while typing as well; "" for none.
        typing: keys go into the filter line.
        where_before_typing: what Esc brings back.
        like: the card whose picture joins the query, None for none.
        picking: the next digit picks that card.
        fold: near-duplicates come as one card.
        as_typed: the words are searched exactly as they were typed.
        live: the hits follow the drawing and the words.
    """

    sketch_weight: float = 0.5
    where: str = ""
    typing: bool = False
    where_before_typing: str = ""
    like: ResultCard | None = None
    picking: bool = False
    fold: bool = True
    as_typed: bool = False
    live: bool = False

    def request(self, caption: str, k: int) -> SearchRequest:
        """Ask for the first page with these settings; the picture is still missing."""
        where = self.where_before_typing if self.typing else self.where
        like = () if self.like is None else (self.like.id,)
        return SearchRequest(None, caption, k, self.sketch_weight, where, like, 0, self.fold, self.as_typed)


@dataclass(frozen=True)
class DeskState:
    """Everything a face shows beside the picture and the drawing.

    Attributes:
        caption: the words, while editing as well.
        editing: keys go into the caption.
        caption_before_edit: what Esc brings back.
        help_open: the help page lies over the view.
        notice: the latest message, until ``notice_until_s``.
        search_phase: how far the gallery search is.
        search_note: what is being done while loading, its description when ready, the reason when failed.
        loading: how far that is while loading, 0..1, None when unknown.
        searching: a search has been asked for and has not been answered.
        cards: the hits of the last search, best first.
        cards_caption: the words they were found with.
        cards_note: what of these was understood otherwise, or by nobody.
        altered: whether X searches for the words exactly as typed.
        suggestions: how the gallery continues the caption that is being typed.
        searched_once: a search has been answered, even if with nothing.
        page: which nine cards are shown, from 0.
        exhausted: the search has no further page.
        doubted: what was meant is rather not among the hits.
        held_back: hits that are not shown at once, because they are doubted.
        question: what the view asks, None for nothing.
        query: the settings of the search.
        voice: the spoken caption under way, None for none.
    """

    caption: str = ""
    editing: bool = False
    caption_before_edit: str = ""
    help_open: bool = False
    notice: Status | None = None
    notice_until_s: float = 0.0
    search_phase: SearchPhase = SearchPhase.READY
    search_note: str = ""
    loading: float | None = None
    searching: bool = False
    cards: tuple[ResultCard, ...] = ()
    cards_caption: str = ""
    cards_note: str = ""
    altered: bool = False
    suggestions: tuple[str, ...] = ()
    searched_once: bool = False
    page: int = 0
    exhausted: bool = False
    doubted: bool = False
    held_back: tuple[ResultCard, ...] = ()
    question: Question | None = None
    query: QueryState = field(default_factory=QueryState)
    voice: Voice | None = None

    @property
    def more(self) -> bool:
        """Whether a further page may be asked for."""
        return bool(self.cards) and len(self.cards) % CARDS_PER_PAGE == 0 and not self.exhausted

    @property
    def page_count(self) -> int:
        """Number of pages of nine cards, at least 1."""
        return max(1, -(-len(self.cards) // CARDS_PER_PAGE))

    @property
    def visible_cards(self) -> tuple[ResultCard, ...]:
        """The cards that keys 1-9 open."""
        return self.cards[self.page * CARDS_PER_PAGE : (self.page + 1) * CARDS_PER_PAGE]


def tell(state: DeskState, status: Status, t_s: float) -> DeskState:
    """Show a message for a while."""
    lasts_s = ERROR_LASTS_S if status.tone is Tone.ERROR else NOTICE_LASTS_S
    return replace(state, notice=status, notice_until_s=t_s + lasts_s)


def balance_words(query: QueryState) -> str:
    """Say how the drawing stands against the words."""
    sketch = round(100 * query.sketch_weight)
    return f"Drawing {sketch} %, words {100 - sketch} %"


def forget_old_notice(state: DeskState, t_s: float) -> DeskState:
    """Take a message away whose time is over."""
    return replace(state, notice=None) if state.notice is not None and t_s >= state.notice_until_s else state


def status_line(state: DeskState) -> Status:
    """Choose the one line worth showing now: news, then work under way, then a hint."""
    if state.voice is not None:
        listening = state.voice.phase is VoicePhase.LISTENING
        return Status("Listening: V ends it, Esc cancels" if listening else "Thinking: Esc cancels", Tone.BUSY)
    if state.notice is not None:
        return state.notice
    if state.search_phase is SearchPhase.FAILED:
        return Status(state.search_note, Tone.ERROR)
    return _work_line(state) or Status(_hint(state))


def _work_line(state: DeskState) -> Status | None:
    if state.search_phase is SearchPhase.LOADING:
        doing = state.search_note or "Loading the gallery search"
        text = f"Will search when ready: {doing}" if state.searching else f"{doing}…"
        return Status(text, Tone.BUSY, state.loading)
    return Status("Searching…", Tone.BUSY) if state.searching else None


def _hint(state: DeskState) -> str:
    if state.query.typing:
        return "Type a filter, e.g. gender=Women,price<50. Enter takes it, empty for none, Esc cancels"
    if state.query.picking:
        without = ", M for none" if state.query.like is not None else ""
        return f"More like which one? 1-9{without}, Esc cancels"
    if state.editing:
        if state.suggestions:
            return f"Tab: {'  ·  '.join(state.suggestions)}"
        return "Type what it is. Enter searches, Esc cancels"
    if state.cards:
        return "1-9 open a result, M 1-9 more like it, T words"
    return "Draw, press T and type what it is, or V and say it, Enter searches"
