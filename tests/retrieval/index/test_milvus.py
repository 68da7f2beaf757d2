"""Milvus, on the real engine: Milvus Lite keeps a collection in a file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from retrieval import Searcher
from retrieval.gallery.catalog import Catalog
from retrieval.gallery.filters import parse_where
from retrieval.index.engines.exact import ExactIndex
from retrieval.index.engines.opening import open_vector_index
from retrieval.index.folder.item_rows import CatalogItems, StoredItem
from retrieval.index.folder.store import StoredIndex, load_index, save_index
from retrieval.index.update import update_index
from retrieval.values.datatypes import BoolArray, CatalogItem
from retrieval.values.errors import GalleryIndexError
from retrieval.values.ports import Encoder
from tests.retrieval.making import pen_drawing, silent, write_gallery

pymilvus = pytest.importorskip("pymilvus", reason="needs requirements-engines.txt")
pytest.importorskip("milvus_lite", reason="needs requirements-engines.txt")
pytestmark = pytest.mark.filterwarnings("ignore")  # of protobuf, pkg_resources and unclosed channels inside pymilvus

from retrieval.index.engines.milvus import MilvusIndex, write_milvus  # noqa: E402
from retrieval.index.folder.choice import choose_index  # noqa: E402


def make_stored(folder: Path, count: int, seed: int = 0) -> StoredIndex:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(count, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    items = []
    for row in range(count):
        fields = {"price": f"${row % 90}.50", "gender": ("Women", "Men", "")[row % 3], "Strange name!": f"x{row % 5}"}
        items.append(
            StoredItem(
                CatalogItem(f"i{row}", f"{row}.png", f"Red dress {row}", str(folder / f"{row}.png"), fields), 1, 2
            )
        )
    spec = choose_index(count, f"milvus:{folder / 'lite.db'}")
    return StoredIndex("e", "h", folder, tuple(items), vectors, spec)


def saved(folder: Path, index: StoredIndex, before: StoredIndex | None = None) -> StoredIndex:
    save_index(folder / "index", index, lambda path: write_milvus(path, index, before, silent))
    return load_index(folder / "index")


def mask(stored: StoredIndex, text: str) -> BoolArray:
    from retrieval.gallery.filters import Columns

    items = CatalogItems(stored.items)
    names = ("id", "title", *items[0].fields)
    columns = Columns(names, lambda name: [getattr(item, name, "") or item.fields.get(name, "") for item in items])
    return columns.rows(parse_where(text))


FILTERS = (
    "gender=Women",
    "gender!=Women",
    "gender!=women|men",
    "price<20,gender=Men",
    "price>=50.5",
    "price=7.5|8.5",
    'title~"dress 1"',
    "Strange name!=x3",
    '"Strange name!"=x3',
    "gender=nobody",
)


def test_hits_and_filters_are_those_of_exact_search(tmp_path: Path) -> None:
    stored = saved(tmp_path, make_stored(tmp_path, 400))
    index, exact = open_vector_index(stored), ExactIndex(stored.vectors)
    assert isinstance(index, MilvusIndex)
    queries = np.random.default_rng(3).normal(size=(3, 16)).astype(np.float32)
    filters: list[BoolArray | None] = [None]
    for text in FILTERS:
        try:
            filters.append(mask(stored, text))
        except Exception as error:  # a filter that the grammar refuses is none
            assert "unknown" in str(error)
    filters += [np.arange(400) % 7 == 0, np.zeros(400, np.bool_)]
    assert len(filters) >= 11
    for allowed in filters:
        for k in (1, 10, 500):
            got, wanted = index.search(queries, k, allowed), exact.search(queries, k, allowed)
            assert got[1].shape == wanted[1].shape
            assert np.allclose(got[0], wanted[0], atol=1e-5)
            assert np.array_equal(got[1], wanted[1])
    assert np.array_equal(index.vectors[np.array([5, 2])], stored.vectors[[5, 2]])


def test_filters_are_answered_by_milvus_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = saved(tmp_path, make_stored(tmp_path, 60))
    index = open_vector_index(stored)
    monkeypatch.setattr(ExactIndex, "search", lambda *_: pytest.fail("not asked of Milvus"))
    _, rows = index.search(stored.vectors[:1], 5, mask(stored, "gender=Women,price<40"))
    assert rows.shape == (1, 5)
    assert all(row % 3 == 0 and row % 90 < 40 for row in rows[0])


def test_a_changed_gallery_sends_only_what_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = saved(tmp_path, make_stored(tmp_path, 50))
    other = make_stored(tmp_path, 60, seed=0)
    vectors = np.concatenate([first.vectors[5:], other.vectors[50:]])
    changed = StoredIndex("e", "h", tmp_path, other.items[5:], vectors, first.search)
    sent: list[int] = []
    upsert = pymilvus.MilvusClient.upsert
    monkeypatch.setattr(
        pymilvus.MilvusClient, "upsert", lambda self, name, data: sent.append(len(data)) or upsert(self, name, data)
    )
    second = saved(tmp_path, changed, first)
    assert sum(sent) == 10
    index, exact = open_vector_index(second), ExactIndex(vectors)
    queries = np.random.default_rng(3).normal(size=(2, 16)).astype(np.float32)
    assert np.array_equal(index.search(queries, 20)[1], exact.search(queries, 20)[1])
    assert index._client.query(index._collection, filter="key >= 0", output_fields=["count(*)"])[0]["count(*)"] == 55


def test_a_gallery_is_searched_through_milvus_without_changing_a_query(tmp_path: Path, encoder: Encoder) -> None:
    folder = write_gallery(tmp_path / "gallery")
    catalog = Catalog.open(folder)
    update_index(catalog, tmp_path / "exact", encoder, silent)
    update_index(catalog, tmp_path / "out", encoder, silent, f"milvus:{tmp_path / 'lite.db'}")
    assert json.loads((tmp_path / "out" / "index.json").read_text())["search"]["kind"] == "milvus"
    one, other = Searcher.open(tmp_path / "exact"), Searcher.open(tmp_path / "out")
    assert isinstance(other._index, MilvusIndex)
    for options in ({}, {"where": "price<15"}):
        hits = [s.search(pen_drawing(), "red bag", 5, **options) for s in (one, other)]  # type: ignore[arg-type]
        assert [(hit.item.id, hit.rank) for hit in hits[0]] == [(hit.item.id, hit.rank) for hit in hits[1]]
        assert np.allclose([hit.score for hit in hits[0]], [hit.score for hit in hits[1]], atol=1e-6)


def test_a_server_that_is_not_there_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise pymilvus.MilvusException(message="Fail connecting to server on localhost:1, illegal connection params")

    index = make_stored(tmp_path, 3)
    monkeypatch.setattr(pymilvus, "MilvusClient", refuse)
    with pytest.raises(GalleryIndexError, match="Fail connecting") as caught:
        write_milvus(tmp_path / "keys", index, None, silent)
    assert "\n" not in str(caught.value)
