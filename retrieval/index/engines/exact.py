"""Every inner product, no approximation, on FAISS; the other engines start from it and fall back on it."""

from __future__ import annotations

import faiss
import numpy as np
import numpy.typing as npt

from retrieval.values.datatypes import BoolArray, Float32Array

Found = tuple[Float32Array, npt.NDArray[np.int64]]
"""Scores float32 (Q, K), best first, and row numbers int64 (Q, K)."""


class ExactIndex:
    """Every inner product: right up to some 100,000 pictures.

    Args:
        vectors: float32 (N, D), unit vectors; not copied, so a memory map will do.
    """

    def __init__(self, vectors: Float32Array) -> None:
        # One thread answers one query faster than several, which mostly wait for each other.
        faiss.omp_set_num_threads(1)
        self.vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        self.count = len(vectors)

    def search(self, queries: Float32Array, k: int, allowed: BoolArray | None = None) -> Found:
        """Find the k vectors with the largest inner product for each query.

        Args:
            queries: float32 (Q, D).
            k: at least 1; fewer come back when fewer fit.
            allowed: bool (N,), which rows may be hits; None for all.
        """
        asked = np.ascontiguousarray(queries, dtype=np.float32)
        k = min(k, self.count if allowed is None else int(np.count_nonzero(allowed)))
        scores, rows = np.empty((len(asked), k), np.float32), np.empty((len(asked), k), np.int64)
        if k:
            arrays = [faiss.swig_ptr(array) for array in (asked, self.vectors, scores, rows)]
            sizes = (self.vectors.shape[1], len(asked), self.count, k)
            chosen = None if allowed is None else selector(allowed)
            faiss.knn_inner_product(*arrays[:2], *sizes, *arrays[2:], chosen)
        return scores, rows

    def rescored(self, queries: Float32Array, candidates: npt.NDArray[np.int64], k: int) -> Found:
        """Order candidates by their exact inner products.

        Args:
            queries: float32 (Q, D).
            candidates: int64 (Q, C), -1 where there is none.
            k: hits wanted; fewer when some query has fewer candidates.
        """
        k = min(k, int((candidates >= 0).sum(axis=1).min(initial=candidates.shape[1])))
        scores, rows = np.empty((len(queries), k), np.float32), np.empty((len(queries), k), np.int64)
        for number, (query, row) in enumerate(zip(queries, candidates, strict=True)):
            found = np.sort(row[row >= 0])  # in the file's order, for the disk's sake
            exact = self.vectors[found] @ query
            order = np.argsort(-exact, kind="stable")[:k]
            scores[number], rows[number] = exact[order], found[order]
        return scores, rows


def selector(allowed: BoolArray) -> faiss.IDSelectorBitmap:
    """Wrap allowed rows, bool (N,), for FAISS."""
    return faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
