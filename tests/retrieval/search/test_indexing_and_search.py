from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix
from platformdirs.windows import Windows

from retrieval import Searcher
from retrieval.encoder.opening import open_encoder
from retrieval.evaluation.gallery import encode_photos
from retrieval.files import cache_folder, demo_folder, index_folder
from retrieval.gallery import demo
from retrieval.gallery.catalog import Catalog
from retrieval.gallery.demo import is_demo
from retrieval.index import encoding as picture_encoding
from retrieval.index.folder import journal
from retrieval.index.folder.store import StoredIndex, load_index
from retrieval.index.lexical import open_terms
from retrieval.index.rows import GalleryRows
from retrieval.index.update import update_index
from retrieval.search.searcher import LEXICAL_WEIGHT
from retrieval.sketches.preprocessing import extract_lines
from retrieval.values.errors import CatalogError, CheckpointError, GalleryIndexError, QueryError
from retrieval.values.ports import Encoder
from tests.retrieval.making import (
    INKS,
    pen_drawing,
    product_photo,
    save_picture,
    silent,
    write_demo_pack,
    write_gallery,
    write_manifest,
)


def update(folder: Path, out: Path, encoder: Encoder) -> tuple[StoredIndex, GalleryRows]:
    return update_index(Catalog.open(folder), out, encoder, silent)


def counts(report: GalleryRows) -> tuple[int, int, int, int, int]:
    return len(report.found), len(report.encoded), len(report.kept), len(report.removed), len(report.unreadable)


def titles(index: StoredIndex) -> list[str]:
    return [stored.item.title for stored in index.items]


def edit_manifest(folder: Path, change: Callable[[list[str]], list[str]]) -> None:
    path = folder / "metadata.csv"
    path.write_text("\n".join(change(path.read_text(encoding="utf-8").splitlines())) + "\n", encoding="utf-8")


def test_a_gallery_is_built_once_and_then_kept(gallery: Path, tmp_path: Path, encoder: Encoder) -> None:
    index, report = update(gallery, tmp_path / "index", encoder)
    assert counts(report) == (10, 10, 0, 0, 0)
    assert np.allclose(
        index.vectors, encode_photos(encoder, [Catalog.open(gallery).read(s.item) for s in index.items]), atol=0.02
    )
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "index").iterdir()}
    again, report = update(gallery, tmp_path / "index", encoder)
    assert counts(report) == (10, 0, 10, 0, 0)
    assert np.array_equal(index.vectors, again.vectors)
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "index").iterdir()}  # nothing was written


