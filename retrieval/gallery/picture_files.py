"""Read a file whole and know which state of it was read, whatever lies at the path."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from retrieval.values.errors import CatalogError, first_line

MAX_FILE_BYTES = 512 << 20
"""Larger files are not taken for pictures: they would fill the memory."""

CHANGES_TOLERATED = 3
"""A file that changes while it is read is read so many times again."""

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


@dataclass(frozen=True)
class LoadedFile:
    """A file's content.

    Attributes:
        data: all of it.
        size_bytes: of this content.
        modified_ns: time stamp that belongs to this content.
    """

    data: bytes
    size_bytes: int
    modified_ns: int


def kind_of(mode: int) -> str:
    """Say what a path leads to when it is no ordinary file, "" when it is one."""
    if stat.S_ISREG(mode):
        return ""
    return next((name for is_kind, name in _KINDS if is_kind(mode)), "no ordinary file")


def load_file(path: Path, label: str = "") -> LoadedFile:
    """Read a file; never waits for a pipe, a socket or a device.

    Args:
        path: of the file.
        label: how errors name it; the path when empty.
    Raises:
        CatalogError: if it is not there, no ordinary file, too large, not allowed, or changing all the time.
    """
    name = label or str(path)
    try:
        for _ in range(1 + CHANGES_TOLERATED):
            loaded = _load_once(path, name)
            if loaded is not None:
                return loaded
    except FileNotFoundError as error:
        raise CatalogError(f"{name} is not there", "Check the path.") from error
    except PermissionError as error:
        raise CatalogError(f"{name} may not be read: permission denied", "Change its permissions.") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) and error.strerror else first_line(error)
        raise CatalogError(f"{name} cannot be read: {reason}", "Replace or remove it.") from error
    raise CatalogError(f"{name} changes while it is read", "Run again when it is complete.")


def _load_once(path: Path, name: str) -> LoadedFile | None:
    """Read the file, None when it changed meanwhile."""
    kind = kind_of(path.stat().st_mode)  # before opening: opening a device may do something
    if kind:
        raise CatalogError(f"{name} is no picture: it is {kind}", "Replace or remove it.")
    with os.fdopen(os.open(path, _FLAGS), "rb", buffering=0) as stream:
        before = os.fstat(stream.fileno())
        if kind_of(before.st_mode):
            return None  # replaced since it was looked at
        if before.st_size > MAX_FILE_BYTES:
            raise CatalogError(
                f"{name} is too large: expected at most {MAX_FILE_BYTES:,} bytes, got {before.st_size:,}", "Shrink it."
            )
        data = b"".join(iter(lambda: stream.read(min(before.st_size + 1, 1 << 24)), b""))
        after = os.fstat(stream.fileno())
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns) and len(data) == after.st_size
    return LoadedFile(data, after.st_size, after.st_mtime_ns) if same else None
