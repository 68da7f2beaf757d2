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
from retrieval.sketches.people_drawings import read_drawings, read_pack, training_drawings
from retrieval.training.data.pairs import Pairs
from retrieval.values.errors import RetrievalError, TrainingError
from tests.retrieval.gallery.test_catalog import png, write_pack

HAT = '{"word": "hat", "drawing": [[[0, 50, 100], [0, 90, 10]]]}'
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
        '{"word": "hat", "drawing": [[], []]}',
        '{"word": "hat", "drawing": [[[], []]]}',
        '{"word": "hat", "drawing": [[[1, 2, 3]]]}',
        '{"word": "hat", "drawing": [[[1, 2, 3], [1, 2]]]}',
        '{"word": "hat", "drawing": [[["a", "b"], ["c", "d"]]]}',
        '{"word": "hat", "drawing": [[[1, NaN], [3, 4]]]}',
        '{"word": "hat", "drawing": [[[1, null], [3, 4]]]}',
        '{"word": "hat", "drawing": [[[[1], [2]], [[3], [4]]]]}',
        '{"word": "hat", "drawing": [[[7, 7], [7, 7]]]}',
        '{"word": "hat", "drawing": [[[1, 2], [3, 4]]',
        '{"word": "hat"}',
        '{"drawing": [[[1, 2], [3, 4]]]}',
        "5",
    ],
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_a_line_that_is_no_drawing_costs_itself(tmp_path: Path, line: str, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "d.ndjson").write_text(line)
    with pytest.raises(TrainingError, match="cannot be read: line 1"):
        read_drawings(tmp_path / "d.ndjson")
    (tmp_path / "d.ndjson").write_text(f"\ufeff{HAT}\r\n\r\n{line}\n{HAT}", encoding="utf-8")
    assert [drawing.word for drawing in read_drawings(tmp_path / "d.ndjson")] == ["hat", "hat"]
    assert "1 left out" in caplog.text and "line 3: " in caplog.text


@pytest.mark.parametrize("content", [b"\xff\xfe" + '{"word": "hat"}'.encode("utf-16-le"), b"\x1f\x8b\x08", b"\n \n"])
def test_a_file_without_a_drawing_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "d.ndjson").write_bytes(content)
    for name in ("d.ndjson", ".", "none", "\0"):
        with pytest.raises(TrainingError) as caught:
            read_drawings(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_a_key_of_half_a_letter_has_a_split(tmp_path: Path) -> None:
    (tmp_path / "d.ndjson").write_bytes(HAT.replace("}", ', "key_id": "\\ud83d"}').encode() + b"\n\xe9" + HAT.encode())
    (drawing,) = read_drawings(tmp_path / "d.ndjson")
    assert drawing.split in {"val", "train"}


@few
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)))
@pytest.mark.filterwarnings("ignore:overflow")
def test_whatever_stands_for_a_drawing_leaves_the_others(tmp_path: Path, strokes: object) -> None:
    (tmp_path / "d.ndjson").write_text(f"{json.dumps({'word': 'hat', 'drawing': strokes})}\n{HAT}")
    assert all(drawing.lines().lines.any() for drawing in read_drawings(tmp_path / "d.ndjson"))


def test_what_systems_put_into_packs_is_passed_over_and_a_broken_picture_costs_itself(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    others = ("sketch/.DS_Store", "sketch/Thumbs.db", "sketch/._a.png", "__MACOSX/x/sketch/c.png", "sketch/notes.txt")
    members = {"x/sketch/a.png": png(), "sketch/b.PNG": png()} | dict.fromkeys(others, b"junk")
    (pictures,) = read_pack(write_pack(tmp_path / "p.tar", members))
    assert sorted(pictures) == ["a", "b"] and not caplog.text
    (pictures,) = read_pack(write_pack(tmp_path / "p.tar", members | {"sketch/c.png": b"", "sketch/d.png": b"x"}))
    assert sorted(pictures) == ["a", "b"]
    assert "2 left out" in caplog.text and "sketch/d.png" in caplog.text
    with pytest.raises(TrainingError, match=r"that can be read: sketch/d\.png"):
        read_pack(write_pack(tmp_path / "p.tar", {"sketch/d.png": b"x"}))


def test_a_pack_that_is_none_costs_itself(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    packs = {"hat": write_pack(tmp_path / "hat.tar", {"sketch/a.png": png()}), "belt": tmp_path / "belt.tar"}
    packs["belt"].write_bytes(b"x" * 2000)
    assert set(training_drawings([], packs)) == {"hat"}
    assert "belt.tar" in caplog.text


@few
@given(st.binary(min_size=1, max_size=40), st.integers(0, 4000))
def test_damaged_packs_of_drawings_give_drawings_or_an_error(tmp_path: Path, junk: bytes, at: int) -> None:
    whole = write_pack(tmp_path / "p.tar", {"sketch/a.png": png(), "sketch/b.png": png(), "c.png": b""}).read_bytes()
    assert sorted(read_pack(tmp_path / "p.tar")[0]) == ["a", "b"]
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