def test_naming_the_gallery_by_another_path_writes_nothing(
    gallery: Path, tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    update(gallery, tmp_path / "index", encoder)
    before = sorted(path.name for path in (tmp_path / "index").iterdir())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(gallery)
    for name in ("gallery", "./gallery/../gallery", "link"):
        _, report = update(Path(name), Path("index"), encoder)
        assert len(report.kept) == 10
        assert before == sorted(path.name for path in (tmp_path / "index").iterdir())


def test_only_what_is_new_or_changed_is_encoded(gallery: Path, tmp_path: Path, encoder: Encoder) -> None:
    out = tmp_path / "index"
    first, _ = update(gallery, out, encoder)
    save_picture(gallery / "003.png", product_photo("bag", INKS["red"], 111))
    edit_manifest(gallery, lambda lines: [*lines, "new,new.png,a new thing,,,,,val"])
    save_picture(gallery / "new.png", product_photo("shirt", INKS["green"], 90))
    second, report = update(gallery, out, encoder)
    assert counts(report) == (11, 2, 9, 0, 0)
    assert not np.array_equal(first.vectors[3], second.vectors[3])
    assert np.array_equal(np.delete(first.vectors, 3, 0), np.delete(second.vectors, [3, 10], 0))
    fresh, _ = update(gallery, tmp_path / "fresh", encoder)
    assert np.allclose(second.vectors, fresh.vectors, atol=0.02)
    assert titles(second) == titles(fresh) == titles(load_index(out))


def test_what_is_gone_is_dropped(gallery: Path, tmp_path: Path, encoder: Encoder) -> None:
    out = tmp_path / "index"
    first, _ = update(gallery, out, encoder)
    edit_manifest(gallery, lambda lines: lines[:3] + lines[5:])
    second, report = update(gallery, out, encoder)
    assert counts(report) == (8, 0, 8, 2, 0)
    assert np.array_equal(second.vectors, np.delete(first.vectors, [2, 3], 0))
    assert titles(load_index(out)) == titles(second)


def test_a_new_title_or_order_needs_no_encoding(gallery: Path, tmp_path: Path, encoder: Encoder) -> None:
    out = tmp_path / "index"
    first, _ = update(gallery, out, encoder)
    edit_manifest(gallery, lambda lines: [lines[0], *(line.replace("number", "no") for line in reversed(lines[1:]))])
    second, report = update(gallery, out, encoder)
    assert counts(report) == (10, 0, 10, 0, 0)
    assert titles(load_index(out)) == titles(second) == [t.replace("number", "no") for t in reversed(titles(first))]
    assert np.array_equal(load_index(out).vectors, first.vectors[::-1])


def test_pictures_that_cannot_be_read_are_listed_and_tried_again(
    gallery: Path, tmp_path: Path, encoder: Encoder, caplog: pytest.LogCaptureFixture
) -> None:
    out = tmp_path / "index"
    (gallery / "002.png").write_bytes(b"no picture")
    (gallery / "005.png").unlink()
    with caplog.at_level(logging.WARNING):
        index, report = update(gallery, out, encoder)
    assert counts(report) == (8, 8, 0, 0, 2)
    assert [file for file in report.unreadable] == ["002.png", "005.png"]
    assert all("\n" not in reason for reason in report.unreadable.values())
    assert caplog.text.count("left out") == 2
    before = sorted(path.name for path in out.iterdir())
    assert counts(update(gallery, out, encoder)[1]) == (8, 0, 8, 0, 2)
    assert before == sorted(path.name for path in out.iterdir())
    save_picture(gallery / "002.png", product_photo())
    index, report = update(gallery, out, encoder)
    assert counts(report) == (9, 1, 8, 0, 1)
    assert index.items[2].item.id == "item-2"


def test_a_gallery_without_one_readable_picture_is_refused(tmp_path: Path, encoder: Encoder) -> None:
    for number in range(3):
        save_picture(tmp_path / "g" / f"{number}.png", product_photo())
        (tmp_path / "g" / f"{number}.png").write_bytes(b"x")
    with pytest.raises(GalleryIndexError, match=r"no readable picture.*0\.png") as caught:
        update(tmp_path / "g", tmp_path / "index", encoder)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "index").exists()


def test_repeated_rows_count_once_and_shared_pictures_twice(tmp_path: Path, encoder: Encoder) -> None:
    folder = tmp_path / "g"
    save_picture(folder / "a.png", product_photo())
    rows = [{"id": "1", "file": "a.png"}, {"id": "1", "file": "a.png"}, {"id": "2", "file": "a.png"}]
    write_manifest(folder, rows)
    index, report = update(folder, tmp_path / "index", encoder)
    assert [stored.item.id for stored in index.items] == ["1", "2"]
    assert len(report.found) == 2
    assert counts(update(folder, tmp_path / "index", encoder)[1]) == (2, 0, 2, 0, 0)


def test_progress_runs_to_the_end(tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_encoding, "CHUNK", 3)
    shares: list[float] = []
    folder = write_gallery(tmp_path / "g", 8)
    update_index(Catalog.open(folder), tmp_path / "i", encoder, lambda _, share: shares.append(share or 0.0))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) == 4


def test_work_is_saved_on_the_way_and_taken_up_again(
    gallery: Path, tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_encoding, "CHUNK", 2)
    monkeypatch.setattr(journal, "SAVE_EVERY_S", 0.0)
    (gallery / "000.png").write_bytes(b"x")  # a first chunk with nothing to save must not matter
    (gallery / "001.png").write_bytes(b"x")

    class Crash(BaseException):
        pass

    def crash_late(_: str, share: float | None) -> None:
        if share is not None and share >= 0.8:
            raise Crash

    with pytest.raises(Crash):
        update_index(Catalog.open(gallery), tmp_path / "index", encoder, crash_late)
    with pytest.raises(GalleryIndexError, match=r"is not finished\. Run index again: .*--images .*gallery --out"):
        Searcher.open(tmp_path / "index")
    index, report = update(gallery, tmp_path / "index", encoder)
    assert counts(report) == (8, 2, 6, 0, 2)
    fresh, _ = update(gallery, tmp_path / "fresh", encoder)
    assert np.array_equal(index.vectors, fresh.vectors)
    assert titles(index) == titles(fresh)
    assert not list((tmp_path / "index").glob("part-*"))
    assert not (tmp_path / "index" / "unfinished.json").exists()


