"""The demo gallery's pack, and what becomes of it in the cache."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from retrieval import Searcher
from retrieval.gallery import demo
from retrieval.gallery.catalog import Catalog
from retrieval.gallery.demo import MARKER, ensure_demo_gallery, packed_demo_items
from retrieval.values.errors import CatalogError
from tests.retrieval.making import REPOSITORY, silent, write_demo_pack

ITEMS = 6
KILLED_AT_EACH_CHANGE = """
import os, signal, sys
from itertools import count
from pathlib import Path
from retrieval.gallery import demo

pack, places, older = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "True"
CHANGES = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir"}
left = 0

def kill_in_time(event, arguments):
    global left
    if event in CHANGES and str(arguments[0]).startswith(str(places)):
        if event != "open" or arguments[2] & (os.O_WRONLY | os.O_RDWR):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

demo.DEMO_PACK = pack
for left in count(1):
    folder = places / str(left) / "demo-gallery"
    folder.parent.mkdir(parents=True)
    if older:
        folder.mkdir()
        (folder / demo.MARKER).write_text("{}")
    child = os.fork()
    if child == 0:
        sys.addaudithook(kill_in_time)
        demo.ensure_demo_gallery(lambda *_: None, folder)
        os._exit(0)
    ended = os.waitpid(child, 0)[1]
    if ended != signal.SIGKILL:
        sys.exit(ended)
"""
"""Unpacks again and again, each time elsewhere; the n-th time it dies before the n-th change of a file or folder."""


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = write_demo_pack(tmp_path / "pack.tar", ITEMS)
    monkeypatch.setattr(demo, "DEMO_PACK", path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "demo-gallery"


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_everything_of_the_pack_and_a_marker_are_unpacked(pack: Path, folder: Path) -> None:
    said: list[float | None] = []
    assert ensure_demo_gallery(lambda _, share: said.append(share), folder) == folder
    with tarfile.open(pack) as archive:
        assert set(bytes_of(folder)) == {*archive.getnames(), MARKER}
    assert said == sorted(said) and said[-1] > 0.8
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    items = Catalog.open(folder).items
    # Speech expects the same captions before and after.
    assert [(item.id, item.file, item.title, item.fields) for item in items] == [
        (item.id, item.file, item.title, item.fields) for item in packed_demo_items()
    ]


def test_a_second_time_nothing_is_touched(pack: Path, folder: Path) -> None:
    ensure_demo_gallery(silent, folder)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    ensure_demo_gallery(lambda *_: pytest.fail("unpacked again"), folder)
    assert before == {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


@pytest.mark.parametrize("marker", ['{"version": 2, "seed": 7, "count": 1200, "finished": true}', "{}", "damaged"])
def test_an_older_gallery_is_replaced(pack: Path, folder: Path, marker: str) -> None:
    folder.mkdir(parents=True)
    (folder / "demo-00000.jpg").write_bytes(b"drawn by an earlier version")
    (folder / MARKER).write_text(marker)
    ensure_demo_gallery(silent, folder)
    assert not (folder / "demo-00000.jpg").exists()
    assert json.loads((folder / MARKER).read_text())["bytes"] == pack.stat().st_size
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_an_empty_folder_is_filled(pack: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    ensure_demo_gallery(silent, folder)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_place_that_cannot_be_written_is_one_line_that_says_what_to_do(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CatalogError, match="another folder") as caught:
        ensure_demo_gallery(silent, tmp_path / "file" / "demo")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "foreign"])
def test_a_damaged_pack_says_how_to_get_it_back(pack: Path, folder: Path, damage: str) -> None:
    whole = pack.read_bytes()
    pack.unlink()
    if damage != "gone":
        pack.write_bytes({"empty": b"", "cut": whole[:20_000], "foreign": b"x" * 5000}[damage])
    with pytest.raises(CatalogError, match="git checkout samples") as caught:
        ensure_demo_gallery(silent, folder)
    assert "\n" not in str(caught.value)
    assert not folder.exists()
    pack.write_bytes(whole)
    ensure_demo_gallery(silent, folder)
    assert len(bytes_of(folder)) == ITEMS + 2


def test_a_stopped_run_leaves_no_gallery_and_the_next_one_goes_on(pack: Path, folder: Path) -> None:
    def stop(_: str, share: float | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure_demo_gallery(stop, folder)
    assert not folder.exists()
    ensure_demo_gallery(silent, folder)
    assert len(bytes_of(folder)) == ITEMS + 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no kill -9")
@pytest.mark.parametrize("older", [False, True])
def test_a_search_works_after_kill_9_at_any_moment(
    pack: Path, tmp_path: Path, encoder_folder: Path, monkeypatch: pytest.MonkeyPatch, older: bool
) -> None:
    command = [sys.executable, "-c", KILLED_AT_EACH_CHANGE, str(pack), str(tmp_path / "caches"), str(older)]
    subprocess.run(command, cwd=REPOSITORY, check=True)
    caches = sorted((tmp_path / "caches").iterdir(), key=lambda cache: int(cache.name))
    held = [len(bytes_of(cache / "demo-gallery")) if (cache / "demo-gallery").exists() else 0 for cache in caches]
    assert len(held) > ITEMS
    assert set(held) <= ({0, 1, ITEMS + 2} if older else {0, ITEMS + 2})
    for cache in caches:
        ensure_demo_gallery(silent, cache / "demo-gallery")
        assert len(bytes_of(cache / "demo-gallery")) == ITEMS + 2
        assert [path.name for path in cache.iterdir()] == ["demo-gallery"]
    for cache in (caches[0], caches[ITEMS], caches[-2]):
        monkeypatch.setenv("AIR_SKETCH_CACHE", str(cache))
        found = Searcher.open(None, str(encoder_folder))
        assert len(found.search(caption="red dress", k=ITEMS)) == ITEMS
        assert all(found.picture(item).shape == (480, 360, 3) for item in found.items)
