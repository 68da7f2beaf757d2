"""Files: written whole or not at all, locked, and where they may lie."""

from __future__ import annotations

import contextlib
import errno
import multiprocessing.util
import os
import secrets
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO

from air_sketch.values.errors import RecordingError, StorageError

_PACKAGE = Path(__file__).resolve().parent
IS_INSTALLED = (_PACKAGE / "shipped").is_dir()
"""Whether this is an installed wheel (see ``setup.py``) and no checkout; nothing is written beside its code."""

COMMAND = "air-sketch" if IS_INSTALLED else "python main.py"
_FAR_BYTE = 1 << 30  # Windows locks bytes against reading, so one beyond any content is locked


def shipped(name: str) -> Path:
    """Return where a file or folder lies that comes with the program, such as ``samples``."""
    return (_PACKAGE / "shipped" if IS_INSTALLED else _PACKAGE.parent) / name


def how_to_restore(name: str) -> str:
    """Say how a shipped file or folder that is damaged or gone comes back."""
    return "Install Air Sketch again" if IS_INSTALLED else f"git checkout {name}"


def find_source(name: str) -> str:
    """Return the file that a source names: ``sample:dress`` is a shipped recording; any other name is left as it is.

    Raises:
        RecordingError: if there is no such recording.
    """
    if not name.startswith("sample:"):
        return name
    known = {f"sample:{path.stem}": str(path) for path in sorted(shipped("samples").glob("*.jsonl"))}
    if name not in known:
        raise RecordingError(f"{name}: no such recording: expected one of {', '.join(known)}")
    return known[name]


def why_not_writable(folder: Path) -> str:
    """Return why a file cannot be made in a folder, "" when it can.

    A folder that does not exist is judged by the nearest one above it that does; nothing is left behind.
    """
    existing = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def open_regular(path: Path) -> BinaryIO:
    """Open a file to read it.

    Raises:
        OSError: if it cannot be, or is a pipe or a device, which may never end.
    """
    wait_for_nobody = getattr(os, "O_NONBLOCK", 0)
    file = open(path, "rb", opener=lambda name, flags: os.open(name, flags | wait_for_nobody))  # noqa: SIM115
    if not is_regular(file.fileno()):
        file.close()
        raise OSError(errno.EINVAL, "it is no regular file")
    return file


def is_regular(handle: int) -> bool:
    """Whether an open file is one, and no pipe or device."""
    return stat.S_ISREG(os.fstat(handle).st_mode)


def lock_file(handle: int) -> bool:
    """Lock an open file until it is closed; False when another process has it, or the file system has no locks."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, _FAR_BYTE, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file through a temporary one beside it, so that it is whole or absent.

    Raises:
        StorageError: if the folder cannot be made or written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise cannot_save(path, error) from None


def cannot_save(path: Path, error: OSError) -> StorageError:
    """Return the error that says so."""
    reason = error.strerror or str(error)
    return StorageError(f"{path}: cannot be saved ({reason})", "Choose a folder that can be written.")


def isolate_children() -> None:
    """Let Python start processes of its own (multiprocessing's, its resource tracker) with ``-I``.

    Without it they look for modules in the working directory first, which may be a stranger's gallery. The parent's
    ``sys.path`` is handed on to them all the same.
    """
    flags = subprocess._args_from_interpreter_flags  # type: ignore[attr-defined]
    multiprocessing.util._args_from_interpreter_flags = lambda: ["-I", *flags()]  # type: ignore[attr-defined]


def user_settings_folder() -> Path:
    """Return the folder for what a person has set, by the platform's custom."""
    from platformdirs import user_config_path  # late: the doctor tells when it is missing

    return user_config_path("air-sketch", appauthor=False, roaming=True)
