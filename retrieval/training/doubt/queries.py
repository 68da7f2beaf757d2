"""Queries of which is known what was meant, and what the search answers to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from retrieval.evaluation.gallery import Gallery, Subject
from retrieval.sketches.people_drawings import WORD_KINDS
from retrieval.training.doubt.drawings import Drawings, Drawn, fold_of
from retrieval.values.confidence import RIGHT_HITS
from retrieval.values.datatypes import BoolArray, CatalogItem, Float32Array, LineDrawing
from retrieval.words.captions import article, colour_words, kind_words, kinds_called, short_caption
from retrieval.words.colours import family_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_OF_A_SOURCE = 180
"""Queries of one source; a fit of six weights learns nothing more from further ones."""

SHARES = {
    "drawings by people": 0.55, "XDoG": 0.20, "other things": 0.15, "scribbles": 0.10,
    "titles": 0.30, "captions": 0.50, "titles of other items": 0.20,
    "drawings by people + caption": 0.35, "XDoG + title": 0.25, "XDoG + caption": 0.25, "no garment + caption": 0.15,
}  # fmt: skip
"""How much each source counts among the queries of its mode: an assumption of what people ask, by which alone a chance
means anything. Three of four drawings show something that people wear or carry."""


@dataclass(frozen=True)
class Query:
    """One query.

    Attributes:
        source: see ``SHARES``.
        drawing: None for words alone.
        caption: "" for a drawing alone.
        garment: log odds that the drawing shows a garment, by a probe that saw neither it nor its word.
        wanted: bool (N,), the items that were meant.
        needed: of these, so many on the first page are enough.
        of_kind: bool (N,), the items of the kind that was meant.
        half: 0 or 1; what is measured on one half is fitted on the other.
    """

    source: str
    drawing: LineDrawing | None
    caption: str
    garment: float
    wanted: BoolArray
    needed: int
    of_kind: BoolArray
    half: int


@dataclass(frozen=True)
class Answer:
    """What the search knows of its answer.

    Attributes:
        hits: int (n,), numbers of the first page's items.
        mode: see ``retrieval.values.confidence``.
        numbers: float32 (len(EVIDENCE),), with nothing yet about the drawing.
        nearness: float32 (n,), inner product of each hit with the query.
        texts: float32 (n,), what each hit's texts gave.
    """

    hits: NDArray[np.int64]
    mode: str
    numbers: Float32Array
    nearness: Float32Array
    texts: Float32Array


Ask = Callable[["LineDrawing | None", str], "Answer | None"]
"""The whole search of a gallery; None where it finds nothing."""

Garment = Callable[[Drawn, int], float]
"""Log odds that the n-th of some drawings shows a garment."""


class QueryMaker:
    """Queries to one gallery."""

    def __init__(self, gallery: Gallery, garment: Garment) -> None:
        self._garment = garment
        self._kinds, self._families, self._brands = gallery.kinds, gallery.families, gallery.brands
        self._nothing = np.zeros(len(gallery.items), bool)
        self._colours = sorted({item.colour for item in gallery.items if family_of(item.colour)})

    def by_people(self, drawn: Drawn) -> Iterator[Query]:
        """Drawings of words of which the gallery has enough, alone and with a caption that names a colour as well."""
        for number, (drawing, word) in enumerate(zip(drawn.drawings, drawn.words, strict=True)):
            of_kind = np.isin(self._kinds, list(WORD_KINDS.get(word, ())))
            if of_kind.sum() < RIGHT_HITS:
                continue
            odds = self._garment(drawn, number)
            query = Query("drawings by people", drawing, "", odds, of_kind, RIGHT_HITS, of_kind, number % 2)
            yield query
            if self._colours:
                colour = self._colours[number % len(self._colours)]
                caption = article(f"{colour_words(colour)[0]} {word}")
                wanted = of_kind & (self._families == family_of(colour))
                yield replace(query, source="drawings by people + caption", caption=caption, wanted=wanted)

    def of_items(self, subjects: Sequence[Subject], odds: Sequence[float]) -> Iterator[Query]:
        """Items of the gallery by title, by XDoG drawing, and by both; ``odds`` are those of the drawings."""
        for subject, garment in zip(subjects, odds, strict=True):
            wanted = self._nothing.copy()
            wanted[subject.number] = True
            of_kind = (self._kinds == subject.item.kind) & (self._kinds != "")
            query = Query("XDoG", subject.drawing, "", garment, wanted, 1, of_kind, subject.number % 2)
            title = subject.item.title
            caption = short_caption({**subject.item.fields, "title": title})
            yield query
            yield replace(query, source="titles", drawing=None, caption=title, garment=0.0)
            yield replace(query, source="XDoG + title", caption=title)
            yield replace(query, source="XDoG + caption", caption=caption)

    def of_captions(self, elsewhere: Sequence[CatalogItem]) -> Iterator[Query]:
        """Kind and colour of items that the gallery lacks, of which it may have others."""
        for number, item in enumerate(elsewhere):
            if item.kind:
                called = np.isin(self._kinds, list(kinds_called(kind_words(item.kind)[0]) or {item.kind}))
                family = family_of(item.colour)
                wanted = called & (self._families == family) if family else called
                caption = short_caption({**item.fields, "title": item.title})
                yield Query("captions", None, caption, 0.0, wanted, RIGHT_HITS, called, number % 2)

    def of_other_items(self, elsewhere: Sequence[CatalogItem]) -> Iterator[Query]:
        """Titles of items that the gallery lacks: things of the same kind and brand are then what can be hoped for."""
        for number, item in enumerate(elsewhere):
            of_kind = (self._kinds == item.kind) & (self._kinds != "")
            brand = item.fields.get("brand", "").strip().lower()
            wanted = of_kind & (self._brands == brand) if brand else self._nothing
            yield Query("titles of other items", None, item.title, 0.0, wanted, RIGHT_HITS, of_kind, number % 2)

    def of_no_garment(self, source: str, drawn: Drawn, captions: Sequence[Query]) -> Iterator[Query]:
        """Drawings that show none, alone and, some of them, with a caption: the words are then what was meant."""
        step = max(1, len(drawn.drawings) // MOST_OF_A_SOURCE)
        for turn, number in enumerate(range(0, len(drawn.drawings), step)):
            half = fold_of(drawn.words[number]) % 2 if source == "other things" else turn % 2
            drawing, odds = drawn.drawings[number], self._garment(drawn, number)
            yield Query(source, drawing, "", odds, self._nothing, 1, self._nothing, half)
            if turn % 3 == 0 and captions:
                words = captions[turn % len(captions)]
                yield replace(words, source="no garment + caption", drawing=drawing, garment=odds, half=half)


def all_queries(
    gallery: Gallery,
    subjects: Sequence[Subject],
    elsewhere: Sequence[CatalogItem],
    drawings: Drawings,
    garment: Garment,
    xdog_garment: Sequence[float],
) -> list[Query]:
    """Put the queries of all modes together.

    Args:
        gallery: that is searched.
        subjects: items of it with an XDoG drawing; xdog_garment: log odds that each shows a garment.
        elsewhere: items that are not in it.
        drawings: see there.
        garment: see there.
    """
    maker = QueryMaker(gallery, garment)
    captions = list(maker.of_captions(elsewhere))
    return [
        *maker.by_people(drawings.held_out),
        *maker.of_items(subjects, xdog_garment),
        *captions,
        *maker.of_other_items(elsewhere),
        *maker.of_no_garment("other things", drawings.other, captions),
        *maker.of_no_garment("scribbles", drawings.scribbles, captions),
    ]
