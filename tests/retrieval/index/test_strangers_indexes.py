"""Index folders that this machine did not write: nothing of them is believed, and their pictures are found."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from retrieval import Searcher
from retrieval.files import CACHE_VARIABLE, file_record
from retrieval.gallery.catalog import Catalog
from retrieval.index.engines.approximate import ApproximateIndex
from retrieval.index.engines.building import write_approximate
from retrieval.index.engines.exact import ExactIndex
from retrieval.index.engines.opening import open_vector_index
from retrieval.index.folder.choice import choose_index
from retrieval.index.folder.item_rows import StoredItem
from retrieval.index.folder.journal import IndexJournal
from retrieval.index.folder.store import MILVUS_VARIABLE, StoredIndex, load_index, save_index
from retrieval.index.update import update_index
from retrieval.values.datatypes import CatalogItem
from retrieval.values.errors import GalleryIndexError
from retrieval.values.ports import Encoder
from tests.retrieval.making import silent, write_gallery

COUNT, WIDTH = 60, 8
EVIL = "http://evil.example:19530"


def write(folder: Path, kind: str = "exact", encoder: str = "evil/encoder") -> Path:
    vectors = np.random.default_rng(0).normal(size=(COUNT, WIDTH)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    images = folder.parent / "pictures"
    items = [
        CatalogItem(f"i{n}", f"{n}.png", f"Item {n}", str(images / f"{n}.png"), {"price": "1"}) for n in range(COUNT)
    ]
    index = StoredIndex(encoder, "abc", images, [StoredItem(item, 1, 2) for item in items], vectors)
    index = StoredIndex(**(vars(index) | {"search": choose_index(COUNT, kind)}))
    save_index(
        folder, index, None if kind == "exact" else lambda path: write_approximate(path, vectors, index.search, silent)
    )
    return folder


def forge(folder: Path, **changes: Any) -> None:
    """Change the record, with checksums that fit what lies there."""
    record = json.loads((folder / "index.json").read_text()) | changes
    if isinstance(record.get("files"), dict) and "files" not in changes:
        record["files"] = {name: file_record(folder / name) for name in record["files"] if (folder / name).is_file()}
    (folder / "index.json").write_text(json.dumps(record))


def move_to_another_machine(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(cache))


def found(stored: StoredIndex) -> list[int]:
    rows = open_vector_index(stored).search(stored.vectors[:5], 1)[1]
    return [int(row) for row in rows[:, 0]]


def forbidden(*_: object, **__: object) -> None:
    pytest.fail("must not be asked")


@pytest.mark.parametrize("kind", ["ivf", "hnsw"])
def test_a_search_file_from_elsewhere_is_not_read(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write(tmp_path / "index", kind)
    ours = load_index(folder)
    assert ours.is_ours and isinstance(open_vector_index(ours), ApproximateIndex) and not caplog.messages
    move_to_another_machine(monkeypatch, tmp_path / "cache")
    monkeypatch.setattr(faiss, "read_index", forbidden)
    theirs = load_index(folder)
    assert not theirs.is_ours and type(open_vector_index(theirs)) is ExactIndex
    assert found(theirs) == [0, 1, 2, 3, 4]
    assert f"--out {folder}" in caplog.messages[0] and "\n" not in caplog.messages[0]


def test_our_own_folder_is_no_longer_ours_when_somebody_changed_it(tmp_path: Path) -> None:
    folder = write(tmp_path / "index", "ivf")
    (path,) = folder.glob("search-*")
    whole = path.read_bytes()
    path.write_bytes(whole[:-9] + b"x" + whole[-8:])
    forge(folder)
    assert found(load_index(folder)) == [0, 1, 2, 3, 4] and not load_index(folder).is_ours
    path.write_bytes(whole)
    forge(folder)
    assert load_index(folder).is_ours
    forge(folder, encoder="evil/other")
    assert not load_index(folder).is_ours


def test_a_machine_without_a_place_for_its_key_has_no_seal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "file" / "cache"))
    folder = write(tmp_path / "index", "ivf")
    assert json.loads((folder / "index.json").read_text())["seal"] == "" and not load_index(folder).is_ours
    assert found(load_index(folder)) == [0, 1, 2, 3, 4]


def test_the_key_is_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    move_to_another_machine(monkeypatch, tmp_path / "cache")
    write(tmp_path / "index")
    assert (tmp_path / "cache" / "machine.key").stat().st_mode & 0o777 == 0o600
    assert load_index(tmp_path / "index").is_ours


def test_indexing_again_builds_the_search_file_anew_and_encodes_nothing(
    tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = Catalog.open(write_gallery(tmp_path / "gallery"))
    update_index(catalog, tmp_path / "index", encoder, silent, "ivf")
    move_to_another_machine(monkeypatch, tmp_path / "cache")
    monkeypatch.setattr(faiss, "read_index", forbidden)
    index, rows = update_index(catalog, tmp_path / "index", encoder, silent)
    assert (index.search.kind, rows.encoded) == ("ivf", [])
    assert load_index(tmp_path / "index").is_ours
    monkeypatch.undo()


def test_a_strangers_milvus_is_asked_only_when_it_is_confirmed(
    tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pymilvus = pytest.importorskip("pymilvus", reason="needs requirements-engines.txt")
    catalog = Catalog.open(write_gallery(tmp_path / "gallery"))
    folder = tmp_path / "index"
    update_index(catalog, folder, encoder, silent)
    np.savez(folder / "search-x.npz", keys=np.arange(10), collection="c")
    search = {"kind": "milvus", "wanted": f"milvus:{EVIL}", "parameters": {"uri": EVIL}, "file": "search-x.npz"}
    files = json.loads((folder / "index.json").read_text())["files"]
    forge(folder, search=search, files=files | {"search-x.npz": file_record(folder / "search-x.npz")})
    monkeypatch.setenv("MILVUS_TOKEN", "secret")
    monkeypatch.setattr(pymilvus, "MilvusClient", forbidden)
    assert len(Searcher.open(folder, encoder).search(caption="red", k=3)) == 3
    assert f"{MILVUS_VARIABLE}={EVIL}" in caplog.messages[0]
    asked: list[str] = []
    monkeypatch.setattr(pymilvus, "MilvusClient", lambda uri, token: asked.append(uri))
    monkeypatch.setenv(MILVUS_VARIABLE, EVIL)
    with pytest.raises(GalleryIndexError, match="Milvus"):
        Searcher.open(folder, encoder)
    assert asked == [EVIL]
    monkeypatch.delenv(MILVUS_VARIABLE)
    monkeypatch.setattr(pymilvus, "MilvusClient", forbidden)
    assert update_index(catalog, folder, encoder, silent)[0].search.kind == "exact"


def test_no_folder_is_made_by_the_word_of_an_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pymilvus", reason="needs requirements-engines.txt")
    folder, uri = write(tmp_path / "index"), str(tmp_path / "new" / "lite.db")
    np.savez(folder / "search-x.npz", keys=np.arange(COUNT), collection="c")
    files = json.loads((folder / "index.json").read_text())["files"]
    search = {"kind": "milvus", "wanted": "auto", "parameters": {"uri": uri}, "file": "search-x.npz"}
    forge(folder, search=search, files=files | {"search-x.npz": file_record(folder / "search-x.npz")})
    monkeypatch.setenv(MILVUS_VARIABLE, uri)
    with pytest.raises(GalleryIndexError):
        open_vector_index(load_index(folder))
    assert not (tmp_path / "new").exists()


def test_an_index_from_elsewhere_names_no_encoder(
    tmp_path: Path, encoder_folder: Path, other_encoder_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from retrieval.encoder.opening import open_encoder

    catalog = Catalog.open(write_gallery(tmp_path / "gallery"))
    update_index(catalog, tmp_path / "index", open_encoder(encoder_folder), silent)
    assert Searcher.open(tmp_path / "index").encoder.name == str(encoder_folder)
    move_to_another_machine(monkeypatch, tmp_path / "cache")
    monkeypatch.setenv("AIR_SKETCH_ENCODER", str(other_encoder_folder))
    with pytest.raises(GalleryIndexError, match=f"name it: --encoder {encoder_folder}"):
        Searcher.open(tmp_path / "index")
    assert Searcher.open(tmp_path / "index", encoder_folder).encoder.name == str(encoder_folder)
    monkeypatch.setenv("AIR_SKETCH_ENCODER", str(encoder_folder))
    assert len(Searcher.open(tmp_path / "index")) == 10


def rewrite(pattern: str, make: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        (path,) = folder.glob(pattern)
        path.write_bytes(make(path.read_bytes()))
        forge(folder)

    return harm


def in_rows(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    """Change the first row, and the offsets with it."""

    def harm(folder: Path) -> None:
        (path,), (offsets,) = folder.glob("items-*"), folder.glob("offsets-*")
        rows = [json.loads(line) for line in path.read_bytes().splitlines()]
        change(rows[0])
        lines = [json.dumps(row).encode() + b"\n" for row in rows]
        path.write_bytes(b"".join(lines))
        np.save(offsets, np.cumsum([0, *map(len, lines)]))
        forge(folder)

    return harm


def saved(pattern: str, array: Any) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        (path,) = folder.glob(pattern)
        np.save(path, array)
        forge(folder)

    return harm


def linked(pattern: str, make: Callable[[Path, Path], object]) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        (path,) = folder.glob(pattern)
        moved = path.rename(folder.parent / path.name)
        make(path, moved)

    return harm


def nan_vectors() -> Any:
    vectors = np.ones((COUNT, WIDTH), np.float32)
    vectors[7, 3] = np.nan
    return vectors


KEEP = {"kind": "ivf", "wanted": "ivf", "file": ""}
HARMS: dict[str, Callable[[Path], None]] = {
    "a parameter is a list": lambda folder: forge(folder, search=KEEP | {"parameters": [1]}),
    "a kind of another world": lambda folder: forge(folder, search=KEEP | {"kind": "flat", "parameters": {}}),
    "a deep parameter": lambda folder: forge(folder, search=KEEP | {"parameters": {"lists": {"a": [[]]}}}),
    "a huge parameter": lambda folder: forge(folder, search=KEEP | {"parameters": {"lists": 10**30}}),
    "a search file elsewhere": lambda folder: forge(
        folder, search=KEEP | {"parameters": {}, "file": "../x"}, files={"../x": {"bytes": 1, "crc32_ends": 1}}
    ),
    "a device": lambda folder: forge(folder, vectors="/dev/zero", files={"/dev/zero": {"bytes": 1, "crc32_ends": 1}}),
    "a huge count": lambda folder: forge(folder, count=10**30),
    "a huge dimension": lambda folder: forge(folder, dimension=10**9),
    "a true dimension": lambda folder: forge(folder, dimension=True),
    "an encoder of lists": lambda folder: forge(folder, encoder=["x"]),
    "an endless encoder": lambda folder: forge(folder, encoder="x" * 100_000),
    "a seal of lists": lambda folder: forge(folder, seal=[1]),
    "no checksums": lambda folder: forge(folder, files={}),
    "an endless record": lambda folder: forge(folder, more="x" * (2 << 20)),
    "a pipe of items": linked("items-*", lambda path, _: os.mkfifo(path)),
    "a pipe of vectors": linked("vectors-*", lambda path, _: os.mkfifo(path)),
    "a pipe of a record": linked("index.json", lambda path, _: os.mkfifo(path)),
    "linked items": linked("items-*", lambda path, moved: path.symlink_to(moved)),
    "vectors of no number": saved("vectors-*", nan_vectors()),
    "vectors without end": saved("vectors-*", np.full((COUNT, WIDTH), 1e30, np.float32)),
    "offsets of dates": saved("offsets-*", np.arange(COUNT + 1).astype("datetime64[s]")),
    "offsets of floats": saved("offsets-*", np.arange(COUNT + 1.0)),
    "offsets back and forth": saved("offsets-*", np.arange(COUNT + 1)[::-1].copy()),
    "offsets beyond the end": saved("offsets-*", np.arange(COUNT + 1) * 10**9),
    "a header that lies": rewrite("vectors-*", lambda data: data.replace(b"(60, 8)", b"(6" + b"0" * 3 + b",)")),
    "an id of lists": in_rows(lambda row: row.update(id=[])),
    "a title of numbers": in_rows(lambda row: row.update(title=7)),
    "a size of words": in_rows(lambda row: row.update(size_bytes="7")),
    "fields of lists": in_rows(lambda row: row.update(fields={"price": []})),
    "fields are a list": in_rows(lambda row: row.update(fields=[1])),
    "a picture outside": in_rows(lambda row: row.update(image="../secret.png")),
    "a picture anywhere": in_rows(lambda row: row.update(image="/etc/passwd")),
    "a row is endlessly deep": in_rows(lambda row: row.update(id=json.loads("[" * 900 + "]" * 900))),
}


@pytest.mark.parametrize("harm", list(HARMS))
def test_a_hostile_index_is_one_line(harm: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "index")
    HARMS[harm](folder)
    with pytest.raises(GalleryIndexError) as caught:
        tuple(load_index(folder).items)
    assert "\n" not in str(caught.value) and str(folder) in str(caught.value)


NOTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
VALUES = st.sampled_from(["", "\ud83d", "\0", "..", "/dev/zero", 10**30, -1, [[]]]) | st.recursive(
    NOTHING, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
)
PLACES = st.sampled_from(("record", "search", "parameters", "file"))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(PLACES, st.integers(0, 20), VALUES), max_size=3),
    name=st.integers(0, 20),
    harm=st.lists(st.tuples(st.integers(0, 1 << 30), st.integers(0, 255)), max_size=3),
)
@example(changes=[], name=0, harm=[])
def test_whatever_a_record_says_it_is_an_index_or_one_line(
    changes: list[tuple[str, int, Any]], name: int, harm: list[tuple[int, int]], tmp_path_factory: Any
) -> None:
    folder = write(tmp_path_factory.mktemp("strange") / "index", "ivf")
    record = json.loads((folder / "index.json").read_text())
    places = {"record": record, "search": record["search"], "parameters": record["search"]["parameters"]}
    places["file"] = next(iter(record["files"].values()))
    for place, key, value in changes:
        places[place][list(places[place])[key % len(places[place])]] = value
    (folder / "index.json").write_text(json.dumps(record))
    if harm:
        files = sorted(path for path in folder.iterdir() if path.name != "index.json")
        data = bytearray(files[name % len(files)].read_bytes())
        for at, byte in harm:
            data[at % len(data)] = byte
        files[name % len(files)].write_bytes(data)
        if isinstance(record.get("files"), dict):
            forge(folder)
    try:
        stored = load_index(folder)
        found(stored)
        tuple(stored.items)
    except GalleryIndexError as error:
        assert "\n" not in str(error)
        assert changes or harm


@pytest.mark.parametrize("part", ["compressed", "wide", "nan", "pipe", "fewer lines", "pickled"])
def test_a_strangers_journal_is_passed_over(part: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    vectors, lines = np.ones((1, WIDTH), np.float32), np.frombuffer(b"", np.uint8)
    path = tmp_path / "part-abc-1.npz"
    line = {
        "id": "i",
        "file": "f",
        "title": "t",
        "image": "f",
        "fields": {},
        "size_bytes": 1,
        "modified_ns": 1,
        "digest": "",
    }
    lines = np.frombuffer(json.dumps(line).encode() + b"\n", np.uint8)
    journal = IndexJournal(tmp_path, tmp_path, "abc")
    np.savez(path, vectors=vectors, lines=lines)
    assert len(journal.read(WIDTH)) == 1
    if part == "compressed":
        np.savez_compressed(path, vectors=vectors, lines=lines)
    elif part == "pipe":
        path.unlink()
        os.mkfifo(path)
    else:
        wrong: dict[str, Any] = {"wide": np.ones((1, 9), np.float32), "nan": vectors * np.nan, "fewer lines": vectors}
        wrong["pickled"] = np.array([object()])
        np.savez(path, vectors=wrong[part], lines=lines[:0] if part == "fewer lines" else lines)
    assert journal.read(WIDTH) == []
    assert "encoded again" in caplog.messages[-1]
