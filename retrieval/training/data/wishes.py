"""Training queries that many items answer: "something like this, in red", not "this very item".

The pairs teach which drawing and title belong to one photo. A person mostly asks for less: a kind, a colour, a rough
shape. A wish is such a query: the drawing of a word or of some item, in an ink that may mean a colour, and a few words
that may name a kind, a colour, or both. Words and inks disagree now and then, and then the words hold. Kinds and
colours are picked evenly, not as often as the catalogue has them, so that a hat is learnt as well as a t-shirt.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from retrieval.sketches.augmentation import (
    BAND,
    crop_band,
    degrade_lines,
    faulty_lines,
    ink_sketch,
    redrawn_lines,
)
from retrieval.sketches.kind_sketches import KindSketches, kinds_drawn_as
from retrieval.training.data.pairs import Pairs
from retrieval.values.datatypes import BoolArray
from retrieval.words.captions import article, colour_words, kind_words, kinds_called, normalize_caption
from retrieval.words.colours import COLOUR_FAMILIES
from retrieval.words.inks import COLOUR_RGB, INKABLE, ink_of, neutral_ink
from retrieval.words.korean_captions import in_korean

MAIN_COLOURS = tuple(family.capitalize() for family in COLOUR_FAMILIES)
"""The catalogue colours that head a family: what people name most."""


PER_BATCH = 160
"""Wishes beside every batch of pairs."""

# Shares of wishes, unless it says otherwise.
WORD_DRAWINGS = 0.55  # the drawing shows a word; the others are lines of some item
MAIN_COLOUR = 0.75  # of colours: one of the twelve that head a family
NAMES_COLOUR = 0.45  # the words name a colour
COLOURED_INK = 0.5  # of words without a colour: they come with ink that means one
MISLEADING_INK = 0.3  # of words with a colour: they come with ink of another one
NO_NOUN = 0.12  # of words with a colour: they name no kind ("red")
KOREAN = 0.1  # the words are said in Korean
CRUDE = 0.5  # of drawings of items: they are redrawn by a clumsy hand
OTHER_THINGS = 32
"""Drawings of other things than garments beside every batch of wishes."""

WRONG_DRAWING = 0.25
"""The drawing shows another kind than the words name, as a drawing that is misread does; the words then hold, so that
a poor drawing never spoils good words."""

ITEM_POWER = 0.5
"""Items to draw are picked with their kind's frequency to this power."""


@dataclass(frozen=True)
class Meaning:
    """What a query asks for.

    Attributes:
        kinds: catalogue kinds that fit; empty when any kind does.
        colour: a catalogue colour; "" when any colour does.
    """

    kinds: frozenset[str] = frozenset()
    colour: str = ""


def item_lines(pairs: Pairs, i: int, rng: np.random.Generator) -> BoolArray:
    """Pick one of an item's own line drawings, bool (grid, grid); clothes now and then without head or legs."""
    lines = pairs.lines(i, int(rng.integers(pairs.variants)))
    if pairs.rows[i].get("masterCategory") == "Apparel" and rng.random() < BAND:
        lines = crop_band(lines, rng)
    return lines


