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

from retrieval.sketches.augmentation import SketchAugmentation, crop_band, degrade_lines, ink_sketch
from retrieval.sketches.kind_sketches import KindSketches, kinds_drawn_as
from retrieval.sketches.packing import unpack_lines
from retrieval.training.data.pairs import Pairs
from retrieval.values.datatypes import BoolArray
from retrieval.words.captions import article, colour_words, kind_words, kinds_called, normalize_caption
from retrieval.words.colours import COLOUR_FAMILIES
from retrieval.words.inks import COLOUR_RGB, INKABLE, ink_of, neutral_ink

MAIN_COLOURS = tuple(family.capitalize() for family in COLOUR_FAMILIES)
"""The catalogue colours that head a family: what people name most."""


@dataclass(frozen=True)
class WishSettings:
    """How wishes are mixed; all but ``per_batch`` are probabilities.

    Attributes:
        per_batch: wishes beside every batch of pairs; 0 trains on pairs alone.
        word_drawing: the drawing shows a word (the others are lines of some item).
        main_colour: the colour is one of the twelve that head a family.
        names_colour: the words name a colour.
        coloured_ink: words without a colour come with ink that means one.
        misleading_ink: words with a colour come with ink of another one.
        no_noun: words with a colour name no kind ("red").
        wrong_drawing: the drawing shows another kind than the words name, as a drawing that is misread does; the
            words then hold, so that a poor drawing never spoils good words.
        item_power: items to draw are picked with their kind's frequency to this power.
    """

    per_batch: int = 96
    word_drawing: float = 0.55
    main_colour: float = 0.75
    names_colour: float = 0.45
    coloured_ink: float = 0.5
    misleading_ink: float = 0.3
    no_noun: float = 0.12
    wrong_drawing: float = 0.25
    item_power: float = 0.5


@dataclass(frozen=True)
class Meaning:
    """What a query asks for.

    Attributes:
        kinds: catalogue kinds that fit; empty when any kind does.
        colour: a catalogue colour; "" when any colour does.
    """

    kinds: frozenset[str] = frozenset()
    colour: str = ""


def item_lines(pairs: Pairs, i: int, sketch: SketchAugmentation, rng: np.random.Generator) -> BoolArray:
    """Pick one of an item's own line drawings, bool (grid, grid); clothes now and then without head or legs."""
    lines = unpack_lines(pairs.lines[i, int(rng.integers(pairs.lines.shape[1]))])
    if pairs.rows[i].get("masterCategory") == "Apparel" and rng.random() < sketch.band:
        lines = crop_band(lines, rng)
    return lines


class Wishes:
    """An endless supply of wishes; wish n of a batch is always the same one.

    Args:
        sources: pairs folders whose items may be drawn.
        split: which rows.
        settings: how wishes are mixed.
        sketch: degradations of the drawings.
        kind_sketches: drawings by word, may be empty.
        seed: of all randomness.
        size_px: side of the pictures.
    """

    def __init__(
        self,
        sources: list[Pairs],
        split: str,
        settings: WishSettings,
        sketch: SketchAugmentation,
        kind_sketches: KindSketches,
        seed: int,
        size_px: int,
    ) -> None:
        self.sources, self.settings, self.sketch = sources, settings, sketch
        self.kind_sketches, self.seed, self.size_px = kind_sketches, seed, size_px
        by_kind: dict[str, list[tuple[int, int]]] = {}
        for number, pairs in enumerate(sources):
            for i in pairs.indices(split):
                kind = pairs.rows[i].get("articleType", "")
                if kind:
                    by_kind.setdefault(kind, []).append((number, int(i)))
        self._kinds = sorted(by_kind)
        self._places = [by_kind[kind] for kind in self._kinds]
        weights = np.array([len(places) for places in self._places], dtype=np.float64) ** settings.item_power
        self._odds = weights / weights.sum() if len(weights) else weights
        self._words = [word for word in kind_sketches.words if kinds_drawn_as(word) & by_kind.keys()]

    def __bool__(self) -> bool:
        return self.settings.per_batch > 0 and bool(self._kinds)

    def batch(self, number: int) -> dict[str, Any]:
        """Make a batch of wishes; the number decides which.

        Returns:
            ``sketch`` uint8 (N, size, size, 3), ``caption`` list of str, and the meanings of the drawing
            (``drawn``), of the words (``said``) and of both (``both``), lists of ``Meaning``.
        """
        wishes = [self._wish(np.random.default_rng((self.seed, number, n, 1))) for n in range(self.settings.per_batch)]
        batch: dict[str, Any] = {key: [wish[key] for wish in wishes] for key in wishes[0]}
        batch["sketch"] = torch.from_numpy(np.stack(batch["sketch"]))
        return batch

    def _wish(self, rng: np.random.Generator) -> dict[str, Any]:
        settings = self.settings
        lines, drawn, noun = self._drawing(rng)
        words = random.Random(int(rng.integers(2**62)))
        ink = named = ""
        if words.random() < settings.names_colour:
            named = self._colour(words)
            ink = self._ink_colour(words) if words.random() < settings.misleading_ink else ""
            noun = "" if words.random() < settings.no_noun else noun
        elif words.random() < settings.coloured_ink:
            ink = self._ink_colour(words)
        color_rgb = ink_of(ink, rng) if ink else neutral_ink(rng)
        if noun and words.random() < settings.wrong_drawing:
            lines, drawn, _ = self._drawing(rng)
        called = kinds_called(noun)
        return {
            "sketch": ink_sketch(lines, color_rgb, self.size_px, rng),
            "caption": _phrase(named, noun, words),
            "drawn": Meaning(drawn, ink),
            "said": Meaning(called, named),
            "both": Meaning(drawn & called or called or drawn, named or ink),
        }

    def _drawing(self, rng: np.random.Generator) -> tuple[BoolArray, frozenset[str], str]:
        """Lines, the kinds that they may show, and a noun that fits."""
        if self._words and rng.random() < self.settings.word_drawing:
            word = self._words[int(rng.integers(len(self._words)))]
            lines, drawn = self.kind_sketches.drawing(word, rng), kinds_drawn_as(word)
            known = sorted(drawn & set(self._kinds))
            noun = word if kinds_called(word) and rng.random() < 0.6 else _noun(known, rng)
        else:
            place = int(rng.choice(len(self._kinds), p=self._odds))
            kind, places = self._kinds[place], self._places[place]
            number, i = places[int(rng.integers(len(places)))]
            lines = item_lines(self.sources[number], i, self.sketch, rng)
            drawn, noun = frozenset({kind}), _noun([kind], rng)
        return degrade_lines(lines, self.sketch, rng), drawn, noun

    def _colour(self, words: random.Random) -> str:
        return words.choice(MAIN_COLOURS if words.random() < self.settings.main_colour else sorted(COLOUR_RGB))

    def _ink_colour(self, words: random.Random) -> str:
        main = [colour for colour in MAIN_COLOURS if colour in INKABLE]
        return words.choice(main if words.random() < self.settings.main_colour else sorted(INKABLE))


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
    return normalize_caption(article(phrase) if noun and style < 0.55 else phrase)
