import os
import sys
import tempfile
import threading

import pytest

from air_sketch.desk import errands
from air_sketch.desk.errands import Errands, open_card, save_sketch
from air_sketch.desk.events import Status, Tone
from air_sketch.values.datatypes import ResultCard, Stroke
from air_sketch.values.errors import StorageError

STROKES = (Stroke(((10.0, 10.0, 0.0), (50.0, 60.0, 0.1)), (0, 0, 0), 4.0),)


@pytest.fixture
def started(monkeypatch):
    """Collect the programs that would have been started."""
    commands = []
    monkeypatch.setattr(errands, "_start", commands.append)
    return commands


def card(url="", path=None):
    return ResultCard(1, 0.5, "a bag", path, None, url)


@pytest.mark.parametrize("url", ["https://shop.example/item?id=1&x=2", "http://example.org", " https://a.b/c "])
def test_pages_open_in_the_browser(started, url):
    status = open_card(card(url))
    assert started == [[sys.executable, "-I", "-m", "webbrowser", "-t", url.strip()]]
    assert status.tone is Tone.DONE


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "//host/x",
        "-x",
        "https:",
        "ftp://a/b",
        "http://a b/c",
        "http://[",
        "HTTPS:evil",
        "http://a/\x1b]0;x\x07",
        "http://a/\x7f",
        "http://a/\u202egpj",
    ],
)
def test_anything_but_a_web_page_is_refused(started, url):
    status = open_card(card(url))
    assert started == []
    assert status.tone is Tone.ERROR
    assert "http" in status.text


def test_a_picture_without_a_page_opens_itself(started, tmp_path):
    path = tmp_path / "-bag.png"
    path.write_bytes(b"x")
    assert open_card(card(path=path)).tone is Tone.DONE
    assert started[0][-1] == path.resolve().as_uri()


def test_files_that_are_no_pictures_are_refused(started, tmp_path):
    path = tmp_path / "bag.desktop"
    path.write_bytes(b"x")
    assert open_card(card(path=path)).tone is Tone.ERROR
    assert open_card(card(path=tmp_path / "gone.png")).tone is Tone.ERROR
    assert started == []


@pytest.mark.skipif(sys.platform == "win32", reason="links")
def test_a_picture_that_is_a_link_to_something_else_is_refused(started, tmp_path):
    (tmp_path / "run.desktop").write_bytes(b"x")
    (tmp_path / "bag.png").symlink_to("run.desktop")
    (tmp_path / "loop.png").symlink_to("loop.png")
    os.mkfifo(tmp_path / "pipe.png")
    for name in ("bag.png", "loop.png", "pipe.png"):
        assert open_card(card(path=tmp_path / name)).tone is Tone.ERROR
    assert started == []


def test_a_name_with_control_characters_is_told_without_them(started, tmp_path):
    path = tmp_path / "a\x1b[31mbag.png"
    path.write_bytes(b"x")
    assert open_card(card(path=path)).text == "Opened a?[31mbag.png"


def test_a_card_with_nothing_to_open_says_so(started):
    assert "neither" in open_card(card()).text
    assert started == []


def test_saving_writes_three_files(tmp_path):
    path = save_sketch(STROKES, (64, 64), tmp_path / "sketches")
    assert sorted(p.suffix for p in path.parent.iterdir()) == [".json", ".png", ".svg"]


def test_a_drawing_is_rescued_to_the_home_folder_when_its_own_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    path = save_sketch(STROKES, (64, 64), tmp_path / "file" / "sketches", anywhere=True)
    assert path.exists()
    assert tmp_path / "home" in path.parents


@pytest.mark.skipif(sys.platform == "win32", reason="modes of folders")
def test_the_last_resort_is_a_new_folder_that_nobody_else_reads(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    first, second = (save_sketch(STROKES, (64, 64), tmp_path / "file", anywhere=True) for _ in range(2))
    assert first.parent != second.parent and first.parent.parent == tmp_path
    assert first.parent.stat().st_mode & 0o777 == 0o700


def test_errands_report_success_known_and_unknown_trouble():
    def known():
        raise StorageError("disk is full", "Free some space.")

    def unknown():
        raise ValueError("odd")

    def leaves():
        raise SystemExit(2)

    errands = Errands()
    for job in (lambda: Status("Saved", Tone.DONE), known, unknown, leaves):
        errands.submit(job)
    errands.finish()
    saved, full, odd, left = errands.poll()
    assert saved == Status("Saved", Tone.DONE)
    assert full == Status("disk is full. Free some space.", Tone.ERROR)
    assert "ValueError: odd" in odd.text and "SystemExit: 2" in left.text


def test_submitting_never_waits():
    errands, gate = Errands(), threading.Event()
    errands.submit(lambda: Status("waited" if gate.wait(5.0) else "held the caller up"))
    gate.set()
    errands.finish()
    assert errands.poll() == [Status("waited")]
