"""Encode what is searched and what is looked for: photos, and drawings of the same items."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.evaluation.baselines import hog_of_lines, photo_lines
from retrieval.gallery.catalog import Catalog
from retrieval.gallery.pictures import read_picture
from retrieval.sketches import edges
from retrieval.sketches.preprocessing import LINE_GRID_PX, extract_lines
from retrieval.values.datatypes import BoolArray, CatalogItem, Float32Array, LineDrawing, ProgressCallback, UInt8Array
from retrieval.values.errors import CatalogError, TrainingError
from retrieval.values.ports import Encoder
from retrieval.words.colours import families_of

SKETCH_COLUMN = "sketch"
CHUNK = 64
BLACK = np.zeros((LINE_GRID_PX, LINE_GRID_PX, 3), np.uint8)

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
    """

    items: tuple[CatalogItem, ...]
    catalogs: tuple[Catalog, ...]
    vectors: Float32Array
    hog: Float32Array
    queries: int

    @property
    def kinds(self) -> Names:
        """Catalogue kind of each item, "" when unknown."""
        return np.array([item.kind for item in self.items], dtype=np.str_)

    @property
    def families(self) -> Names:
        """Colour family of each item, "" when unknown."""
        return families_of(item.colour for item in self.items)

    @property
    def brands(self) -> Names:
        """Brand of each item in lower case, "" when unknown."""
        return np.array([item.fields.get("brand", "").strip().lower() for item in self.items], dtype=np.str_)

    def same_kind(self) -> BoolArray:
        """Which items are of each query's kind, bool (queries, N); nothing is of an unknown kind."""
        own = self.kinds[: self.queries, None]
        return np.asarray((own == self.kinds[None, :]) & (own != ""))

    def picture(self, number: int) -> UInt8Array:
        """Read an item's photo."""
        return self.catalogs[number].read(self.items[number])


@dataclass
class Drawings:
    """Drawings of the query items by one method.

    Attributes:
        vectors: float32 (queries, D), the encoder's.
        hog: float32 (queries, H), the baseline's.
        kept: the lines of the items that were to be kept, by item number.
    """

    vectors: Float32Array
    hog: Float32Array
    kept: dict[int, LineDrawing] = field(default_factory=dict)


@dataclass
class _Parts:
    vectors: list[Float32Array] = field(default_factory=list)
    hog: list[Float32Array] = field(default_factory=list)
    kept: dict[int, LineDrawing] = field(default_factory=dict)


def encode_photos(encoder: Encoder, photos_rgb: Iterable[UInt8Array]) -> Float32Array:
    """Prepare and embed photos: uint8 (H, W, 3) each -> float32 (N, D)."""
    return encoder.encode_prepared_photos([encoder.prepare_photo(photo) for photo in photos_rgb])


