"""Every inner product, no approximation, on FAISS."""

from __future__ import annotations

import logging

import numpy as np
import numpy.typing as npt

from retrieval.values.datatypes import Float32Array, RowFilter

logging.getLogger("faiss.loader").setLevel(logging.WARNING)  # it reports every CPU variant that it tries
import faiss  # noqa: E402

Found = tuple[Float32Array, npt.NDArray[np.int64]]
"""Scores float32 (Q, K), best first, and row numbers int64 (Q, K)."""

GATHER_BELOW = 0.1
"""Share of allowed rows below which they are copied together instead of testing every row."""


class ExactIndex:
    """Every inner product: right up to some 100,000 pictures.

    Args:
        vectors: float32 (N, D), unit vectors; not copied, so a memory map will do.
    """

    def __init__(self, vectors: Float32Array) -> None:
        # One thread answers one query faster than several, which mostly wait for each other.
        faiss.omp_set_num_threads(1)
        self._vectors = np.ascontiguousarray(vectors, dtype=np.float32)

    @property
    def count(self) -> int:
        """How many vectors it holds."""
        return len(self._vectors)

    def search(self, queries: Float32Array, k: int, allowed: RowFilter | None = None) -> Found:
        """Find the k best for each query (see ``VectorIndex``)."""
        if allowed is None:
            return _best_of(self._vectors, queries, k)
        rows = np.flatnonzero(allowed.rows)
        if len(rows) < GATHER_BELOW * self.count:
            scores, places = _best_of(self._vectors[rows], queries, k)
            return scores, np.asarray(rows[places], np.int64)
        return _best_of(self._vectors, queries, min(k, len(rows)), selector(allowed))

    def vectors_of(self, rows: npt.NDArray[np.int64]) -> Float32Array:
        """Give stored vectors back: int64 (n,) -> float32 (n, D)."""
        return np.array(self._vectors[rows])


def selector(allowed: RowFilter) -> faiss.IDSelectorBitmap:
    """Wrap allowed rows for FAISS."""
    return faiss.IDSelectorBitmap(np.packbits(allowed.rows, bitorder="little"))


def _best_of(
    vectors: Float32Array, queries: Float32Array, k: int, chosen: faiss.IDSelectorBitmap | None = None
) -> Found:
    asked = np.ascontiguousarray(queries, dtype=np.float32)
    k = min(k, len(vectors))
    scores, rows = np.empty((len(asked), k), np.float32), np.empty((len(asked), k), np.int64)
    if k:
        sizes = (vectors.shape[1], len(asked), len(vectors), k)
        arrays = [faiss.swig_ptr(array) for array in (asked, vectors, scores, rows)]
        faiss.knn_inner_product(*arrays[:2], *sizes, *arrays[2:], chosen)
    return scores, rows


def rescore(vectors: Float32Array, queries: Float32Array, candidates: npt.NDArray[np.int64], k: int) -> Found:
    """Order candidates by their exact inner products.

    Args:
        vectors: float32 (N, D).
        queries: float32 (Q, D).
        candidates: int64 (Q, C), -1 where there is none.
        k: hits wanted; fewer when some query has fewer candidates.
    """
    k = min(k, int((candidates >= 0).sum(axis=1).min(initial=candidates.shape[1])))
    scores, rows = np.empty((len(queries), k), np.float32), np.empty((len(queries), k), np.int64)
    for number, (query, row) in enumerate(zip(queries, candidates, strict=True)):
        found = np.sort(row[row >= 0])  # in the file's order, for the disk's sake
        exact = vectors[found] @ query
        order = np.argsort(-exact, kind="stable")[:k]
        scores[number], rows[number] = exact[order], found[order]
    return scores, rows
