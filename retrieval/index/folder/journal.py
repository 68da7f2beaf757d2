"""What an indexing run has encoded so far, kept in the index folder until the index itself is written.

A run that is killed loses at most the pictures of the last few seconds; the next run reads the journal and goes on.
``unfinished.json`` says that a run began, ``part-<weights hash>-*.npz`` hold items and vectors. Parts are written
aside and renamed, never changed, and deleted by the run that has put them into the index.
"""

from __future__ import annotations

import io
import json
import logging
import uuid
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from retrieval.files import replacing, write_json
from retrieval.index.folder.item_rows import StoredItem, item_from_record, item_line
from retrieval.values.datatypes import Float32Array
from retrieval.values.errors import GalleryIndexError, first_line

log = logging.getLogger(__name__)

UNFINISHED_FILE = "unfinished.json"


def images_of_unfinished(folder: Path) -> str | None:
    """The gallery folder of a run that began here and did not finish; None when there is none."""
    try:
        return str(json.loads((folder / UNFINISHED_FILE).read_text(encoding="utf-8"))["images"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return "DIR" if (folder / UNFINISHED_FILE).is_file() else None


class IndexJournal:
    """The journal of one index folder.

    Args:
        folder: the index folder.
        images: the gallery folder.
        weights_hash: of the encoder; parts of another one are of no use and deleted at the end.
    """

    def __init__(self, folder: Path, images: Path, weights_hash: str) -> None:
        self._folder = folder
        self._images = images
        self._hash = weights_hash
        self._seen: set[Path] = set()

    def begin(self) -> None:
        """Mark the folder as unfinished.

        Raises:
            GalleryIndexError: if it cannot be written.
        """
        try:
            write_json(self._folder / UNFINISHED_FILE, {"images": str(self._images.resolve())})
        except OSError as error:
            raise self._unwritable(error) from error

    def append(self, items: Sequence[StoredItem], vectors: Float32Array) -> None:
        """Keep encoded pictures.

        Args:
            items: N.
            vectors: float32 (N, D).
        Raises:
            GalleryIndexError: if the folder cannot be written.
        """
        lines = b"".join(item_line(stored, self._images) for stored in items)
        path = self._folder / f"part-{self._hash}-{uuid.uuid4().hex[:12]}.npz"
        buffer = io.BytesIO()
        np.savez(buffer, vectors=vectors, lines=np.frombuffer(lines, np.uint8))
        try:
            with replacing(path) as temporary:
                temporary.write_bytes(buffer.getvalue())
        except OSError as error:
            raise self._unwritable(error) from error
        self._seen.add(path)

    def read(self) -> list[tuple[list[StoredItem], Float32Array]]:
        """Read the parts that earlier runs left; damaged ones are passed over."""
        parts = []
        for path in sorted(self._folder.glob("part-*.npz")):
            if path.name.startswith(f"part-{self._hash}-"):
                try:
                    parts.append(self._read_part(path))
                except Exception as error:  # what damaged bytes raise depends on where the damage is
                    log.warning("%s cannot be read (%s); its pictures are encoded again", path, first_line(error))
            self._seen.add(path)
        return parts

    def _read_part(self, path: Path) -> tuple[list[StoredItem], Float32Array]:
        with np.load(path, allow_pickle=False) as part:
            vectors, lines = part["vectors"], part["lines"].tobytes().splitlines()
        items = [item_from_record(json.loads(line), self._images) for line in lines]
        if vectors.dtype != np.float32 or vectors.ndim != 2 or len(vectors) != len(items):
            raise ValueError(f"expected {len(items)} vectors, got {vectors.dtype} {vectors.shape}")
        if not np.isfinite(vectors).all():
            raise ValueError("its vectors are not numbers")
        return items, vectors

    def end(self) -> None:
        """Delete what this run has read or written; the index holds it now, or there is nothing to hold."""
        for path in (*self._seen, self._folder / UNFINISHED_FILE):
            try:
                path.unlink(missing_ok=True)
            except OSError:  # another process still reads it (Windows)
                continue
        self._seen.clear()

    def _unwritable(self, error: OSError) -> GalleryIndexError:
        return GalleryIndexError(
            f"Index {self._folder} cannot be written: {first_line(error)}. Choose another folder with --out."
        )
