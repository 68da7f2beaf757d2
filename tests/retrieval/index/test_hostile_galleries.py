"""Folders that break programs, and runs that are killed: nothing is lost, nothing hangs, everything is told."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from retrieval import Searcher
from retrieval.commands.parser import main
from retrieval.encoder.opening import open_encoder
from retrieval.gallery import picture_files
from retrieval.gallery.catalog import Catalog
from retrieval.gallery.listing import list_folder
from retrieval.gallery.picture_files import GalleryFolder, load_file
from retrieval.index.folder.store import load_index
from retrieval.index.update import update_index
from retrieval.values.errors import CatalogError, GalleryIndexError
from retrieval.values.ports import Encoder
from tests.retrieval.index.hostile_files import write_hostile_folder
from tests.retrieval.making import REPOSITORY, product_photo, save_picture, silent, write_gallery

posix_only = pytest.mark.skipif(os.name == "nt", reason="makes pipes, sockets and links")


@posix_only
def test_every_hostile_file_is_accounted_for(
    tmp_path: Path, encoder_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "hostile", tmp_path / "index"
    good, others = write_hostile_folder(folder)
    assert len(good) + len(others) >= 70
    arguments = ["index", "--images", folder, "--out", out, "--encoder", encoder_folder, "--json"]
    assert main([str(argument) for argument in arguments]) == 0
    record = json.loads(capsys.readouterr().out)
    lines = [json.loads(line) for line in (out / "pictures.jsonl").read_text().splitlines()]
    outcome = {line["file"]: line["outcome"] for line in lines}
    assert len(lines) == len(outcome)
    assert {file for file, what in outcome.items() if what in {"encoded", "copied"}} == good
    assert set(outcome) == good | others
    assert all(line["reason"] and "\n" not in line["reason"] for line in lines if line["outcome"] in {"unreadable"})
    assert record["count"] == len(good) == record["encoded"] + record["copied"]
    assert {"file": "to a picture.jpg", "of": "plain.png"} in record["duplicates"]
    assert json.loads((out / "report.json").read_text()) == record
    assert {stored.item.file for stored in load_index(out).items} == good


def test_a_touched_picture_is_not_encoded_again_and_a_copied_or_moved_one_neither(
    gallery: Path, tmp_path: Path, encoder: Encoder
) -> None:
    (gallery / "metadata.csv").unlink()
    first, _ = update_index(Catalog.open(gallery), tmp_path / "i", encoder, silent)
    os.utime(gallery / "003.png", (1e9, 1e9))
    (gallery / "009.png").rename(gallery / "moved.png")
    (gallery / "copy.png").write_bytes((gallery / "001.png").read_bytes())
    index, report = update_index(Catalog.open(gallery), tmp_path / "i", encoder, silent)
    assert (len(report.encoded), len(report.copied), len(report.kept), len(report.removed)) == (0, 2, 9, 1)
    assert set(report.copied) == {"moved.png", "copy.png"}
    assert report.duplicates == {"copy.png": "001.png"}
    by_file = {stored.item.file: vector for stored, vector in zip(index.items, index.vectors, strict=True)}
    assert np.array_equal(by_file["copy.png"], first.vectors[1])
    assert np.array_equal(by_file["moved.png"], first.vectors[9])
    assert load_index(tmp_path / "i").items[3].modified_ns == 10**18


def test_pictures_that_vanish_or_change_while_they_are_indexed_stop_nothing(
    gallery: Path, tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = Catalog.open(gallery)
    (gallery / "002.png").unlink()
    save_picture(gallery / "004.png", product_photo("bag", (1, 2, 250)))
    real = os.fstat

    def restless(handle: int) -> os.stat_result:
        status = real(handle)
        if status.st_size == (gallery / "005.png").stat().st_size:
            os.utime(gallery / "005.png", ns=(time.time_ns(), time.time_ns()))
        return status

    monkeypatch.setattr(picture_files.os, "fstat", restless)
    index, report = update_index(catalog, tmp_path / "i", encoder, silent)
    assert {file for file in report.unreadable} >= {"002.png", "005.png"}
    assert any("changes while it is read" in reason for reason in report.unreadable.values())
    assert len(index.items) == 10 - len(report.unreadable)
    monkeypatch.undo()
    again, report = update_index(catalog, tmp_path / "i", encoder, silent)
    fresh, _ = update_index(catalog, tmp_path / "fresh", encoder, silent)
    assert np.allclose(again.vectors, fresh.vectors, atol=1e-6)  # chunks of other sizes round otherwise on some CPUs
    assert len(again.items) == 9


@posix_only
def test_what_is_no_ordinary_file_is_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    for path, said in (
        (tmp_path / "pipe.png", "no ordinary file"),
        (tmp_path, "folder"),
        (Path("/dev/zero"), "no ordinary file"),
    ):
        with pytest.raises(CatalogError, match=said):
            load_file(path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_told(tmp_path: Path) -> None:
    save_picture(tmp_path / "locked" / "a.png", product_photo())
    save_picture(tmp_path / "b.png", product_photo()).chmod(0)
    (tmp_path / "locked").chmod(0)
    _, skipped = list_folder(GalleryFolder(tmp_path))
    (tmp_path / "locked").chmod(0o700)
    assert [file for file, _ in skipped] == ["locked"]
    with pytest.raises(CatalogError, match="Permission denied"):
        load_file(tmp_path / "b.png")


def test_a_broken_pack_beside_pictures_is_left_out_alone(tmp_path: Path) -> None:
    save_picture(tmp_path / "a.png", product_photo())
    (tmp_path / "photos.tar").write_bytes(b"x" * 2000)
    catalog = Catalog.open(tmp_path)
    assert [item.file for item in catalog.items] == ["a.png"]
    assert [file for file, _ in catalog.everything_skipped()] == ["photos.tar"]


def test_what_the_manifest_does_not_name_is_told(gallery: Path) -> None:
    save_picture(gallery / "extra.png", product_photo())
    (gallery / "notes.txt").write_text("x")
    told = dict(Catalog.open(gallery).everything_skipped())
    assert told == {"extra.png": "not in the manifest", "notes.txt": "no picture by its name (.txt)"}


# --- runs that are killed


def index_process(folder: Path, out: Path, encoder_folder: Path) -> subprocess.Popen[bytes]:
    code = (
        "import sys; from retrieval.index import encoding; from retrieval.index.folder import journal; "
        "encoding.CHUNK = 8; journal.SAVE_EVERY_S = 0.0; from retrieval.commands.parser import main; "
        "sys.exit(main(sys.argv[1:]))"
    )
    arguments = ["index", "--images", str(folder), "--out", str(out), "--encoder", str(encoder_folder)]
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=REPOSITORY,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@posix_only
def test_a_killed_run_goes_on_and_ends_with_the_same_hits(tmp_path: Path, encoder_folder: Path) -> None:
    kills = int(os.environ.get("AIR_SKETCH_KILLS", "2"))
    folder = write_gallery(tmp_path / "gallery", 160)
    with index_process(folder, tmp_path / "whole", encoder_folder) as process:
        assert process.wait(timeout=300) == 0
    whole = Searcher.open(tmp_path / "whole").search(caption="red shirt", k=160)
    rng = random.Random(4)
    went_on = 0
    for number in range(kills):
        out = tmp_path / f"killed{number}"
        with index_process(folder, out, encoder_folder) as process:
            deadline = time.monotonic() + 120
            while process.poll() is None and not (out / "unfinished.json").exists() and time.monotonic() < deadline:
                time.sleep(0.002)
            time.sleep(rng.random() * 0.4)
            process.send_signal(signal.SIGKILL)
        try:
            assert len(load_index(out).items) == 160
        except GalleryIndexError as error:
            assert "index again" in str(error)
        encoder = open_encoder(encoder_folder)
        index, report = update_index(Catalog.open(folder), out, encoder, silent)
        went_on += 0 < len(report.kept) < 160
        assert len(index.items) == 160
        hits = Searcher.open(out).search(caption="red shirt", k=160)
        # Sums over other batches differ in the last digits.
        assert {hit.item.id: hit.score for hit in hits} == pytest.approx({h.item.id: h.score for h in whole}, abs=1e-5)
        assert [hit.score for hit in hits] == pytest.approx([hit.score for hit in whole], abs=1e-5)
        assert not [path for path in out.iterdir() if path.name.startswith(("part-", "unfinished"))]
    print(f"{went_on} of {kills} runs went on in the middle")
