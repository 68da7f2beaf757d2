"""Turn a pairs folder into training batches: one augmented photo, one drawing, one caption per row and epoch."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from torch.utils.data import Dataset, default_collate

from retrieval.sketches.augmentation import augment_photo, degrade_lines, ink_sketch
from retrieval.sketches.kind_sketches import KindSketches
from retrieval.sketches.preprocessing import resize_square
from retrieval.training.data.pairs import Pairs
from retrieval.training.data.wishes import Wishes, item_lines
from retrieval.values.datatypes import Rgb, UInt8Array
from retrieval.words.captions import ComposedCaption, compose, drop_words, normalize_caption
from retrieval.words.inks import INKABLE, ink_of, neutral_ink
from retrieval.words.korean_captions import in_korean

SPLIT = "train"

TITLES = 0.45
"""Share of captions that are the title; the others are composed from fields."""

THIN_TITLES = 0.35
"""Share of titles that lose some of their words."""

KOREAN = 0.08
"""Share of composed captions that are said in Korean."""

KIND_SKETCHES = 0.12
"""Share of drawings that are a clumsy drawing of the item's kind instead of the item's own lines."""

MATCHING_INKS = 0.3
"""Share of inks that have the item's colour, where it is one that people draw in; other ink is neutral."""


class Examples:
    """Examples of the rows with split ``train``; index i of epoch e is always the same example.

    Photos of another size than ``size_px`` are resized. The bank of drawings by kind may be empty.
    """

    def __init__(self, pairs: Pairs, kind_sketches: KindSketches, seed: int, size_px: int) -> None:
        self.pairs, self.kind_sketches, self.seed, self.size_px = pairs, kind_sketches, seed, size_px
        self.places = pairs.indices(SPLIT)

    def __len__(self) -> int:
        return len(self.places)

    def batch(self, epoch: int, indices: Iterable[int], titles: float = TITLES) -> dict[str, Any]:
        """Make a batch of examples, of whose captions a share are ``titles``.

        Returns:
            ``photo`` and ``sketch`` uint8 (N, size, size, 3), ``names_colour`` bool (N,), and lists of str:
            ``caption``, ``noun``, ``drawn_word``, ``title``, ``kind`` and ``colour``.
        """
        batch: dict[str, Any] = default_collate([self._example(epoch, index, titles) for index in indices])
        return batch

    def _example(self, epoch: int, index: int, titles: float) -> dict[str, Any]:
        i = self.places[index]
        row = self.pairs.rows[i]
        rng = np.random.default_rng((self.seed, epoch, index))
        words = random.Random(int(rng.integers(2**62)))
        sketch, drawn_word = self._sketch(i, row, rng)
        photo = resize_square(augment_photo(self.pairs.photos[i], rng), self.size_px)
        if rng.random() < 0.5:
            photo = photo[:, ::-1]
            sketch = sketch[:, ::-1]
        caption = _caption(row, words, titles)
        return {
            "photo": np.ascontiguousarray(photo),
            "sketch": np.ascontiguousarray(sketch),
            "caption": caption.text,
            "noun": caption.noun,
            "names_colour": caption.names_colour,
            "drawn_word": drawn_word,
            "title": row["title"],
            "kind": row.get("articleType", ""),
            "colour": row.get("baseColour", ""),
        }

    def _sketch(self, i: int, row: dict[str, Any], rng: np.random.Generator) -> tuple[UInt8Array, str]:
        kind = row.get("articleType", "")
        word = ""
        if rng.random() < KIND_SKETCHES and self.kind_sketches.knows(kind):
            lines, word = self.kind_sketches.pick(kind, rng)
        else:
            lines = item_lines(self.pairs, i, rng)
        lines = degrade_lines(lines, rng)
        return ink_sketch(lines, _ink(row.get("baseColour", ""), rng), self.size_px, rng), word


def _ink(colour: str, rng: np.random.Generator) -> Rgb:
    if colour in INKABLE and rng.random() < MATCHING_INKS:
        return ink_of(colour, rng)
    return neutral_ink(rng)


def _caption(row: dict[str, Any], rng: random.Random, titles: float) -> ComposedCaption:
    if rng.random() < titles:
        title = normalize_caption(row["title"])
        return ComposedCaption(drop_words(title, rng) if rng.random() < THIN_TITLES else title)
    composed = compose(row, rng)
    return replace(composed, text=in_korean(composed.text, rng)) if rng.random() < KOREAN else composed


class TrainingBatches(Dataset[dict[str, Any]]):
    """Batch n is what step n of a run is given: examples, shuffled per epoch, and its wishes under ``wishes``."""

    def __init__(self, examples: Examples, wishes: Wishes, size: int) -> None:
        self.examples, self.wishes, self.size = examples, wishes, size

    def indices(self, step: int) -> tuple[int, list[int]]:
        """The epoch of a step, and the examples that it sees."""
        epoch, place = divmod(step, len(self.examples) // self.size)
        order = _shuffled(self.examples.seed, epoch, len(self.examples))
        return epoch, order[place * self.size : (place + 1) * self.size].tolist()

    def __getitem__(self, step: int) -> dict[str, Any]:
        batch = self.examples.batch(*self.indices(step))
        batch["wishes"] = self.wishes.batch(step) if self.wishes else None
        return batch


@lru_cache(maxsize=1)
def _shuffled(seed: int, epoch: int, count: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.random.default_rng((seed, epoch)).permutation(count)
