"""Write a gallery's rows as an index folder, with the vector index that suits them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.gallery.catalog import Catalog
from retrieval.index.engines.building import PreviousIndex, write_approximate
from retrieval.index.folder.choice import IndexSpec, choose_index
from retrieval.index.folder.item_rows import StoredItem
from retrieval.index.folder.store import INDEX_VERSION, StoredIndex, read_record, save_index
from retrieval.index.known_rows import Key, KnownRows, key_of
from retrieval.values.datatypes import ProgressCallback
from retrieval.values.ports import Encoder


def save_gallery(
    catalog: Catalog,
    out: Path,
    encoder: Encoder,
    saved: StoredIndex | None,
    known: KnownRows,
    done: Mapping[Key, StoredItem],
    progress: ProgressCallback,
    wanted: str,
    in_haste: bool = False,
) -> StoredIndex:
    """Put the rows into the manifest's order, give them the right vector index, and write what has changed.

    Args:
        catalog: the gallery.
        out: index folder.
        encoder: made the vectors.
        saved: the index that is there; block 0 of ``known`` when there is one.
        known: vectors.
        done: items to write, among those known.
        progress: called while a vector index is built.
        wanted: vector index to build.
        in_haste: leave building a vector index to the next run.
    Returns:
        The index as a reader will find it.
    """
    order = dict.fromkeys(key_of(item) for item in catalog.items)
    items = tuple(done[key] for key in order if key in done)
    places = known.places(items)
    spec = choose_index(len(items), "exact" if in_haste else wanted, saved.search if saved is not None else None)
    spec = replace(spec, wanted=wanted)
    if saved is not None and _is_same(saved, catalog, items, spec):
        return saved
    folder = Path(encoder.name)
    name = str(folder.resolve()) if folder.is_dir() else encoder.name  # a relative path means nothing elsewhere
    vectors = known.gather(places)
    index = StoredIndex(name, encoder.weights_hash, catalog.folder, items, vectors, spec)
    origin = np.where(places[:, 0] == 0, places[:, 1], -1) if saved is not None else np.full(len(items), -1)
    return save_index(out, index, _search_writer(index, saved, origin, progress))


def _search_writer(
    index: StoredIndex, saved: StoredIndex | None, origin: npt.NDArray[np.int64], progress: ProgressCallback
) -> Callable[[Path], None] | None:
    spec = index.search
    if spec.kind == "milvus":
        from retrieval.index.engines.milvus import write_milvus

        return lambda path: write_milvus(path, index, saved, progress)
    if spec.kind == "exact":
        return None
    previous = None
    if saved is not None and saved.folder is not None and saved.search.file:
        unique = _first_of_each(origin)
        previous = PreviousIndex(saved.folder / saved.search.file, saved.search, unique)
    return lambda path: write_approximate(path, index.vectors, spec, progress, previous)


def _first_of_each(origin: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Let only one new row claim an old one: copies share it, and each row needs an entry of its own."""
    rows = np.full(len(origin), -1, np.int64)
    _, first = np.unique(origin, return_index=True)
    rows[first] = origin[first]
    return rows


def _is_same(saved: StoredIndex, catalog: Catalog, items: tuple[StoredItem, ...], spec: IndexSpec) -> bool:
    """Whether nothing has to be written; the gallery may have been named by another path before."""
    if saved.images.resolve() != catalog.folder.resolve() or len(saved.items) != len(items):
        return False
    if (saved.search.kind, saved.search.wanted) != (spec.kind, spec.wanted) or saved.folder is None:
        return False
    if int(read_record(saved.folder)["version"]) != INDEX_VERSION:
        return False
    return all(_placeless(one) == _placeless(other) for one, other in zip(saved.items, items, strict=True))


def _placeless(stored: StoredItem) -> StoredItem:
    return replace(stored, item=replace(stored.item, image=""))