def test_ctrl_c_keeps_what_is_finished(
    gallery: Path, tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_encoding, "CHUNK", 4)

    def interrupt(_: str, share: float | None) -> None:
        if share:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        update_index(Catalog.open(gallery), tmp_path / "index", encoder, interrupt)
    assert counts(update(gallery, tmp_path / "index", encoder)[1]) == (10, 6, 4, 0, 0)


def test_a_damaged_index_or_one_of_another_encoder_is_built_anew(
    gallery: Path, tmp_path: Path, encoder: Encoder, other_encoder_folder: Path
) -> None:
    out = tmp_path / "index"
    update(gallery, out, encoder)
    next(out.glob("vectors-*")).write_bytes(b"")
    assert counts(update(gallery, out, encoder)[1]) == (10, 10, 0, 0, 0)
    other = open_encoder(other_encoder_folder)
    index, report = update(gallery, out, other)
    assert counts(report) == (10, 10, 0, 0, 0)
    assert load_index(out).weights_hash == other.weights_hash == index.weights_hash


# --- searching


@pytest.fixture(scope="module")
def shared_gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gallery(tmp_path_factory.mktemp("shared") / "gallery", 10)


@pytest.fixture(scope="module")
def index_dir(shared_gallery: Path, encoder: Encoder) -> Path:
    out = shared_gallery.parent / "index"
    update(shared_gallery, out, encoder)
    return out


@pytest.fixture(scope="module")
def searcher(index_dir: Path) -> Searcher:
    return Searcher.open(index_dir)


@pytest.mark.parametrize(
    ("sketch", "caption", "weight", "fusion"),
    [
        (True, None, 0.5, None),
        (False, "red dress", 0.5, None),
        (True, "red dress", 0.3, None),
        (True, "bag", 0.5, "concat"),
    ],
)
def test_hits_are_those_of_an_exact_search(
    searcher: Searcher,
    index_dir: Path,
    encoder: Encoder,
    sketch: bool,
    caption: str | None,
    weight: float,
    fusion: str | None,
) -> None:
    drawing = pen_drawing() if sketch else None
    parts = [] if drawing is None else [encoder.encode_drawings([extract_lines(drawing)])]
    parts += [] if caption is None else [encoder.encode_words([caption])]
    query = (encoder.fuse(*parts, weight, fusion) if len(parts) == 2 else parts[0])[0]
    stored = load_index(index_dir)
    scores = stored.vectors @ query
    if caption is not None:
        words = open_terms(stored).scores([[word] for word in caption.split()])
        scores += LEXICAL_WEIGHT * (1.0 - weight if sketch else 1.0) * words
    hits = searcher.search(drawing, caption, 6, weight, fusion)
    assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5, 6]
    assert np.allclose([hit.score for hit in hits], -np.sort(-scores)[:6], atol=1e-5)
    by_id = {item.item.id: score for item, score in zip(stored.items, scores, strict=True)}
    assert all(hit.score == pytest.approx(by_id[hit.item.id], abs=1e-5) for hit in hits)


def test_more_hits_than_items_gives_all_items(searcher: Searcher) -> None:
    assert len(searcher.search(caption="red dress", k=1000)) == len(searcher) == 10


def test_the_contract_of_hits_holds(index_dir: Path, tmp_path: Path) -> None:
    path = save_picture(tmp_path / "bag.png", pen_drawing("bag"))
    hits = Searcher.open(str(index_dir)).search(sketch=str(path), caption="a red clutch", k=3)
    assert Path(hits[0].item.image).is_file()
    assert hits[0].item.title
    assert hits[0].item.url.startswith("https://")
    assert -1.001 <= hits[0].score <= 1.001
    again = Searcher.open(index_dir).search(sketch=path, caption="a red clutch", k=3)
    assert hits == again == Searcher.open(index_dir).search(sketch=pen_drawing("bag"), caption="a red clutch", k=3)


@pytest.mark.parametrize(
    "sketch",
    [
        np.zeros((10, 10), np.uint8),
        np.zeros((10, 10, 4), np.uint8),
        np.zeros((10, 10, 3), np.float32),
        np.zeros((0, 10, 3), np.uint8),
        5,
        [],
    ],
)
def test_what_is_no_sketch_is_refused(searcher: Searcher, sketch: object) -> None:
    with pytest.raises(QueryError, match="not a picture"):
        searcher.search(sketch=sketch)  # type: ignore[arg-type]


