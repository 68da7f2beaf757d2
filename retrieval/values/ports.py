"""What search needs from encoders and indexes, as protocols."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from retrieval.values.datatypes import Float32Array, RowFilter, UInt8Array


class Encoder(Protocol):
    """Turns photos and queries into unit vectors of one space."""

    @property
    def name(self) -> str:
        """Folder or hub name."""

    @property
    def weights_hash(self) -> str:
        """Identifies the weights; vectors of another hash are not comparable."""

    @property
    def width(self) -> int:
        """Dimension D of the vectors."""

    def encode_photos(self, photos_rgb: Sequence[UInt8Array]) -> Float32Array:
        """Embed photos: uint8 (H, W, 3) each -> float32 (N, D) unit vectors."""

    def encode_query(
        self,
        sketch_rgb: UInt8Array | None,
        caption: str | None,
        sketch_weight: float = 0.5,
        fusion: str | None = None,
    ) -> Float32Array:
        """Embed one query: float32 (D,), a unit vector.

        Raises:
            QueryError: if there is neither ink nor a word, or the fusion or weight is not one we know.
        """


class VectorIndex(Protocol):
    """Finds the vectors with the largest inner product."""

    @property
    def count(self) -> int:
        """How many vectors it holds."""

    def search(
        self, queries: Float32Array, k: int, allowed: RowFilter | None = None
    ) -> tuple[Float32Array, npt.NDArray[np.int64]]:
        """Find the k best for each query.

        Args:
            queries: float32 (Q, D).
            k: at least 1; fewer come back when fewer fit.
            allowed: which rows may be hits; None for all.
        Returns:
            scores float32 (Q, K), best first, and row numbers int64 (Q, K).
        """

    def vectors_of(self, rows: npt.NDArray[np.int64]) -> Float32Array:
        """Give stored vectors back: int64 (n,) -> float32 (n, D)."""
