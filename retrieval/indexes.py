"""Vector indexes on FAISS."""

from __future__ import annotations

import logging

import numpy as np
import numpy.typing as npt

from retrieval.datatypes import Float32Array

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

    def search(self, queries: Float32Array, k: int) -> tuple[Float32Array, npt.NDArray[np.int64]]:
        """Find the k best for each query.

        Args:
            queries: float32 (Q, D).
            k: at least 1; fewer come back when the index holds fewer.
        Returns:
            scores float32 (Q, K), best first, and row numbers int64 (Q, K).
        """
        if self.count == 0:
            return np.zeros((len(queries), 0), np.float32), np.zeros((len(queries), 0), np.int64)
        scores, rows = self._index.search(np.ascontiguousarray(queries, dtype=np.float32), min(k, self.count))
        return scores, rows