def test_bad_queries_are_refused_in_one_line(searcher: Searcher, tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"x")
    queries: list[dict[str, object]] = [
        {},
        {"caption": " "},
        {"sketch": tmp_path / "x.png"},
        {"sketch": str(tmp_path / "none.png")},
        {"caption": "red", "k": 0},
        {"caption": "red", "sketch_weight": 2.0},
        {"caption": "red", "fusion": "sum"},
    ]
    for query in queries:
        with pytest.raises(QueryError) as caught:
            searcher.search(**query)  # type: ignore[arg-type]
        assert "\n" not in str(caught.value)


def test_thumbnails_come_from_the_gallery(searcher: Searcher, shared_gallery: Path) -> None:
    (hit, *_) = searcher.search(caption="red dress", k=1)
    assert max(searcher.picture(hit.item, 32).shape) == 32
    assert np.array_equal(searcher.picture(hit.item), Catalog.open(shared_gallery).read(hit.item))


def test_thumbnails_need_no_readable_manifest(gallery: Path, tmp_path: Path, encoder: Encoder) -> None:
    update(gallery, tmp_path / "index", encoder)
    found = Searcher.open(tmp_path / "index")
    (gallery / "metadata.csv").write_text("broken")
    (gallery / "004.png").unlink()
    for item in found.items:
        if item.file == "004.png":
            with pytest.raises(CatalogError, match="not there"):
                found.picture(item)
        else:
            assert found.picture(item, 20).shape[2] == 3


def test_a_folder_of_pictures_is_indexed_into_the_cache(gallery: Path, encoder_folder: Path, own_cache: Path) -> None:
    said: list[str] = []
    found = Searcher.open(gallery, str(encoder_folder), lambda message, _: said.append(message))
    assert len(found) == 10
    assert {"Loading the encoder", "Indexing pictures"} <= set(said)
    assert sorted(path.name for path in gallery.iterdir()) == sorted(
        [*(f"{i:03d}.png" for i in range(10)), "metadata.csv"]
    )
    (folder,) = (own_cache / "indexes").iterdir()
    assert folder == index_folder(gallery, found.encoder.weights_hash)
    said.clear()
    (gallery / "000.png").unlink()
    assert len(Searcher.open(gallery, str(encoder_folder), lambda message, _: said.append(message))) == 9
    assert found.search(caption="red dress") == Searcher(found.encoder, load_index_before(found)).search(
        caption="red dress"
    )


def load_index_before(found: Searcher) -> StoredIndex:
    """The index that an open searcher answers from, whatever happened to its folder since."""
    stored = load_index(index_folder(found.images, found.encoder.weights_hash))
    assert len(stored.items) == 9
    vectors = found._index.vectors
    items = tuple(type(stored.items[0])(item, 0, 0) for item in found.items)
    return StoredIndex(stored.encoder, stored.weights_hash, found.images, items, vectors)


def test_each_encoder_has_its_own_index_of_a_folder(
    gallery: Path, encoder_folder: Path, plain_clip_folder: Path, own_cache: Path
) -> None:
    for _ in range(2):
        for name in (encoder_folder, plain_clip_folder):
            assert len(Searcher.open(gallery, str(name)).search(pen_drawing(), "red bag", 3)) == 3
    assert len(list((own_cache / "indexes").iterdir())) == 2


def test_an_index_of_another_encoder_is_refused(
    gallery: Path, tmp_path: Path, encoder: Encoder, other_encoder_folder: Path
) -> None:
    update(gallery, tmp_path / "index", encoder)
    with pytest.raises(GalleryIndexError, match="made by another encoder") as caught:
        Searcher.open(tmp_path / "index", str(other_encoder_folder))
    message = str(caught.value)
    assert "\n" not in message
    assert f"python -m retrieval index --images {gallery} --out {tmp_path / 'index'}" in message


