"""The index folder: vectors and items of a gallery, replaced as one.

``index.json``        what the folder is: format, encoder, weights hash, dimension, count, the names of the
                      two data files. Written last, by rename, so a crash leaves the old gallery or the new.
``vectors-*.npy``     float32 (count, D), unit vectors.
``items-*.jsonl``     one item per row: file, size and time stamp when it was encoded, manifest fields.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.datatypes import CatalogItem, Float32Array
from retrieval.errors import GalleryIndexError, first_line
from retrieval.files import replacing, write_json

INDEX_FORMAT = "air-sketch-index"
INDEX_VERSION = 1
INDEX_FILE = "index.json"
LEFTOVER_AGE_S = 3600.0
"""Data files that no index.json names are deleted only when this old: another process may be about to name them."""


@dataclass(frozen=True)
class StoredItem:
    """An item and the state its picture had when it was encoded.

    Attributes:
        item: as the catalogue gave it.
        size_bytes: of the picture file.
        modified_ns: of the picture file.
    """

    item: CatalogItem
    size_bytes: int
    modified_ns: int


@dataclass(frozen=True)
class StoredIndex:
    """The content of an index folder.

    Attributes:
        encoder: name of the encoder that made the vectors.
        weights_hash: of that encoder.
        images: the gallery folder.
        items: one per vector.
        vectors: float32 (N, D).
    """

    encoder: str
    weights_hash: str
    images: Path
    items: tuple[StoredItem, ...]
    vectors: Float32Array


def is_index_folder(folder: Path) -> bool:
    """Whether the folder holds an index."""
    return (folder / INDEX_FILE).is_file()


def save_index(folder: Path, index: StoredIndex) -> None:
    """Write an index folder, replacing the one that is there only when all is written.

    Raises:
        GalleryIndexError: if the folder cannot be written; the old index is then untouched.
    """
    stamp = uuid.uuid4().hex[:12]
    vectors_name, items_name = f"vectors-{stamp}.npy", f"items-{stamp}.jsonl"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(folder / vectors_name) as temporary, temporary.open("wb") as stream:
            np.save(stream, index.vectors)
        with replacing(folder / items_name) as temporary, temporary.open("w", encoding="utf-8") as stream:
            for stored in index.items:
                stream.write(json.dumps(_item_record(stored, index.images)) + "\n")  # ASCII: any file name fits
        record = {
            "format": INDEX_FORMAT,
            "version": INDEX_VERSION,
            "encoder": index.encoder,
            "weights_hash": index.weights_hash,
            "dimension": int(index.vectors.shape[1]),
            "count": len(index.items),
            "images": str(index.images.resolve()),
            "images_relative": _relative(index.images.resolve(), folder.resolve()),
            "vectors": vectors_name,
            "items": items_name,
        }
        replaced = _data_files(folder)
        write_json(folder / INDEX_FILE, record)
    except (OSError, ValueError) as error:
        raise GalleryIndexError(
            f"Index {folder} cannot be written: {first_line(error)}. Choose another folder with --out."
        ) from error
    _remove_old(folder, {vectors_name, items_name}, replaced)


def _relative(path: Path, start: Path) -> str:
    """Path from ``start``, "" when there is none (another drive on Windows)."""
    try:
        return os.path.relpath(path, start)
    except ValueError:
        return ""


def _data_files(folder: Path) -> set[str]:
    """Names of the data files that the folder's index.json names; none when it has none that can be read."""
    try:
        record = _read_record(folder)
        return {str(record["vectors"]), str(record["items"])}
    except (GalleryIndexError, KeyError):
        return set()


def _remove_old(folder: Path, keep: set[str], replaced: set[str]) -> None:
    stale = time.time() - LEFTOVER_AGE_S
    for pattern in ("vectors-*.npy", "items-*.jsonl", ".*.tmp"):
        for path in folder.glob(pattern):
            try:
                if path.name not in keep and (path.name in replaced or path.stat().st_mtime < stale):
                    path.unlink()
            except OSError:  # another process was faster, or still reads it (Windows)
                continue


def load_index(folder: Path) -> StoredIndex:
    """Read an index folder.

    Raises:
        GalleryIndexError: if it is missing, damaged or of another version.
    """
    record = _read_record(folder)
    try:
        return _read_data(folder, record)
    except FileNotFoundError as error:
        newer = _read_record(folder)
        if newer == record:
            raise _damaged(folder, f"{error.filename} is gone") from error
        return load_index(folder)  # it was replaced between the two readings


def _read_data(folder: Path, record: dict[str, Any]) -> StoredIndex:
    try:
        images = _images_folder(folder, record)
        with (folder / record["vectors"]).open("rb") as stream:
            vectors = np.lib.format.read_array(stream, allow_pickle=False)
        with (folder / record["items"]).open(encoding="utf-8") as stream:
            items = tuple(_item_from_record(json.loads(line), images) for line in stream)
        expected = (int(record["count"]), int(record["dimension"]))
        encoder, weights_hash = str(record["encoder"]), str(record["weights_hash"])
    except FileNotFoundError:
        raise
    except Exception as error:  # what damaged bytes raise depends on where the damage is
        raise _damaged(folder, first_line(error)) from error
    if vectors.dtype != np.float32 or vectors.shape != expected or len(items) != expected[0]:
        found = f"{vectors.dtype} {vectors.shape} and {len(items)} items"
        raise _damaged(folder, f"expected float32 {expected} vectors and {expected[0]} items, got {found}")
    if not np.isfinite(vectors).all():
        raise _damaged(folder, "its vectors are not numbers")
    return StoredIndex(encoder, weights_hash, images, items, vectors)


def _read_record(folder: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads((folder / INDEX_FILE).read_text(encoding="utf-8"))
        if record["format"] != INDEX_FORMAT:
            raise ValueError(f"expected format {INDEX_FORMAT}")
        if record["version"] != INDEX_VERSION:
            raise ValueError(f"expected version {INDEX_VERSION}, got {record['version']}")
        return record
    except FileNotFoundError as error:
        raise GalleryIndexError(
            f"Index {folder} is missing: no {INDEX_FILE}. Run: python -m retrieval index --images DIR --out {folder}"
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, first_line(error)) from error


def _damaged(folder: Path, reason: str) -> GalleryIndexError:
    return GalleryIndexError(
        f"Index {folder} is damaged: {reason}. Run again: python -m retrieval index --images DIR --out {folder}"
    )


def _images_folder(folder: Path, record: dict[str, Any]) -> Path:
    """Prefer the place relative to the index, so that a gallery can be moved as a whole."""
    relative = str(record["images_relative"])
    beside = Path(os.path.normpath(folder.resolve() / relative))
    return beside if relative and beside.is_dir() else Path(record["images"])


def _item_record(stored: StoredItem, images: Path) -> dict[str, Any]:
    item = stored.item
    return {
        "id": item.id,
        "file": item.file,
        "title": item.title,
        "image": Path(_relative(Path(item.image), images) or item.image).as_posix(),
        "fields": item.fields,
        "size_bytes": stored.size_bytes,
        "modified_ns": stored.modified_ns,
    }


def _item_from_record(record: dict[str, Any], images: Path) -> StoredItem:
    image = str(images / record["image"])
    item = CatalogItem(record["id"], record["file"], record["title"], image, dict(record["fields"]))
    return StoredItem(item, int(record["size_bytes"]), int(record["modified_ns"]))
