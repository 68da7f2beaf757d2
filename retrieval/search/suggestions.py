"""Continue what is typed with words and titles of the gallery."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from retrieval.index.lexical import TermIndex
from retrieval.values.datatypes import BoolArray, CatalogItem
from retrieval.words.terms import stem, terms_of, tokens

WORDS_LOOKED_AT = 60
"""Of the words that begin with what is typed, the most usual are compared."""

ROWS_LOOKED_AT = 20_000
TITLE_SHARE = 2
"""One suggestion in so many is a title."""


def suggest(typed: str, index: TermIndex, items: Sequence[CatalogItem], limit: int = 6) -> tuple[str, ...]:
    """Continue a caption.

    Args:
        typed: so far; its last word may be unfinished.
        index: words of the gallery.
        items: of the gallery.
        limit: of suggestions.
    Returns:
        Whole captions: the typed one with its last word finished, the most usual first, then titles that begin so.
    """
    words = tokens(typed)
    if not words or typed[-1:].isspace():
        return ()
    *before, last = words
    begun = last.replace("-", "")
    fitting = _rows_with(before, index)
    found = _continuing(begun, index, fitting) or _continuing(stem(begun), index, fitting)
    found = found or _continuing(begun, index, None)
    is_as_typed = typed.casefold().endswith(last)  # not so of levi's
    head = typed[: -len(last)] if is_as_typed else typed[: len(typed) - len(typed.rsplit(maxsplit=1)[-1])]
    surfaces = (_as_written(index.vocabulary[number], items[int(rows[0])]) for _, number, rows in found[: 2 * limit])
    completed = list(dict.fromkeys(head + word for word in surfaces if word and word != last))
    titles = dict.fromkeys(items[int(row)].title for _, _, rows in found[:3] for row in rows[:2])
    chosen = [*completed[: max(limit - len(titles), limit - limit // TITLE_SHARE)], *titles]
    return tuple(dict.fromkeys(chosen))[:limit]


def _continuing(last: str, index: TermIndex, fitting: BoolArray | None) -> list[tuple[int, int, npt.NDArray[np.int32]]]:
    """Terms that begin so: in how many of the fitting rows, the term's number, and these rows; the most usual first."""
    start = bisect_left(index.vocabulary, last)
    end = bisect_left(index.vocabulary, last + chr(0x10FFFF))
    usual = start + np.argsort(-index.frequencies[start:end], kind="stable")[:WORDS_LOOKED_AT]
    found: list[tuple[int, int, npt.NDArray[np.int32]]] = []
    for number in usual.tolist():
        rows = index.rows[index.starts[number] : index.starts[number + 1]][:ROWS_LOOKED_AT]
        rows = rows if fitting is None else rows[fitting[rows]]
        if len(rows):
            found.append((len(rows), number, rows))
    return sorted(found, key=lambda one: (-one[0], one[1]))


def _rows_with(words: Sequence[str], index: TermIndex) -> BoolArray | None:
    """Which rows have every word that any row has, bool (N,); None when no word is asked for."""
    fitting: BoolArray | None = None
    for word in words:
        rows = index.rows[index.postings(terms_of(word)[0])]
        if len(rows):
            has = np.zeros(index.count, np.bool_)
            has[rows] = True
            fitting = has if fitting is None else fitting & has
    return fitting


def _as_written(term: str, item: CatalogItem) -> str:
    """The word of an item whose term this is: ``jean`` is written ``jeans``; "" for a pair of letters, no word."""
    for text in (item.title, *item.fields.values()):
        for token in tokens(text):
            if terms_of(token)[0] == term:
                return token
    return term if term.isascii() else ""
