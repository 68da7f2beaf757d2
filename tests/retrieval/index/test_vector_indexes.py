"""Approximate indexes against the exact one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.index.engines import approximate
from retrieval.index.engines.approximate import ApproximateIndex
from retrieval.index.engines.building import write_approximate
from retrieval.index.engines.exact import ExactIndex
from retrieval.index.engines.opening import open_vector_index
from retrieval.index.folder.choice import EXACT_UP_TO, IndexSpec, check_wanted, choose_index, list_count
from retrieval.index.folder.item_rows import StoredItem
from retrieval.index.folder.store import StoredIndex, load_index, save_index
from retrieval.values.datatypes import CatalogItem, Float32Array
from retrieval.values.errors import GalleryIndexError
from tests.retrieval.making import silent

COUNT = 4000


@pytest.fixture(scope="module")
def vectors() -> Float32Array:
    rng = np.random.default_rng(1)
    centres = rng.normal(size=(60, 24))
    points = centres[rng.integers(0, 60, COUNT)] + 0.5 * rng.normal(size=(COUNT, 24))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def queries(vectors: Float32Array) -> Float32Array:
    noise = np.random.default_rng(2).normal(size=(30, 24)) * 0.1
    return (vectors[::130][:30] + noise).astype(np.float32)


@pytest.fixture(autouse=True)
def approximate_from_the_first_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approximate, "EXACT_ROWS", 100)


def built(path: Path, vectors: Float32Array, kind: str) -> ApproximateIndex:
    spec = choose_index(len(vectors), kind)
    write_approximate(path, vectors, spec, silent)
    return ApproximateIndex(vectors, path, spec)


def recall(got: np.ndarray, wanted: np.ndarray) -> float:
    return float(np.mean([len(set(a) & set(b)) / len(b) for a, b in zip(got.tolist(), wanted.tolist(), strict=True)]))


@pytest.mark.parametrize("kind", ["ivf", "hnsw"])
def test_approximate_hits_are_nearly_those_of_exact_search(
    kind: str, vectors: Float32Array, queries: Float32Array, tmp_path: Path
) -> None:
    index, exact = built(tmp_path / "x.bin", vectors, kind), ExactIndex(vectors)
    rng = np.random.default_rng(3)
    for share in (1.0, 0.5, 0.2, 0.06, 0.01, 0.0005, 0.0):
        rows = rng.random(COUNT) < share
        allowed = None if share == 1.0 else rows
        for k in (1, 10, 90):
            got, wanted = index.search(queries, k, allowed), exact.search(queries, k, allowed)
            assert got[1].shape == wanted[1].shape == (30, min(k, int(rows.sum()) if allowed is not None else COUNT))
            assert wanted[1].size == 0 or recall(got[1], wanted[1]) >= 0.97
            assert (got[1] >= 0).all()
            assert allowed is None or rows[got[1]].all()
            assert np.allclose(got[0], np.take_along_axis(queries @ vectors.T, got[1], axis=1), atol=1e-5)
            assert (np.diff(got[0], axis=1) <= 1e-6).all()
    assert index.search(queries, 10_000)[1].shape == (30, COUNT)
    assert np.array_equal(index.vectors[np.array([7, 3])], vectors[[7, 3]])


def test_exact_search_takes_filters(vectors: Float32Array, queries: Float32Array) -> None:
    index = ExactIndex(vectors)
    for share in (0.5, 0.02, 0.0):
        rows = np.random.default_rng(5).random(COUNT) < share
        scores, found = index.search(queries, 20, rows)
        by_hand = np.where(rows, queries @ vectors.T, -np.inf)
        k = min(20, int(rows.sum()))
        assert np.allclose(scores, -np.sort(-by_hand, axis=1)[:, :k], atol=1e-5)
        assert rows[found].all()


def test_the_size_decides_and_the_choice_is_recorded(tmp_path: Path, vectors: Float32Array) -> None:
    assert choose_index(EXACT_UP_TO).kind == "exact"
    million = choose_index(1_000_000)
    assert (million.kind, million.parameters["lists"]) == ("ivf", 4096)
    assert choose_index(2_500_000).parameters["lists"] == 8192
    assert choose_index(10, "hnsw").kind == "hnsw"
    assert choose_index(10, "milvus:x.db") == IndexSpec("milvus", "milvus:x.db", {"uri": "x.db"})
    assert [list_count(count) for count in (1, 39, 1000, 100_000)] == [1, 1, 25, 1024]
    for wrong in ("pq", "milvus:", "milvus", ""):
        with pytest.raises(GalleryIndexError, match="expected auto, exact, hnsw, ivf or milvus:URI"):
            check_wanted(wrong)


def stored_index(folder: Path, vectors: Float32Array, kind: str) -> StoredIndex:
    items = tuple(StoredItem(CatalogItem(str(n), f"{n}.png", "t", f"{n}.png"), 1, 2) for n in range(len(vectors)))
    index = StoredIndex("e", "h", folder, items, vectors, choose_index(len(vectors), kind))
    write = None if kind == "exact" else lambda path: write_approximate(path, vectors, index.search, silent)
    return save_index(folder, index, write)


@pytest.mark.parametrize("kind", ["ivf", "hnsw", "exact"])
def test_a_folder_opens_with_the_index_that_it_records(
    kind: str, vectors: Float32Array, queries: Float32Array, tmp_path: Path
) -> None:
    written = stored_index(tmp_path, vectors[:1500], kind)
    loaded = load_index(tmp_path)
    assert loaded.search == written.search
    index = open_vector_index(loaded)
    assert isinstance(index, ExactIndex if kind == "exact" else ApproximateIndex)
    assert index.count == 1500
    assert recall(index.search(queries, 10)[1], ExactIndex(vectors[:1500]).search(queries, 10)[1]) >= 0.97


@pytest.mark.parametrize("kind", ["ivf", "hnsw"])
def test_a_damaged_search_file_is_refused_with_the_command_that_mends_it(
    kind: str, vectors: Float32Array, tmp_path: Path
) -> None:
    stored = stored_index(tmp_path, vectors[:1500], kind)
    path = tmp_path / stored.search.file
    whole = path.read_bytes()
    for content in (whole[:-10], whole[:100], b"", b"x" * len(whole)):
        path.write_bytes(content)
        with pytest.raises(GalleryIndexError, match="python -m retrieval index"):
            load_index(tmp_path)
        with pytest.raises(GalleryIndexError, match="is damaged"):
            open_vector_index(stored)
