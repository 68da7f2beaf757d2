"""The index folder: vectors and items of a gallery, replaced as one.

``index.json``        what the folder is: format, encoder, weights hash, dimension, count, the kind of vector index
                      with its parameters, and the data files with their sizes and checksums. Written last, by
                      rename, so a crash leaves the old gallery or the new.
``vectors-*.npy``     float32 (count, D), unit vectors, mapped into memory when the folder is opened.
``items-*.jsonl``     one item per row: file, size, time stamp and digest when it was encoded, manifest fields.
``offsets-*.npy``     int64 (count + 1,), where each item's line starts, so that opening parses none.
``look-*.npy``        float32 (count, L), a second view of the pictures where there is one (see ``looks``).
``search-*.bin``      the vector index, unless every inner product is computed.
``words-*.bin``       which items have which word; made of the items and their tags where it is missing.
``tags.json, .bin``   what the pictures show, where they are tagged (see ``tags``).

A folder may come from a stranger. FAISS and Milvus are made for friends' files and addresses, and an encoder is a
program of sorts: ``index.json`` carries a seal, a keyed digest of itself and of the search file, that only this machine
can make. Without it, a folder is searched exactly by its own vectors, and names neither a server nor an encoder.
"""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.files import check_file, file_record, replacing, write_json
from retrieval.index.folder.choice import AUTO, EXACT, KINDS, IndexSpec
from retrieval.index.folder.item_rows import ItemRows, StoredItem, item_line, relative_path
from retrieval.index.folder.journal import images_of_unfinished, unwritable
from retrieval.index.folder.looks import LookView, check_entries, open_view
from retrieval.index.folder.record import (
    INDEX_FILE,
    INDEX_FORMAT,
    INDEX_VERSION,
    IndexRecord,
    damaged,
    read_record,
    seal_of,
)
from retrieval.values.datatypes import Float32Array
from retrieval.values.errors import GalleryIndexError, first_line

log = logging.getLogger(__name__)

MILVUS_VARIABLE = "AIR_SKETCH_MILVUS"
"""Names the one Milvus that folders from other machines may be searched through."""

LONGEST_LINE = 16 << 20
DATA_PATTERNS = (
    "vectors-*.npy",
    "look-*.npy",
    "items-*.jsonl",
    "offsets-*.npy",
    "search-*.bin",
    "words-*.bin",
    ".*.tmp",
)


@dataclass(frozen=True)
class StoredIndex:
    """The content of an index folder.

    Attributes:
        encoder: name of the encoder that made the vectors.
        weights_hash: of that encoder.
        images: the gallery folder.
        items: one per vector; read from the folder when asked for.
        vectors: float32 (N, D); read from the folder when touched.
        search: the vector index that belongs to them.
        folder: where ``search.file`` lies; None for an index that was never saved.
        is_ours: whether this machine wrote it, so that its encoder may be opened by its word.
        words: name of the file of its words (see ``lexical``), which may not be there yet; "" for an index never saved.
        look: the second view of the same rows, None for none.
    """

    encoder: str
    weights_hash: str
    images: Path
    items: Sequence[StoredItem]
    vectors: Float32Array
    search: IndexSpec = EXACT
    folder: Path | None = None
    is_ours: bool = True
    words: str = ""
    look: LookView | None = None


def is_index_folder(folder: Path) -> bool:
    """Whether the folder holds an index, finished or not."""
    return (folder / INDEX_FILE).is_file() or images_of_unfinished(folder) is not None


def save_index(folder: Path, index: StoredIndex, write_search: Callable[[Path], None] | None = None) -> StoredIndex:
    """Write an index folder, replacing the one that is there only when all is written.

    Args:
        folder: made when it is not there.
        index: what to write.
        write_search: writes the file of ``index.search`` to the path it is given; None when it has none.
    Returns:
        The index as a reader will find it.
    Raises:
        GalleryIndexError: if the folder cannot be written; the old index is then untouched.
    """
    stamp = uuid.uuid4().hex[:12]
    names = {"vectors": f"vectors-{stamp}.npy", "items": f"items-{stamp}.jsonl", "offsets": f"offsets-{stamp}.npy"}
    search = replace(index.search, file=f"search-{stamp}.bin" if write_search is not None else "")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(folder / names["vectors"]) as temporary, temporary.open("wb") as stream:
            np.save(stream, index.vectors)
        look = {} if index.look is None else {"look": index.look.record(f"look-{stamp}.npy")}
        if index.look is not None:
            with replacing(folder / look["look"]["file"]) as temporary, temporary.open("wb") as stream:
                np.save(stream, index.look.vectors)
        with replacing(folder / names["items"]) as temporary, temporary.open("wb") as stream:
            lengths = [stream.write(item_line(stored, index.images)) for stored in index.items]
        with replacing(folder / names["offsets"]) as temporary, temporary.open("wb") as stream:
            np.save(stream, np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64))
        if write_search is not None:
            with replacing(folder / search.file) as temporary:
                write_search(temporary)
        written = {*names.values(), *(one["file"] for one in look.values()), *filter(None, [search.file])}
        record = {
            "format": INDEX_FORMAT,
            "version": INDEX_VERSION,
            "encoder": index.encoder,
            "weights_hash": index.weights_hash,
            "dimension": int(index.vectors.shape[1]),
            "count": len(index.items),
            "images": str(index.images.resolve()),
            "images_relative": relative_path(index.images.resolve(), folder.resolve()),
            **names,
            **look,
            "search": asdict(search),
            "files": {name: file_record(folder / name) for name in sorted(written)},
        }
        record["seal"] = seal_of(folder, record)
        replaced_s = (folder / INDEX_FILE).stat().st_mtime if (folder / INDEX_FILE).exists() else 0.0
        write_json(folder / INDEX_FILE, record)
    except (OSError, ValueError) as error:
        raise unwritable(folder, error) from error
    _remove_old(folder, written, replaced_s)
    return replace(index, search=search, folder=folder, is_ours=True, words=words_of(names["items"]))


