"""The whole search on vectors that are there, for what measures and fits; neither knows the search itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retrieval.evaluation.gallery import Gallery
    from retrieval.search.searcher import Searcher
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
