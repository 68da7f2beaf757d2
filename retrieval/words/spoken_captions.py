"""Captions such as people would say of a gallery, for a speech recogniser to learn words and word order from.

A third come from the gallery itself: titles and what ``captions.compose`` makes of the items' fields. The others
combine gender, colour, material, pattern, cut, kind, brand and "with ..." freely, the gallery's own words among them,
so that what nobody has sold yet can be asked for, too.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain, pairwise

from retrieval.values.datatypes import CatalogItem
from retrieval.words.captions import COLOUR_WORDS, GENDER_WORDS, KIND_WORDS, article, compose, normalize_caption
from retrieval.words.fashion_words import CUTS, KNOWN_BRANDS, MATERIALS, PARTS, PATTERNS, PLAIN_COLOURS

ITEMS_HEARD = 4000
"""Items beyond it add names rather than ways to say things; every n-th is taken."""

COMPOSED_PER_ITEM = 5
FREE_CAPTIONS = 14_000
BRANDS_HEARD = 300
DETAILS_HEARD = 400
"""Title words that no column explains ("bodycon", "round neck"), the most frequent ones."""

LEAST_SHARE = 0.0005
"""A title word in fewer of the titles is a model's name, said by nobody and mistaken for others."""

_GENDERS = ("men", "women", "men's", "women's", "ladies", "boys", "girls", "unisex", "kids")
_FOR = ("for men", "for women", "for girls", "for boys", "for kids", "for him", "for her")


def spoken_captions(items: Sequence[CatalogItem], seed: int = 0) -> list[str]:
    """Compose captions for a recogniser to learn from.

    Args:
        items: of the gallery; with none only the general fashion words are used.
        seed: the same gallery gives the same captions.
    Returns:
        Normalised captions without digits, in no particular order.
    """
    rng = random.Random(seed)
    every_nth = max(1, -(-len(items) // ITEMS_HEARD))
    heard = items[::every_nth]
    common = _common_words(heard)
    captions = []
    for item in heard:
        title = _said(item.title)
        if all(word in common for word in title.split()):
            captions.append(title)
        if not item.kind:  # nothing to compose from but the title
            continue
        fields = {**item.fields, "title": item.title, "brand": _said(item.fields.get("brand", ""))}
        captions += [_said(compose(fields, rng).text) for _ in range(COMPOSED_PER_ITEM)]
    words = gallery_words(heard)
    captions += [_said(free_caption(words, rng)) for _ in range(FREE_CAPTIONS)]
    return [caption for caption in captions if caption]


def gallery_words(items: Sequence[CatalogItem]) -> dict[str, tuple[str, ...]]:
    """Sort words by what they tell: those of the gallery first, the most frequent before, then fashion in general."""
    said_kinds = {_said(kind): words for kind, words in KIND_WORDS.items()}
    own_kinds = [word for name in _column(items, "articleType") for word in said_kinds.get(name, (name,))]
    colours, kinds = (list(chain.from_iterable(words.values())) for words in (COLOUR_WORDS, KIND_WORDS))
    return {
        "brand": _unique([*_column(items, "brand")[:BRANDS_HEARD], *KNOWN_BRANDS]),
        "colour": _unique([*_column(items, "baseColour"), *PLAIN_COLOURS, *colours]),
        "material": _unique([*_column(items, "material"), *MATERIALS]),
        "pattern": _unique([*_column(items, "pattern"), *PATTERNS]),
        "detail": _unique([*_details(items), *CUTS]),
        "kind": _unique([*own_kinds, *kinds]),
    }


def free_caption(words: Mapping[str, Sequence[str]], rng: random.Random) -> str:
    """Combine words of a gallery as somebody would who asks for a thing."""
    described = [
        _pick(words[sort], rng)
        for sort, chance in (("detail", 0.2), ("colour", 0.65), ("pattern", 0.15), ("material", 0.25))
        if rng.random() < chance
    ]
    if rng.random() < 0.25:
        rng.shuffle(described)
    gender = rng.choice(_GENDERS) if rng.random() < 0.2 else ""
    brand = rng.choice(words["brand"]) if rng.random() < 0.1 else ""
    caption = " ".join(part for part in (brand, gender, *described, _pick(words["kind"], rng)) if part)
    if not brand and not gender and rng.random() < 0.75:
        caption = article(caption)
    if rng.random() < 0.22:
        sorts = ("colour", "colour", "material", "detail", "pattern")
        described_part = _pick(words[rng.choice(sorts)], rng) if rng.random() < 0.6 else ""
        part = " ".join(word for word in (described_part, rng.choice(PARTS)) if word)
        caption += f" with {article(part) if rng.random() < 0.4 else part}"
    elif not gender and rng.random() < 0.08:
        caption += f" {rng.choice(_FOR)}"
    return caption


def _pick(choices: Sequence[str], rng: random.Random) -> str:
    """Choose a word, those in front (the common ones) more often."""
    return choices[int(len(choices) * rng.random() ** 2)]


def _said(text: str) -> str:
    """Bring text into spoken form: normalised, "and" for "&", without digits and signs."""
    plain = normalize_caption(text.replace("&", " and "))
    words = (word.strip("-'.") for word in re.sub(r"[^\w\s'.-]", " ", plain).split())
    return " ".join(word for word in words if word and not any(sign.isdigit() for sign in word))


def _column(items: Sequence[CatalogItem], column: str) -> list[str]:
    """A column's values, the most frequent first."""
    counts = Counter(_said(item.fields.get(column, "")) for item in items)
    return [value for value, _ in counts.most_common() if value not in {"", "na", "nan", "none"}]


def _common_words(items: Sequence[CatalogItem]) -> frozenset[str]:
    counts = Counter(word for item in items for word in set(_said(item.title).split()))
    return frozenset(word for word, count in counts.items() if count >= max(1, LEAST_SHARE * len(items)))


def _details(items: Sequence[CatalogItem]) -> list[str]:
    """Words and pairs of words in titles that no other column has."""
    counts: Counter[str] = Counter()
    common = _common_words(items)
    genders = {word for words in GENDER_WORDS.values() for phrase in words for word in phrase.split()}
    for item in items:
        told = set(" ".join(_said(value) for value in item.fields.values()).split()) | genders | {"and", "with"}
        kinds = {word for phrase in KIND_WORDS.get(item.kind, ()) for word in phrase.split()}
        words = [word for word in _said(item.title).split() if word not in told | kinds and word in common]
        counts.update(words)
        counts.update(" ".join(pair) for pair in pairwise(words))
    least = max(2, LEAST_SHARE * len(items))
    return [word for word, count in counts.most_common(DETAILS_HEARD) if count >= least]


def _unique(words: Sequence[str]) -> tuple[str, ...]:
    said = (_said(word) for word in words)
    return tuple(dict.fromkeys(word for word in said if word))
