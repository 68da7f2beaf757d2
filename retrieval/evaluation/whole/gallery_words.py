"""Do the words of the gallery find its things: titles, titles with typing errors, brands, alone and beside a drawing?

Everything else here measures the encoder; this measures the search as a whole, which looks words up as well.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np

from retrieval.evaluation.brands import LEAST_OF_BRAND
from retrieval.evaluation.gallery import Gallery, Subject
from retrieval.evaluation.metrics import HITS, estimate
from retrieval.evaluation.report import Row, Section
from retrieval.values.datatypes import LineDrawing
from retrieval.words.captions import kind_words

Find = Callable[[LineDrawing | None, str], Sequence[int]]
"""The whole search: the numbers of the first hits, best first, for a drawing (None for none) and a caption."""

OpenSearch = Callable[[Gallery], Find]

LEAST_LETTERS = 4
"""Of a word in which a typing error is made."""

COLUMNS = ("R@1", "R@10", "of those available", "brand P@10", "kind P@10")

NOTE = (
    "The search as the program does it, looking words up beside the encoder. Typing errors: one letter left out, "
    "doubled by another, exchanged for another or for its neighbour, in each of so many words. The last row: a drawing "
    "of a thing of another brand, so that words and drawing must both count."
)


def gallery_words_section(find: Find, gallery: Gallery, subjects: Sequence[Subject]) -> Section:
    """Measure the search by words of the gallery; rows that the gallery has no data for are left out."""
    wanted = gallery.items[: gallery.queries]
    titles = [item.title for item in wanted]
    asked: dict[str, list[str]] = {"title": titles}
    for errors in (1, 2):
        rng = random.Random(errors)
        asked[f"title, typing errors in {errors} words"[: -1 if errors == 1 else None]] = [
            with_typing_errors(title, errors, rng) for title in titles
        ]
    rows = {name: _very_item([(i, find(None, text)) for i, text in enumerate(texts)]) for name, texts in asked.items()}
    if subjects:
        rows["drawing + title"] = _very_item([(s.number, find(s.drawing, s.item.title)) for s in subjects])
    return Section("Words of the gallery", COLUMNS, rows | _brand_rows(find, gallery, subjects), NOTE)


def _brand_rows(find: Find, gallery: Gallery, subjects: Sequence[Subject]) -> dict[str, Row]:
    brands, kinds = gallery.brands, gallery.kinds
    pairs, counts = np.unique(np.stack([brands, kinds], axis=1), axis=0, return_counts=True)
    asked = [(brand, kind) for brand, kind in pairs[counts >= LEAST_OF_BRAND].tolist() if brand and kind]
    shares, of_brand, of_kind = [], [], []
    for brand, kind in asked:
        is_wanted = (brands == brand) & (kinds == kind)
        hits = np.array(find(None, f"{brand} {kind_words(kind)[0]}"), int)
        shares.append(is_wanted[hits].sum() / min(HITS, is_wanted.sum()))
    for subject in subjects:
        kind, own = subject.item.kind, brands[subject.number]
        if others := [brand for brand, of in asked if of == kind and brand != own]:
            brand = others[subject.number % len(others)]
            hits = np.array(find(subject.drawing, brand), int)
            of_brand.append((brands[hits] == brand).mean())
            of_kind.append((kinds[hits] == kind).mean())
    rows: dict[str, Row] = {}
    if shares:
        rows["'{brand} {kind}'"] = {"of those available": estimate(shares)}
    if of_brand:
        rows["drawing + another brand"] = {"brand P@10": estimate(of_brand), "kind P@10": estimate(of_kind)}
    return rows


def with_typing_errors(title: str, count: int, rng: random.Random) -> str:
    """Make one typing error in each of so many words, where there are such words."""
    words = title.split()
    places = [place for place, word in enumerate(words) if len(word) >= LEAST_LETTERS and word.isalpha()]
    for place in rng.sample(places, min(count, len(places))):
        word, other = words[place], rng.choice("abcdefghijklmnopqrstuvwxyz")
        at = rng.randrange(len(word) - 1)
        before, letter, after = word[:at], word[at], word[at + 1 :]
        words[place] = rng.choice(
            (
                before + after,
                before + other + letter + after,
                before + other + after,
                before + after[0] + letter + after[1:],
            )
        )
    return " ".join(words)


def _very_item(found: Sequence[tuple[int, Sequence[int]]]) -> Row:
    return {f"R@{k}": estimate([float(number in hits[:k]) for number, hits in found]) for k in (1, HITS)}
