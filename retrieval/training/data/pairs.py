"""The training set on disk: photos, line drawings and captions of the same items, ready to be read fast.

A pairs folder holds:
    ``pairs.json``    format version, photo size, number of rows: written last, so a folder without it is
                      unfinished and ``dataset build`` goes on with it.
    ``rows.jsonl``    one JSON object per row: id, title, split and the manifest's further fields.
    ``photos.npy``    uint8 (rows, size, size, 3).
    ``lines.npy``     uint8 (rows, variants, grid * grid / 8), bit-packed thin lines on the line grid.
    ``done.npy``      bool (rows,), which rows are finished.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.sketches.preprocessing import PACKED_BYTES, unpack_lines
from retrieval.values.datatypes import BoolArray, UInt8Array
from retrieval.values.errors import TrainingError, first_line

PAIRS_VERSION = 1


class Pairs:
    """A finished pairs folder of ``dataset build``, opened for reading (memory-mapped).

    Raises:
        TrainingError: if the folder is missing, unfinished, damaged or of another version.
    """

    def __init__(self, folder: Path) -> None:
        try:
            info = json.loads((folder / "pairs.json").read_text(encoding="utf-8"))
            self.size_px: int = info["size_px"]
            with (folder / "rows.jsonl").open(encoding="utf-8") as stream:
                self.rows: list[dict[str, Any]] = [json.loads(line) for line in stream]
            self.photos: UInt8Array = np.load(folder / "photos.npy", mmap_mode="r")
            self._lines: UInt8Array = np.load(folder / "lines.npy", mmap_mode="r")
            found = [info["version"], len(self.rows), len(self.photos), len(self._lines)]
            expected = [PAIRS_VERSION] + 3 * [info["rows"]]
            if found != expected:
                raise ValueError(f"expected version, rows, photos and lines {expected}, got {found}")
            shapes = self.photos.shape[1:], self._lines.shape[2:]
            if shapes != ((self.size_px, self.size_px, 3), (PACKED_BYTES,)) or self.variants < 1:
                raise ValueError(f"expected photos of {self.size_px} px a side and packed lines, got {shapes}")
            if {self.photos.dtype, self._lines.dtype} != {np.dtype(np.uint8)}:
                raise ValueError(f"expected bytes, got {self.photos.dtype} and {self._lines.dtype}")
            if not all(isinstance(row["split"], str) and isinstance(row["title"], str) for row in self.rows):
                raise ValueError("expected a split and a title in every row")
        except FileNotFoundError as error:
            raise TrainingError(
                f"Training pairs {folder} are missing or unfinished: no {Path(error.filename).name}. "
                f"Run: python -m retrieval dataset build --images DIR --out {folder.parent}"
            ) from error
        except Exception as error:  # what damaged bytes raise depends on where the damage is
            raise TrainingError(
                f"Training pairs {folder} are damaged: {first_line(error)}. Build them again into an empty folder."
            ) from error

    def indices(self, split: str) -> list[int]:
        """Row numbers whose split is ``split``."""
        return [i for i, row in enumerate(self.rows) if row["split"] == split]

    @property
    def variants(self) -> int:
        """How many drawings every row has."""
        return int(self._lines.shape[1])

    def lines(self, row: int, variant: int) -> BoolArray:
        """One drawing of a row: thin lines, bool (grid, grid)."""
        return unpack_lines(self._lines[row, variant])
