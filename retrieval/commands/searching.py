"""The whole search on vectors that are there, for what measures and fits; neither knows the search itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from retrieval.values.errors import QueryError

if TYPE_CHECKING:
    from retrieval.evaluation.gallery import Gallery
    from retrieval.search.searcher import Hits, Searcher
    from retrieval.values.datatypes import LineDrawing
    from retrieval.values.ports import Encoder


def searcher_of(encoder: Encoder, gallery: Gallery) -> Searcher:
    """Open what ``search`` answers with on vectors that are there; items are named by their number."""
    from retrieval.index.folder.item_rows import StoredItem
    from retrieval.index.folder.store import StoredIndex
    from retrieval.search.searcher import Searcher

    items = [replace(item, id=str(number)) for number, item in enumerate(gallery.items)]
    stored = [StoredItem(item, 0, 0) for item in items]
    folder = gallery.catalogs[0].folder
    return Searcher(encoder, StoredIndex(encoder.name, encoder.weights_hash, folder, stored, gallery.vectors))


def asking(encoder: Encoder, gallery: Gallery, scale: int) -> Callable[[LineDrawing | None, str], Hits | None]:
    """Ask the whole search with a drawing, a caption or both; None where they are no query (a title of signs only).

    Drawings are given as pictures, ``scale`` times as large as their lines' grid.
    """
    from retrieval.sketches.preprocessing import LINE_GRID_PX, render_lines

    searcher = searcher_of(encoder, gallery)

    def ask(drawing: LineDrawing | None, caption: str) -> Hits | None:
        sketch = None if drawing is None else render_lines(drawing, scale * LINE_GRID_PX)
        try:
            return searcher.search(sketch, caption)
        except QueryError:
            return None

    return ask
