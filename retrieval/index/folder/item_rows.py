"""The items of an index folder, each parsed when it is asked for, so that a million of them open at once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from retrieval.values.datatypes import CatalogItem
from retrieval.values.errors import GalleryIndexError, first_line


@dataclass(frozen=True)
class StoredItem:
    """An item and the state its picture had when it was encoded.

    Attributes:
        item: as the catalogue gave it.
        size_bytes: of the picture file.
        modified_ns: of the picture file.
        digest: of the picture file's content; "" when unknown (indexes of version 1).
    """

    item: CatalogItem
    size_bytes: int
    modified_ns: int
    digest: str = ""


class ItemRows(Sequence[StoredItem]):
    """Items in a file of JSON lines.

    Args:
        lines: the file's bytes; a memory map will do.
        starts: int64 (N + 1,), where each line starts, and the end of the last.
        images: the gallery folder; the items' pictures are named relative to it.
        damaged: makes the error for a line that cannot be read.
    """

    def __init__(
        self,
        lines: Any,
        starts: npt.NDArray[np.int64],
        images: Path,
        damaged: Callable[[str], GalleryIndexError],
    ) -> None:
        self._lines = lines
        self._starts = starts
        self._images = images
        self._damaged = damaged

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, row: int) -> StoredItem: ...

    @overload
    def __getitem__(self, row: slice) -> tuple[StoredItem, ...]: ...

    def __getitem__(self, row: int | slice) -> StoredItem | tuple[StoredItem, ...]:
        if isinstance(row, slice):
            return tuple(self[number] for number in range(*row.indices(len(self))))
        number = row + len(self) if row < 0 else row
        if not 0 <= number < len(self):
            raise IndexError(row)
        return self._parse(number, int(self._starts[number]), int(self._starts[number + 1]))

    def __iter__(self) -> Iterator[StoredItem]:
        starts = self._starts.tolist()
        for number in range(len(self)):
            yield self._parse(number, starts[number], starts[number + 1])

    def _parse(self, number: int, start: int, end: int) -> StoredItem:
        try:
            return item_from_record(json.loads(bytes(self._lines[start:end])), self._images)
        except Exception as error:  # what damaged bytes raise depends on where the damage is
            raise self._damaged(f"row {number}: {first_line(error)}") from error


class CatalogItems(Sequence[CatalogItem]):
    """The catalogue's side of stored items, as lazy as they are."""

    def __init__(self, stored: Sequence[StoredItem]) -> None:
        self._stored = stored

    def __len__(self) -> int:
        return len(self._stored)

    @overload
    def __getitem__(self, row: int) -> CatalogItem: ...

    @overload
    def __getitem__(self, row: slice) -> tuple[CatalogItem, ...]: ...

    def __getitem__(self, row: int | slice) -> CatalogItem | tuple[CatalogItem, ...]:
        if isinstance(row, slice):
            return tuple(stored.item for stored in self._stored[row])
        return self._stored[row].item

    def __iter__(self) -> Iterator[CatalogItem]:
        return (stored.item for stored in self._stored)


def line_starts(lines: Any) -> npt.NDArray[np.int64]:
    """Find where each line starts, and the end of the last: int64 (N + 1,)."""
    ends = np.flatnonzero(np.frombuffer(lines, np.uint8) == ord("\n")) + 1
    return np.concatenate([[0], ends]).astype(np.int64)


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
    }
    return json.dumps(record).encode("ascii") + b"\n"


def item_from_record(record: dict[str, Any], images: Path) -> StoredItem:
    """Read what ``item_line`` wrote."""
    image = str(images / record["image"])
    item = CatalogItem(record["id"], record["file"], record["title"], image, dict(record["fields"]))
    return StoredItem(item, int(record["size_bytes"]), int(record["modified_ns"]), str(record.get("digest", "")))
