"""What a search is asked with beside drawing and words, and the keys that change it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from air_sketch.desk.events import Status, Tone
from air_sketch.desk.key import Key
from air_sketch.values.datatypes import ResultCard, SearchRequest

WEIGHT_STEP = 0.1
FILTER_MAX_CHARACTERS = 200


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
        live: the hits follow the drawing and the words.
    """

    sketch_weight: float = 0.5
    where: str = ""
    typing: bool = False
    where_before_typing: str = ""
    like: ResultCard | None = None
    picking: bool = False
    fold: bool = True
    live: bool = False

    def request(self, caption: str, k: int) -> SearchRequest:
        """Ask for the first page with these settings; the picture is still missing."""
        where = self.where_before_typing if self.typing else self.where
        like = () if self.like is None else (self.like.id,)
        return SearchRequest(None, caption, k, self.sketch_weight, where, like, fold=self.fold)


@dataclass(frozen=True)
class QueryChange:
    """What a key did.

    Attributes:
        query: the settings now.
        status: what to tell, None for nothing.
        searches: the hits shown no longer answer the query.
    """

    query: QueryState
    status: Status | None = None
    searches: bool = False


def press_query_key(query: QueryState, key: Key) -> QueryChange | None:
    """Take a key that changes the settings; None when it is none of these."""
    letter = key.text.lower()
    if letter in {"-", "_", "=", "+"}:
        return _balance(query, WEIGHT_STEP if letter in {"=", "+"} else -WEIGHT_STEP)
    match letter:
        case "l":
            live = not query.live
            words = "Live: the hits follow every stroke and word" if live else "Live is off: Enter searches"
            return QueryChange(replace(query, live=live), Status(words, Tone.DONE))
        case "d":
            fold = not query.fold
            words = "Near-duplicates are folded" if fold else "Near-duplicates are shown one by one"
            return QueryChange(replace(query, fold=fold), Status(words, Tone.DONE), searches=True)
        case "f":
            return QueryChange(replace(query, typing=True, where_before_typing=query.where))
    return None


def pick(query: QueryState, card: ResultCard | None) -> QueryChange:
    """Let a card's picture join the query, or none."""
    said = "Searching without a picked picture" if card is None else f"More like “{card.title}”"
    return QueryChange(replace(query, like=card, picking=False), Status(said, Tone.DONE), searches=True)


def type_filter(query: QueryState, key: Key) -> QueryChange:
    """Take a key while the filter line is being typed."""
    match key.name:
        case "char":
            return QueryChange(replace(query, where=(query.where + key.text)[:FILTER_MAX_CHARACTERS].lstrip()))
        case "backspace":
            return QueryChange(replace(query, where=query.where[:-1]))
        case "delete":
            return QueryChange(replace(query, where=""))
        case "escape":
            return QueryChange(replace(query, where=query.where_before_typing, typing=False))
        case "enter":
            where = query.where.strip()
            status = Status(f"Only {where}" if where else "No filter", Tone.DONE)
            return QueryChange(replace(query, where=where, typing=False), status, where != query.where_before_typing)
    return QueryChange(query)


def balance_words(query: QueryState) -> str:
    """Say how the drawing stands against the words."""
    sketch = round(100 * query.sketch_weight)
    return f"Drawing {sketch} %, words {100 - sketch} %"


def _balance(query: QueryState, by: float) -> QueryChange:
    weight = min(max(round(query.sketch_weight + by, 2), 0.0), 1.0)
    changed = replace(query, sketch_weight=weight)
    return QueryChange(changed, Status(balance_words(changed), Tone.DONE), searches=changed != query)
