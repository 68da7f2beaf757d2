"""Turn pairs folders into training examples: one augmented photo, one drawing, one caption per row and epoch."""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from retrieval.sketches.augmentation import (
    SketchAugmentation,
    augment_photo,
    degrade_lines,
    ink_sketch,
)
from retrieval.sketches.kind_sketches import KindSketches
from retrieval.sketches.preprocessing import resize_square
from retrieval.training.data.pairs import Pairs
from retrieval.training.data.wishes import item_lines
from retrieval.values.datatypes import Rgb
from retrieval.words.captions import ComposedCaption, compose, drop_words, normalize_caption
from retrieval.words.inks import INKABLE, ink_of, neutral_ink


@dataclass(frozen=True)
class ExampleSettings:
    """How examples are mixed; all values are probabilities.

    Attributes:
        title: the caption is the title (otherwise composed from fields).
        thin_title: a title loses some of its words.
        kind_sketch: the drawing is a clumsy drawing of the item's kind instead of the item's own lines.
        matching_ink: the ink has the item's colour, where it is one that people draw in; other ink is neutral.
        sketch: degradations of the drawing.
    """

    title: float = 0.45
    thin_title: float = 0.35
    kind_sketch: float = 0.12
    matching_ink: float = 0.3
    sketch: SketchAugmentation = field(default_factory=SketchAugmentation)


class Examples(Dataset[dict[str, Any]]):
    """Examples of one split; index i of epoch e is always the same example.

    Args:
        sources: pairs folders and how often each row counts per epoch.
        split: which rows.
        settings: how examples are mixed.
        kind_sketches: drawings by kind, may be empty.
        seed: of all randomness.
        size_px: side of the pictures; that of the pairs' photos when None, otherwise they are resized.
    """

    def __init__(
        self,
        sources: list[tuple[Pairs, int]],
        split: str,
        settings: ExampleSettings,
        kind_sketches: KindSketches,
        seed: int,
        size_px: int | None = None,
    ) -> None:
        self.sources = [pairs for pairs, _ in sources]
        self.settings = settings
        self.kind_sketches = kind_sketches
        self.seed = seed
        places = [
            (number, int(i))
            for number, (pairs, times) in enumerate(sources)
            for _ in range(times)
            for i in pairs.indices(split)
        ]
        self.places = np.array(places, dtype=np.int64).reshape(-1, 2)
        self.size_px = size_px or self.sources[0].info.size_px

    def with_settings(self, settings: ExampleSettings) -> Examples:
        """The same rows, mixed in another way."""
        changed = copy.copy(self)
        changed.settings = settings
        return changed

    def __len__(self) -> int:
        return len(self.places)

    def row(self, index: int) -> dict[str, Any]:
        """The manifest fields behind an example."""
        number, i = self.places[index]
        return self.sources[number].rows[i]

    def __getitem__(self, key: tuple[int, int]) -> dict[str, Any]:
        """Make the example ``(epoch, index)``."""
        epoch, index = key
        number, i = self.places[index]
        pairs = self.sources[number]
        row = pairs.rows[i]
        rng = np.random.default_rng((self.seed, epoch, index))
        words = random.Random(int(rng.integers(2**62)))
        sketch, drawn_word = self._sketch(pairs, int(i), row, rng)
        photo = resize_square(augment_photo(pairs.photos[i], rng), self.size_px)
        if rng.random() < 0.5:
            photo = photo[:, ::-1]
            sketch = sketch[:, ::-1]
        caption = self._caption(row, words)
        return {
            "photo": torch.from_numpy(np.ascontiguousarray(photo)),
            "sketch": torch.from_numpy(np.ascontiguousarray(sketch)),
            "caption": caption.text,
            "noun": caption.noun,
            "names_colour": caption.names_colour,
            "drawn_word": drawn_word,
            "title": row["title"],
            "kind": row.get("articleType", ""),
            "colour": row.get("baseColour", ""),
        }

    def _sketch(self, pairs: Pairs, i: int, row: dict[str, Any], rng: np.random.Generator) -> tuple[Any, str]:
        settings = self.settings
        kind = row.get("articleType", "")
        word = ""
        if rng.random() < settings.kind_sketch and self.kind_sketches.knows(kind):
            lines, word = self.kind_sketches.pick(kind, rng)
        else:
            lines = item_lines(pairs, i, settings.sketch, rng)
        lines = degrade_lines(lines, settings.sketch, rng)
        return ink_sketch(lines, self._ink(row.get("baseColour", ""), rng), self.size_px, rng), word

    def _ink(self, colour: str, rng: np.random.Generator) -> Rgb:
        if colour in INKABLE and rng.random() < self.settings.matching_ink:
            return ink_of(colour, rng)
        return neutral_ink(rng)

    def _caption(self, row: dict[str, Any], rng: random.Random) -> ComposedCaption:
        if rng.random() < self.settings.title:
            title = normalize_caption(row["title"])
            return ComposedCaption(drop_words(title, rng) if rng.random() < self.settings.thin_title else title)
        return compose(row, rng)
