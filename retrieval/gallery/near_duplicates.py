"""Tell pictures that are nearly the same, and fold them into one hit.

Embeddings alone cannot tell: two black trousers of two brands lie closer together than a photo and its cropped copy.
So the embeddings only pick the pairs worth looking at, and the pictures themselves, at thumb-nail size, decide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from retrieval.values.datatypes import Float32Array, UInt8Array

Float64Array = npt.NDArray[np.float64]

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

LEADERS_COMPARED = 256
"""A hit is compared with so many leaders before it, so that far pages stay cheap; near-duplicates score alike."""


@dataclass
class Fold:
    """A hit that is shown, and those folded into it; both are positions in the list of hits."""

    leader: int
    alike: list[int] = field(default_factory=list)


def grid_of(picture_rgb: UInt8Array) -> Float32Array:
    """Average a picture over a grid of cells: uint8 (H, W, 3) -> float32 (GRID, GRID, 3)."""
    rows, columns = (np.linspace(0, side, GRID + 1) for side in picture_rgb.shape[:2])
    sums = np.zeros((picture_rgb.shape[0] + 1, picture_rgb.shape[1] + 1, 3), np.float64)
    sums[1:, 1:] = picture_rgb[:, :, :3].astype(np.float64).cumsum(0).cumsum(1)
    corners = _between(_between(sums, rows, 0), columns, 1)
    totals = corners[1:, 1:] - corners[:-1, 1:] - corners[1:, :-1] + corners[:-1, :-1]
    areas = np.diff(rows)[:, None, None] * np.diff(columns)[None, :, None]
    return np.asarray(totals / areas, np.float32)


def _between(sums: Float64Array, places: Float64Array, axis: int) -> Float64Array:
    """Read running sums at places between the pixels, linearly."""
    low = np.minimum(places.astype(int), sums.shape[axis] - 2)
    shape = [1, 1, 1]
    shape[axis] = -1
    share = (places - low).reshape(shape)
    return np.asarray(sums.take(low, axis) * (1 - share) + sums.take(low + 1, axis) * share)


def nearly_same(first: Float32Array, second: Float32Array) -> bool:
    """Tell whether two grids show nearly the same picture, however bright."""
    patterns = [grid - grid.mean((0, 1), keepdims=True) for grid in (first, second)]
    spreads = [float(np.sqrt(np.mean(pattern**2))) for pattern in patterns]
    if min(spreads) < FLAT:
        return float(np.sqrt(np.mean((first - second) ** 2))) < FLAT
    correlation = float(np.mean(patterns[0] * patterns[1])) / (spreads[0] * spreads[1])
    return 1.0 - correlation <= LARGEST_DIFFERENCE


def fold(vectors: Float32Array, same: Callable[[int, int], bool]) -> list[Fold]:
    """Fold each hit into the first one before it that shows nearly the same.

    What is folded where depends only on the hits before it, so a longer list folds its beginning alike.

    Args:
        vectors: float32 (N, D), unit vectors of the hits, best hit first.
        same: looks at two pictures, given as positions; asked only where the vectors are close.
    Returns:
        The hits that stay, best first.
    """
    folds: list[Fold] = []
    for position, vector in enumerate(vectors):
        recent = folds[-LEADERS_COMPARED:]
        leaders = vectors[[one.leader for one in recent]] if recent else vectors[:0]
        close: Sequence[int] = np.flatnonzero(leaders @ vector >= LEAST_COSINE).tolist()
        home = next((recent[i] for i in close if same(recent[i].leader, position)), None)
        if home is None:
            folds.append(Fold(position))
        else:
            home.alike.append(position)
    return folds