def encode_gallery(
    encoder: Encoder,
    catalog: Catalog,
    items: list[CatalogItem],
    extra: Path | None,
    keep: int,
    progress: ProgressCallback,
) -> tuple[Gallery, dict[str, Drawings]]:
    """Encode query items, their drawings, and the further gallery.

    Drawings come from the manifest's ``sketch`` column where any row fills it (rows without one are left out);
    otherwise they are derived from the photos by Canny, as in training, and as XDoG line art, which training
    never saw.

    Args:
        encoder: embeds.
        catalog: of the query items.
        items: to look for.
        extra: folder of further gallery items, or None.
        keep: how many items' lines are kept for further tests, evenly spaced.
        progress: called after every chunk.
    Returns:
        The gallery, and the drawings by method.
    Raises:
        CatalogError: if a query's picture cannot be read.
        TrainingError: if no row can be measured.
    """
    given = any(item.fields.get(SKETCH_COLUMN) for item in items)
    if given:
        items = [item for item in items if item.fields.get(SKETCH_COLUMN)]
    if not items:
        raise TrainingError(f"Nothing to measure in {catalog.folder}: no row has both a picture and a drawing.")
    kept = {int(i) for i in np.linspace(0, len(items) - 1, min(keep, len(items)))}
    photos, hog = [], []
    drawn: dict[str, _Parts] = {}
    for start in range(0, len(items), CHUNK):
        chunk = items[start : start + CHUNK]
        pictures = [catalog.read(item) for item in chunk]
        photos.append(encode_photos(encoder, pictures))
        hog.append(_photo_hog(pictures, chunk))
        for name, lines in _draw(catalog, chunk, pictures, given).items():
            parts = drawn.setdefault(name, _Parts())
            parts.vectors.append(encoder.encode_drawings(lines))
            parts.hog.append(hog_of_lines([drawing.lines for drawing in lines]))
            parts.kept |= {start + i: drawing for i, drawing in enumerate(lines) if start + i in kept}
        progress("Encoding queries and gallery", min((start + CHUNK) / len(items), 1.0))
    more = _encode_extra(encoder, extra, {(item.id, item.title) for item in items}, progress)
    gallery = Gallery(
        (*items, *more.items),
        (*(catalog for _ in items), *more.catalogs),
        np.concatenate([*photos, more.vectors]),
        np.concatenate([*hog, *([more.hog] if more.items else [])]),
        len(items),
    )
    return gallery, {n: Drawings(np.concatenate(p.vectors), np.concatenate(p.hog), p.kept) for n, p in drawn.items()}


def _photo_hog(pictures: list[UInt8Array], items: list[CatalogItem]) -> Float32Array:
    return hog_of_lines([photo_lines(picture, item.title) for picture, item in zip(pictures, items, strict=True)])


def _draw(
    catalog: Catalog, items: list[CatalogItem], pictures: list[UInt8Array], given: bool
) -> dict[str, list[LineDrawing]]:
    if given:
        return {"given": [extract_lines(_read_sketch(catalog, item)) for item in items]}
    grids = [edges.place_photo(picture)[0] for picture in pictures]
    canny = [edges.canny_lines(grid, item.title, 0.5) for grid, item in zip(grids, items, strict=True)]
    xdog = [edges.xdog_lines(grid) for grid in grids]
    return {
        "Canny": [LineDrawing(edges.recenter(lines), BLACK) for lines in canny],
        "XDoG": [LineDrawing(edges.recenter(lines), BLACK) for lines in xdog],
    }


def _read_sketch(catalog: Catalog, item: CatalogItem) -> UInt8Array:
    file = item.fields[SKETCH_COLUMN]
    return read_picture(Path(file)) if Path(file).is_absolute() else catalog.read_file(file)


def _encode_extra(
    encoder: Encoder, folder: Path | None, taken: set[tuple[str, str]], progress: ProgressCallback
) -> Gallery:
    """Encode distractors: every readable item of the folder that is not a query itself (same id and title)."""
    empty = Gallery((), (), np.zeros((0, encoder.width), np.float32), np.zeros((0, 0), np.float32), 0)
    if folder is None:
        return empty
    catalog = Catalog.open(folder)
    items: list[CatalogItem] = []
    vectors, hog = [], []
    rest = [item for item in catalog.items if (item.id, item.title) not in taken]
    for start in range(0, len(rest), CHUNK):
        chunk, pictures = [], []
        for item in rest[start : start + CHUNK]:
            try:
                pictures.append(catalog.read(item))
                chunk.append(item)
            except CatalogError:
                continue  # a distractor that cannot be read distracts nobody
        if chunk:
            items += chunk
            vectors.append(encode_photos(encoder, pictures))
            hog.append(_photo_hog(pictures, chunk))
        progress("Encoding further gallery", min((start + CHUNK) / len(rest), 1.0))
    if not items:
        return empty
    return Gallery(tuple(items), tuple(catalog for _ in items), np.concatenate(vectors), np.concatenate(hog), 0)
