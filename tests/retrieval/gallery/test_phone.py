"""Pictures from a phone, against an ``adb`` that is a script."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from retrieval.gallery.phone import adb as adb_room
from retrieval.gallery.phone.adb import choose_phone, parse_devices, parse_listing
from retrieval.gallery.phone.copying import is_phone, pull_pictures
from retrieval.values.errors import PhoneError
from tests.retrieval.making import silent

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in for adb is a script with a #! line")

FAKE_ADB = f"""#!{sys.executable}
import os, shutil, sys
from pathlib import Path
root = Path(os.environ["FAKE_PHONE"])
args = sys.argv[1:]
with open(root.parent / "calls", "ab") as log:
    log.write(os.fsencode(" ".join(args)) + b"\\n")
def cut():
    sys.exit("error: device 'P1' not found")
if args == ["devices"]:
    print("List of devices attached\\n" + (root.parent / "devices").read_text())
    sys.exit(0)
assert args[:2] == ["-s", "P1"], args
if (root.parent / "cut").exists():
    cut()
command, args = args[2], args[3:]
if command == "get-state":
    print("device")
elif command == "ls":
    folder = root / args[0].lstrip("/")
    if folder.is_dir():
        for name in [".", "..", *sorted(os.listdir(folder))]:
            s = os.stat(folder / name)
            line = "%08x %08x %08x " % (s.st_mode, s.st_size % 2**32, int(s.st_mtime))
            sys.stdout.buffer.write(line.encode() + os.fsencode(name) + b"\\n")
elif command == "pull":
    source = root / args[0].lstrip("/")
    data = source.read_bytes()
    left = root.parent / "left"
    if "refused" in source.name:
        sys.exit("adb: error: failed to stat remote object: Permission denied")
    if left.exists():
        count = int(left.read_text()) - 1
        left.write_text(str(count))
        if count < 0:
            Path(args[1]).write_bytes(data[: len(data) // 2])
            (root.parent / "cut").write_text("")
            sys.exit("adb: error: failed to read copy response: EOF")
    Path(args[1]).write_bytes(data if "short" not in source.name else data[:-1])
    print(source, "1 file pulled")
else:
    sys.exit("unknown command " + command)
"""
NAMES = ("IMG 1.jpg", "it's \"quoted\".png", "$(rm -rf) `x`;&.jpg", "한복 👗.webp", "two\nlines.jpg",
         "sub folder/b.JPG",
         os.fsdecode(b"\xff\xfe.png"), "-rf.png")  # fmt: skip


@pytest.fixture
def phone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A phone with pictures; returns the folder on it."""
    program = tmp_path / "bin" / "adb"
    program.parent.mkdir()
    program.write_text(FAKE_ADB)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "devices").write_text("P1\tdevice\n")
    camera = tmp_path / "phone" / "sdcard" / "DCIM" / "Camera"
    for number, name in enumerate((*NAMES, "video.mp4", ".hidden.jpg", ".thumbnails/x.jpg")):
        path = camera / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"picture " * (number + 3))
        os.utime(path, (1_600_000_000 + number, 1_600_000_000 + number))
    monkeypatch.setenv("FAKE_PHONE", str(tmp_path / "phone"))
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("ANDROID_SERIAL", raising=False)
    return camera


def pull() -> Path:
    return pull_pictures("adb:/sdcard/DCIM/Camera", silent)


