"""Find gallery pictures by a drawing, by words, or by both.

>>> from retrieval import Searcher
>>> searcher = Searcher.open("galleries/demo")                              # doctest: +SKIP
>>> hits = searcher.search(sketch="bag.png", caption="a red clutch", k=10)  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retrieval.search.searcher import Searcher

__all__ = ["Searcher"]


def __getattr__(name: str) -> object:
    """Import the searcher, and torch with it, only when it is asked for."""
    if name == "Searcher":
        from retrieval.search.searcher import Searcher

        return Searcher
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
