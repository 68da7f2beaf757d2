"""IVF and HNSW on FAISS, mapped into memory; their candidates are scored again exactly."""

from __future__ import annotations

import math
from pathlib import Path

import faiss
import numpy as np

from retrieval.index.engines.exact import ExactIndex, Found, selector
from retrieval.index.folder.choice import IndexSpec
from retrieval.values.datatypes import BoolArray, Float32Array

CANDIDATES_PER_HIT = 4
LEAST_CANDIDATES = 64
"""So many candidates are scored again for k hits: 4 k, and at least 64; one-byte numbers confuse close neighbours."""

EXACT_ROWS = 40_000
"""A filter that lets fewer rows through than this is answered exactly: faster, and nothing is missed."""


class ApproximateIndex(ExactIndex):
    """IVF or HNSW over a gallery's vectors.

    Args:
        vectors: float32 (N, D), unit vectors; a memory map will do.
        path: what ``write_approximate`` wrote for these vectors.
        spec: the kind and its parameters.
    Raises:
        ValueError: if the file does not belong to the vectors.
    """

    def __init__(self, vectors: Float32Array, path: Path, spec: IndexSpec) -> None:
        super().__init__(vectors)
        self._spec = spec
        self._index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC | faiss.IO_FLAG_READ_ONLY)
        if (self._index.ntotal, self._index.d) != vectors.shape:
            raise ValueError(f"its vector index has {self._index.ntotal} rows, expected {len(vectors)}")

    def search(self, queries: Float32Array, k: int, allowed: BoolArray | None = None) -> Found:
        """Find the k best for each query; see ``ExactIndex.search``."""
        fitting = self.count if allowed is None else int(np.count_nonzero(allowed))
        share = fitting / max(self.count, 1)
        k = min(k, fitting)
        wanted = min(max(CANDIDATES_PER_HIT * k, LEAST_CANDIDATES), fitting)
        few = allowed is not None and fitting < EXACT_ROWS
        if few or wanted > self._reach(share):
            return super().search(queries, k, allowed)
        asked = np.ascontiguousarray(queries, dtype=np.float32)
        _, candidates = self._index.search(asked, wanted, params=self._parameters(wanted, share, allowed))
        found = self.rescored(asked, candidates, k)
        if found[0].shape[1] < k:  # the lists that were visited hold too few
            return super().search(queries, k, allowed)
        return found

    def _reach(self, share: float) -> float:
        """How many candidates this kind can be asked for before exact search is the better way."""
        if self._spec.kind == "hnsw":
            return 8 * int(self._spec.parameters["search_effort"])
        return share * self.count / 2

    def _parameters(self, wanted: int, share: float, allowed: BoolArray | None) -> faiss.SearchParameters:
        """Look further where a filter hides most of what is near."""
        chosen = {} if allowed is None else {"sel": selector(allowed)}
        further = 1.0 / math.sqrt(share)
        if self._spec.kind == "hnsw":
            effort = max(int(self._spec.parameters["search_effort"]), 2 * wanted)
            return faiss.SearchParametersHNSW(efSearch=round(effort * further), **chosen)
        lists, probes = int(self._spec.parameters["lists"]), int(self._spec.parameters["probes"])
        crowded = wanted / max(probes * self.count / lists * share, 1.0)  # more wanted than those lists hold
        probes = min(lists, math.ceil(probes * further * max(1.0, 4.0 * crowded)))
        return faiss.SearchParametersIVF(nprobe=probes, **chosen)