def test_an_index_finds_its_encoder_from_any_folder(
    gallery: Path, tmp_path: Path, encoder_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(encoder_folder.parent)
    update(gallery, tmp_path / "index", open_encoder(encoder_folder.name))
    monkeypatch.chdir(tmp_path)
    assert Searcher.open("index").encoder.name == str(encoder_folder.resolve())


def test_an_index_whose_encoder_moved_opens_with_the_default_one(
    gallery: Path, tmp_path: Path, encoder_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(encoder_folder, tmp_path / "old")
    update(gallery, tmp_path / "index", open_encoder(tmp_path / "old"))
    shutil.move(tmp_path / "old", tmp_path / "new")
    with pytest.raises(CheckpointError):
        monkeypatch.setenv("AIR_SKETCH_ENCODER", str(tmp_path / "nowhere"))
        Searcher.open(tmp_path / "index")
    monkeypatch.setenv("AIR_SKETCH_ENCODER", str(tmp_path / "new"))
    assert len(Searcher.open(tmp_path / "index")) == 10


def test_a_gallery_that_moves_with_its_index_keeps_working(tmp_path: Path, encoder: Encoder) -> None:
    write_gallery(tmp_path / "a" / "shop")
    update(tmp_path / "a" / "shop", tmp_path / "a" / "shop" / "index", encoder)
    before = Searcher.open(tmp_path / "a" / "shop" / "index").search(caption="red dress")
    shutil.move(tmp_path / "a", tmp_path / "b")
    moved = Searcher.open(tmp_path / "b" / "shop" / "index")
    after = moved.search(caption="red dress")
    assert [(h.item.id, h.score) for h in before] == [(h.item.id, h.score) for h in after]
    assert after[0].item.image.startswith(str(tmp_path / "b"))
    assert moved.picture(after[0].item).ndim == 3


def test_file_names_in_any_script_are_found(tmp_path: Path, encoder_folder: Path) -> None:
    names = ["빨간 드레스.png", "robe d'été.png", "👗.png", "a b\tc.png", os.fsdecode(b"\xff\xfe.png")]
    for number, name in enumerate(names):
        save_picture(tmp_path / "g" / "x.png", product_photo(size_px=80 + number)).rename(tmp_path / "g" / name)
    hits = Searcher.open(tmp_path / "g", str(encoder_folder)).search(caption="dress")
    assert {hit.item.file for hit in hits} == set(names)
    again = Searcher.open(tmp_path / "g", str(encoder_folder))
    assert {hit.item.file for hit in again.search(caption="dress")} == set(names)
    assert all(again.picture(item).ndim == 3 for item in again.items)


def test_what_is_no_gallery_is_told(tmp_path: Path, encoder_folder: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(CatalogError, match="is empty"):
        Searcher.open(tmp_path / "empty", str(encoder_folder))
    with pytest.raises(CatalogError, match="is not a folder"):
        Searcher.open(tmp_path / "none", str(encoder_folder))


# --- the demo gallery and the cache


def test_demo_means_the_demo_gallery_unless_such_a_folder_exists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert is_demo(None)
    assert is_demo("demo")
    assert is_demo("galleries/demo")
    assert is_demo(tmp_path / "demo")
    assert not is_demo("demos")
    assert not is_demo(tmp_path)
    (tmp_path / "demo").mkdir()
    assert not is_demo("demo")


def test_the_demo_gallery_is_unpacked_once_into_the_cache(
    tmp_path: Path, encoder_folder: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "DEMO_PACK", write_demo_pack(tmp_path / "demo.tar", 6))
    monkeypatch.setenv("AIR_SKETCH_ENCODER", str(encoder_folder))
    said: list[tuple[str, float | None]] = []
    for name in (None, "demo", "galleries/demo"):
        found = Searcher.open(name, progress=lambda message, share: said.append((message, share)))
        assert len(found) == 6
    assert found.images == own_cache / "demo-gallery" == demo_folder()
    assert [message for message, share in said if share == 1.0] == ["Indexing pictures"]
    assert found.items[0].url
    assert json.loads((next((own_cache / "indexes").iterdir()) / "index.json").read_text())["count"] == 6


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        (Unix, {"AIR_SKETCH_CACHE": "/x/y"}, "/x/y"),
        (Unix, {"AIR_SKETCH_CACHE": "~/y"}, "{home}/y"),
        (Unix, {"XDG_CACHE_HOME": "/c"}, "/c/air-sketch"),
        (Unix, {}, "{home}/.cache/air-sketch"),
        (MacOS, {}, "{home}/Library/Caches/air-sketch"),
        (Windows, {"LOCALAPPDATA": "/local"}, "/local/air-sketch"),
        (Windows, {}, "{home}/AppData/Local/air-sketch"),
    ],
)
def test_the_cache_lies_where_the_platform_keeps_such_things(
    platform: type, variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    local = f"{tmp_path}/AppData/Local"
    monkeypatch.setattr("platformdirs.PlatformDirs", platform)
    monkeypatch.setattr("platformdirs.windows.get_win_folder", lambda _: os.environ.get("LOCALAPPDATA") or local)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("AIR_SKETCH_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == Path(expected.format(home=tmp_path))
