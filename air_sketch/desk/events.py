"""What can happen at the desk, and what it asks to be done about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from air_sketch.values.datatypes import ResultCard, SearchAnswer, SearchRequest, UInt8Array
from air_sketch.voice.events import VoiceEvent


class Tone(str, Enum):
    """What kind of message the status line shows."""

    HINT = "hint"
    BUSY = "busy"
    DONE = "done"
    ERROR = "error"


class SearchPhase(str, Enum):
    """How far the gallery search is."""

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
class Key:
    """One key press.

    Attributes:
        name: "char" for printable characters, else "enter", "escape", "backspace", "up", ...
        text: the character of a "char" key, "" for all others.
        by_position: what the same key types on a US keyboard, when the layout has no Latin letters (Cyrillic, Greek,
            Hangul ...); else "".
    """

    name: str
    text: str = ""
    by_position: str = ""

    @property
    def command(self) -> str:
        """The character that it is as a command; while a line is typed, ``text`` counts."""
        return self.by_position or self.text


@dataclass(frozen=True)
class Click:
    """The mouse opens the n-th visible card (from 0), asks for more like it, or for the next (1) or last (-1) page."""

    kind: Literal["open", "like", "page"]
    number: int


@dataclass(frozen=True)
class SearchChanged:
    """How far the gallery search is.

    While loading, the note says what is being done, of which a ``fraction`` is done, 0..1 or None when unknown; it is
    the description when ready, when failed what mends it.
    """

    phase: SearchPhase
    note: str = ""
    fraction: float | None = None


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
    """A search has been answered: all that was asked, and the answer."""

    query: SearchQuery
    answer: SearchAnswer


@dataclass(frozen=True)
class SuggestionsArrived:
    """How the gallery continues a caption that was being typed."""

    typed: str
    captions: tuple[str, ...]


@dataclass(frozen=True)
class SearchFailed:
    """A search could not be answered."""

    reason: str


@dataclass(frozen=True)
class Question:
    """Whether a lost drawing, uint8 (H, W, 3), is taken back: Enter (or Y) does, N (or Esc) does not now."""

    detail: str
    picture_rgb: UInt8Array = field(compare=False)


SearchEvent = SearchChanged | HitsArrived | SuggestionsArrived | SearchFailed
Event = Key | Click | Status | SearchEvent | VoiceEvent


DrawingCommand = Literal["clear", "undo", "redo", "wider", "thinner", "next pen", "previous pen"]
ListenCommand = Literal["listen", "stop listening", "cancel listening"]
Command = DrawingCommand | ListenCommand | Literal["save", "quit", "take back", "leave"]
"""An action without details."""


@dataclass(frozen=True)
class RunSearch:
    """Search with the drawing as it is, these words, and the query's settings; quietly, when nobody waits for it.

    A page above 0 is one of the hits shown, whatever has been drawn since.
    """

    caption: str
    page: int = 0
    quiet: bool = False


Action = RunSearch | ResultCard | Command
"""A card is opened: the hit's page or its picture."""
