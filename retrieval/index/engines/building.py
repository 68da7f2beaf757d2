"""Build the file of an approximate index."""

from __future__ import annotations

import os
from pathlib import Path

import faiss
import numpy as np

from retrieval.index.folder.choice import IndexSpec
from retrieval.values.datatypes import Float32Array, ProgressCallback

TRAINING_PER_LIST = 64
TRAINING_ROUNDS = 10
BLOCK = 65_536
SEED = 7


def write_approximate(path: Path, vectors: Float32Array, spec: IndexSpec, progress: ProgressCallback) -> None:
    """Write the file of an IVF or HNSW index (``spec``, from ``choose_index``) over vectors, float32 (N, D)."""
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(os.cpu_count() or 1)  # building gains from all cores, unlike one query
    try:
        progress("Sorting vectors into lists", None)
        index = _new_hnsw(vectors, spec) if spec.kind == "hnsw" else _new_ivf(vectors, spec)
        for start in range(0, len(vectors), BLOCK):
            index.add(np.ascontiguousarray(vectors[start : start + BLOCK]))
            progress("Building the vector index", min((start + BLOCK) / len(vectors), 1.0))
        faiss.write_index(index, str(path))
    finally:
        faiss.omp_set_num_threads(threads)


def _new_hnsw(vectors: Float32Array, spec: IndexSpec) -> faiss.Index:
    links = int(spec.parameters["links"])
    index = faiss.IndexHNSWSQ(vectors.shape[1], faiss.ScalarQuantizer.QT_8bit, links, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = int(spec.parameters["build_effort"])
    index.train(_sample(vectors, BLOCK))
    return index


def _new_ivf(vectors: Float32Array, spec: IndexSpec) -> faiss.IndexIVF:
    dimension = vectors.shape[1]
    quantizer = faiss.IndexFlatIP(dimension)
    index = faiss.IndexIVFScalarQuantizer(
        quantizer,
        dimension,
        int(spec.parameters["lists"]),
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
        False,  # whole vectors in the lists, not their differences from the centre: as exact here, and faster
    )
    index.cp.niter, index.cp.seed, index.cp.spherical = TRAINING_ROUNDS, SEED, True
    index.cp.max_points_per_centroid = TRAINING_PER_LIST
    index.train(_sample(vectors, index.nlist * TRAINING_PER_LIST))
    return index


def _sample(vectors: Float32Array, count: int) -> Float32Array:
    """Rows to train on, the same every time."""
    if len(vectors) <= count:
        return np.ascontiguousarray(vectors)
    rows = np.random.default_rng(SEED).choice(len(vectors), count, replace=False)
    return np.ascontiguousarray(vectors[np.sort(rows)])
