"""Vectors that come with the demo gallery."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from retrieval.encoder.opening import open_encoder
from retrieval.files import SHIPPED_ENCODER
from retrieval.gallery.catalog import Catalog
from retrieval.gallery.demo import ensure_demo_gallery
from retrieval.index.update import update_index
from retrieval.search.opening import DEMO_VECTORS, load_ready_vectors, save_ready_vectors
from retrieval.values.ports import Encoder
from tests.retrieval.making import silent, write_gallery


def test_the_shipped_vectors_are_those_of_the_shipped_pack_and_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = open_encoder(SHIPPED_ENCODER)
    catalog = Catalog.open(ensure_demo_gallery(silent, tmp_path / "demo"))
    ready = load_ready_vectors(DEMO_VECTORS, encoder.weights_hash)
    with monkeypatch.context() as patch:
        patch.setattr(type(encoder), "prepare_photo", lambda *_: pytest.fail("encoded"))
        index, _ = update_index(catalog, tmp_path / "a", encoder, silent, ready=ready)
    assert [stored.item.id for stored in index.items] == [item.id for item in catalog.items]
    for number in (0, 700):
        photo = encoder.prepare_photo(catalog.read(catalog.items[number], 4 * encoder.size_px))
        assert float(encoder.encode_prepared_photos([photo])[0] @ index.vectors[number]) > 0.999


def test_pictures_without_ready_vectors_are_encoded(tmp_path: Path, encoder: Encoder) -> None:
    folder = write_gallery(tmp_path / "gallery", 6)
    plain, _ = update_index(Catalog.open(folder), tmp_path / "plain", encoder, silent)
    save_ready_vectors(tmp_path / "v.npz", plain)
    ready = load_ready_vectors(tmp_path / "v.npz", encoder.weights_hash)
    for row in (4, 5):
        del ready[plain.items[row].digest]
    changed, other = (folder / plain.items[row].item.file for row in (0, 5))
    shutil.copy(other, changed)  # no longer its own
    expected, _ = update_index(Catalog.open(folder), tmp_path / "expected", encoder, silent)
    index, report = update_index(Catalog.open(folder), tmp_path / "index", encoder, silent, ready=ready)
    assert len(report.found) == 6
    assert np.abs(index.vectors[:] - expected.vectors[:]).max() < 1e-3
    assert load_ready_vectors(tmp_path / "v.npz", "other weights") == {}


def test_vectors_that_cannot_be_read_are_none(tmp_path: Path) -> None:
    for content in (b"", b"PK\x03\x04x", b"x"):
        (tmp_path / "v.npz").write_bytes(content)
        assert load_ready_vectors(tmp_path / "v.npz", "x") == {}
    assert load_ready_vectors(tmp_path / "none.npz", "x") == {}
