"""Keep what was encoded, in the journal at once and in the index at the end: the last stage of an indexing run."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.gallery.catalog import Catalog
from retrieval.index.encoding import EncodedChunk
from retrieval.index.engines.building import PreviousIndex, write_approximate
from retrieval.index.folder.choice import IndexSpec, choose_index
from retrieval.index.folder.item_rows import StoredItem
from retrieval.index.folder.journal import IndexJournal
from retrieval.index.folder.store import INDEX_VERSION, StoredIndex, read_record, save_index
from retrieval.index.known_rows import Key, key_of
from retrieval.index.reading import Plan
from retrieval.index.report import IndexReport
from retrieval.values.datatypes import CatalogItem, ProgressCallback
from retrieval.values.errors import GalleryIndexError
from retrieval.values.ports import Encoder

log = logging.getLogger(__name__)


def check_writable(out: Path) -> None:
    """Notice before hours of work that an index folder cannot be written.

    Raises:
        GalleryIndexError: if it cannot.
    """
    existing = out.absolute()
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        raise GalleryIndexError(
            f"Index {out} cannot be written: {existing} is no folder that can be written",
            "Choose another folder with --out.",
        )


class IndexWriter:
    """Takes chunks as they come, and writes the index when there are no more.

    Args:
        catalog: the gallery.
        out: index folder.
        encoder: made the vectors.
        plan: what was known before; what is taken joins its known rows.
        journal: of the index folder.
    """

    def __init__(self, catalog: Catalog, out: Path, encoder: Encoder, plan: Plan, journal: IndexJournal) -> None:
        self._catalog = catalog
        self._out = out
        self._encoder = encoder
        self._plan = plan
        self._journal = journal
        self._rows: dict[Key, StoredItem] = dict(plan.kept)
        self._kept = [stored.item.file for stored in plan.kept.values()]
        self._encoded: list[str] = []
        self._copied: list[str] = []
        self._copies: list[StoredItem] = []
        self._unreadable: dict[str, str] = {}
        self._unreadable_digests: dict[str, str] = {}

    @property
    def has_rows(self) -> bool:
        """Whether there is anything to write."""
        return bool(self._rows)

    @property
    def has_new_rows(self) -> bool:
        """Whether there is anything that the index lacks."""
        return bool(self._encoded or self._copied)

    def take(self, chunk: EncodedChunk) -> None:
        """Keep a chunk; its copies wait until ``settle``, as their originals may be in a later one.

        Raises:
            GalleryIndexError: if the journal cannot be written.
        """
        self._plan.known.add_block(chunk.encoded, chunk.vectors)
        for stored in chunk.encoded:
            self._put(stored, self._encoded)
        for one in chunk.unreadable:
            self._leave_out(one.item, one.reason)
            if one.digest:
                self._unreadable_digests[one.digest] = one.reason
        self._copies += chunk.copied
        self._journal.add(chunk.encoded, chunk.vectors)

    def settle(self) -> None:
        """Write the journal and give copies the vectors of their originals, after the last chunk that comes.

        Raises:
            GalleryIndexError: if the journal cannot be written.
        """
        self._journal.flush()
        for stored in self._copies:
            old = self._plan.known.get(stored.item)
            if reason := self._unreadable_digests.get(stored.digest):
                self._leave_out(stored.item, f"{stored.item.file} has the same content as: {reason}")
            elif self._plan.known.add_copy(stored):
                is_touched = old is not None and old.digest == stored.digest  # its own vector, then
                self._put(stored, self._kept if is_touched else self._copied)
        self._copies.clear()

    def _put(self, stored: StoredItem, files: list[str]) -> None:
        self._rows[key_of(stored.item)] = stored
        files.append(stored.item.file)

    def _leave_out(self, item: CatalogItem, reason: str) -> None:
        if item.file not in self._unreadable:
            log.warning("left out: %s", reason)
        self._unreadable[item.file] = reason

    def save(self, wanted: str, progress: ProgressCallback, in_haste: bool = False) -> StoredIndex:
        """Put the rows into the manifest's order, give them the right vector index, and write what has changed.

        Args:
            wanted: vector index to build.
            progress: called while it is built.
            in_haste: leave building it to the next run.
        Returns:
            The index as a reader will find it.
        Raises:
            GalleryIndexError: if there is no row, or the folder cannot be written.
        """
        if not self._rows:
            reasons = list(self._unreadable.values())
            raise GalleryIndexError(
                f"Gallery {self._catalog.folder} has no readable picture: {reasons[0]} ({len(reasons)} like it)",
                "Name another folder.",
            )
        saved, items = self._plan.saved, self._in_order()
        spec = choose_index(len(items), "exact" if in_haste else wanted, saved.search if saved is not None else None)
        spec = replace(spec, wanted=wanted)
        if saved is not None and _is_same(saved, self._catalog, items, spec):
            return saved
        places = self._plan.known.places(items)
        folder = Path(self._encoder.name)  # where it is one, a relative path means nothing elsewhere
        name = str(folder.resolve()) if folder.is_dir() else self._encoder.name
        vectors = self._plan.known.gather(places)
        index = StoredIndex(name, self._encoder.weights_hash, self._catalog.folder, items, vectors, spec)
        old_rows = np.where(places[:, 0] == 0, places[:, 1], -1) if saved is not None else np.full(len(items), -1)
        return save_index(self._out, index, _search_writer(index, saved, old_rows, progress))

    def report(self, index: StoredIndex) -> IndexReport:
        """Tell what became of each picture."""
        first: dict[str, str] = {}
        same = [(one.item.file, first.setdefault(one.digest, one.item.file)) for one in self._in_order() if one.digest]
        return IndexReport(
            encoded_files=tuple(self._encoded),
            copied_files=tuple(self._copied),
            kept_files=tuple(self._kept),
            unreadable=tuple(self._unreadable.items()),
            removed_files=tuple(self._plan.gone_files),
            duplicates=tuple((file, of) for file, of in same if file != of),
            count=len(index.items),
            kind=index.search.kind,
        )

    def _in_order(self) -> tuple[StoredItem, ...]:
        """The rows in the manifest's order, each once."""
        order = dict.fromkeys(key_of(item) for item in self._catalog.items)
        return tuple(self._rows[key] for key in order if key in self._rows)


def _search_writer(
    index: StoredIndex, saved: StoredIndex | None, old_rows: npt.NDArray[np.int64], progress: ProgressCallback
) -> Callable[[Path], None] | None:
    """What writes the vector index; None when it has no file."""
    spec = index.search
    if spec.kind == "milvus":
        from retrieval.index.engines.milvus import write_milvus

        return lambda path: write_milvus(path, index, saved, progress)
    if spec.kind == "exact":
        return None
    previous = None
    if saved is not None and saved.folder is not None and saved.search.file:
        previous = PreviousIndex(saved.folder / saved.search.file, saved.search, _first_of_each(old_rows))
    return lambda path: write_approximate(path, index.vectors, spec, progress, previous)


def _first_of_each(old_rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Let only one new row claim an old one: copies share it, and each row needs an entry of its own."""
    rows = np.full(len(old_rows), -1, np.int64)
    _, first = np.unique(old_rows, return_index=True)
    rows[first] = old_rows[first]
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
