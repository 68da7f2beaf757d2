"""Each stage of an indexing run alone: what is known, what is encoded, what is written, and the journal between."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval.gallery.catalog import Catalog
from retrieval.index import encoding
from retrieval.index.encoding import ChunkEncoder, EncodedChunk, encode_here
from retrieval.index.folder import journal as journal_room
from retrieval.index.folder.item_rows import StoredItem
from retrieval.index.folder.journal import IndexJournal
from retrieval.index.folder.store import StoredIndex, load_index, save_index
from retrieval.index.rows import GalleryRows
from retrieval.index.update import update_index, write_index
from retrieval.values.datatypes import Float32Array, UInt8Array
from retrieval.values.errors import GalleryIndexError
from tests.retrieval.making import silent, write_gallery
from tests.retrieval.mean_colours import MeanColours

ENCODER = MeanColours()
Part = tuple[Sequence[StoredItem], Float32Array]


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog.open(write_gallery(tmp_path / "gallery", 6))


def stored(catalog: Catalog, row: int, digest: str = "") -> StoredItem:
    item = catalog.items[row]
    return StoredItem(item, *catalog.stamp(item), digest or f"digest{row}")


def vectors(*values: float) -> Float32Array:
    return np.array([[value, 0.0, 0.0] for value in values], np.float32).reshape(-1, 3)


def journal_of(catalog: Catalog, out: Path) -> IndexJournal:
    return IndexJournal(out, catalog.folder, ENCODER.weights_hash)


def rows_of(catalog: Catalog, saved: StoredIndex | None = None, *parts: Part, **ready: Float32Array) -> GalleryRows:
    return GalleryRows(catalog, saved, parts, ready)


# --- what is known


def test_of_an_unknown_gallery_everything_has_to_be_read(catalog: Catalog) -> None:
    catalog.items = (*catalog.items, catalog.items[2])
    rows = rows_of(catalog)
    assert (rows.found, rows.kept, rows.removed) == ([], [], [])
    assert list(rows.unread) == list(catalog.items[:6])


def test_the_index_and_the_journal_are_known_and_what_differs_is_read(catalog: Catalog) -> None:
    gone = replace(stored(catalog, 0), item=replace(catalog.items[0], id="gone", file="gone.png"))
    items = (gone, replace(stored(catalog, 1), size_bytes=1), stored(catalog, 2))
    saved = StoredIndex("e", ENCODER.weights_hash, catalog.folder, items, vectors(0, 1, 2))
    part = ([stored(catalog, 4)], vectors(4))
    catalog.items = (replace(catalog.items[2], title="new"), *catalog.items[:2], *catalog.items[3:])
    rows = rows_of(catalog, saved, part)
    assert [(row.stored.item.id, row.stored.item.title) for row in rows.found] == [
        ("item-2", "new"),
        ("item-4", catalog.items[4].title),
    ]
    assert [item.id for item in rows.unread] == ["item-0", "item-1", "item-3", "item-5"]
    assert rows.removed == ["gone.png"]
    assert [row.vector[0] for row in rows.found] == [2, 4]


@pytest.mark.parametrize("changed", [{"weights_hash": "another"}, {"vectors": np.zeros((1, 4), np.float32)}])
def test_an_index_of_another_encoder_is_not_known(catalog: Catalog, tmp_path: Path, changed: dict[str, object]) -> None:
    index = StoredIndex("e", ENCODER.weights_hash, catalog.folder, (stored(catalog, 0),), vectors(0))
    save_index(tmp_path / "out", replace(index, **changed))  # type: ignore[arg-type]
    _, report = update_index(catalog, tmp_path / "out", ENCODER, silent)
    assert len(report.encoded) == 6


# --- what is encoded


def test_a_chunk_tells_what_became_of_each_picture(catalog: Catalog) -> None:
    (catalog.folder / "001.png").write_bytes(b"no picture")
    (catalog.folder / "002.png").write_bytes((catalog.folder / "000.png").read_bytes())
    (catalog.folder / "003.png").unlink()
    encode = ChunkEncoder(ENCODER, catalog, ())
    chunk = encode(catalog.items[:5])
    assert [one.item.id for one in chunk.encoded] == ["item-0", "item-4"]
    assert [one.item.id for one in chunk.copied] == ["item-2"]
    assert [(item.id, bool(digest)) for item, digest, _ in chunk.unreadable] == [("item-1", True), ("item-3", False)]
    assert chunk.copied[0].digest == chunk.encoded[0].digest
    photos = [ENCODER.prepare_photo(catalog.read(one.item)) for one in chunk.encoded]
    assert np.array_equal(chunk.vectors, ENCODER.encode_prepared_photos(photos))
    again = encode(catalog.items[4:])  # whoever has a content already, another chunk does not encode it
    assert ([one.item.id for one in again.encoded], [one.item.id for one in again.copied]) == (["item-5"], ["item-4"])
    known = ChunkEncoder(ENCODER, catalog, {chunk.encoded[0].digest})(catalog.items[:1])
    assert (len(known.copied), known.vectors.shape) == (1, (0, 3))


def test_chunks_come_in_order_and_many_threaded_encoders_work_alone(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "CHUNK", 1)
    monkeypatch.setattr(encoding.os, "cpu_count", lambda: 4)

    class Busy(MeanColours):
        is_one_threaded = False
        at_work = threading.Lock()

        def encode_prepared_photos(self, prepared: Sequence[UInt8Array]) -> Float32Array:
            assert self.at_work.acquire(blocking=False)
            try:
                return super().encode_prepared_photos(prepared)
            finally:
                self.at_work.release()

    chunks = list(encode_here(Busy(), catalog, catalog.items, frozenset()))
    assert [one.item.id for chunk in chunks for one in chunk.encoded] == [f"item-{number}" for number in range(6)]


# --- what is written


def test_chunks_in_any_order_become_an_index_in_the_order_of_the_manifest(catalog: Catalog, tmp_path: Path) -> None:
    gone = replace(stored(catalog, 0), item=replace(catalog.items[0], id="gone", file="gone.png"))
    items = (stored(catalog, 4), gone)
    rows = rows_of(catalog, StoredIndex("e", ENCODER.weights_hash, catalog.folder, items, vectors(10, 11)))
    copy = stored(catalog, 0, "digest3")
    rows.take(EncodedChunk([stored(catalog, 5)], vectors(5), [copy]))
    rows.take(EncodedChunk([stored(catalog, 3)], vectors(3)))  # after its copy
    rows.settle()
    index = write_index(tmp_path / "out", catalog, ENCODER, rows, None, "auto", silent)
    assert [one.item.id for one in index.items] == ["item-0", "item-3", "item-4", "item-5"]
    assert load_index(tmp_path / "out").vectors[:, 0].tolist() == [3, 3, 10, 5]
    assert (rows.encoded, rows.copied, rows.kept) == (["005.png", "003.png"], ["000.png"], ["004.png"])
    assert (rows.removed, rows.duplicates) == (["gone.png"], {"003.png": "000.png"})
    assert (len(rows.found), index.search.kind, rows.unreadable) == (4, "exact", {})


def test_a_touched_picture_is_kept_and_one_like_an_unreadable_is_left_out(
    catalog: Catalog, caplog: pytest.LogCaptureFixture
) -> None:
    before = replace(stored(catalog, 1), modified_ns=7)
    rows = rows_of(catalog, None, ([before], vectors(1)))
    bad = [(catalog.items[2], "digest2", "002.png is bad"), (catalog.items[2], "", "again")]
    with caplog.at_level(logging.WARNING):
        rows.take(EncodedChunk((), vectors(), [stored(catalog, 1), stored(catalog, 3, "digest2")], bad))
        rows.settle()
    assert (rows.kept, len(rows.found)) == (["001.png"], 1)
    assert list(rows.unreadable) == ["002.png", "003.png"]
    assert rows.unreadable["003.png"] == "003.png has the same content as: 002.png is bad"
    assert caplog.text.count("left out") == 2


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_done(catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(GalleryIndexError, match="file/index cannot be written"):
        update_index(catalog, tmp_path / "file" / "index", ENCODER, lambda *_: pytest.fail("begun"))


# --- the journal


def test_the_journal_writes_now_and_then_and_gives_everything_back(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    journal = journal_of(catalog, out)
    journal.begin()
    for row in range(3):
        journal.add([stored(catalog, row)], vectors(row))
    assert not list(out.glob("part-*"))
    monkeypatch.setattr(journal_room, "SAVE_EVERY_S", -1.0)
    journal.add([], vectors())
    journal.flush()
    assert sorted(path.name.partition("-")[0] for path in out.iterdir()) == ["part", "unfinished.json"]
    ((items, found),) = journal_of(catalog, out).read(ENCODER.width)
    assert [one.item.id for one in items] == ["item-0", "item-1", "item-2"]
    assert found[:, 0].tolist() == [0, 1, 2]
    journal.end()
    assert not list(out.iterdir())