def copied(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def on_phone(camera: Path) -> dict[str, bytes]:
    return {name: (camera / name).read_bytes() for name in NAMES}


def pulls(phone: Path) -> int:
    return (phone.parents[3] / "calls").read_bytes().count(b" pull ")


def error_of(images: str = "adb:/sdcard/DCIM/Camera") -> str:
    with pytest.raises(PhoneError) as caught:
        pull_pictures(images, silent)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_pictures_of_any_name_are_copied_and_only_once(phone: Path) -> None:
    folder = pull()
    assert copied(folder) == on_phone(phone)
    assert int((folder / "IMG 1.jpg").stat().st_mtime) == 1_600_000_000
    assert pulls(phone) == len(NAMES)
    assert pull() == folder
    assert pulls(phone) == len(NAMES)


def test_new_and_changed_pictures_are_copied_and_deleted_ones_stay(phone: Path) -> None:
    folder = pull()
    (phone / "new.png").write_bytes(b"new")
    (phone / "IMG 1.jpg").write_bytes(b"another")
    (phone / NAMES[1]).unlink()
    pull()
    assert pulls(phone) == len(NAMES) + 2
    found = copied(folder)
    assert (found["new.png"], found["IMG 1.jpg"]) == (b"new", b"another")
    assert NAMES[1] in found


def test_a_cut_connection_keeps_whole_pictures_only_and_the_next_run_goes_on(phone: Path) -> None:
    base = phone.parents[3]
    (base / "left").write_text("3")
    message = error_of()
    assert "was cut after 3 of 8 new pictures" in message
    assert "what was copied stays" in message
    (folder,) = _copies()
    kept = copied(folder)
    assert len(kept) == 3
    assert kept.items() <= on_phone(phone).items()
    (base / "cut").unlink()
    (base / "left").unlink()
    pull()
    assert copied(folder) == on_phone(phone)
    assert pulls(phone) == 4 + 5


def _copies() -> tuple[Path, ...]:
    from retrieval.files import cache_folder

    return tuple((cache_folder() / "phones" / "P1").iterdir())


def test_what_the_phone_refuses_or_sends_short_stops_nothing(phone: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("refused.png", "short.png"):
        (phone / name).write_bytes(b"12345")
    assert copied(pull()) == on_phone(phone)
    assert "refused.png on the phone: failed to stat remote object: Permission denied" in caplog.text
    assert "short.png on the phone: it is not complete" in caplog.text


@pytest.mark.parametrize(
    ("devices", "said"),
    [
        ("", "No phone is connected"),
        ("P1\tunauthorized\n", "tap 'Allow USB debugging'"),
        ("P1\toffline\n", "Unplug it"),
        ("P1\tno permissions (user in plugdev group); see [http://x]\n", "no permissions"),
        ("P1\tdevice\nP2\tdevice\n", "ANDROID_SERIAL=P1"),
    ],
)
def test_a_phone_that_cannot_be_read_is_told_in_one_line(phone: Path, devices: str, said: str) -> None:
    (phone.parents[3] / "devices").write_text(devices)
    assert said in error_of()


def test_a_missing_adb_and_a_missing_folder_are_told(phone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "has no folder /sdcard/None" in error_of("adb:/sdcard/None")
    for images in ("adb:", "adb:/", "adb:DCIM"):
        assert "names no folder" in error_of(images)
    monkeypatch.setenv("PATH", "/nowhere")
    assert "adb is not installed" in error_of()


def test_an_adb_that_hangs_is_given_up(phone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = phone.parents[3] / "bin" / "adb"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    monkeypatch.setattr(adb_room, "ANSWER_TIMEOUT_S", 0.3)
    assert "does not answer" in error_of()


def test_one_phone_of_several_is_chosen_as_adb_chooses() -> None:
    phones = parse_devices(b"List of devices attached\nA\tdevice\nB\tunauthorized\n* daemon started\n\n")
    assert phones == {"A": "device", "B": "unauthorized"}
    assert choose_phone(phones, "") == "A"
    with pytest.raises(PhoneError, match="Phone B has not allowed"):
        choose_phone(phones, "B")
    with pytest.raises(PhoneError, match=r"Phone C .* is not connected"):
        choose_phone(phones, "C")


def test_a_listing_is_read_with_line_breaks_in_names() -> None:
    text = b"000041f9 00001000 5f5e1000 .\n000081a4 00000010 5f5e1001 a\nb.jpg\n000081a4 00000011 5f5e1002 c.jpg\n"
    assert [(name, size) for name, _, size, _ in parse_listing(text)] == [(".", 4096), ("a\nb.jpg", 16), ("c.jpg", 17)]
    assert parse_listing(b"") == []


def test_what_names_a_phone() -> None:
    assert is_phone("adb:/sdcard")
    assert not is_phone("/sdcard")
