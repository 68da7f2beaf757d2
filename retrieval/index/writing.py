"""Write the rows of a gallery as its index: the last stage of an indexing run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from retrieval.gallery.catalog import Catalog
from retrieval.index.engines.building import write_approximate
from retrieval.index.folder.choice import IndexSpec, choose_index
from retrieval.index.folder.item_rows import StoredItem
from retrieval.index.folder.store import StoredIndex, save_index
from retrieval.index.rows import Row
from retrieval.values.datatypes import ProgressCallback
from retrieval.values.ports import Encoder


def write_index(
    out: Path,
    catalog: Catalog,
    encoder: Encoder,
    rows: Sequence[Row],
    saved: StoredIndex | None,
    wanted: str,
    progress: ProgressCallback,
) -> StoredIndex:
    """Give rows the right vector index, and write what has changed.

    Args:
        out: index folder.
        catalog: the gallery.
        encoder: made the vectors.
        rows: at least one, in the manifest's order.
        saved: what the folder holds now, None for nothing of use.
        wanted: vector index to build (see ``IndexSpec``).
        progress: called while it is built.
    Returns:
        The index as a reader will find it.
    Raises:
        GalleryIndexError: if the folder cannot be written.
    """
    items = tuple(row.stored for row in rows)
    spec = choose_index(len(items), wanted, saved.search if saved is not None else None)
    if saved is not None and _is_same(saved, catalog, items, spec):
        return saved
    folder = Path(encoder.name)  # where it is one, a relative path means nothing elsewhere
    name = str(folder.resolve()) if folder.is_dir() else encoder.name
    vectors = np.stack([row.vector for row in rows])
    index = StoredIndex(name, encoder.weights_hash, catalog.folder, items, vectors, spec)
    return save_index(out, index, _search_writer(index, saved, progress))


def _search_writer(
    index: StoredIndex, saved: StoredIndex | None, progress: ProgressCallback
) -> Callable[[Path], None] | None:
    """What writes the vector index; None when it has no file."""
    spec = index.search
    if spec.kind == "milvus":
        from retrieval.index.engines.milvus import write_milvus

        return lambda path: write_milvus(path, index, saved, progress)
    if spec.kind == "exact":
        return None
    trained = None
    if saved is not None and saved.folder is not None and saved.search.kind == spec.kind == "ivf":
        trained = saved.folder / saved.search.file if saved.search.parameters == spec.parameters else None
    return lambda path: write_approximate(path, index.vectors, spec, progress, trained)


def _is_same(saved: StoredIndex, catalog: Catalog, items: Sequence[StoredItem], spec: IndexSpec) -> bool:
    """Whether nothing has to be written; the gallery may have been named by another path before."""
    return (
        saved.images.resolve() == catalog.folder.resolve()
        and (saved.search.kind, saved.search.wanted) == (spec.kind, spec.wanted)
        and len(saved.items) == len(items)
        and all(_placeless(one) == _placeless(other) for one, other in zip(saved.items, items, strict=True))
    )


def _placeless(stored: StoredItem) -> StoredItem:
    return replace(stored, item=replace(stored.item, image=""))