class Wishes:
    """An endless supply of wishes; wish n of a batch is always the same one. False when there is nothing to wish for.

    Items of the pairs with split ``train`` may be drawn, and words of the bank, which may be empty.
    """

    def __init__(
        self, pairs: Pairs, kind_sketches: KindSketches, seed: int, size_px: int, others: KindSketches | None = None
    ) -> None:
        self.pairs, self.kind_sketches, self.seed, self.size_px = pairs, kind_sketches, seed, size_px
        self.others = others or KindSketches({})
        by_kind: dict[str, list[int]] = {}
        for i in pairs.indices("train"):
            kind = pairs.rows[i].get("articleType", "")
            if kind:
                by_kind.setdefault(kind, []).append(i)
        self._kinds = sorted(by_kind)
        self._items = [by_kind[kind] for kind in self._kinds]
        weights = np.array([len(items) for items in self._items], dtype=np.float64) ** ITEM_POWER
        self._odds = weights / max(weights.sum(), 1.0)
        self._words = [word for word in kind_sketches.words if kinds_drawn_as(word) & by_kind.keys()]

    def __bool__(self) -> bool:
        return bool(self._kinds)

    def batch(self, number: int) -> dict[str, Any]:
        """Make a batch of wishes; the number decides which.

        Returns:
            ``sketch`` uint8 (N, size, size, 3), ``caption`` list of str, and the meanings of the drawing
            (``drawn``), of the words (``said``) and of both (``both``), lists of ``Meaning``; whether the drawing alone
            asks for its kind, as a crude one does (``is_vague``), and whether drawing and words together do
            (``asks_kind``), lists of bool: a careful drawing asks for the item that it shows, unless a colour is named.
            ``others`` uint8 (M, size, size, 3) are drawings of other things, M is 0 when there are none.
        """
        wishes = [self._wish(np.random.default_rng((self.seed, number, n, 1))) for n in range(PER_BATCH)]
        batch: dict[str, Any] = {key: [wish[key] for wish in wishes] for key in wishes[0]}
        batch["sketch"] = torch.from_numpy(np.stack(batch["sketch"]))
        batch["others"] = self._others(np.random.default_rng((self.seed, number, 2)))
        return batch

    def _others(self, rng: np.random.Generator) -> torch.Tensor:
        words = self.others.words
        picked = rng.integers(len(words), size=OTHER_THINGS) if words else ()
        lines = (degrade_lines(self.others.drawing(words[word], rng), rng) for word in picked)
        sketches = [ink_sketch(one, neutral_ink(rng), self.size_px, rng) for one in lines]
        return torch.from_numpy(np.stack(sketches)) if sketches else torch.zeros(0, dtype=torch.uint8)

    def _wish(self, rng: np.random.Generator) -> dict[str, Any]:
        lines, drawn, noun, is_vague = self._drawing(rng)
        words = random.Random(int(rng.integers(2**62)))
        ink = named = ""
        if words.random() < NAMES_COLOUR:
            named = _colour(words)
            ink = _ink_colour(words) if words.random() < MISLEADING_INK else ""
            noun = "" if words.random() < NO_NOUN else noun
        elif words.random() < COLOURED_INK:
            ink = _ink_colour(words)
        color_rgb = ink_of(ink, rng) if ink else neutral_ink(rng)
        if noun and words.random() < WRONG_DRAWING:
            lines, drawn, _, is_vague = self._drawing(rng)
        called = kinds_called(noun)
        return {
            "sketch": ink_sketch(lines, color_rgb, self.size_px, rng),
            "caption": _phrase(named, noun, words),
            "drawn": Meaning(drawn, ink),
            "said": Meaning(called, named),
            "both": Meaning(drawn & called or called or drawn, named or ink),
            "is_vague": is_vague or bool(ink),
            "asks_kind": is_vague or bool(named or ink) or not (drawn & called),
        }

    def _drawing(self, rng: np.random.Generator) -> tuple[BoolArray, frozenset[str], str, bool]:
        """Lines, the kinds that they may show, a noun that fits, and whether they mean no more than that."""
        if self._words and rng.random() < WORD_DRAWINGS:
            word = self._words[int(rng.integers(len(self._words)))]
            lines, drawn = self.kind_sketches.drawing(word, rng), kinds_drawn_as(word)
            known = sorted(drawn & set(self._kinds))
            noun = word if kinds_called(word) and rng.random() < 0.6 else _noun(known, rng)
        else:
            place = int(rng.choice(len(self._kinds), p=self._odds))
            kind, items = self._kinds[place], self._items[place]
            lines = item_lines(self.pairs, items[int(rng.integers(len(items)))], rng)
            is_vague = bool(rng.random() < CRUDE)
            lines = redrawn_lines(lines, rng) if is_vague else faulty_lines(lines, rng)
            return lines, frozenset({kind}), _noun([kind], rng), is_vague
        return degrade_lines(lines, rng), drawn, noun, True


def _colour(words: random.Random) -> str:
    return words.choice(MAIN_COLOURS if words.random() < MAIN_COLOUR else sorted(COLOUR_RGB))


def _ink_colour(words: random.Random) -> str:
    main = [colour for colour in MAIN_COLOURS if colour in INKABLE]
    return words.choice(main if words.random() < MAIN_COLOUR else sorted(INKABLE))


def _noun(kinds: list[str], rng: np.random.Generator) -> str:
    called = kind_words(kinds[int(rng.integers(len(kinds)))])
    return called[0] if rng.random() < 0.5 else called[int(rng.integers(len(called)))]


def _phrase(colour: str, noun: str, words: random.Random) -> str:
    """Say a colour and a noun, either may be "", as people type them."""
    named = ""
    if colour:
        several = colour_words(colour)
        named = several[0] if words.random() < 0.8 else words.choice(several)
    style = words.random()
    if named and noun and style < 0.1:
        return normalize_caption(f"{noun} in {named}")
    phrase = " ".join(part for part in (named, noun) if part)
    if words.random() < KOREAN:
        return normalize_caption(in_korean(phrase, words))
    return normalize_caption(article(phrase) if noun and style < 0.55 else phrase)
