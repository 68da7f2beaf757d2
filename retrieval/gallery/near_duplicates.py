"""Tell pictures that are nearly the same, and fold them into one hit.

Embeddings alone cannot tell: two black trousers of two brands lie closer together than a photo and its cropped copy.
So the embeddings only pick the pairs worth looking at, and the pictures themselves, at thumb-nail size, decide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from retrieval.values.datatypes import Float32Array, UInt8Array

LEAST_COSINE = 0.95
"""Pictures whose embeddings are further apart are never looked at."""

GRID = 16
"""Pictures are compared as grids of this many cells a side."""

LARGEST_DIFFERENCE = 0.0024
"""One minus the correlation of the grids, up to which two pictures count as nearly the same.

Measured on the demo gallery: of 150 copies (poor JPEG, PNG, half and double size) nine of ten stay below 0.001 and all
but one below 0.002; the two different items that look most alike are 0.0026 apart. A crop of 2 % is beyond it.
"""

FLAT = 4.0
"""Pictures whose grids vary less than this (standard deviation, 0..255) have no pattern; their colours are compared."""


def grid_of(picture_rgb: UInt8Array) -> Float32Array:
    """Average a picture over a grid of cells: uint8 (H, W, 3) -> float32 (GRID, GRID, 3)."""
    return np.asarray(cv2.resize(picture_rgb.astype(np.float32), (GRID, GRID), interpolation=cv2.INTER_AREA))


def nearly_same(first: Float32Array, second: Float32Array) -> bool:
    """Tell whether two grids show nearly the same picture, however bright."""
    patterns = [grid - grid.mean((0, 1), keepdims=True) for grid in (first, second)]
    spreads = [float(np.sqrt(np.mean(pattern**2))) for pattern in patterns]
    if min(spreads) < FLAT:
        return float(np.sqrt(np.mean((first - second) ** 2))) < FLAT
    correlation = float(np.mean(patterns[0] * patterns[1])) / (spreads[0] * spreads[1])
    return 1.0 - correlation <= LARGEST_DIFFERENCE


def fold(rows: Sequence[int], vectors: Float32Array, same: Callable[[int, int], bool]) -> list[list[int]]:
    """Fold each hit into the first one before it that shows nearly the same.

    What is folded where depends only on the hits before it, so a longer list folds its beginning alike.

    Args:
        rows: of the hits, best first.
        vectors: float32 (N, D), their unit vectors.
        same: looks at the pictures of two rows; asked only where the vectors are close.
    Returns:
        Positions of hits: the one that stays, and those folded into it; best first.
    """
    groups: list[list[int]] = []
    for position, vector in enumerate(vectors):
        leaders = vectors[np.array([group[0] for group in groups], np.int64)]
        close = np.flatnonzero(leaders @ vector >= LEAST_COSINE)
        home = next((groups[i] for i in close if same(rows[groups[i][0]], rows[position])), None)
        if home is None:
            groups.append([position])
        else:
            home.append(position)
    return groups
