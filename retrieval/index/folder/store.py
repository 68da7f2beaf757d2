"""The index folder: vectors and items of a gallery, replaced as one.

``index.json``        what the folder is: format, encoder, weights hash, dimension, count, the kind of vector index
                      with its parameters, and the data files with their sizes and checksums. Written last, by
                      rename, so a crash leaves the old gallery or the new.
``vectors-*.npy``     float32 (count, D), unit vectors, mapped into memory when the folder is opened.
``items-*.jsonl``     one item per row: file, size, time stamp and digest when it was encoded, manifest fields.
``offsets-*.npy``     int64 (count + 1,), where each item's line starts, so that opening parses none.
``search-*.bin``      the vector index, unless every inner product is computed.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.files import check_file, file_record, replacing, write_json
from retrieval.index.folder.choice import EXACT, IndexSpec
from retrieval.index.folder.item_rows import ItemRows, StoredItem, item_line, relative_path
from retrieval.index.folder.journal import images_of_unfinished, unwritable
from retrieval.values.datatypes import Float32Array
from retrieval.values.errors import GalleryIndexError, first_line

INDEX_FORMAT = "air-sketch-index"
INDEX_VERSION = 2
INDEX_FILE = "index.json"
DATA_PATTERNS = ("vectors-*.npy", "items-*.jsonl", "offsets-*.npy", "search-*.bin", ".*.tmp")


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
    """

    encoder: str
    weights_hash: str
    images: Path
    items: Sequence[StoredItem]
    vectors: Float32Array
    search: IndexSpec = EXACT
    folder: Path | None = None


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
        with replacing(folder / names["items"]) as temporary, temporary.open("wb") as stream:
            lengths = [stream.write(item_line(stored, index.images)) for stored in index.items]
        with replacing(folder / names["offsets"]) as temporary, temporary.open("wb") as stream:
            np.save(stream, np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64))
        if write_search is not None:
            with replacing(folder / search.file) as temporary:
                write_search(temporary)
        written = {name for name in (*names.values(), search.file) if name}
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
            "search": asdict(search),
            "files": {name: file_record(folder / name) for name in sorted(written)},
        }
        replaced_s = (folder / INDEX_FILE).stat().st_mtime if (folder / INDEX_FILE).exists() else 0.0
        write_json(folder / INDEX_FILE, record)
    except (OSError, ValueError) as error:
        raise unwritable(folder, error) from error
    _remove_old(folder, written, replaced_s)
    return replace(index, search=search, folder=folder)


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
    search = IndexSpec(**record["search"])
    for name, expected in record["files"].items():
        check_file(folder / name, expected)
    vectors = np.load(folder / record["vectors"], mmap_mode="r", allow_pickle=False)
    starts = np.load(folder / record["offsets"], allow_pickle=False)
    shape = (int(record["count"]), int(record["dimension"]))
    if vectors.dtype != np.float32 or vectors.shape != shape or starts.shape != (shape[0] + 1,):
        found = f"{vectors.dtype} {vectors.shape} and {len(starts) - 1} items"
        raise ValueError(f"expected float32 {shape} vectors and {shape[0]} items, got {found}")
    beside = Path(os.path.normpath(folder.resolve() / record["images_relative"]))  # a gallery may be moved as a whole
    images = beside if record["images_relative"] and beside.is_dir() else Path(record["images"])
    lines = np.asarray(np.memmap(folder / record["items"], np.uint8, "r"))
    items = ItemRows(lines, starts, images, lambda reason: damaged(folder, reason))
    encoder, weights_hash = str(record["encoder"]), str(record["weights_hash"])
    return StoredIndex(encoder, weights_hash, images, items, np.asarray(vectors), search, folder)


def read_record(folder: Path) -> dict[str, Any]:
    """Read ``index.json``.

    Raises:
        GalleryIndexError: if it is missing, damaged or of a version that we cannot read.
    """
    try:
        record: dict[str, Any] = json.loads((folder / INDEX_FILE).read_text(encoding="utf-8"))
        if (record["format"], record["version"]) != (INDEX_FORMAT, INDEX_VERSION):
            raise ValueError(f"expected {INDEX_FORMAT} version {INDEX_VERSION}, got {record['version']}")
        return record
    except FileNotFoundError as error:
        images = images_of_unfinished(folder)
        if images is not None:
            raise GalleryIndexError(
                f"Index {folder} is not finished",
                f"Run index again: python -m retrieval index --images {images} --out {folder}",
            ) from error
        raise GalleryIndexError(
            f"Index {folder} is missing: no {INDEX_FILE}", f"Run: python -m retrieval index --images DIR --out {folder}"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise damaged(folder, first_line(error)) from error


def damaged(folder: Path, reason: str) -> GalleryIndexError:
    """Make the error for a folder that cannot be read."""
    return GalleryIndexError(
        f"Index {folder} is damaged: {reason}", f"Run again: python -m retrieval index --images DIR --out {folder}"
    )
