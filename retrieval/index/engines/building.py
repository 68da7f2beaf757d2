"""Build the file of an approximate index, from nothing or from the one before it."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from retrieval.index.engines.approximate import open_file
from retrieval.index.folder.choice import IndexSpec
from retrieval.values.datatypes import Float32Array, ProgressCallback

log = logging.getLogger(__name__)

TRAINING_PER_LIST = 64
TRAINING_ROUNDS = 10
BLOCK = 65_536
SEED = 7


@dataclass(frozen=True)
class PreviousIndex:
    """The index file of a gallery before it changed.

    Attributes:
        path: of the file.
        spec: of that index.
        rows: int64 (N,): for each new row its old row number when its vector is the same, else -1.
    """

    path: Path
    spec: IndexSpec
    rows: npt.NDArray[np.int64]


def write_approximate(
    path: Path,
    vectors: Float32Array,
    spec: IndexSpec,
    progress: ProgressCallback,
    previous: PreviousIndex | None = None,
) -> None:
    """Write the file of an IVF or HNSW index.

    Args:
        path: to write to.
        vectors: float32 (N, D).
        spec: from ``choose_index``.
        progress: called on the way.
        previous: taken over where its training still holds; its rows are then sorted in anew, not searched anew.
    """
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(os.cpu_count() or 1)  # building gains from all cores, unlike one query
    try:
        if spec.kind == "hnsw":
            index = _build_hnsw(vectors, spec, progress)
        else:
            index = _extended_ivf(vectors, spec, progress, previous) or _build_ivf(vectors, spec, progress)
        faiss.write_index(index, str(path))
    finally:
        faiss.omp_set_num_threads(threads)


def _build_hnsw(vectors: Float32Array, spec: IndexSpec, progress: ProgressCallback) -> faiss.Index:
    links = int(spec.parameters["links"])
    index = faiss.IndexHNSWSQ(vectors.shape[1], faiss.ScalarQuantizer.QT_8bit, links, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = int(spec.parameters["build_effort"])
    index.train(_sample(vectors, BLOCK))
    _add(index, vectors, np.arange(len(vectors)), progress)
    return index


def _build_ivf(vectors: Float32Array, spec: IndexSpec, progress: ProgressCallback) -> faiss.IndexIVF:
    progress("Sorting vectors into lists", None)
    index = _empty_ivf(vectors.shape[1], spec)
    index.cp.niter, index.cp.seed, index.cp.spherical = TRAINING_ROUNDS, SEED, True
    index.cp.max_points_per_centroid = TRAINING_PER_LIST
    index.train(_sample(vectors, index.nlist * TRAINING_PER_LIST))
    _add(index, vectors, np.arange(len(vectors)), progress, with_ids=True)
    return index


def _empty_ivf(dimension: int, spec: IndexSpec) -> faiss.IndexIVF:
    quantizer = faiss.IndexFlatIP(dimension)
    index = faiss.IndexIVFScalarQuantizer(
        quantizer,
        dimension,
        int(spec.parameters["lists"]),
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
        False,  # whole vectors in the lists, not their differences from the centre: as exact here, and faster
    )
    quantizer.this.disown()
    index.own_fields = True
    return index


def _extended_ivf(
    vectors: Float32Array, spec: IndexSpec, progress: ProgressCallback, previous: PreviousIndex | None
) -> faiss.IndexIVF | None:
    """Take over the lists of the index before, None when they do not suit."""
    if previous is None or previous.spec.kind != "ivf" or dict(previous.spec.parameters) != dict(spec.parameters):
        return None
    try:
        old = open_file(previous.path)
    except RuntimeError as error:
        log.warning("%s cannot be read (%s); the vector index is built anew", previous.path, error)
        return None
    if old.d != vectors.shape[1]:
        return None
    index = _empty_ivf(vectors.shape[1], spec)
    index.quantizer.add(old.quantizer.reconstruct_n(0, old.nlist))
    index.sq, index.is_trained = old.sq, True
    new_rows = np.full(int(old.ntotal), -1, np.int64)
    kept = np.flatnonzero(previous.rows >= 0)
    new_rows[previous.rows[kept]] = kept
    for number in range(index.nlist):
        _copy_list(old, index, number, new_rows)
    index.ntotal = len(kept)
    _add(index, vectors, np.flatnonzero(previous.rows < 0), progress, with_ids=True)
    return index


def _copy_list(old: faiss.IndexIVF, index: faiss.IndexIVF, number: int, new_rows: npt.NDArray[np.int64]) -> None:
    size = old.invlists.list_size(number)
    if not size:
        return
    rows = new_rows[faiss.rev_swig_ptr(old.invlists.get_ids(number), size)]
    codes = faiss.rev_swig_ptr(old.invlists.get_codes(number), size * old.code_size).reshape(size, -1)
    stays = rows >= 0
    if stays.any():
        ids, kept = np.ascontiguousarray(rows[stays]), np.ascontiguousarray(codes[stays])
        index.invlists.add_entries(number, len(ids), faiss.swig_ptr(ids), faiss.swig_ptr(kept))


def _sample(vectors: Float32Array, count: int) -> Float32Array:
    """Rows to train on, the same every time."""
    if len(vectors) <= count:
        return np.ascontiguousarray(vectors)
    rows = np.random.default_rng(SEED).choice(len(vectors), count, replace=False)
    return np.ascontiguousarray(vectors[np.sort(rows)])


def _add(
    index: faiss.Index,
    vectors: Float32Array,
    rows: npt.NDArray[np.int64],
    progress: ProgressCallback,
    with_ids: bool = False,
) -> None:
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        chosen = np.ascontiguousarray(vectors[block])
        if with_ids:
            index.add_with_ids(chosen, block.astype(np.int64))
        else:
            index.add(chosen)
        progress("Building the vector index", min((start + BLOCK) / len(rows), 1.0))
