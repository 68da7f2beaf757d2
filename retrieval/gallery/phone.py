"""Copy new pictures from a phone over the system's ``adb`` (``--images adb:/sdcard/DCIM/Camera``).

Each picture is copied under another name and renamed when it is complete, so a cut connection leaves whole pictures
only. What is deleted on the phone stays in the copy. ``$ANDROID_SERIAL`` names one of several phones, as for adb
itself.
"""

from __future__ import annotations

import logging
import os
import shlex
import subprocess
from pathlib import Path, PurePosixPath

from retrieval.files import phone_folder
from retrieval.gallery.picture_files import GalleryFolder
from retrieval.gallery.pictures import PICTURE_SUFFIXES
from retrieval.values.datatypes import ProgressCallback
from retrieval.values.errors import PhoneError, one_line

log = logging.getLogger(__name__)

PREFIX = "adb:"
TIMEOUT_S = 300.0
"""Of one answer or one picture; slower than this the connection counts as cut."""


def phone_name(images: Path | str) -> str:
    """Return the name of a folder on a phone as it was given, "" for any other.

    A ``Path`` makes ``adb:\\sdcard\\DCIM`` of it on Windows; phones have no backslashes in names.
    """
    name = str(images)
    return name.replace("\\", "/") if name.startswith(PREFIX) else ""


def pull_pictures(images: Path | str, progress: ProgressCallback) -> Path:
    """Copy what is new or changed on the phone.

    Args:
        images: ``adb:`` and an absolute path on the phone.
        progress: called after each picture.
    Returns:
        The local folder with all that was ever copied from there.
    Raises:
        PhoneError: if there is no phone, or it is cut off; what was copied stays.
        OSError: if the copy cannot be written.
    """
    name = phone_name(images).removeprefix(PREFIX)
    path = "/" + name.strip("/")
    if not name.startswith("/") or path == "/":
        raise PhoneError(f"{images} names no folder on a phone: expected something like adb:/sdcard/DCIM/Camera.")
    _check_connection()
    folder = phone_folder(_adb("get-serialno").stdout.decode().strip(), path)
    stamps = _stamps_of_pictures(path, folder)
    missing = {file: stamp for file, stamp in stamps.items() if _stamp(folder / file) != stamp}
    log.info("%s pictures on the phone, %s of them new: %s", f"{len(stamps):,}", f"{len(missing):,}", folder)
    for number, (file, stamp) in enumerate(missing.items()):
        try:
            _pull(f"{path}/{file}", folder / file, stamp)
        except PhoneError as error:
            raise PhoneError(
                f"The connection to the phone was cut after {number:,} of {len(missing):,} new pictures: {error.what}",
                "Plug it in and run again; what was copied stays.",
            ) from error
        progress("Copying pictures from the phone", (number + 1) / len(missing))
    return folder


def _check_connection() -> None:
    """Make sure that adb reaches one phone; its own message says why it does not."""
    done = _adb("get-state")
    if done.stdout.strip() != b"device":
        raise PhoneError(
            f"The phone cannot be read: {_reason(done)}",
            "Plug in one phone, unlock it, tap 'Allow USB debugging', and check it with: adb devices",
        )


def _stamps_of_pictures(path: str, copies: Path) -> dict[str, tuple[int, int]]:
    """List pictures that are not hidden, in sub-folders too, with their size in bytes and time in whole seconds."""
    listing = f"cd {shlex.quote(path)} && find . -type f ! -path '*/.*' -exec stat -c '%s %Y %n' {{}} +"
    done = _adb("shell", listing)
    stamps = {}
    for line in os.fsdecode(done.stdout).split("\n"):
        size, _, rest = line.partition(" ")
        modified_s, _, file = rest.partition(" ./")
        is_number = (
            size.isdigit() and modified_s.lstrip("-").isdigit()
        )  # a name with line breaks makes up lines of its own
        if is_number and PurePosixPath(file).suffix.lower() in PICTURE_SUFFIXES and GalleryFolder(copies).holds(file):
            stamps[file] = (int(size), int(modified_s))
    if not stamps and not copies.is_dir():
        reason = _reason(done) if done.returncode else "nothing is there"
        raise PhoneError(f"The phone has no picture in {path}: {reason}", f"Check the folder: adb shell ls {path}")
    return stamps


def _stamp(local: Path) -> tuple[int, int] | None:
    """Size and time of a copy, as the phone tells them; None when there is none."""
    try:
        status = local.stat()
    except OSError:
        return None
    return status.st_size, int(status.st_mtime)


def _pull(remote: str, local: Path, stamp: tuple[int, int]) -> None:
    """Copy one picture; one that the phone does not give is left out."""
    local.parent.mkdir(parents=True, exist_ok=True)
    unfinished = local.with_name(f".copying-{os.getpid()}")
    try:
        done = _adb("pull", "-a", remote, os.fspath(unfinished))
        if _stamp(unfinished) == stamp:
            unfinished.replace(local)
        else:
            _check_connection()
            reason = _reason(done) if done.returncode else "it is not complete; it may have changed meanwhile"
            log.warning("left out: %s", one_line(f"{remote} on the phone: {reason}"))
    finally:
        unfinished.unlink(missing_ok=True)


def _adb(*command: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["adb", *command], stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_S, check=False
        )
    except FileNotFoundError as error:
        raise PhoneError(
            "adb is not installed: it copies pictures from a phone",
            "Install it: apt install adb, brew install android-platform-tools, or winget install Google.PlatformTools",
        ) from error
    except subprocess.TimeoutExpired as error:
        raise PhoneError(f"adb does not answer within {TIMEOUT_S:.0f} s", "Plug the phone in again.") from error


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    """What adb complained about first, or the answer that it gave instead."""
    lines = (done.stderr.strip() or done.stdout.strip()).decode("utf-8", "replace").splitlines()
    lines = [line for line in lines if not line.startswith("*")]  # such as: * daemon started successfully
    return lines[0].removeprefix("adb: ").removeprefix("error: ").rstrip(".") if lines else "no answer"
