"""Drawings of garments and of what is none, described as the search describes a drawing."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retrieval.evaluation.metrics import IntArray
from retrieval.gallery.catalog import Catalog
from retrieval.sketches.edges import VARIANTS, draw_variants
from retrieval.sketches.ink_statistics import ink_statistics
from retrieval.sketches.people_drawings import PersonDrawing, is_other_for_training, read_drawings
from retrieval.sketches.preprocessing import black_drawing, extract_lines, render_lines
from retrieval.sketches.scribbles import scribbles
from retrieval.values.datatypes import Float32Array, LineDrawing, ProgressCallback
from retrieval.values.errors import CatalogError, TrainingError
from retrieval.values.ports import Encoder

FOLDS = 4
"""Other things are measured by probes that saw none of their words; so are scribbles, by kind."""

DERIVED_PHOTOS = 300
SCRIBBLES = 60
"""Of each kind."""

PICTURE_PX, PENS_PX = 320, (2, 3, 4, 5)
"""Drawings come from files and from the window, in any pen: all are described once as drawn with one of these."""


@dataclass(frozen=True)
class Drawn:
    """Drawings, what they show in a word, and in which fold they are; float32 (N, D + S) as they were given."""

    drawings: Sequence[LineDrawing]
    words: Sequence[str]
    folds: IntArray
    about: Float32Array


@dataclass(frozen=True)
class Drawings:
    """All drawings of a fit.

    Attributes:
        garments: by people, that training may see.
        held_out: by people, that it may not.
        derived: of photos of the training split, float32 (N, D + S).
        other: by people, of other things, which no encoder of ours was trained with.
        scribbles: that mean nothing.
    """

    garments: Drawn
    held_out: Drawn
    derived: Float32Array
    other: Drawn
    scribbles: Drawn


def about(encoder: Encoder, drawings: Sequence[LineDrawing]) -> Float32Array:
    """What the search knows of drawings, float32 (N, D + S): their vectors, their ``ink_statistics``."""
    statistics = np.stack([ink_statistics(drawing.lines) for drawing in drawings])
    return np.concatenate([encoder.encode_drawings(drawings), statistics], axis=1)


def redrawn(drawings: Sequence[LineDrawing]) -> list[LineDrawing]:
    """The same drawings as they come from pictures, in various pens."""
    pens = [PENS_PX[number % len(PENS_PX)] for number in range(len(drawings))]
    pictures = (render_lines(drawing, PICTURE_PX, pen) for drawing, pen in zip(drawings, pens, strict=True))
    return [extract_lines(picture) for picture in pictures]


def fold_of(name: str) -> int:
    """The same name is always in the same fold."""
    # The rest by 3 decides the split, and that of a third by 4 which words an encoder is trained with.
    return zlib.crc32(name.encode("utf-8", "surrogatepass")) // 12 % FOLDS


def read_all(
    encoder: Encoder, data: Path, drawings: Sequence[Path], other: Sequence[Path], progress: ProgressCallback
) -> Drawings:
    """Read and describe everything that a fit is made of.

    Raises:
        TrainingError: if a file of drawings cannot be read, or holds too few.
        CatalogError: if the pictures cannot be read.
    """
    people = [drawing for path in drawings for drawing in read_drawings(path, any_word=True)]
    others = [drawing for path in other for drawing in read_drawings(path, any_word=True)]
    others = [drawing for drawing in others if not is_other_for_training(drawing.word)]  # the encoder knows the rest
    if len(words := {drawing.word for drawing in others}) < 2 * FOLDS:
        raise TrainingError(
            f"Other drawings show too few things: expected {2 * FOLDS} words or more, got {len(words)}."
        )
    splits = {name: [drawing for drawing in people if drawing.split == name] for name in ("train", "val")}
    for name, several in splits.items():
        if len(several) < FOLDS:
            raise TrainingError(f"Drawings of garments are too few: expected {FOLDS} of split {name}.")
    made = scribbles(SCRIBBLES, 0)
    kinds = [kind for kind, several in made.items() for _ in several]
    progress("Describing drawings by people", None)
    garments, held_out, no_garments = (_by_people(encoder, kind) for kind in (splits["train"], splits["val"], others))
    progress("Describing scribbles", None)
    marks = [drawing for several in made.values() for drawing in several]
    folds = np.array([list(made).index(kind) % FOLDS for kind in kinds])
    scribbled = Drawn(marks, kinds, folds, about(encoder, redrawn(marks)))
    return Drawings(garments, held_out, _derived(encoder, data, progress), no_garments, scribbled)


def _by_people(encoder: Encoder, drawings: Sequence[PersonDrawing]) -> Drawn:
    lines = [drawing.lines() for drawing in drawings]
    words = [drawing.word for drawing in drawings]
    return Drawn(lines, words, np.array([fold_of(word) for word in words]), about(encoder, redrawn(lines)))


def _derived(encoder: Encoder, data: Path, progress: ProgressCallback) -> Float32Array:
    """Line drawings of photos of the training split; never XDoG, by which the fit is judged."""
    catalog = Catalog.open(data, split="train")
    items = random.Random(0).sample(list(catalog.items), min(DERIVED_PHOTOS, len(catalog.items)))
    found = []
    for number, item in enumerate(items):
        try:
            found.append(draw_variants(catalog.read(item), item.title)[number % len(VARIANTS)])
        except CatalogError:  # one photo of many
            continue
        progress("Drawing photos", (number + 1) / len(items))
    drawn = [black_drawing(lines) for lines in found if lines.any()]
    if not drawn:
        raise TrainingError(f"No photo of {data} can be drawn: expected rows of split train.")
    return about(encoder, drawn)
