"""Vector indexes on FAISS."""

from __future__ import annotations

import logging

import numpy as np
import numpy.typing as npt

from retrieval.datatypes import Float32Array, RowFilter

logging.getLogger("faiss.loader").setLevel(logging.WARNING)  # it reports every CPU variant that it tries
import faiss  # noqa: E402


class ExactIndex:
    """Every inner product, no approximation: right up to some 100,000 pictures.

    Args:
        vectors: float32 (N, D), unit vectors.
    """

    def __init__(self, vectors: Float32Array) -> None:
        # One thread answers one query faster than several, which mostly wait for each other.
        faiss.omp_set_num_threads(1)
        self._index = faiss.IndexFlatIP(int(vectors.shape[1]))
        self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))

    @property
    def count(self) -> int:
        """How many vectors it holds."""
        return int(self._index.ntotal)

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
        k = min(k, self.count if allowed is None else int(np.count_nonzero(allowed.rows)))
        if k == 0:
            return np.zeros((len(queries), 0), np.float32), np.zeros((len(queries), 0), np.int64)
        parameters = None
        if allowed is not None:
            bits = np.packbits(allowed.rows, bitorder="little")
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))  # type: ignore[call-arg, arg-type]
        scores, rows = self._index.search(np.ascontiguousarray(queries, dtype=np.float32), k, params=parameters)
        return scores, rows

    def vectors_of(self, rows: npt.NDArray[np.int64]) -> Float32Array:
        """Give stored vectors back: int64 (n,) -> float32 (n, D)."""
        return np.asarray(self._index.reconstruct_batch(np.ascontiguousarray(rows, dtype=np.int64)))
