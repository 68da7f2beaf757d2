"""The values that travel between the rooms of the retrieval half."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from retrieval.values.errors import one_line

UInt8Array = npt.NDArray[np.uint8]
UInt16Array = npt.NDArray[np.uint16]
Float32Array = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]
Rgb = tuple[int, int, int]

ProgressCallback = Callable[[str, "float | None"], None]
"""Called with a short message and a fraction 0..1 (None when unknown)."""


@dataclass(frozen=True, slots=True)
class CatalogItem:
    """One picture of a gallery with what its manifest says about it.

    Attributes:
        id: several items may share one, such as pictures of one product.
        file: the manifest's file name, relative to the gallery folder or a member of a ``.tar`` pack in it.
        title: shown to the user; from the file name when there is no manifest.
        image: where the picture lies: a path, or ``<pack>.tar/<member>``.
        fields: every further manifest column as it stands.
    """

    id: str
    file: str
    title: str
    image: str
    fields: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make all but the paths fit to be shown, wherever it comes from."""
        if not "".join((self.id, self.title, *self.fields, *self.fields.values())).isprintable():
            fields = {one_line(key): one_line(value) for key, value in self.fields.items()}
            for name, value in (("id", one_line(self.id)), ("title", one_line(self.title)), ("fields", fields)):
                object.__setattr__(self, name, value)

    @property
    def url(self) -> str:
        """Product page, "" when there is none."""
        return self.fields.get("url", "")

    @property
    def kind(self) -> str:
        """Catalogue kind (``articleType``), "" when unknown."""
        return self.fields.get("articleType", "")

    @property
    def colour(self) -> str:
        """Catalogue colour (``baseColour``), "" when unknown."""
        return self.fields.get("baseColour", "")


@dataclass(frozen=True)
class LineDrawing:
    """A drawing reduced to thin lines on the line grid (``retrieval.sketches.preprocessing.LINE_GRID_PX`` a side).

    Attributes:
        lines: bool (grid, grid), True on ink: lines one pixel wide, filled areas as they are.
        color_rgb: uint8 (grid, grid, 3), the ink's colour, meaningful where ``lines`` is True.
    """

    lines: BoolArray
    color_rgb: UInt8Array

    @property
    def is_empty(self) -> bool:
        """Whether there is no ink at all."""
        return not bool(self.lines.any())


@dataclass(frozen=True)
class TagNames:
    """What a tagger may say of photos.

    Attributes:
        tagger: who says it; tags of another one are not comparable.
        names: of its tags, T.
        words: for each tag, the words by which it is found and how much each says, 0..1.
    """

    tagger: str
    names: Sequence[str]
    words: Sequence[Mapping[str, float]]


@dataclass(frozen=True)
class Hit:
    """One answer to a query.

    The parts say where the score comes from; they add up to it, except with the ``concat`` and ``mixed`` fusions,
    which add something of their own. None means that the query had no such part. Where pictures are compared by a
    second view of the gallery, a mixed query's score is made of ranks, and the parts say how near each of them is.

    Attributes:
        item: what was found.
        score: inner product of unit vectors, and the lexical part; or of ranks (see ``FusedRanking``).
        rank: 1 is the best of all hits, whatever page it stands on.
        sketch_score: the part of the drawing.
        words_score: the part of the words.
        like_score: the part of the picked pictures, and of a picture that was given.
        lexical_score: the part of the words that stand in the item's title and columns.
        alike: near-duplicates folded into this hit, best first.
        tags: what its picture shows and how probable that is, where the gallery is tagged.
        match: 0..1, the calibrated chance that it is of the kind that was meant; None when nobody can tell.
    """

    item: CatalogItem
    score: float
    rank: int
    sketch_score: float | None = None
    words_score: float | None = None
    like_score: float | None = None
    lexical_score: float | None = None
    alike: tuple[CatalogItem, ...] = ()
    tags: tuple[tuple[str, float], ...] = ()
    match: float | None = None

    def record(self) -> dict[str, Any]:
        """Return the hit as plain JSON values, wherever one is printed: its own, its parts, the manifest's columns."""
        names = ("sketch_score", "words_score", "like_score", "lexical_score")
        own: dict[str, Any] = {
            "rank": self.rank,
            "score": round(self.score, 6),
            "image": self.item.image,
            "title": self.item.title,
            "url": self.item.url,
            "id": self.item.id,
            "file": self.item.file,
            **{name: None if (part := getattr(self, name)) is None else round(part, 6) for name in names},
            "alike": [item.id for item in self.alike],
            "match": None if self.match is None else round(self.match, 4),
        }
        record = own | {key: value for key, value in self.item.fields.items() if key not in own}
        if self.tags and "tags" not in record:
            record["tags"] = [{"tag": tag, "p": round(probability, 3)} for tag, probability in self.tags]
        return record
