from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from retrieval import files as checksums
from retrieval.index.folder import item_rows, store
from retrieval.index.folder.item_rows import CatalogItems
from retrieval.index.folder.store import StoredIndex, StoredItem, is_index_folder, load_index, save_index
from retrieval.values.datatypes import CatalogItem
from retrieval.values.errors import GalleryIndexError


def small_index(images: Path, count: int = 4, seed: int = 0) -> StoredIndex:
    vectors = np.random.default_rng(seed).normal(size=(count, 6)).astype(np.float32)
    items = tuple(
        StoredItem(
            CatalogItem(f"i{i}", f"{i}.png", f"Item {i}", str(images / f"{i}.png"), {"price": "1"}), 10 + i, 1 << 60
        )
        for i in range(count)
    )
    return StoredIndex("somewhere/encoder", "abc", images, items, vectors)


def same(one: StoredIndex, other: StoredIndex) -> bool:
    return (one.encoder, one.weights_hash, one.images, tuple(one.items)) == (
        other.encoder,
        other.weights_hash,
        other.images,
        tuple(other.items),
    ) and np.array_equal(one.vectors, other.vectors)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


def error_of(folder: Path) -> str:
    with pytest.raises(GalleryIndexError) as caught:
        load_index(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert f"python -m retrieval index --images DIR --out {folder}" in message
    return message


def test_what_is_saved_is_loaded(images: Path, tmp_path: Path) -> None:
    assert not is_index_folder(tmp_path / "index")
    save_index(tmp_path / "index", small_index(images))
    assert is_index_folder(tmp_path / "index")
    assert same(load_index(tmp_path / "index"), small_index(images))


def test_the_record_says_what_the_folder_is(images: Path, tmp_path: Path) -> None:
    save_index(tmp_path / "index", small_index(images))
    record = json.loads((tmp_path / "index" / "index.json").read_text())
    wanted = {"encoder": "somewhere/encoder", "weights_hash": "abc", "dimension": 6, "count": 4, "version": 2}
    assert wanted.items() <= record.items()


def test_saving_again_leaves_only_the_new_files(images: Path, tmp_path: Path) -> None:
    for seed in range(3):
        save_index(tmp_path / "index", small_index(images, seed=seed))
    assert same(load_index(tmp_path / "index"), small_index(images, seed=2))
    assert len(list((tmp_path / "index").iterdir())) == 4


def test_leftovers_of_a_crash_go_when_they_are_old(images: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    save_index(folder, small_index(images))
    for name in ("vectors-dead.npy", "items-dead.jsonl", ".items-dead.jsonl.x.tmp"):
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, (1e9, 1e9))
    (folder / "vectors-being-written-by-another-process.npy").write_bytes(b"x")
    save_index(folder, small_index(images, seed=1))
    assert len(list(folder.iterdir())) == 5
    assert same(load_index(folder), small_index(images, seed=1))


@pytest.mark.parametrize("step", ["vectors", "items", "record"])
def test_a_crash_between_two_files_leaves_the_old_index(
    step: str, images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "index"
    save_index(folder, small_index(images))

    class Crash(BaseException):
        pass

    def crash(*_: object, **__: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        match step:
            case "vectors":
                patch.setattr(store.np, "save", crash)
            case "items":
                patch.setattr(store, "item_line", crash)
            case "record":
                patch.setattr(store, "write_json", crash)
        with pytest.raises(Crash):
            save_index(folder, small_index(images, count=9, seed=3))
    assert same(load_index(folder), small_index(images))
    assert not list(folder.glob(".*"))


def test_a_full_disk_leaves_the_old_index_and_says_so(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "index"
    save_index(folder, small_index(images))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "write_json", full)
    with pytest.raises(GalleryIndexError, match="No space left"):
        save_index(folder, small_index(images, seed=1))
    assert same(load_index(folder), small_index(images))


def test_a_folder_that_cannot_be_made_is_named(images: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(GalleryIndexError, match="cannot be written") as caught:
        save_index(tmp_path / "file" / "index", small_index(images))
    assert "\n" not in str(caught.value)


def test_a_reader_that_is_overtaken_reads_the_new_index(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "index"
    save_index(folder, small_index(images))
    read_record = store.read_record
    overtaken = []

    def slow_read(path: Path) -> dict[str, object]:
        record = read_record(path)
        if not overtaken:
            overtaken.append(True)
            save_index(folder, small_index(images, seed=1))
        return record

    monkeypatch.setattr(store, "read_record", slow_read)
    assert same(load_index(folder), small_index(images, seed=1))


def test_an_index_moves_along_with_its_gallery(tmp_path: Path) -> None:
    images = tmp_path / "here" / "pictures"
    images.mkdir(parents=True)
    save_index(tmp_path / "here" / "index", small_index(images))
    shutil.move(tmp_path / "here", tmp_path / "there")
    loaded = load_index(tmp_path / "there" / "index")
    assert loaded.images == tmp_path / "there" / "pictures"
    assert loaded.items[0].item.image == str(tmp_path / "there" / "pictures" / "0.png")


def test_an_index_that_moves_alone_still_finds_its_gallery(images: Path, tmp_path: Path) -> None:
    save_index(tmp_path / "index", small_index(images))
    (tmp_path / "far" / "away").mkdir(parents=True)
    shutil.move(tmp_path / "index", tmp_path / "far" / "away" / "index")
    assert load_index(tmp_path / "far" / "away" / "index").images == images


def test_a_gallery_on_another_drive_is_named_by_its_full_path(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_way(path: object, start: object = None) -> str:
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    with monkeypatch.context() as patch:
        patch.setattr("os.path.relpath", no_way)
        save_index(tmp_path / "index", small_index(images))
    assert same(load_index(tmp_path / "index"), small_index(images))


def test_any_file_name_can_be_stored(images: Path, tmp_path: Path) -> None:
    names = ["\ud55c\ubcf5.png", "caf\u00e9 \u2028 line.png", "\udcff-not-utf8.png", 'quote".png']
    items = tuple(StoredItem(CatalogItem(n, n, n, str(images / n)), 1, 2) for n in names)
    index = StoredIndex("e", "h", images, items, np.ones((4, 2), np.float32))
    save_index(tmp_path / "index", index)
    assert same(load_index(tmp_path / "index"), index)


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x.npy", b"x")
    return buffer.getvalue()


def array_bytes(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def replace_file(pattern: str, content: bytes) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (path,) = folder.glob(pattern)
        path.write_bytes(content)

    return damage


def change_record(**values: object) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        record = json.loads((folder / "index.json").read_text())
        (folder / "index.json").write_text(json.dumps(record | values))

    return damage


DAMAGES: dict[str, Callable[[Path], None]] = {
    "empty record": replace_file("index.json", b""),
    "record is half": replace_file("index.json", b'{"format": "air-sketch'),
    "record is a list": replace_file("index.json", b"[1, 2]"),
    "record is a number": replace_file("index.json", b"7"),
    "record is not text": replace_file("index.json", b"\xff\xfe\x00"),
    "record of someone else": replace_file("index.json", b"{}"),
    "record is endlessly deep": replace_file("index.json", b"[" * 100_000),
    "record has an endless number": replace_file("index.json", b'{"format": ' + b"9" * 5000 + b"}"),
    "another version": change_record(version=99),
    "another count": change_record(count=3),
    "count is a word": change_record(count="many"),
    "count is infinite": change_record(count=float("inf")),
    "count is a list": change_record(count=[4]),
    "search is a number": change_record(search=5),
    "sums are a number": change_record(files=5),
    "a sum is a word": change_record(files={"index.json": "many"}),
    "another dimension": change_record(dimension=7),
    "images is a number": change_record(images=5, images_relative="../none"),
    "vectors elsewhere": change_record(vectors="vectors-none.npy"),
    "vectors is a number": change_record(vectors=5),
    "no vectors": lambda folder: next(folder.glob("vectors-*")).unlink(),
    "no offsets": lambda folder: next(folder.glob("offsets-*")).unlink(),
    "offsets elsewhere": replace_file("offsets-*", array_bytes(np.arange(5))),
    "an unknown search setting": change_record(search={"kinds": "exact"}),
    "no items": lambda folder: next(folder.glob("items-*")).unlink(),
    "empty vectors": replace_file("vectors-*", b""),
    "vectors are text": replace_file("vectors-*", b"hello, I am not an array"),
    "vectors are half": replace_file("vectors-*", array_bytes(np.ones((4, 6), np.float32))[:150]),
    "vectors are a zip": replace_file("vectors-*", zipped()),
    "vectors are a damaged zip": replace_file("vectors-*", b"PK\x03\x04 nothing"),
    "vectors are doubles": replace_file("vectors-*", array_bytes(np.ones((4, 6)))),
    "vectors are one number": replace_file("vectors-*", array_bytes(np.float32(1))),
    "vectors are fewer": replace_file("vectors-*", array_bytes(np.ones((3, 6), np.float32))),
    "vectors hold nan": replace_file("vectors-*", array_bytes(np.full((4, 6), np.nan, np.float32))),
    "vectors are a folder": lambda folder: (
        next(folder.glob("vectors-*")).unlink(),
        change_record(vectors=".")(folder),
    )[1],
    "empty items": replace_file("items-*", b""),
    "items are text": replace_file("items-*", b"hello\n"),
    "items are lists": replace_file("items-*", b"[]\n[]\n[]\n[]\n"),
    "items lack keys": replace_file("items-*", b"{}\n{}\n{}\n{}\n"),
    "items are not text": replace_file("items-*", b"\xff\xff\n"),
}


@pytest.mark.parametrize("damage", list(DAMAGES))
def test_a_damaged_index_is_refused_with_the_command_that_mends_it(damage: str, images: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    save_index(folder, small_index(images))
    DAMAGES[damage](folder)
    assert "is damaged" in error_of(folder)


def test_random_damage_never_gets_through_as_another_error(images: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    folder = tmp_path / "index"
    save_index(folder, small_index(images))
    whole = {path: path.read_bytes() for path in folder.iterdir()}
    for _ in range(120):
        for path, content in whole.items():
            path.write_bytes(content)
        path = list(whole)[int(rng.integers(len(whole)))]
        data = np.frombuffer(whole[path], np.uint8).copy()
        data[rng.integers(0, min(len(data), 200), 3)] = rng.integers(0, 256, 3)
        path.write_bytes(
            data[: int(rng.integers(1, len(data) + 1))].tobytes() if rng.random() < 0.3 else data.tobytes()
        )
        try:
            load_index(folder)
        except GalleryIndexError as error:
            assert "\n" not in str(error)


def test_a_missing_index_says_how_to_make_one(tmp_path: Path) -> None:
    assert "is missing" in error_of(tmp_path)
    assert "is missing" in error_of(tmp_path / "none")


def test_items_are_parsed_one_by_one_when_they_are_asked_for(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_index(tmp_path / "index", small_index(images, 300))
    parsed: list[int] = []
    read = item_rows.item_from_record
    monkeypatch.setattr(item_rows, "item_from_record", lambda *given: parsed.append(1) or read(*given))
    loaded = load_index(tmp_path / "index")
    items = CatalogItems(loaded.items)
    assert (len(loaded.items), len(items), parsed) == (300, 300, [])
    assert items[7].id == loaded.items[7].item.id == "i7"
    assert (items[-1].id, [item.id for item in items[2:4]]) == ("i299", ["i2", "i3"])
    assert len(parsed) == 5
    assert [item.id for item in items] == [f"i{number}" for number in range(300)]
    with pytest.raises(IndexError):
        items[300]


def test_a_large_file_is_checked_at_its_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksums, "END_BYTES", 100)
    path = tmp_path / "data"
    path.write_bytes(bytes(5000))
    expected = checksums.file_record(path)
    checksums.check_file(path, expected)
    for content in (bytes(4999), b"x" + bytes(4999), bytes(4999) + b"x"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="data has"):
            checksums.check_file(path, expected)
