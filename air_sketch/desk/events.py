"""What can happen at the desk, and what it asks to be done about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from air_sketch.desk.key import Key
from air_sketch.values.datatypes import Progress, ResultCard, SearchRequest, UInt8Array
from air_sketch.voice.events import VoiceEvent


class Tone(str, Enum):
    """What kind of message the status line shows."""

    HINT = "hint"
    BUSY = "busy"
    DONE = "done"
    ERROR = "error"


class SearchPhase(str, Enum):
    """How far the gallery search is."""

    ABSENT = "absent"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class Status:
    """One line for the user; ``fraction`` 0..1 draws a progress bar, None none."""

    text: str
    tone: Tone = Tone.HINT
    fraction: float | None = None


@dataclass(frozen=True)
class Click:
    """The mouse opens the n-th visible card (from 0), asks for more like it, or for the next (1) or last (-1) page."""

    kind: Literal["open", "like", "page"]
    number: int


@dataclass(frozen=True)
class SearchChanged:
    """How far the gallery search is.

    Attributes:
        phase: failed for good, or not.
        note: its description when ready; when failed, the reason, which says how to mend it.
        progress: while loading.
    """

    phase: SearchPhase
    note: str = ""
    progress: Progress | None = None


@dataclass(frozen=True)
class SearchQuery:
    """A search on its way to the background.

    Attributes:
        make_picture: renders the drawing, uint8 (H, W, 3) RGB on white, or None when nothing is drawn;
            called on the background thread.
        request: everything else that is asked.
        quiet: nobody waits for it (live hits), so nothing is said of it.
    """

    make_picture: Callable[[], UInt8Array | None]
    request: SearchRequest
    quiet: bool = False


@dataclass(frozen=True)
class HitsArrived:
    """A search has been answered.

    Attributes:
        caption: its words.
        cards: its hits, best first.
        query: all that was asked; None means the first page, asked aloud.
    """

    caption: str
    cards: tuple[ResultCard, ...]
    query: SearchQuery | None = field(default=None, compare=False)

    @property
    def page(self) -> int:
        """Which page of cards these are, from 0."""
        return 0 if self.query is None else self.query.request.page

    @property
    def quiet(self) -> bool:
        """Whether nobody waited for them."""
        return self.query is not None and self.query.quiet


@dataclass(frozen=True)
class SearchFailed:
    """A search could not be answered."""

    reason: str


@dataclass(frozen=True)
class Question:
    """Something that Enter (or Y) answers with yes, N (or Esc) with not now.

    Attributes:
        title, detail: what is asked, and about what.
        yes, no: what the two answers do, in a word or two.
        picture_rgb: uint8 (H, W, 3), what it is about.
    """

    title: str
    detail: str
    yes: str
    no: str
    picture_rgb: UInt8Array | None = field(default=None, compare=False)


SearchEvent = SearchChanged | HitsArrived | SearchFailed
Event = Key | Click | Status | SearchEvent | VoiceEvent


class Command(str, Enum):
    """An action without details."""

    SAVE = "save"
    CLEAR = "clear"
    UNDO = "undo"
    REDO = "redo"
    WIDER = "wider"
    THINNER = "thinner"
    NEXT_PEN = "next pen"
    PREVIOUS_PEN = "previous pen"
    QUIT = "quit"
    TAKE_BACK = "take back"
    LEAVE = "leave"
    LISTEN = "listen"
    STOP_LISTENING = "stop listening"
    CANCEL_LISTENING = "cancel listening"


@dataclass(frozen=True)
class RunSearch:
    """Search with the drawing as it is, these words, and the query's settings.

    Attributes:
        caption: the words.
        page: above 0, the page that follows the hits shown, whatever has been drawn since.
        quiet: say nothing of it.
    """

    caption: str
    page: int = 0
    quiet: bool = False


@dataclass(frozen=True)
class OpenCard:
    """Open a hit's page or picture."""

    card: ResultCard


Action = Command | RunSearch | OpenCard
