"""The items of an index folder, each parsed when it is asked for, so that a million of them open at once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from retrieval.files import FOLLOW_LINKS_VARIABLE
from retrieval.values.datatypes import CatalogItem, UInt8Array
from retrieval.values.errors import GalleryIndexError, first_line


@dataclass(frozen=True)
class StoredItem:
    """An item and the state its picture had when it was encoded.

    Attributes:
        item: as the catalogue gave it.
        size_bytes: of the picture file.
        modified_ns: of the picture file.
        digest: of the picture file's content.
        identity: what else tells the picture file from another or earlier one, "" when unknown.
    """

    item: CatalogItem
    size_bytes: int
    modified_ns: int
    digest: str = ""
    identity: str = ""


@dataclass(frozen=True, eq=False)
class ItemRows(Sequence[StoredItem]):
    """Items in a file of JSON lines.

    Attributes:
        lines: uint8, the file's bytes; a memory map will do.
        starts: int64 (N + 1,), where each line starts, and the end of the last.
        images: the gallery folder; the items' pictures are named relative to it.
        damaged: makes the error for a line that cannot be read.
    """

    lines: UInt8Array
    starts: npt.NDArray[np.int64]
    images: Path
    damaged: Callable[[str], GalleryIndexError]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return [self[number] for number in range(*row.indices(len(self)))]
        if not -len(self) <= row < len(self):
            raise IndexError(row)
        number = int(row) % len(self)
        try:
            line = self.lines[self.starts[number] : self.starts[number + 1]].tobytes()
            return item_from_record(json.loads(line), self.images)
        except Exception as error:  # what damaged bytes raise depends on where the damage is
            raise self.damaged(f"row {number}: {first_line(error)}") from error


class CatalogItems(Sequence[CatalogItem]):
    """The catalogue's side of stored items, as lazy as they are."""

    def __init__(self, stored: Sequence[StoredItem]) -> None:
        self._stored = stored

    def __len__(self) -> int:
        return len(self._stored)

    def __getitem__(self, row: Any) -> Any:
        return [stored.item for stored in self._stored[row]] if isinstance(row, slice) else self._stored[row].item


def relative_path(path: Path, start: Path) -> str:
    """Path from ``start``, "" when there is none (another drive on Windows)."""
    try:
        return os.path.relpath(path, start)
    except ValueError:
        return ""


def item_line(stored: StoredItem, images: Path) -> bytes:
    """One line of the file; ASCII, so that any file name fits."""
    item = stored.item
    record = {
        "id": item.id,
        "file": item.file,
        "title": item.title,
        "image": Path(relative_path(Path(item.image), images) or item.image).as_posix(),
        "fields": item.fields,
        "size_bytes": stored.size_bytes,
        "modified_ns": stored.modified_ns,
        "digest": stored.digest,
        "identity": stored.identity,
    }
    return json.dumps(record).encode("ascii") + b"\n"


def item_from_record(record: dict[str, Any], images: Path) -> StoredItem:
    """Read what ``item_line`` wrote.

    Raises:
        Exception: of many kinds, if it is not like that, or its picture lies elsewhere.
    """
    names = ("id", "file", "title", "image", "digest")
    fields, sizes = dict(record["fields"]), (record["size_bytes"], record["modified_ns"])
    identity = record.get("identity", "")
    texts = [*(record[name] for name in names), identity, *fields, *fields.values()]
    if not all(isinstance(text, str) for text in texts) or not all(type(size) is int for size in sizes):
        raise TypeError("expected texts and whole numbers")
    image = images / record["image"]
    is_outside = ".." in image.parts[len(images.parts) :] or not image.is_relative_to(images)
    if "\0" in str(image) or (is_outside and not os.environ.get(FOLLOW_LINKS_VARIABLE)):
        raise ValueError(f"its picture {record['image']} lies outside the gallery")
    item = CatalogItem(record["id"], record["file"], record["title"], str(image), fields)
    return StoredItem(item, *sizes, record["digest"], identity)
