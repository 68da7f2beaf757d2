"""A second view of the same pictures, made to compare pictures with pictures: a file of vectors beside the first ones.

The index does without it: where the file is gone or damaged, the gallery opens all the same, and the next run of
``index`` makes it again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.files import check_file
from retrieval.index.folder.record import IndexRecord, read_record, seal_of
from retrieval.values.datatypes import Float32Array
from retrieval.values.errors import GalleryIndexError, first_line

log = logging.getLogger(__name__)

LARGEST_ENTRY = 1e6
"""No vector holds a larger number; all are of length one."""

CHECKED_ROWS = 8192


@dataclass(frozen=True)
class LookView:
    """What a ``Look`` sees in the pictures of an index.

    Attributes:
        encoder: its name.
        weights_hash: of it.
        vectors: float32 (N, L), row by row with the index; zeros where the picture could not be read again.
    """

    encoder: str
    weights_hash: str
    vectors: Float32Array

    def record(self, file: str) -> dict[str, Any]:
        """What ``index.json`` says about it."""
        dimension = int(self.vectors.shape[1])
        return {"encoder": self.encoder, "weights_hash": self.weights_hash, "dimension": dimension, "file": file}

    def by_digest(self, digests: Sequence[str]) -> Iterator[tuple[str, Float32Array]]:
        """The vectors that there are, by the digest of the picture file of each row."""
        return ((digest, vector) for digest, vector in zip(digests, self.vectors, strict=True) if vector.any())


def open_view(folder: Path, record: dict[str, Any], said: IndexRecord, is_ours: bool) -> LookView | None:
    """Open the second view that a record names; None when it names none, or it cannot be used, which is told.

    Args:
        folder: the index folder.
        record: as it was read.
        said: the same, checked.
        is_ours: whether this machine wrote it.
    Raises:
        FileNotFoundError: if another index has taken the folder's place since the record was read.
    """
    if said.look is None:
        return None
    try:
        if (folder / said.look.file).is_symlink():
            raise ValueError(f"{said.look.file} is a link")
        if said.look.file not in said.files:
            raise ValueError(f"{said.look.file} has no checksum")
        check_file(folder / said.look.file, said.files[said.look.file].model_dump())
        vectors = np.load(folder / said.look.file, mmap_mode="r", allow_pickle=False)
        shape = (said.count, said.look.dimension)
        if (vectors.dtype, vectors.shape) != (np.float32, shape):
            raise ValueError(f"expected float32 {shape} vectors, got {vectors.dtype} {vectors.shape}")
        if not is_ours:
            check_entries(vectors, said.look.file)
    except Exception as error:  # what damaged bytes raise depends on where the damage is
        if isinstance(error, FileNotFoundError) and read_record(folder) != record:
            raise
        what = f"Index {folder} has a second view that cannot be used ({first_line(error)})"
        again = f"python -m retrieval index --images {said.images} --out {folder}"
        log.warning("%s", GalleryIndexError(f"{what}: pictures are compared without it", f"Run again: {again}"))
        return None
    return LookView(said.look.encoder, said.look.weights_hash, np.asarray(vectors))


def recorded_look(folder: Path) -> tuple[str, bool]:
    """Name the second view that a folder records, "" for none, and tell whether this machine wrote that."""
    try:
        record = read_record(folder)
        said = IndexRecord.model_validate(record)
        return (said.look.encoder, said.seal == seal_of(folder, record) != "") if said.look else ("", True)
    except Exception:  # what is damaged is built anew
        return "", True


def check_entries(vectors: Float32Array, name: str) -> None:
    """Refuse numbers that are no part of a unit vector, in a file of somebody else.

    Raises:
        ValueError: that names the file.
    """
    blocks = (vectors[start : start + CHECKED_ROWS] for start in range(0, len(vectors), CHECKED_ROWS))
    if not all(bool((np.abs(block) <= LARGEST_ENTRY).all()) for block in blocks):
        raise ValueError(f"{name} holds what is no part of a unit vector")
