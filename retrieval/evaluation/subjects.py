"""Drawings that are searched in several colours and inks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from retrieval.evaluation.gallery import Gallery
from retrieval.values.datatypes import CatalogItem, LineDrawing, Rgb
from retrieval.words.captions import kind_words


@dataclass(frozen=True)
class Subject:
    """One drawing that is searched in several ways.

    Attributes:
        item: what it shows.
        drawing: its lines.
    """

    item: CatalogItem
    drawing: LineDrawing

    @property
    def kind(self) -> str:
        """What a person calls the kind."""
        return kind_words(self.item.kind)[0]

    def in_ink(self, rgb: Rgb) -> LineDrawing:
        """The same lines in one ink."""
        return LineDrawing(self.drawing.lines, np.full_like(self.drawing.color_rgb, rgb))


def subjects_of(gallery: Gallery, kept: dict[int, LineDrawing]) -> list[Subject]:
    """Drawings of items whose kind is known."""
    return [Subject(gallery.items[i], drawing) for i, drawing in sorted(kept.items()) if gallery.items[i].kind]
