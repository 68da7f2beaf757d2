"""The training set on disk: photos, line drawings and captions of the same items, ready to be read fast.

A pairs folder holds:
    ``pairs.json``    format version, photo size, sources, number of rows: written last, so a folder without it
                      is unfinished and ``dataset build`` goes on with it.
    ``rows.jsonl``    one JSON object per row: id, title, split and the manifest's further fields.
    ``photos.npy``    uint8 (rows, size, size, 3).
    ``lines.npy``     uint8 (rows, variants, grid * grid / 8), bit-packed thin lines on the line grid.
    ``done.npy``      bool (rows,), which rows are finished.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.values.datatypes import UInt8Array
from retrieval.values.errors import TrainingError, first_line

PAIRS_VERSION = 1


@dataclass(frozen=True)
class PairsInfo:
    """What ``pairs.json`` records."""

    version: int
    rows: int
    size_px: int
    variants: tuple[str, ...]


class Pairs:
    """A finished pairs folder, opened for reading (memory-mapped).

    Args:
        folder: written by ``python -m retrieval dataset build``.
    Raises:
        TrainingError: if the folder is missing, unfinished or of another version.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.info = read_info(self.folder)
        try:
            with (self.folder / "rows.jsonl").open(encoding="utf-8") as stream:
                self.rows: list[dict[str, Any]] = [json.loads(line) for line in stream]
            self.photos: UInt8Array = np.load(self.folder / "photos.npy", mmap_mode="r")
            self.lines: UInt8Array = np.load(self.folder / "lines.npy", mmap_mode="r")
        except Exception as error:  # what damaged bytes raise depends on where the damage is
            raise TrainingError(
                f"Training pairs {self.folder} are damaged: {first_line(error)}. Build them again into an empty folder."
            ) from error
        if not (len(self.rows) == len(self.photos) == len(self.lines) == self.info.rows):
            raise TrainingError(
                f"Training pairs {self.folder} are damaged: expected {self.info.rows} rows everywhere, got "
                f"{len(self.rows)}, {len(self.photos)} and {len(self.lines)}. Build them again into an empty folder."
            )

    def indices(self, split: str) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Row numbers whose split is ``split``."""
        return np.array([i for i, row in enumerate(self.rows) if row["split"] == split], dtype=np.int64)


def read_info(folder: Path) -> PairsInfo:
    """Read ``pairs.json``.

    Raises:
        TrainingError: if it is missing, damaged or of another version.
    """
    path = folder / "pairs.json"
    hint = f"Run: python -m retrieval dataset build --images DIR --out {folder}"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        info = PairsInfo(record["version"], record["rows"], record["size_px"], tuple(record["variants"]))
    except FileNotFoundError as error:
        raise TrainingError(f"Training pairs {folder} are missing or unfinished: no pairs.json. {hint}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(f"Training pairs {folder} are damaged: pairs.json cannot be read. {hint}") from error
    if info.version != PAIRS_VERSION:
        raise TrainingError(
            f"Training pairs {folder} are of another version: expected {PAIRS_VERSION}, got {info.version}. {hint}"
        )
    return info


def info_record(info: PairsInfo) -> dict[str, Any]:
    """Turn a ``PairsInfo`` into JSON values."""
    return asdict(info)
