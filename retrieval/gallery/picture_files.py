"""Read picture files whole, alone or in uncompressed ``.tar`` packs, and know which state of them was read."""

from __future__ import annotations

import logging
import os
import stat
import tarfile
from dataclasses import dataclass
from pathlib import Path

from retrieval.values.errors import CatalogError, first_line

log = logging.getLogger(__name__)

MAX_FILE_BYTES = 512 << 20
"""Larger files are not taken for pictures: they would fill the memory."""


@dataclass(frozen=True)
class LoadedFile:
    """A file's content.

    Attributes:
        name: how errors name it.
        data: all of it.
        size_bytes: of this content.
        modified_ns: time stamp that belongs to this content.
    """

    name: str
    data: bytes
    size_bytes: int
    modified_ns: int


@dataclass(frozen=True)
class PackedFile:
    """Where a member lies inside a pack, so that it is read by one seek."""

    pack: Path
    name: str
    offset: int
    size: int

    def __str__(self) -> str:
        return f"{self.pack}/{self.name}"


def kind_of(mode: int) -> str:
    """Say what a path leads to when it is no ordinary file, "" when it is one."""
    return "" if stat.S_ISREG(mode) else "a folder" if stat.S_ISDIR(mode) else "no ordinary file"


def load_file(path: Path, label: str = "") -> LoadedFile:
    """Read a file, which errors name by its label, or by its path; never waits for a pipe, a socket or a device.

    Raises:
        CatalogError: if it is not there, no ordinary file, too large, not allowed, or just being written.
    """
    name = label or str(path)
    try:
        kind = kind_of(path.stat().st_mode)  # before opening: opening a device may do something
        if kind:
            raise CatalogError(f"{name} is no picture: it is {kind}", "Replace or remove it.")
        with path.open("rb") as stream:
            before = os.fstat(stream.fileno())
            if before.st_size > MAX_FILE_BYTES:
                raise CatalogError(
                    f"{name} is too large: expected at most {MAX_FILE_BYTES:,} bytes, got {before.st_size:,}",
                    "Shrink it.",
                )
            data = stream.read()
            after = os.fstat(stream.fileno())
    except FileNotFoundError as error:
        raise CatalogError(f"{name} is not there", "Check the path.") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or first_line(error)
        raise CatalogError(f"{name} cannot be read: {reason}", "Replace or remove it.") from error
    if (before.st_size, before.st_mtime_ns) != (len(data), after.st_mtime_ns):
        raise CatalogError(f"{name} changes while it is read", "Run again when it is complete.")
    return LoadedFile(name, data, after.st_size, after.st_mtime_ns)


def find_members(root: Path) -> tuple[dict[str, PackedFile], list[tuple[str, str]]]:
    """Find the members of a folder's packs by name, and the packs that cannot be read, with the reason."""
    packed: dict[str, PackedFile] = {}
    broken: list[tuple[str, str]] = []
    for pack in sorted(root.glob("*.tar")):
        if pack.name.startswith(".") or not pack.is_file():  # such as macOS's ._pack.tar
            continue
        try:
            with tarfile.open(pack, "r:") as archive:
                for member in archive:
                    if member.isfile() and not member.issparse():
                        name = member.name.removeprefix("./")
                        packed[name] = PackedFile(pack, name, member.offset_data, member.size)
        except (tarfile.TarError, OSError, ValueError, OverflowError) as error:
            reason = f"the picture pack cannot be read: {first_line(error)}. Copy it again"
            log.warning("left out: %s: %s", pack, reason)
            broken.append((pack.name, reason))
    return packed, broken


def read_member(place: PackedFile) -> LoadedFile:
    """Read a member of a pack; its time stamp is the pack's.

    Raises:
        CatalogError: if the pack cannot be read.
    """
    try:
        with place.pack.open("rb") as pack:
            pack.seek(place.offset)
            return LoadedFile(str(place), pack.read(place.size), place.size, os.fstat(pack.fileno()).st_mtime_ns)
    except OSError as error:
        raise CatalogError(
            f"Picture pack {place.pack} cannot be read: {first_line(error)}", "Copy it again."
        ) from error
