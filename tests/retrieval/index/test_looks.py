"""The second view of an index folder: made with the first, kept up to date with it, and never missed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retrieval.files import CACHE_VARIABLE, file_record
from retrieval.gallery.catalog import Catalog
from retrieval.gallery.pictures import read_picture
from retrieval.index import encoding
from retrieval.index.folder import journal as journal_room
from retrieval.index.folder.store import StoredIndex, load_index
from retrieval.index.rows import GalleryRows
from retrieval.index.update import update_index
from retrieval.values.datatypes import Float32Array, UInt8Array
from retrieval.values.errors import CheckpointError, GalleryIndexError
from retrieval.values.ports import Look
from tests.retrieval.making import product_photo, run_retrieval, save_picture, silent, write_gallery
from tests.retrieval.mean_colours import MeanColours, Quarters

COUNT = 6


class Idle(MeanColours):
    """An encoder that has nothing to do."""

    def encode_prepared_photos(self, prepared: Sequence[UInt8Array]) -> Float32Array:
        assert not prepared
        return super().encode_prepared_photos(prepared)


class OtherQuarters(Quarters):
    weights_hash = "0000000000000000"


class OtherColours(MeanColours):
    weights_hash = "1111111111111111"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_gallery(tmp_path / "gallery", COUNT)


def indexed(folder: Path, look: Look | str | None = None, encoder: Any = None) -> tuple[StoredIndex, GalleryRows]:
    out = folder.parent / "index"
    return update_index(Catalog.open(folder), out, encoder or MeanColours(), silent, look=look)


def look_vectors(index: StoredIndex) -> Float32Array:
    assert index.look is not None
    return np.array(index.look.vectors)


def record_of(out: Path) -> dict[str, Any]:
    return json.loads((out / "index.json").read_text())


def test_both_views_come_from_one_reading_of_each_picture(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def reading(*given: Any) -> UInt8Array:
        read.append(1)
        return read_picture(*given)

    monkeypatch.setattr(encoding, "read_picture", reading)
    look = Quarters()
    shutil.copy(folder / "000.png", folder / "copy.png")
    index, rows = update_index(
        Catalog.open(folder, unlisted=True), folder.parent / "index", MeanColours(), silent, look=look
    )
    assert (len(read), look.seen, len(rows.looked), len(rows.copied)) == (COUNT, COUNT, COUNT, 1)
    for reader in (index, load_index(folder.parent / "index")):
        expected = [
            look.prepare_photo(read_picture(Path(one.item.image), max_side_px=4 * look.size_px)) for one in reader.items
        ]
        assert np.allclose(look_vectors(reader), look.encode_prepared_photos(expected), atol=1e-6)
        assert reader.vectors.shape == (COUNT + 1, 3)


def test_a_second_view_is_added_without_encoding_anything_again(folder: Path) -> None:
    plain, _ = indexed(folder)
    assert plain.look is None and "look" not in record_of(folder.parent / "index")
    index, rows = indexed(folder, Quarters(), Idle())
    assert (len(rows.looked), len(rows.kept), rows.encoded, rows.copied) == (COUNT, COUNT, [], [])
    assert np.array_equal(index.vectors, plain.vectors) and look_vectors(index).shape == (COUNT, 4)
    again, rows = indexed(folder, look := Quarters(), Idle())
    assert (rows.looked, look.seen) == ([], 0) and np.array_equal(look_vectors(again), look_vectors(index))


def test_only_new_and_changed_pictures_are_seen_again(folder: Path) -> None:
    before = look_vectors(indexed(folder, Quarters())[0])
    save_picture(folder / "003.png", product_photo("bag", (1, 2, 3), 77))
    (folder / "004.png").unlink()
    index, rows = indexed(folder, look := Quarters())
    assert (look.seen, rows.looked, rows.encoded, len(rows.unreadable)) == (1, ["003.png"], ["003.png"], 1)
    after = look_vectors(index)
    assert np.array_equal(after[[0, 1, 2, 4]], before[[0, 1, 2, 5]]) and not np.allclose(after[3], before[3])


@pytest.mark.parametrize("is_written_first", [True, False])
def test_a_run_that_was_cut_off_goes_on_in_both_views(
    folder: Path, is_written_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_written_first:
        indexed(folder)
    monkeypatch.setattr(encoding, "CHUNK", 2)
    monkeypatch.setattr(encoding.os, "cpu_count", lambda: 1)
    monkeypatch.setattr(journal_room, "SAVE_EVERY_S", -1.0)

    class Dying(Quarters):
        def encode_prepared_photos(self, prepared: Sequence[UInt8Array]) -> Float32Array:
            if self.seen >= 4:
                raise KeyboardInterrupt
            return super().encode_prepared_photos(prepared)

    with pytest.raises(KeyboardInterrupt):
        indexed(folder, Dying())
    index, rows = indexed(folder, look := Quarters())
    assert (look.seen, len(rows.looked)) == (2, 2)
    assert len(rows.encoded) == (0 if is_written_first else 2)
    assert np.allclose(
        look_vectors(index), look_vectors(indexed(write_gallery(folder.parent / "b" / "g", COUNT), look)[0])
    )
    assert not list((folder.parent / "index").glob("part-*"))


def damage(name: str) -> Callable[[Path], None]:
    def harm(out: Path) -> None:
        (path,) = out.glob("look-*.npy")
        data = path.read_bytes()
        if name == "gone":
            path.unlink()
        elif name == "a link":
            path.rename(out / "elsewhere.npy")
            path.symlink_to(out / "elsewhere.npy")
        elif name == "a folder":
            path.unlink()
            path.mkdir()
        else:
            path.write_bytes({"empty": b"", "cut": data[:-9], "changed": data[:-9] + bytes(9), "text": b"hello"}[name])

    return harm


@pytest.mark.parametrize("name", ["gone", "a link", "a folder", "empty", "cut", "changed", "text"])
def test_a_damaged_second_view_is_told_and_made_again(
    name: str, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole, _ = indexed(folder, Quarters())
    out = folder.parent / "index"
    damage(name)(out)
    harmed = load_index(out)
    assert harmed.look is None and np.array_equal(harmed.vectors, whole.vectors)
    (message,) = caplog.messages
    assert "second view that cannot be used" in message and f"--out {out}" in message and "\n" not in message
    index, rows = indexed(folder, Quarters(), Idle())
    assert len(rows.looked) == COUNT and np.array_equal(look_vectors(index), look_vectors(whole))


def test_the_view_that_the_record_names_is_kept_until_it_is_dropped(folder: Path, look_folder: Path) -> None:
    first, _ = indexed(folder, str(look_folder))
    assert first.look is not None and first.look.encoder == str(look_folder) and first.look.vectors.shape[1] == 32
    save_picture(folder / "001.png", product_photo("bag", (9, 9, 99), 64))
    kept, rows = indexed(folder)
    assert rows.looked == ["001.png"] and kept.look is not None and kept.look.encoder == str(look_folder)
    out = folder.parent / "index"
    (out / record_of(out)["look"]["file"]).unlink()
    again, _ = indexed(folder)
    assert np.allclose(look_vectors(again), look_vectors(kept), atol=1e-6)
    dropped, rows = indexed(folder, "none", Idle())
    assert dropped.look is None and "look" not in record_of(out) and not list(out.glob("look-*"))
    assert indexed(folder)[0].look is None


def test_each_view_stays_when_the_other_one_changes(folder: Path) -> None:
    first, _ = indexed(folder, Quarters())
    second, rows = indexed(folder, OtherQuarters(), Idle())
    assert len(rows.looked) == COUNT and np.array_equal(second.vectors, first.vectors)
    third, rows = indexed(folder, look := OtherQuarters(), OtherColours())
    assert (look.seen, len(rows.encoded)) == (0, COUNT)
    assert np.array_equal(look_vectors(third), look_vectors(second))


def test_a_view_that_is_gone_says_how_to_go_on_without(folder: Path, look_folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "own look"
    shutil.copytree(look_folder, own)
    indexed(folder, str(own))
    shutil.rmtree(own)
    with pytest.raises(CheckpointError, match="--look none goes on without it") as caught:
        indexed(folder)
    assert "\n" not in str(caught.value) and load_index(folder.parent / "index").look is not None


def test_a_view_by_the_word_of_another_machine_is_not_opened(
    folder: Path, look_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexed(folder, str(look_folder))
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "another machine"))
    with pytest.raises(GalleryIndexError, match="If you trust that one, name it: --look"):
        indexed(folder)
    index, rows = indexed(folder, str(look_folder), Idle())
    assert rows.looked == [] and index.look is not None
    assert load_index(folder.parent / "index").is_ours


@pytest.mark.parametrize("number", [np.nan, np.inf, 1e9])
def test_a_strangers_view_holds_parts_of_unit_vectors(
    folder: Path, number: float, caplog: pytest.LogCaptureFixture
) -> None:
    indexed(folder, Quarters())
    out = folder.parent / "index"
    record = record_of(out)
    name = record["look"]["file"]
    vectors = np.load(out / name)
    vectors[2, 1] = number
    np.save(out / name, vectors)
    record["files"][name] = file_record(out / name)
    (out / "index.json").write_text(json.dumps(record))
    assert load_index(out).look is None
    assert "no part of a unit vector" in caplog.text


WRONG: dict[str, dict[str, Any]] = {
    "another width": {"dimension": 5},
    "no width": {"dimension": 0},
    "a path": {"file": "../look.npy"},
    "another file": {"file": "look-none.npy"},
    "a number": {"encoder": 7},
}


@pytest.mark.parametrize("case", list(WRONG))
def test_a_record_of_a_view_that_is_wrong_stops_nothing_but_itself(
    case: str, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    indexed(folder, Quarters())
    out = folder.parent / "index"
    record = record_of(out)
    record["look"] |= WRONG[case]
    (out / "index.json").write_text(json.dumps(record))
    try:
        assert load_index(out).look is None and len(caplog.messages) == 1
    except GalleryIndexError as error:  # no record at all
        assert "is damaged" in str(error) and "\n" not in str(error)


def test_a_picture_that_cannot_be_read_again_has_no_direction(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    indexed(folder)
    catalog = Catalog.open(folder)
    load = catalog.load

    def loading(item: Any) -> Any:
        if item.file == "002.png":
            from retrieval.values.errors import CatalogError

            raise CatalogError("002.png is out of reach")
        return load(item)

    monkeypatch.setattr(catalog, "load", loading)
    index, rows = update_index(catalog, folder.parent / "index", Idle(), silent, look=Quarters())
    assert len(index.items) == COUNT and rows.unreadable == {}
    assert [bool(vector.any()) for vector in look_vectors(index)] == [row != 2 for row in range(COUNT)]
    index, rows = indexed(folder, Quarters(), Idle())
    assert rows.looked == ["002.png"] and look_vectors(index).any(axis=1).all()


def test_the_command_makes_keeps_and_drops_a_second_view(folder: Path, look_folder: Path, encoder_folder: Path) -> None:
    out = folder.parent / "index"
    common = ("index", "--images", folder, "--out", out, "--encoder", encoder_folder)
    made = run_retrieval(*common, "--look", look_folder)
    assert made.returncode == 0 and f"{COUNT} pictures seen anew by the second view, {look_folder}" in made.stdout
    kept = json.loads(run_retrieval(*common, "--json").stdout)
    assert (kept["looked"], kept["kept"]) == (0, COUNT)
    dropped = json.loads(run_retrieval(*common, "--look", "none", "--json").stdout)
    assert "looked" not in dropped and load_index(out).look is None
    wrong = run_retrieval(*common, "--look", folder)
    assert wrong.returncode == 1 and "with --look" in wrong.stderr.splitlines()[-1] and "Traceback" not in wrong.stderr
