"""What of a gallery is known, and what has to be read: the first stage of an indexing run."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from retrieval.gallery.catalog import Catalog
from retrieval.index.folder.item_rows import StoredItem
from retrieval.index.folder.journal import IndexJournal
from retrieval.index.folder.store import INDEX_FILE, StoredIndex, load_index
from retrieval.index.known_rows import Key, KnownRows, key_of
from retrieval.values.datatypes import CatalogItem
from retrieval.values.errors import GalleryIndexError
from retrieval.values.ports import Encoder

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """What there is to do.

    Attributes:
        saved: the index of an earlier run, block 0 of ``known``; None when there is none that can be used.
        known: everything with a vector, of that index and of interrupted runs.
        kept: what has the size and time stamp it had.
        unread: everything else, each item once.
        gone_files: files that are in the index and no longer in the gallery.
    """

    saved: StoredIndex | None
    known: KnownRows
    kept: Mapping[Key, StoredItem]
    unread: Sequence[CatalogItem]
    gone_files: Sequence[str]


def plan_update(catalog: Catalog, out: Path, encoder: Encoder, journal: IndexJournal) -> Plan:
    """Compare a catalogue with its index folder.

    Args:
        catalog: the gallery.
        out: index folder; it need not be there.
        encoder: other encoders' vectors are of no use.
        journal: of the index folder.
    """
    known = KnownRows(encoder.width)
    saved = _reusable(out, encoder)
    if saved is not None:
        known.add_block(saved.items, saved.vectors)
    wanted = {key_of(item) for item in catalog.items}
    gone = sorted(file for _, file in known.keys() - wanted)
    for items, vectors in journal.read():
        if vectors.shape[1] == encoder.width:
            known.add_block(items, vectors)
    kept: dict[Key, StoredItem] = {}
    unread: dict[Key, CatalogItem] = {}
    for item in catalog.items:
        key, stored = key_of(item), known.get(item)
        if key in kept:
            continue
        if stored is not None and (stored.size_bytes, stored.modified_ns) == catalog.stamp(item):
            kept[key] = replace(stored, item=item)
        else:
            unread[key] = item
    return Plan(saved, known, kept, tuple(unread.values()), gone)


def _reusable(out: Path, encoder: Encoder) -> StoredIndex | None:
    """The index of an earlier run; none when another encoder made it or it is damaged."""
    if not (out / INDEX_FILE).is_file():
        return None
    try:
        index = load_index(out)
        tuple(index.items)  # parses every line
        if not np.isfinite(index.vectors).all():
            raise GalleryIndexError(f"Index {out} is damaged: its vectors are not numbers.")
    except GalleryIndexError as error:
        log.warning("%s It is built anew.", error)
        return None
    if index.weights_hash != encoder.weights_hash or index.vectors.shape[1] != encoder.width:
        log.warning("index %s was made by another encoder (%s); it is built anew", out, index.encoder)
        return None
    return index
