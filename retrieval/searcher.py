"""Search a gallery by a drawing, by words, or by both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from retrieval.catalog import Catalog
from retrieval.datatypes import CatalogItem, Hit, ProgressCallback, UInt8Array
from retrieval.encoders import FusedEncoder
from retrieval.errors import CatalogError, QueryError
from retrieval.gallery import ready_gallery
from retrieval.indexes.opening import open_vector_index
from retrieval.pictures import read_picture
from retrieval.store import StoredIndex

MAX_SKETCH_SIDE_PX = 2048


def _silent(message: str, fraction: float | None) -> None:
    """Report nothing."""


class Searcher:
    """An open gallery.

    >>> searcher = Searcher.open("galleries/demo")                                   # doctest: +SKIP
    >>> hits = searcher.search(sketch="bag.png", caption="a red clutch", k=10)       # doctest: +SKIP

    Args:
        encoder: made the index's vectors.
        index: items and vectors.
    """

    def __init__(self, encoder: FusedEncoder, index: StoredIndex) -> None:
        self.encoder = encoder
        self.items: Sequence[CatalogItem] = index.catalog_items  # each is read when it is asked for
        self.images = index.images
        self._index = open_vector_index(index)
        self._catalog: Catalog | None = None

    @classmethod
    def open(
        cls,
        gallery: Path | str | None = None,
        encoder: str | None = None,
        progress: ProgressCallback = _silent,
    ) -> Searcher:
        """Open a gallery, indexing what is new.

        Args:
            gallery: an index folder, a folder of pictures, or None / ``demo`` for the demo gallery.
            encoder: folder or hub name; None takes the one that made the index, or the shipped one.
            progress: called with a message and a fraction during the long parts.
        Raises:
            RetrievalError: with one line that says what to do.
        """
        return cls(*ready_gallery(gallery, encoder, progress))

    def __len__(self) -> int:
        return len(self.items)

    def search(
        self,
        sketch: UInt8Array | Path | str | None = None,
        caption: str | None = None,
        k: int = 10,
        sketch_weight: float = 0.5,
        fusion: str | None = None,
    ) -> list[Hit]:
        """Find the k items that fit the drawing and the words best.

        Args:
            sketch: uint8 (H, W, 3) RGB on plain paper, or a picture file; None for words alone.
            caption: the words; None or "" for the drawing alone.
            k: at least 1.
            sketch_weight: 0..1, how much the drawing counts against the words; 0.5 as trained.
            fusion: ``average``, ``concat`` or ``gated``; None takes the encoder's own.
        Returns:
            Hits, best first; fewer than k when the gallery is smaller.
        Raises:
            QueryError: if the query is empty, unreadable or out of range.
        """
        if k < 1:
            raise QueryError(f"Number of hits is out of range: expected at least 1, got {k}.")
        query = self.encoder.encode_query(_read_sketch(sketch), caption, sketch_weight, fusion)
        scores, rows = self._index.search(query[None], k)
        return [
            Hit(self.items[int(row)], float(score), rank)
            for rank, (score, row) in enumerate(zip(scores[0], rows[0], strict=True), 1)
        ]

    def picture(self, item: CatalogItem, max_side_px: int | None = None) -> UInt8Array:
        """Decode an item's picture, for showing.

        Raises:
            CatalogError: if it is gone or damaged.
        """
        if self._catalog is None:
            self._catalog = Catalog.of_pictures(self.images)
        return self._catalog.read(item, max_side_px)


def _read_sketch(sketch: UInt8Array | Path | str | None) -> UInt8Array | None:
    if sketch is None:
        return None
    if not isinstance(sketch, str | Path):
        return _checked(sketch)
    try:
        return read_picture(Path(sketch), f"Sketch {sketch}", MAX_SKETCH_SIDE_PX)
    except CatalogError as error:
        raise QueryError(str(error)) from error


def _checked(sketch: UInt8Array) -> UInt8Array:
    picture = np.asarray(sketch)
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or picture.size == 0:
        raise QueryError(
            f"Sketch is not a picture: expected uint8 (H, W, 3) RGB or a file name, "
            f"got {picture.dtype} {picture.shape}."
        )
    return picture
