"""Copy new pictures from a phone over the system's ``adb`` (``--images adb:/sdcard/DCIM/Camera``).

Each picture is copied under another name and renamed when it is complete, so a cut connection leaves whole pictures
only. What is deleted on the phone stays in the copy.
"""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path, PurePosixPath

from retrieval.files import phone_folder
from retrieval.gallery.phone.adb import Adb, RemoteFile
from retrieval.gallery.pictures import PICTURE_SUFFIXES
from retrieval.values.datatypes import ProgressCallback
from retrieval.values.errors import PhoneError, first_line

log = logging.getLogger(__name__)

PREFIX = "adb:"
UNFINISHED = ".copying"
SIZE_MODULUS = 1 << 32
"""The phone tells sizes in 32 bits."""


def is_phone(images: str) -> bool:
    """Whether a gallery lies on a phone."""
    return images.startswith(PREFIX)


def pull_pictures(images: str, progress: ProgressCallback) -> Path:
    """Copy what is new or changed on the phone.

    Args:
        images: ``adb:`` and an absolute path on the phone.
        progress: called after each picture.
    Returns:
        The local folder with all that was ever copied from there.
    Raises:
        PhoneError: if there is no phone, or it is cut off; what was copied stays.
    """
    path = "/" + images.removeprefix(PREFIX).strip("/")
    if not images.removeprefix(PREFIX).startswith("/") or path == "/":
        raise PhoneError(f"{images} names no folder on a phone: expected something like adb:/sdcard/DCIM/Camera.")
    adb = Adb.connect()
    folder = phone_folder(adb.serial, path)
    remote = [file for file in adb.files_under(path) if is_wanted(file.path)]
    missing = [file for file in remote if not is_copied(file, folder / file.path)]
    log.info("%s pictures on the phone, %s of them new: %s", f"{len(remote):,}", f"{len(missing):,}", folder)
    done = 0
    for number, file in enumerate(missing, 1):
        try:
            done += _pull(adb, path, file, folder)
        except PhoneError as error:
            raise PhoneError(
                f"The connection to phone {adb.serial} was cut after {done:,} of {len(missing):,} new pictures: "
                + str(error).rstrip("."),
                "Plug it in and run again; what was copied stays.",
            ) from error
        progress("Copying pictures from the phone", number / len(missing))
    if not remote and not any(folder.glob("*")):
        raise PhoneError(f"Phone {adb.serial} has no picture in {path}", f"Check the folder: adb shell ls {path}")
    return folder


def is_wanted(file: str) -> bool:
    """Whether a file on the phone is a picture that is not hidden."""
    place = PurePosixPath(file)
    return place.suffix.lower() in PICTURE_SUFFIXES and not any(part.startswith(".") for part in place.parts)


def is_copied(file: RemoteFile, local: Path) -> bool:
    """Whether this very state of a file has been copied completely."""
    try:
        status = local.stat()
    except OSError:
        return False
    return status.st_size % SIZE_MODULUS == file.size_bytes and int(status.st_mtime) == file.modified_s


def _pull(adb: Adb, path: str, file: RemoteFile, folder: Path) -> bool:
    """Copy one picture; False when the phone does not give it."""
    local = folder / file.path
    unfinished = local.with_name(f"{UNFINISHED}-{os.getpid()}")
    try:
        local.parent.mkdir(parents=True, exist_ok=True)
        refusal = adb.pull(f"{path}/{file.path}", unfinished, file.size_bytes)
        if not refusal and unfinished.stat().st_size % SIZE_MODULUS != file.size_bytes:
            refusal = "it is not complete; it may have changed meanwhile"
        if refusal:
            log.warning("left out: %s on the phone: %s", file.path, refusal)
            return False
        os.utime(unfinished, (file.modified_s, file.modified_s))
        unfinished.replace(local)
        return True
    except OSError as error:
        _say_when_full(folder)
        log.warning("left out: %s on the phone: %s", file.path, error.strerror or first_line(error))
        return False
    finally:
        unfinished.unlink(missing_ok=True)


def _say_when_full(folder: Path) -> None:
    if folder.is_dir() and shutil.disk_usage(folder).free < 1 << 20:
        raise PhoneError(f"the disk is full ({folder})")
