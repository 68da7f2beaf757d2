"""Encode what is searched and what is looked for: photos, and drawings of the same items."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.evaluation.baselines import hog_of_lines
from retrieval.evaluation.metrics import HITS, IntArray, top_hits
from retrieval.gallery.catalog import Catalog
from retrieval.sketches import edges
from retrieval.sketches.people_drawings import tell_left_out
from retrieval.sketches.preprocessing import black_drawing, extract_lines
from retrieval.values.datatypes import (
    BoolArray,
    CatalogItem,
    Float32Array,
    LineDrawing,
    ProgressCallback,
    Rgb,
    UInt8Array,
)
from retrieval.values.errors import CatalogError, like_it
from retrieval.values.ports import Encoder
from retrieval.words.captions import kind_words
from retrieval.words.colours import family_of

SKETCH_COLUMN = "sketch"
CHUNK = 64
SUBJECTS = 240
GIVEN, UNSEEN = "given", "XDoG"
"""Drawings that the manifest names, and those derived by a method that training never saw."""

Names = np.ndarray[Any, np.dtype[np.str_]]


@dataclass(frozen=True)
class Gallery:
    """Everything that is searched.

    Attributes:
        items: of the gallery; the first ``queries`` are also looked for.
        catalogs: where each item's picture is read.
        vectors: float32 (N, D), the encoder's.
        hog: float32 (N, H), the baseline's.
        queries: how many items are looked for.
        left_out: why further pictures are not among them.
    """

    items: tuple[CatalogItem, ...]
    catalogs: tuple[Catalog, ...]
    vectors: Float32Array
    hog: Float32Array
    queries: int
    left_out: tuple[str, ...] = ()

    @property
    def kinds(self) -> Names:
        """Catalogue kind of each item, "" when unknown."""
        return np.array([item.kind for item in self.items], dtype=np.str_)

    @property
    def families(self) -> Names:
        """Colour family of each item, "" when unknown."""
        return np.array([family_of(item.colour) for item in self.items], dtype=np.str_)

    @property
    def brands(self) -> Names:
        """Brand of each item in lower case, "" when unknown."""
        return np.array([item.fields.get("brand", "").strip().lower() for item in self.items], dtype=np.str_)

    def first_hits(self, queries: Float32Array) -> IntArray:
        """The numbers of each query's first hits: float32 (Q, D) -> int64 (Q, HITS or fewer)."""
        return top_hits(queries @ self.vectors.T, HITS)

    def same_kind(self) -> BoolArray:
        """Which items are of each query's kind, bool (queries, N); nothing is of an unknown kind."""
        own = self.kinds[: self.queries, None]
        return np.asarray((own == self.kinds[None, :]) & (own != ""))


@dataclass(frozen=True)
class Drawings:
    """Drawings of the query items by one method: float32 (queries, D), the encoder's, and (queries, H), HOG's."""

    vectors: Float32Array
    hog: Float32Array


@dataclass(frozen=True)
class Subject:
    """A drawing that is searched in several ways, and the item that it shows, with its number in the gallery."""

    number: int
    item: CatalogItem
    drawing: LineDrawing

    @property
    def kind(self) -> str:
        """What a person calls the kind."""
        return kind_words(self.item.kind)[0]

    def in_ink(self, rgb: Rgb) -> LineDrawing:
        """The same lines in one ink."""
        return LineDrawing(self.drawing.lines, np.full_like(self.drawing.color_rgb, rgb))


def encode_photos(encoder: Encoder, photos_rgb: Iterable[UInt8Array]) -> Float32Array:
    """Prepare and embed photos: uint8 (H, W, 3) each -> float32 (N, D)."""
    return encoder.encode_prepared_photos([encoder.prepare_photo(photo) for photo in photos_rgb])


