"""Bring a gallery's index up to date (``index``): read what is known, encode the rest, write it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from retrieval.encoder.opening import open_look
from retrieval.gallery.catalog import Catalog
from retrieval.index.encoding import EncodePictures, encode_here
from retrieval.index.engines.building import write_approximate
from retrieval.index.folder.choice import AUTO, IndexSpec, check_wanted, choose_index
from retrieval.index.folder.item_rows import StoredItem
from retrieval.index.folder.journal import IndexJournal
from retrieval.index.folder.looks import LookView, recorded_look
from retrieval.index.folder.record import INDEX_FILE
from retrieval.index.folder.store import StoredIndex, load_index, save_index
from retrieval.index.lexical import open_terms
from retrieval.index.rows import GalleryRows
from retrieval.values.datatypes import Float32Array, ProgressCallback
from retrieval.values.errors import CheckpointError, GalleryIndexError, like_it
from retrieval.values.ports import Encoder, Look

log = logging.getLogger(__name__)

MESSAGE = "Indexing pictures"
NO_LOOK = "none"


def update_index(
    catalog: Catalog,
    out: Path,
    encoder: Encoder,
    progress: ProgressCallback,
    wanted: str | None = None,
    encode: EncodePictures | None = None,
    ready: Mapping[str, Float32Array] | None = None,
    look: Look | str | None = None,
) -> tuple[StoredIndex, GalleryRows]:
    """Build or update the index folder of a catalogue.

    A picture has changed when its size or time stamp and then its content differ. Finished work goes to a journal
    every few seconds, so an interrupted run goes on where it stopped.

    Args:
        catalog: the gallery.
        out: index folder.
        encoder: makes the vectors.
        progress: called after every chunk.
        wanted: vector index to build (see ``choose_index``); None for what the folder has or, at first, ``auto``.
        encode: encodes the pictures elsewhere; None for this machine's cores.
        ready: vectors that the encoder has made before, by the digest of the picture file.
        look: makes a second view, of pictures alone; open or its name. None for what the folder has or, at first,
            none; ``none`` for none.
    Returns:
        The index as saved, and what became of each picture.
    Raises:
        GalleryIndexError: if nothing can be read or the folder cannot be written.
        CheckpointError: if the second view cannot be opened.
    """
    sees = open_wanted_look(out, look, progress)
    journal = IndexJournal(out, catalog.folder, encoder.weights_hash)
    look_journal = None if sees is None else IndexJournal(out, catalog.folder, sees.weights_hash)
    found = _readable(out)
    saved = found if found is not None and _made_by(encoder, found, out) else None
    wanted = check_wanted(wanted or (saved.search.wanted if saved is not None else AUTO))
    parts = journal.read(encoder.width)
    rows = GalleryRows(catalog, saved, parts, ready or {}, _known_looks(sees, found, look_journal))
    encode = encode or partial(encode_here, encoder)
    if rows.unread:
        journal.begin()
        progress(MESSAGE, 0.0)
        done, count = 0, len(rows.unread)
        try:
            for chunk in encode(catalog, rows.unread, rows.vectors.keys(), sees, (rows.looks or {}).keys()):
                rows.take(chunk)
                journal.add(chunk.encoded, chunk.vectors)
                if look_journal is not None and chunk.looks is not None:
                    look_journal.add(chunk.looked, chunk.looks)
                done += len(chunk.encoded) + len(chunk.copied) + len(chunk.unreadable)
                progress(f"{MESSAGE}, {done:,} of {count:,}" if done < count else MESSAGE, done / count)
        finally:
            for one in filter(None, (journal, look_journal)):
                one.flush()
        rows.settle()
    journals = [one for one in (journal, look_journal) if one is not None]
    if not rows.found:
        for one in journals:
            one.end()
        with suppress(OSError):  # something else is in it
            out.rmdir()
        reasons = list(rows.unreadable.values())
        raise GalleryIndexError(
            f"Gallery {catalog.folder} has no readable picture: {reasons[0]}{like_it(len(reasons))}",
            "Name another folder.",
        )
    index = write_index(out, catalog, encoder, rows, saved, wanted, progress, sees)
    for one in journals:
        one.end()
    return index, rows


def open_wanted_look(out: Path, look: Look | str | None, progress: ProgressCallback) -> Look | None:
    """Open what makes the second view; see ``update_index``."""
    is_kept = look is None
    if look is None:
        look, is_ours = recorded_look(out)
        if not is_ours:
            raise GalleryIndexError(
                f"Index {out} was not written by this machine: its second view by {look} is not opened by its word",
                f"If you trust that one, name it: --look {look}. --look {NO_LOOK} drops it.",
            )
    if not isinstance(look, str):
        return look
    if look in {"", NO_LOOK}:
        return None
    progress("Loading the second view", None)
    try:
        return open_look(look)
    except CheckpointError as error:
        go_on = f" --look {NO_LOOK} goes on without it." if is_kept else ""
        raise CheckpointError(error.what, error.remedy + go_on) from error


def _known_looks(
    sees: Look | None, found: StoredIndex | None, journal: IndexJournal | None
) -> dict[str, Float32Array] | None:
    """Vectors of the second view that the folder has or an interrupted run has made, by digest; None without one."""
    if sees is None or journal is None:
        return None
    known: dict[str, Float32Array] = {}
    view = None if found is None else found.look
    if found is not None and view is not None and is_view_of(sees, view):
        known |= view.by_digest([stored.digest for stored in found.items])
    for items, vectors in journal.read(sees.width):
        known |= {stored.digest: vector for stored, vector in zip(items, vectors, strict=True)}
    return known


def is_view_of(sees: Look, view: LookView) -> bool:
    """Whether vectors of both may be compared."""
    return (view.weights_hash, view.vectors.shape[1]) == (sees.weights_hash, sees.width)


def _readable(out: Path) -> StoredIndex | None:
    """The index of an earlier run; none when it is damaged."""
    if not (out / INDEX_FILE).is_file():
        return None
    try:
        index = load_index(out)
        tuple(index.items)  # parses every line
        return index
    except GalleryIndexError as error:
        log.warning("%s It is built anew.", error)
        return None


def _made_by(encoder: Encoder, index: StoredIndex, out: Path) -> bool:
    if (index.weights_hash, index.vectors.shape[1]) == (encoder.weights_hash, encoder.width):
        return True
    log.warning("index %s was made by another encoder (%s); it is built anew", out, index.encoder)
    return False


def write_index(
    out: Path,
    catalog: Catalog,
    encoder: Encoder,
    rows: GalleryRows,
    saved: StoredIndex | None,
    wanted: str,
    progress: ProgressCallback,
    look: Look | None = None,
) -> StoredIndex:
    """Give rows the right vector index, and write what has changed.

    ``rows`` are at least one; ``saved`` is what the folder holds now, None for nothing of use; ``look`` has made the
    second view of the rows.

    Returns:
        The index as a reader will find it.
    Raises:
        GalleryIndexError: if the folder cannot be written.
    """
    found = rows.found
    items = tuple(row.stored for row in found)
    spec = choose_index(len(items), wanted)
    if saved is not None and _is_same(saved, catalog, items, spec) and _is_same_view(saved, look, rows):
        return saved
    vectors = np.stack([row.vector for row in found])
    view = None
    if look is not None:
        view = LookView(_lasting_name(look), look.weights_hash, rows.look_vectors(items, look.width))
    name = _lasting_name(encoder)
    index = StoredIndex(name, encoder.weights_hash, catalog.folder, items, vectors, spec, look=view)
    written = save_index(out, index, _search_writer(index, saved, progress))
    open_terms(written)
    return written


def _lasting_name(look: Look) -> str:
    """Its name, a folder's by its full path: a relative one means nothing elsewhere."""
    folder = Path(look.name)
    return str(folder.resolve()) if folder.is_dir() else look.name


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
    return lambda path: write_approximate(path, index.vectors, spec, progress)


def _is_same(saved: StoredIndex, catalog: Catalog, items: Sequence[StoredItem], spec: IndexSpec) -> bool:
    """Whether nothing has to be written; the gallery may have been named by another path before."""
    return (
        saved.images.resolve() == catalog.folder.resolve()
        and (saved.search.kind, saved.search.wanted) == (spec.kind, spec.wanted)
        and len(saved.items) == len(items)
        and all(_placeless(one) == _placeless(other) for one, other in zip(saved.items, items, strict=True))
    )


def _is_same_view(saved: StoredIndex, look: Look | None, rows: GalleryRows) -> bool:
    """Whether the second view has not changed; a stranger's is made ours by writing it."""
    if saved.look is None or look is None:
        return saved.look is None and look is None
    is_named = saved.is_ours and saved.look.encoder == _lasting_name(look)
    return is_named and is_view_of(look, saved.look) and not rows.looked


def _placeless(stored: StoredItem) -> StoredItem:
    return replace(stored, item=replace(stored.item, image=""))
