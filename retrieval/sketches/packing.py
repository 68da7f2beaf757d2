"""TODO."""

from __future__ import annotations

import numpy as np

from retrieval.sketches.preprocessing import LINE_GRID_PX
from retrieval.values.datatypes import BoolArray, UInt8Array

PACKED_BYTES = LINE_GRID_PX * LINE_GRID_PX // 8


def pack_lines(lines: BoolArray) -> UInt8Array:
    """Bit-pack a line grid: bool (grid, grid) -> uint8 (grid * grid / 8,)."""
    return np.packbits(lines.reshape(-1))


def unpack_lines(packed: UInt8Array) -> BoolArray:
    """Undo ``pack_lines``."""
    return np.unpackbits(packed).reshape(LINE_GRID_PX, LINE_GRID_PX).astype(bool)
