"""Pictures from a phone, against an ``adb`` that is a script."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path, PureWindowsPath

import pytest

from retrieval.gallery import phone as phone_room
from retrieval.gallery.catalog import Catalog
from retrieval.gallery.demo import is_demo
from retrieval.gallery.phone import phone_name, pull_pictures
from retrieval.values.errors import CatalogError, PhoneError
from tests.retrieval.making import silent

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in for adb is a script with a #! line")

FAKE_ADB = f"""#!{sys.executable}
import os, shutil, subprocess, sys
from pathlib import Path, PureWindowsPath
root = Path(os.environ["FAKE_PHONE"])
command, *args = sys.argv[1:]
with open(root.parent / "calls", "ab") as log:
    log.write(os.fsencode(" ".join(sys.argv)) + b"\\n")
state = (root.parent / "state").read_text()
if state != "device":
    sys.exit(state)
if command == "get-state":
    print("device")
elif command == "get-serialno":
    print("P1")
elif command == "shell":
    done = subprocess.run(["sh", "-c", args[0].replace("cd /", "cd ./")], cwd=root)
    sys.exit(done.returncode)
elif command == "pull":
    assert args[0] == "-a"
    source, copy = root / args[1].lstrip("/"), Path(args[2])
    left = root.parent / "left"
    if "refused" in source.name:
        sys.exit("adb: error: failed to stat remote object: Permission denied")
    data = source.read_bytes()
    if left.exists():
        count = int(left.read_text()) - 1
        left.write_text(str(count))
        if count < 0:
            copy.write_bytes(data[: len(data) // 2])
            (root.parent / "state").write_text("error: device 'P1' not found")
            sys.exit("adb: error: failed to read copy response: EOF")
    copy.write_bytes(data if "short" not in source.name else data[:-1])
    shutil.copystat(source, copy)
    print(source, "1 file pulled")
else:
    sys.exit("unknown command " + command)
"""
NAMES = ("IMG 1.jpg", "it's \"quoted\".png", "$(rm -rf) `x`;&.jpg", "한복 👗.webp", "sub folder/b.JPG",
         os.fsdecode(b"\xff\xfe.png"), "-rf.png")  # fmt: skip


@pytest.fixture
def phone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A phone with pictures; returns the folder on it."""
    program = tmp_path / "bin" / "adb"
    program.parent.mkdir()
    program.write_text(FAKE_ADB)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "state").write_text("device")
    camera = tmp_path / "phone" / "sdcard" / "DCIM" / "Camera"
    for number, name in enumerate((*NAMES, "video.mp4", ".hidden.jpg", ".thumbnails/x.jpg")):
        path = camera / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"picture " * (number + 3))
        os.utime(path, (1_600_000_000 + number, 1_600_000_000 + number))
    monkeypatch.setenv("FAKE_PHONE", str(tmp_path / "phone"))
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
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
    assert "was cut after 3 of 7 new pictures" in message
    assert "what was copied stays" in message
    (folder,) = _copies()
    kept = copied(folder)
    assert len(kept) == 3
    assert kept.items() <= on_phone(phone).items()
    (base / "state").write_text("device")
    (base / "left").unlink()
    pull()
    assert copied(folder) == on_phone(phone)
    assert pulls(phone) == 4 + 4


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
    ("state", "said"),
    [
        ("error: no devices/emulators found", "no devices/emulators found. Plug in one phone"),
        ("error: device unauthorized.\nThis adb server's $ADB_VENDOR_KEYS is not set", "tap 'Allow USB debugging'"),
        ("error: more than one device/emulator", "more than one device/emulator"),
    ],
)
def test_a_phone_that_cannot_be_read_is_told_in_one_line(phone: Path, state: str, said: str) -> None:
    (phone.parents[3] / "state").write_text(state)
    assert said in error_of()


def test_a_missing_adb_and_a_missing_folder_are_told(phone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no picture in /sdcard/None" in error_of("adb:/sdcard/None")
    for images in ("adb:", "adb:/", "adb:DCIM"):
        assert "names no folder" in error_of(images)
    monkeypatch.setenv("PATH", "/nowhere")
    assert "adb is not installed" in error_of()


@pytest.mark.parametrize("made", [str, Path, PureWindowsPath])
def test_a_phones_name_survives_being_a_path(phone: Path, made: type) -> None:
    name = made("adb:/sdcard/DCIM/Camera")
    assert phone_name(name) == "adb:/sdcard/DCIM/Camera"
    assert copied(pull_pictures(name, silent)) == on_phone(phone)


@pytest.mark.parametrize("made", [str, Path, PureWindowsPath])
def test_a_phone_is_copied_before_it_is_a_gallery(made: type) -> None:
    assert not is_demo(made("adb:/sdcard/demo"))
    with pytest.raises(CatalogError, match=r"Gallery adb:/sdcard/demo lies on a phone\. .* --images adb:/sdcard/demo "):
        Catalog.open(made("adb:/sdcard/demo"))
    assert phone_name(made("/adb:/sdcard")) == "" == phone_name(made("pictures"))


def test_an_adb_that_hangs_is_given_up(phone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = phone.parents[3] / "bin" / "adb"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    monkeypatch.setattr(phone_room, "TIMEOUT_S", 0.3)
    assert "does not answer" in error_of()
