"""A bank of clumsy drawings by kind: what people draw when they mean a kind, not one product."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from retrieval.datatypes import BoolArray, Float32Array, UInt8Array
from retrieval.errors import TrainingError, first_line
from retrieval.files import replacing
from retrieval.pairs import pack_lines, unpack_lines
from retrieval.preprocessing import LINE_GRID_PX, LINE_MARGIN_PX


class KindSketches:
    """Bit-packed drawings by catalogue kind.

    Args:
        bank: kind -> uint8 (count, packed bytes).
    """

    def __init__(self, bank: dict[str, UInt8Array]) -> None:
        self._bank = bank

    @classmethod
    def load(cls, path: Path) -> KindSketches:
        """Read a bank written by ``save``.

        Raises:
            TrainingError: if it is missing or damaged.
        """
        try:
            with path.open("rb") as stream, np.load(stream) as archive:
                return cls({kind: archive[kind] for kind in archive.files})
        except Exception as error:  # what damaged bytes raise depends on where the damage is
            raise TrainingError(
                f"Kind drawings {path} cannot be read: {first_line(error)}. Delete the file and build again."
            ) from error

    def save(self, path: Path) -> None:
        """Write the bank as one ``.npz``, atomically."""
        with replacing(path) as temporary, temporary.open("wb") as stream:
            np.savez(stream, **self._bank)

    def knows(self, kind: str) -> bool:
        """Whether there is any drawing of this kind."""
        return kind in self._bank

    @property
    def kinds(self) -> tuple[str, ...]:
        """All kinds in the bank."""
        return tuple(self._bank)

    def pick(self, kind: str, rng: np.random.Generator) -> BoolArray:
        """Return one random drawing of a kind, bool (grid, grid)."""
        drawings = self._bank[kind]
        return unpack_lines(drawings[int(rng.integers(len(drawings)))])


def rasterize(strokes: Iterable[Float32Array]) -> BoolArray:
    """Draw polylines as thin lines, fitted to the line grid.

    Args:
        strokes: float (N, 2) arrays in any common unit, x right, y down.
    Returns:
        bool (grid, grid).
    """
    lines = [np.asarray(stroke, np.float32).reshape(-1, 2) for stroke in strokes]
    points = np.concatenate(lines)
    low, high = points.min(axis=0), points.max(axis=0)
    room = LINE_GRID_PX - 2 * LINE_MARGIN_PX - 1
    scale = room / max(float((high - low).max()), 1e-6)
    offset = LINE_GRID_PX / 2 - scale * (low + high) / 2
    canvas = np.zeros((LINE_GRID_PX, LINE_GRID_PX), np.uint8)
    for line in lines:
        placed = np.round((line * scale + offset) * 16).astype(np.int32)
        cv2.polylines(canvas, [placed.reshape(-1, 1, 2)], False, 1, 1, cv2.LINE_8, 4)
    return canvas > 0


def packed_bank(drawings: dict[str, list[BoolArray]]) -> KindSketches:
    """Pack drawings by kind into a bank."""
    return KindSketches({kind: np.stack([pack_lines(d) for d in several]) for kind, several in drawings.items()})