def encode_gallery(
    encoder: Encoder,
    catalog: Catalog,
    extra: Path | None,
    progress: ProgressCallback,
) -> tuple[Gallery, dict[str, Drawings], list[Subject]]:
    """Encode the catalogue's items, which are looked for, their drawings, and the further gallery.

    Drawings come from the manifest's ``sketch`` column where any row fills it (rows without one are left out);
    otherwise they are derived from the photos by Canny, as in training, and as XDoG line art, which training
    never saw. Items that cannot be read are left out and told.

    Returns:
        The gallery, the drawings by method, and some of them for further tests, evenly spaced: given ones, or by the
        method that training never saw.
    Raises:
        CatalogError: if no picture can be read.
    """
    given = [item for item in catalog.items if item.fields.get(SKETCH_COLUMN)]
    items = given or list(catalog.items)
    kept = {id(items[int(i)]) for i in np.linspace(0, len(items) - 1, min(SUBJECTS, len(items)))}
    sources = [(catalog, item) for item in items]
    if extra is not None:
        taken, more = {(item.id, item.title) for item in items}, Catalog.open(extra)
        sources += [(more, item) for item in more.items if (item.id, item.title) not in taken]
    starts = [*range(0, len(items), CHUNK), *range(len(items), len(sources), CHUNK)]
    read: list[tuple[Catalog, CatalogItem]] = []
    left_out: list[str] = []
    subjects: list[Subject] = []
    queries = 0
    vectors, hog = defaultdict(list), defaultdict(list)
    for start, end in zip(starts, [*starts[1:], len(sources)], strict=True):
        looked_for, pictures, lines, drawings = list[CatalogItem](), [], [], list[LineDrawing]()
        for source, item in sources[start:end]:
            try:
                picture = source.read(item)
                if given and source is catalog:
                    drawing = extract_lines(catalog.read_file(file := item.fields[SKETCH_COLUMN]))
                    if drawing.is_empty:
                        raise CatalogError(f"{file} is blank: expected a drawing")
                    drawings.append(drawing)
            except CatalogError as error:
                left_out.append(error.what)
                continue
            read.append((source, item))
            looked_for.append(item)
            pictures.append(picture)
            lines.append(edges.recenter(edges.canny_lines(edges.place_photo(picture), item.title)))  # fine edges
        vectors["photo"].append(encode_photos(encoder, pictures))
        hog["photo"].append(hog_of_lines(lines))
        if start < len(items):
            for name, drawn in ({GIVEN: drawings} if given else _derive(looked_for, pictures)).items():
                vectors[name].append(encoder.encode_drawings(drawn))
                hog[name].append(hog_of_lines([drawing.lines for drawing in drawn]))
                if name in {GIVEN, UNSEEN}:
                    numbered = enumerate(zip(looked_for, drawn, strict=True), queries)
                    subjects += [Subject(i, item, drawing) for i, (item, drawing) in numbered if id(item) in kept]
            queries += len(looked_for)
        progress("Encoding queries and gallery", end / len(sources))
    if not queries:
        raise CatalogError(f"Nothing of {catalog.folder} can be measured: {left_out[0]}{like_it(len(left_out))}.")
    tell_left_out("pictures", left_out)
    joined = {name: Drawings(np.concatenate(vectors[name]), np.concatenate(hog[name])) for name in vectors}
    photos = joined.pop("photo")
    catalogs, found = zip(*read, strict=True)
    return Gallery(found, catalogs, photos.vectors, photos.hog, queries, tuple(left_out)), joined, subjects


def _derive(items: list[CatalogItem], pictures: list[UInt8Array]) -> dict[str, list[LineDrawing]]:
    """Drawings of photos by each method."""
    grids = [edges.place_photo(picture) for picture in pictures]
    canny = [edges.canny_lines(grid, item.title, 0.5) for grid, item in zip(grids, items, strict=True)]
    xdog = [edges.xdog_lines(grid) for grid in grids]
    return {
        name: [black_drawing(edges.recenter(lines)) for lines in drawn]
        for name, drawn in (("Canny", canny), (UNSEEN, xdog))
    }
