"""Vectors that come with the demo gallery."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from retrieval.encoder.opening import open_encoder
from retrieval.files import SHIPPED_ENCODER
from retrieval.gallery.catalog import Catalog
from retrieval.gallery.demo import ensure_demo_gallery
from retrieval.index.ready_vectors import ReadyVectors
from retrieval.index.update import update_index
from retrieval.search.opening import DEMO_VECTORS
from retrieval.values.ports import Encoder
from tests.retrieval.making import silent, write_gallery


def test_the_shipped_vectors_are_those_of_the_shipped_pack_and_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = open_encoder(SHIPPED_ENCODER)
    catalog = Catalog.open(ensure_demo_gallery(silent, tmp_path / "demo"))
    ready = ReadyVectors.load(DEMO_VECTORS)
    assert ready is not None and ready.weights_hash == encoder.weights_hash
    with monkeypatch.context() as patch:
        patch.setattr(type(encoder), "encode_prepared_photos", lambda *_: pytest.fail("encoded"))
        ready_index, _ = update_index(catalog, tmp_path / "a", encoder, silent, encode=partial(ready.encode, encoder))
    assert [stored.item.id for stored in ready_index.items] == [item.id for item in catalog.items]
    for number in (0, 700):
        photo = encoder.prepare_photo(catalog.read(catalog.items[number], 4 * encoder.size_px))
        assert float(encoder.encode_prepared_photos([photo])[0] @ ready_index.vectors[number]) > 0.999


def test_pictures_without_ready_vectors_are_encoded(tmp_path: Path, encoder: Encoder) -> None:
    folder = write_gallery(tmp_path / "gallery", 6)
    plain, _ = update_index(Catalog.open(folder), tmp_path / "plain", encoder, silent)
    known = {stored.digest: row for row, stored in enumerate(plain.items) if row < 4}
    ReadyVectors(encoder.weights_hash, known, plain.vectors[:]).save(tmp_path / "v.npz")
    ready = ReadyVectors.load(tmp_path / "v.npz")
    assert ready is not None
    shutil.copy(
        folder / plain.items[5].item.file, folder / plain.items[0].item.file
    )  # it is changed: no longer its own
    expected, _ = update_index(Catalog.open(folder), tmp_path / "expected", encoder, silent)
    index, report = update_index(
        Catalog.open(folder), tmp_path / "index", encoder, silent, encode=partial(ready.encode, encoder)
    )
    assert report.count == 6
    assert np.abs(index.vectors[:] - expected.vectors[:]).max() < 1e-3


def test_vectors_that_cannot_be_read_are_none(tmp_path: Path) -> None:
    for content in (b"", b"PK\x03\x04x", b"x"):
        (tmp_path / "v.npz").write_bytes(content)
        assert ReadyVectors.load(tmp_path / "v.npz") is None
    assert ReadyVectors.load(tmp_path / "none.npz") is None