def words_of(items: str) -> str:
    """Name the file of words that belongs to a file of items."""
    return f"words-{items.removeprefix('items-').removesuffix('.jsonl')}.bin"


def _remove_old(folder: Path, keep: set[str], replaced_s: float) -> None:
    """Delete data files that are older than the index that was replaced: its own, and leftovers of killed runs.

    Newer ones stay, since another process may be about to name them.
    """
    for pattern in DATA_PATTERNS:
        for path in folder.glob(pattern):
            with suppress(OSError):  # another process was faster, or still reads it (Windows)
                if path.name not in keep and path.stat().st_mtime <= replaced_s:
                    path.unlink()


def load_index(folder: Path) -> StoredIndex:
    """Open an index folder; items and vectors are read from it as they are needed.

    Raises:
        GalleryIndexError: if it is missing, not finished, damaged or of another version.
    """
    record = read_record(folder)
    try:
        return _open_data(folder, record)
    except FileNotFoundError as error:
        if read_record(folder) == record:
            raise damaged(folder, f"{error.filename} is gone") from error
        return load_index(folder)  # it was replaced between the two readings
    except Exception as error:  # what damaged bytes raise depends on where the damage is
        raise damaged(folder, first_line(error)) from error


def _open_data(folder: Path, record: dict[str, Any]) -> StoredIndex:
    said = IndexRecord.model_validate(record)
    for name in filter(None, (said.vectors, said.items, said.offsets, said.search.file)):
        if (folder / name).is_symlink():
            raise ValueError(f"{name} is a link")
        if name not in said.files:
            raise ValueError(f"{name} has no checksum")
        check_file(folder / name, said.files[name].model_dump())
    vectors = np.load(folder / said.vectors, mmap_mode="r", allow_pickle=False)
    starts = np.load(folder / said.offsets, mmap_mode="r", allow_pickle=False)
    lines = np.asarray(np.memmap(folder / said.items, np.uint8, "r"))
    shape = (said.count, said.dimension)
    if (vectors.dtype, vectors.shape, starts.dtype, starts.shape) != (np.float32, shape, np.int64, (shape[0] + 1,)):
        found = f"{vectors.dtype} {vectors.shape} and {starts.dtype} {starts.shape}"
        raise ValueError(f"expected float32 {shape} vectors and int64 {(shape[0] + 1,)} offsets, got {found}")
    lengths = np.diff(starts)
    if starts[0] != 0 or starts[-1] != len(lines) or lengths.min() < 1 or lengths.max() > LONGEST_LINE:
        raise ValueError(f"{said.offsets} does not belong to {said.items}")
    is_ours = said.seal != "" and said.seal == seal_of(folder, record)
    if not is_ours:
        check_entries(vectors, said.vectors)
    search = _searched_as(folder, said, is_ours)
    images = _images_folder(folder, said)
    items = ItemRows(lines, np.asarray(starts), images, lambda reason: damaged(folder, reason))
    words = words_of(said.items)
    look = open_view(folder, record, said, is_ours)
    return StoredIndex(
        said.encoder, said.weights_hash, images, items, np.asarray(vectors), search, folder, is_ours, words, look
    )


def _searched_as(folder: Path, said: IndexRecord, is_ours: bool) -> IndexSpec:
    """The vector index that the record names if it may be used, else the exact one."""
    uri = said.search.parameters.get("uri", "") if said.search.kind == "milvus" else None
    if is_ours or (uri and uri == os.environ.get(MILVUS_VARIABLE)):
        return IndexSpec(**said.search.model_dump())
    wanted = said.search.wanted if said.search.wanted in {AUTO, *KINDS} else AUTO
    if said.search.kind != "exact":
        what = f"Index {folder} was not written by this machine: its {said.search.kind} search is passed over, "
        again = f"For a faster one run: python -m retrieval index --images {said.images} --out {folder}"
        trusted = f"If you trust the server, set {MILVUS_VARIABLE}={uri}"
        log.warning("%s", GalleryIndexError(what + "every picture is compared", trusted if uri else again))
    return replace(EXACT, wanted=wanted)


def _images_folder(folder: Path, said: IndexRecord) -> Path:
    """Prefer the place relative to the index, so that a gallery can be moved as a whole."""
    beside = Path(os.path.normpath(folder.resolve() / said.images_relative))
    return beside if said.images_relative and beside.is_dir() else Path(said.images)
