"""What a search is asked with beside drawing and words. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from air_sketch.values.datatypes import ResultCard, SearchRequest


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


def balance_words(query: QueryState) -> str:
    """Say how the drawing stands against the words."""
    sketch = round(100 * query.sketch_weight)
    return f"Drawing {sketch} %, words {100 - sketch} %"
