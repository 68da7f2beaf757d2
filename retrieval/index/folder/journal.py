"""What an indexing run has encoded so far, kept in the index folder until the index itself is written.

The next run reads the journal of a killed one and goes on. ``unfinished.json`` says that a run began,
``part-<weights hash>-*.npz`` hold items and vectors. Parts are written aside and renamed, never changed, and deleted
by the run that has put them into the index.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from retrieval.files import open_regular, read_json, replacing, write_json
from retrieval.index.folder.item_rows import StoredItem, item_from_record, item_line
from retrieval.values.datatypes import Float32Array
from retrieval.values.errors import GalleryIndexError, first_line

log = logging.getLogger(__name__)

UNFINISHED_FILE = "unfinished.json"

SAVE_EVERY_S = 5.0
"""A run that is killed loses at most what it did since then."""


def images_of_unfinished(folder: Path) -> str | None:
    """The gallery folder of a run that began here and did not finish; None when there is none."""
    try:
        return str(read_json(folder / UNFINISHED_FILE)["images"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def unwritable(folder: Path, error: Exception) -> GalleryIndexError:
    """Make the error for an index folder that cannot be written."""
    return GalleryIndexError(
        f"Index {folder} cannot be written: {first_line(error)}", "Choose another folder with --out."
    )


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Write into an index folder; the system's errors become ours."""
    try:
        yield
    except OSError as error:
        raise unwritable(folder, error) from error


def read_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Read what ``np.savez`` wrote, uncompressed as it does: nothing grows beyond the file's own size.

    Raises:
        Exception: of many kinds, if it is not like that.
    """
    with open_regular(path) as stream:
        with zipfile.ZipFile(stream) as archive:
            if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
                raise ValueError(f"{path.name} is compressed")
        stream.seek(0)
        with np.load(stream, allow_pickle=False) as arrays:
            return dict(arrays)


class IndexJournal:
    """The journal of one index folder; a GalleryIndexError tells that it cannot be written.

    Args:
        folder: the index folder.
        images: the gallery folder.
        weights_hash: of the encoder; parts of another one are of no use and deleted at the end.
    """

    def __init__(self, folder: Path, images: Path, weights_hash: str) -> None:
        self._folder = folder
        self._images = images
        self._hash = weights_hash
        self._done: list[Path] = [folder / UNFINISHED_FILE]
        self._waiting: list[tuple[Sequence[StoredItem], Float32Array]] = []
        self._written_s = time.monotonic()

    def begin(self) -> None:
        """Mark the folder as unfinished; so one that cannot be written is noticed before hours of work."""
        with writing(self._folder):
            write_json(self._folder / UNFINISHED_FILE, {"images": str(self._images.resolve())})

    def add(self, items: Sequence[StoredItem], vectors: Float32Array) -> None:
        """Keep N pictures and their vectors, float32 (N, D); what comes within ``SAVE_EVERY_S`` is written together."""
        self._waiting.append((items, vectors))
        if time.monotonic() - self._written_s > SAVE_EVERY_S:
            self.flush()

    def flush(self) -> None:
        """Write what waits, as one part."""
        self._written_s = time.monotonic()
        lines = b"".join(item_line(stored, self._images) for items, _ in self._waiting for stored in items)
        if lines:
            path = self._folder / f"part-{self._hash}-{uuid.uuid4().hex[:12]}.npz"
            vectors = np.concatenate([vectors for _, vectors in self._waiting])
            with writing(self._folder), replacing(path) as temporary, temporary.open("wb") as stream:
                np.savez(stream, vectors=vectors, lines=np.frombuffer(lines, np.uint8))
            self._done.append(path)
        self._waiting.clear()

    def read(self, width: int) -> list[tuple[list[StoredItem], Float32Array]]:
        """Read the parts that earlier runs left, vectors of so many numbers; damaged ones are passed over."""
        parts = []
        for path in sorted(self._folder.glob("part-*.npz")):
            if path.name.startswith(f"part-{self._hash}-"):
                try:
                    parts.append(self._read_part(path, width))
                except Exception as error:  # what damaged bytes raise depends on where the damage is
                    log.warning("%s cannot be read (%s); its pictures are encoded again", path, first_line(error))
            self._done.append(path)
        return parts

    def _read_part(self, path: Path, width: int) -> tuple[list[StoredItem], Float32Array]:
        part = read_arrays(path)
        vectors, lines = part["vectors"], part["lines"].tobytes().splitlines()
        shape = (len(lines), width)
        if vectors.dtype != np.float32 or vectors.shape != shape or not np.isfinite(vectors).all():
            raise ValueError(f"expected float32 {shape}, got {vectors.dtype} {vectors.shape}")
        return [item_from_record(json.loads(line), self._images) for line in lines], vectors

    def end(self) -> None:
        """Delete what this run has read or written; the index holds it now, or there is nothing to hold."""
        for path in self._done:
            with suppress(OSError):  # another process still reads it (Windows)
                path.unlink(missing_ok=True)
