"""Read picture files whole, from inside a gallery's folder only, and know which state of them was read."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from retrieval.files import FOLLOW_LINKS_VARIABLE, open_regular
from retrieval.values.errors import CatalogError, first_line

MAX_FILE_BYTES = 512 << 20
"""Larger files are not taken for pictures: they would fill the memory."""

OUTSIDE = "it leads outside the gallery; --follow-links takes it, too"


@dataclass(frozen=True)
class LoadedFile:
    """A file's content.

    Attributes:
        name: how errors name it.
        data: all of it.
        size_bytes: of this content.
        modified_ns: time stamp that belongs to this content.
        identity: of the file, see ``identity_of``.
    """

    name: str
    data: bytes
    size_bytes: int
    modified_ns: int
    identity: str = ""


@dataclass(frozen=True)
class GalleryFolder:
    """A folder of pictures, and what counts as lying in it: a gallery may be somebody else's.

    Attributes:
        root: the folder.
        follow_links: whether what links and paths name elsewhere is taken, too.
    """

    root: Path
    follow_links: bool = field(default_factory=lambda: bool(os.environ.get(FOLLOW_LINKS_VARIABLE)))

    @cached_property
    def _starts(self) -> tuple[str, str]:
        """How paths of files in the folder start: as it is named, and as it really lies."""
        named, real = (os.path.normcase(place(self.root)) for place in (os.path.abspath, os.path.realpath))
        return named.rstrip(os.sep) + os.sep, real.rstrip(os.sep) + os.sep

    def holds(self, file: str) -> bool:
        """Whether a path leads into the folder by its letters alone; nothing is looked at, a path may name a server."""
        return "\0" not in file and os.path.normcase(self._path(file)).startswith(self._starts)

    def resolve(self, file: str, realpath: Callable[[str], str] = os.path.realpath) -> Path:
        """Find where a file really lies.

        Args:
            file: relative to the folder, or absolute.
            realpath: of folders; one that remembers is faster.
        Raises:
            CatalogError: if that is outside the folder.
        """
        path = self._path(file)
        if not self.follow_links:
            if not self.holds(file):
                raise CatalogError(f"{file}: {OUTSIDE}")
            folder, name = os.path.split(path)
            path = os.path.join(realpath(folder), name)
            if os.path.islink(path):
                path = os.path.realpath(path)
            if not os.path.normcase(path).startswith(self._starts[1]):
                raise CatalogError(f"{file}: {OUTSIDE}")
        return Path(path)

    def _path(self, file: str) -> str:
        return os.path.abspath(os.path.join(self.root, file))


def identity_of(status: os.stat_result) -> str:
    """Tell a file from another one, and from its own earlier state, though size and time are the same."""
    return f"{status.st_ino:x}-{status.st_ctime_ns:x}"


def load_file(path: Path, label: str = "", offset: int = 0, size: int | None = None) -> LoadedFile:
    """Read a file or a part of it; never waits for a pipe, a socket or a device.

    Args:
        path: of the file.
        label: how errors name it; the path when empty.
        offset: where the part begins.
        size: of the part, in bytes; None for all that is there.
    Raises:
        CatalogError: if it is not there, no ordinary file, too large, not allowed, or just being written.
    """
    name = label or str(path)
    try:
        with open_regular(path) as stream:
            before = os.fstat(stream.fileno())
            size = before.st_size - offset if size is None else size
            if size > MAX_FILE_BYTES:
                raise CatalogError(
                    f"{name} is too large: expected at most {MAX_FILE_BYTES:,} bytes, got {size:,}", "Shrink it."
                )
            stream.seek(offset)
            data = stream.read(size) if offset + size <= before.st_size else b""
            after = os.fstat(stream.fileno())
    except FileNotFoundError as error:
        raise CatalogError(f"{name} is not there", "Check the path.") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or first_line(error)
        raise CatalogError(f"{name} cannot be read: {reason}", "Replace or remove it.") from error
    if (size, before.st_mtime_ns) != (len(data or b""), after.st_mtime_ns):
        raise CatalogError(f"{name} changes while it is read", "Run again when it is complete.")
    return LoadedFile(name, data, size, after.st_mtime_ns, identity_of(after))
