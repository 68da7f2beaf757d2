"""Tag the pictures of an index folder: every content once, on every core, going on where a killed run stopped."""

from __future__ import annotations

import logging
import os
import shlex
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from retrieval.encoder.tagging.opening import is_tagger_installed, open_tagger
from retrieval.gallery.catalog import Catalog
from retrieval.gallery.pictures import read_picture
from retrieval.index.encoding import content_digest
from retrieval.index.folder.item_rows import StoredItem
from retrieval.index.folder.store import StoredIndex
from retrieval.index.folder.tags import (
    LEAST_CLOTHES,
    StoredTags,
    add_records,
    begin_tags,
    key_of,
    read_tags,
    records_of,
    replace_records,
)
from retrieval.index.lexical import open_terms
from retrieval.values.datatypes import ProgressCallback, UInt8Array
from retrieval.values.errors import CatalogError, CheckpointError, counted, one_line
from retrieval.values.ports import Tagger

log = logging.getLogger(__name__)

MESSAGE = "Tagging pictures"
CHUNK = 32
DECODE_SIDES = 2
"""Pictures are decoded to about so many times the tagger's side."""

LOOKED_AT = 16
"""Pictures that tell whether a gallery is one of clothes."""


def update_tags(
    index: StoredIndex, catalog: Catalog, tagger: Tagger | None, progress: ProgressCallback
) -> StoredTags | None:
    """Tag what is not tagged yet, and look the tags up in searches from now on.

    Args:
        index: as ``update_index`` gives it; pictures that have changed since are left for the next run.
        catalog: of its pictures.
        tagger: says what they show, and what another one has said is forgotten; None goes on where there are tags.
        progress: called after every chunk.
    Returns:
        The tags of the gallery; None when it has none.
    Raises:
        GalleryIndexError: if the folder cannot be written.
    """
    assert index.folder is not None
    known = read_tags(index.folder)
    if known is None and tagger is None:
        return None
    first = {stored.digest: stored for stored in index.items if key_of(stored.digest) is not None}
    is_new = known is None or (tagger is not None and known.names.tagger != tagger.names.tagger)
    wanted = [stored for digest, stored in first.items() if is_new or known is None or digest not in known]
    if wanted and tagger is None:
        try:
            tagger = open_tagger()
        except CheckpointError as error:
            log.warning("%s not tagged: %s", counted(len(wanted), "new picture"), error)
            return known
    if tagger is not None and (wanted or is_new):
        _tag(index.folder, catalog, tagger, wanted, is_new, progress)
        known = read_tags(index.folder)
    if known is not None and len(known) > len(kept := known.records(first)):
        replace_records(index.folder, kept)
        known = read_tags(index.folder)
    open_terms(index, progress)
    return known


def _tag(
    folder: Path,
    catalog: Catalog,
    tagger: Tagger,
    wanted: Sequence[StoredItem],
    is_new: bool,
    progress: ProgressCallback,
) -> None:
    begin_tags(folder, tagger.names, is_new)
    progress(MESSAGE, 0.0)
    done = 0
    for chunk, records in _tagged(tagger, catalog, wanted):
        add_records(folder, records)
        done += len(chunk)
        progress(f"{MESSAGE}, {done:,} of {len(wanted):,}" if done < len(wanted) else MESSAGE, done / len(wanted))


def offer_tags(index: StoredIndex, catalog: Catalog) -> None:
    """Say how a gallery that is not one of clothes gets tags, where the tagger is installed."""
    if len(index.items) < LOOKED_AT or not is_tagger_installed():
        return
    try:
        share = _look_at_some(index, catalog, open_tagger()).clothes_share
    except CheckpointError as error:
        log.warning("%s", error)
        return
    if share < LEAST_CLOTHES:
        told = f"about {round(100 * share)} of 100 pictures look like clothes"
        log.info("gallery: %s; to find them by what they show: %s", told, tagging_command(index))


def how_tagged(index: StoredIndex) -> str:
    """How many pictures of a gallery are tagged, else what tags them; "" where the tagger is not installed."""
    if (tags := read_tags(index.folder)) is not None:
        return f"{len(tags):,} tagged"
    return f"no tags ({tagging_command(index)} finds things by what they are)" if is_tagger_installed() else ""


def tagging_command(index: StoredIndex) -> str:
    """The command that tags a gallery."""
    places = (shlex.quote(one_line(str(place))) for place in (index.images, index.folder))
    return "python -m retrieval index --images {} --out {} --tags".format(*places)


def _look_at_some(index: StoredIndex, catalog: Catalog, tagger: Tagger) -> StoredTags:
    """Tag a few pictures from all over the gallery, and keep nothing."""
    items = index.items
    rows = sorted({round(row) for row in np.linspace(0, len(items) - 1, LOOKED_AT)})
    some = [stored for row in rows if key_of((stored := items[row]).digest) is not None]
    found = [records for _, records in _tagged(tagger, catalog, some)]
    return StoredTags(tagger.names, np.concatenate(found) if found else records_of((), *tagger.tag_prepared_photos(())))


def _tagged(
    tagger: Tagger, catalog: Catalog, wanted: Sequence[StoredItem]
) -> Iterator[tuple[Sequence[StoredItem], npt.NDArray[Any]]]:
    chunks = [wanted[start : start + CHUNK] for start in range(0, len(wanted), CHUNK)]
    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="tag") as pool:
        yield from zip(chunks, pool.map(partial(_tag_chunk, tagger, catalog), chunks), strict=True)


def _tag_chunk(tagger: Tagger, catalog: Catalog, chunk: Sequence[StoredItem]) -> npt.NDArray[Any]:
    """Records of the pictures that can be read and are still those that were indexed."""
    digests: list[str] = []
    prepared: list[UInt8Array] = []
    for stored in chunk:
        try:
            loaded = catalog.load(stored.item)
            if content_digest(loaded.data) == stored.digest:
                photo = read_picture(loaded.data, loaded.name, DECODE_SIDES * tagger.size_px)
                prepared.append(tagger.prepare_photo(photo))
                digests.append(stored.digest)
        except CatalogError:
            continue  # it was readable when it was indexed; the next run tells
    return records_of(digests, *tagger.tag_prepared_photos(prepared))
