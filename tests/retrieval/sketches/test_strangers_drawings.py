"""Drawings and training pairs that somebody else wrote: read, or refused in one line."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.sketches.kind_sketches import KindSketches
from retrieval.sketches.people_drawings import read_drawings, read_pack
from retrieval.training.data.pairs import Pairs
from retrieval.values.errors import RetrievalError, TrainingError
from tests.retrieval.gallery.test_catalog import png, write_pack

few = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize(
    "line",
    [
        "[" * 100_000,
        '{"word": ["hat"], "drawing": []}',
        '{"word": "hat", "drawing": [[[1, 2], [3]]]}',
        '{"word": "hat", "drawing": [[[1, Infinity], [3, 4]]]}',
        '{"word": "hat", "drawing": [[[1e300], [3]]]}',
        '{"word": "hat", "drawing": [[[' + "9" * 5000 + "], [3]]]}",
        '{"word": "hat", "drawing": 5}',
        '{"word": "hat", "drawing": []}',
        "5",
    ],
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_drawings_that_are_none_are_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "d.ndjson").write_text(line)
    with pytest.raises(TrainingError, match="cannot be read"):
        read_drawings(tmp_path / "d.ndjson")


@few
@given(st.binary(min_size=1, max_size=40), st.integers(0, 4000))
def test_damaged_packs_of_drawings_give_drawings_or_an_error(tmp_path: Path, junk: bytes, at: int) -> None:
    whole = write_pack(tmp_path / "p.tar", {"sketch/a.png": png(), "sketch/b.png": png(), "c.png": b""}).read_bytes()
    assert sorted(read_pack(tmp_path / "p.tar")) == ["a", "b"]
    (tmp_path / "p.tar").write_bytes(whole[:at] + junk + whole[at + len(junk) :])
    try:
        read_pack(tmp_path / "p.tar")
    except RetrievalError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("array", [np.zeros((3, 4), np.uint8), np.zeros((0, 2048), np.uint8), np.zeros((2, 9), "f4")])
def test_a_bank_of_other_shapes_is_refused(tmp_path: Path, array: np.ndarray) -> None:
    np.savez(tmp_path / "kinds.npz", hat=array)
    with pytest.raises(TrainingError, match="packed lines"):
        KindSketches.load(tmp_path / "kinds.npz")


def test_a_bank_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tmp_path / "kinds.npz", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.npy", "w") as out,
    ):
        for _ in range(1100):
            out.write(bytes(1 << 20))
    with pytest.raises(TrainingError, match="at most"):
        KindSketches.load(tmp_path / "kinds.npz")


@pytest.mark.parametrize(
    ("photos", "lines", "row"),
    [
        (np.zeros((1, 8, 8), np.uint8), np.zeros((1, 4, 2048), np.uint8), {"split": "train", "title": "x"}),
        (np.zeros((1, 8, 8, 3), np.float32), np.zeros((1, 4, 2048), np.uint8), {"split": "train", "title": "x"}),
        (np.zeros((1, 8, 8, 3), np.uint8), np.zeros((1, 4, 7), np.uint8), {"split": "train", "title": "x"}),
        (np.zeros((1, 8, 8, 3), np.uint8), np.zeros((1, 4, 2048), np.uint8), {"split": 5}),
    ],
)
def test_pairs_of_other_shapes_are_refused(tmp_path: Path, photos: np.ndarray, lines: np.ndarray, row: dict) -> None:
    np.save(tmp_path / "photos.npy", photos)
    np.save(tmp_path / "lines.npy", lines)
    (tmp_path / "rows.jsonl").write_text(json.dumps(row))
    (tmp_path / "pairs.json").write_text(json.dumps({"version": 1, "rows": 1, "size_px": 8}))
    with pytest.raises(TrainingError, match="are damaged"):
        Pairs(tmp_path)
