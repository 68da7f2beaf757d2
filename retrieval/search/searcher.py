"""Search a gallery by a drawing, by words, or by both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.gallery.catalog import Catalog
from retrieval.gallery.columns import Columns
from retrieval.gallery.filters import Where, parse_where
from retrieval.gallery.near_duplicates import Fold, grid_of, nearly_same
from retrieval.gallery.pictures import read_picture
from retrieval.index.engines.opening import open_vector_index
from retrieval.index.folder.store import StoredIndex
from retrieval.search.opening import ready_gallery
from retrieval.search.queries import EmbeddedQuery, QueryEncoder
from retrieval.search.ranking import Ranking
from retrieval.values.datatypes import CatalogItem, Float32Array, Hit, ProgressCallback, RowFilter, UInt8Array
from retrieval.values.errors import CatalogError, QueryError
from retrieval.values.ports import Encoder

MAX_SKETCH_SIDE_PX = 2048
GRID_PICTURE_SIDE_PX = 128  # smaller, and the ways in which formats are shrunk would show
GRIDS_KEPT = 2048
NAMED_BY = 100  # so many rows name the columns; a manifest names them all in each
OWN_COLUMNS = ("id", "file", "title")


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

    def __init__(self, encoder: Encoder, index: StoredIndex) -> None:
        self.encoder = encoder
        self.items: Sequence[CatalogItem] = index.catalog_items  # each is read when it is asked for
        self.images = index.images
        self._index = open_vector_index(index)
        self._queries = QueryEncoder(encoder)
        self._columns: Columns | None = None
        self._rows_by_id: dict[str, int] | None = None
        self._catalog: Catalog | None = None
        self._grids: dict[int, Float32Array | None] = {}

    @classmethod
    def open(
        cls,
        gallery: Path | str | None = None,
        encoder: Encoder | Path | str | None = None,
        progress: ProgressCallback = _silent,
    ) -> Searcher:
        """Open a gallery, indexing what is new.

        Args:
            gallery: an index folder, a folder of pictures, or None / ``demo`` for the demo gallery.
            encoder: open, or its folder or hub name; None takes the one that made the index, or the shipped one.
            progress: called with a message and a fraction during the long parts.
        Raises:
            RetrievalError: with one line that says what to do.
        """
        return cls(*ready_gallery(gallery, encoder, progress))

    def __len__(self) -> int:
        return len(self.items)

    @property
    def columns(self) -> Columns:
        """The manifest by columns, for filters."""
        if self._columns is None:
            self._columns = Columns(_names(self.items[:NAMED_BY]), self._read, lambda: _names(self.items))
        return self._columns

    def _read(self, column: str) -> Iterable[str]:
        if column in OWN_COLUMNS:
            return (getattr(item, column) for item in self.items)
        return (item.fields.get(column, "") for item in self.items)

    def count(self, where: Where | str | None) -> int:
        """Count the items that a filter lets through.

        Raises:
            FilterError: if the filter is not understood or names a column that is not there.
        """
        allowed = self._allowed(where)
        return len(self) if allowed is None else int(np.count_nonzero(allowed.rows))

    def search(
        self,
        sketch: UInt8Array | Path | str | None = None,
        caption: str | None = None,
        k: int = 10,
        sketch_weight: float = 0.5,
        fusion: str | None = None,
        *,
        where: Where | str | None = None,
        like: str | Sequence[str] | None = None,
        like_weight: float | None = None,
        offset: int = 0,
        fold: bool = False,
    ) -> list[Hit]:
        """Find the k items that fit the drawing, the words and the picked pictures best.

        Args:
            sketch: uint8 (H, W, 3) RGB on plain paper, or a picture file; None for none.
            caption: the words; None or "" for none.
            k: at least 1.
            sketch_weight: 0..1, how much the drawing counts against the words; 0.5 as trained.
            fusion: ``average``, ``concat``, ``gated`` or ``mixed``; None takes the encoder's own.
            where: a filter such as ``gender=Women,price<50``; None for all items.
            like: id, or ids, of items whose pictures join the query; they are not among the hits themselves.
            like_weight: 0..1, how much those count against drawing and words; None for the usual 0.4.
            offset: how many of the best hits to leave out; the next page of k hits begins at ``offset=k``.
            fold: put near-duplicates into one hit, see ``Hit.alike``.
        Returns:
            Hits, best first; fewer than k when no more fit. The first one's rank is ``offset + 1``.
        Raises:
            QueryError: if the query is empty, unreadable or out of range; a FilterError if it is the filter.
        """
        if k < 1:
            raise QueryError(f"Number of hits is out of range: expected at least 1, got {k}.")
        if offset < 0:
            raise QueryError(f"Offset is out of range: expected at least 0, got {offset}.")
        allowed = self._allowed(where)
        picked = self._rows_of(like)
        like_vectors = self._index.vectors_of(picked) if len(picked) else None
        query = self._queries.embed(_read_sketch(sketch), caption, sketch_weight, fusion, like_vectors, like_weight)
        ranking = Ranking(self._index, query.vector, allowed, picked)
        if fold:
            folds = ranking.folded(offset + k, self._same_picture)[offset:]
        else:
            folds = [Fold(position) for position in range(len(ranking.first(offset + k)))][offset:]
        return self._hits(query, ranking, folds, offset)

    def _hits(self, query: EmbeddedQuery, ranking: Ranking, folds: list[Fold], offset: int) -> list[Hit]:
        leaders = np.array([one.leader for one in folds], np.int64)
        rows, scores = ranking.rows[leaders], ranking.scores[leaders]
        parts = query.part_scores(self._index.vectors_of(rows)) if len(rows) else {}
        hits = []
        for number, (one, row, score) in enumerate(zip(folds, rows, scores, strict=True)):
            by_part = {f"{name}_score": float(values[number]) for name, values in parts.items()}
            alike = tuple(self.items[int(ranking.rows[position])] for position in one.alike)
            hits.append(Hit(self.items[int(row)], float(score), offset + number + 1, alike=alike, **by_part))
        return hits

    def _allowed(self, where: Where | str | None) -> RowFilter | None:
        if where is None or (isinstance(where, str) and not where.strip()):
            return None
        parsed = parse_where(where) if isinstance(where, str) else where
        return RowFilter(self.columns.rows(parsed), parsed)

    def _rows_of(self, like: str | Sequence[str] | None) -> npt.NDArray[np.int64]:
        ids = [] if like is None else [like] if isinstance(like, str) else list(like)
        if ids and self._rows_by_id is None:
            self._rows_by_id = {item.id: row for row, item in enumerate(self.items)}
        known = self._rows_by_id or {}
        for name in ids:
            if name not in known:
                raise QueryError(
                    f"Item {name!r} is not in this gallery: expected the id of a hit, such as {self.items[0].id!r}."
                )
        return np.array([known[name] for name in ids], np.int64)

    def _same_picture(self, first: int, second: int) -> bool:
        grids = self._grid(first), self._grid(second)
        return grids[0] is not None and grids[1] is not None and nearly_same(grids[0], grids[1])

    def _grid(self, row: int) -> Float32Array | None:
        if row not in self._grids:
            if len(self._grids) >= GRIDS_KEPT:
                self._grids.pop(next(iter(self._grids)))
            try:
                self._grids[row] = grid_of(self.picture(self.items[row], GRID_PICTURE_SIDE_PX))
            except CatalogError:  # gone since it was indexed, so nobody can tell what it shows
                self._grids[row] = None
        return self._grids[row]

    def picture(self, item: CatalogItem, max_side_px: int | None = None) -> UInt8Array:
        """Decode an item's picture, for showing.

        Raises:
            CatalogError: if it is gone or damaged.
        """
        if self._catalog is None:
            self._catalog = Catalog.of_pictures(self.images)
        return self._catalog.read(item, max_side_px)


def _names(items: Iterable[CatalogItem]) -> dict[str, None]:
    return dict.fromkeys([*OWN_COLUMNS, *(name for item in items for name in item.fields)])


def _read_sketch(sketch: UInt8Array | Path | str | None) -> UInt8Array | None:
    if sketch is None:
        return None
    if not isinstance(sketch, str | Path):
        return _checked(sketch)
    try:
        return read_picture(Path(sketch), f"Sketch {sketch}", MAX_SKETCH_SIDE_PX)
    except CatalogError as error:
        raise QueryError(error.what, error.remedy) from error


def _checked(sketch: UInt8Array) -> UInt8Array:
    picture = np.asarray(sketch)
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or picture.size == 0:
        raise QueryError(
            f"Sketch is not a picture: expected uint8 (H, W, 3) RGB or a file name, "
            f"got {picture.dtype} {picture.shape}."
        )
    return picture
