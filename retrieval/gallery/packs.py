"""``.tar`` packs of pictures, read in place by one seek."""

from __future__ import annotations

import logging
import os
import tarfile
from dataclasses import dataclass
from pathlib import Path

from retrieval.gallery.listing import Skipped
from retrieval.gallery.picture_files import LoadedFile
from retrieval.values.errors import CatalogError, first_line

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PackedFile:
    """Where a member lies inside an uncompressed tar, so that it is read by one seek."""

    pack: Path
    offset: int
    size: int


def find_members(root: Path) -> tuple[dict[str, PackedFile], tuple[Skipped, ...]]:
    """Find the members of a folder's packs, and the packs that cannot be read."""
    packed: dict[str, PackedFile] = {}
    broken: list[Skipped] = []
    for pack in sorted(root.glob("*.tar")):
        if pack.name.startswith(".") or not is_file(pack):  # such as macOS's ._pack.tar
            continue
        try:
            with tarfile.open(pack, "r:") as archive:
                for member in archive:
                    if member.isfile() and not member.issparse():
                        packed[member.name.removeprefix("./")] = PackedFile(pack, member.offset_data, member.size)
        except (tarfile.TarError, OSError, ValueError, OverflowError) as error:
            reason = f"the picture pack cannot be read: {first_line(error)}. Copy it again"
            log.warning("left out: %s: %s", pack, reason)
            broken.append(Skipped(pack.name, reason))
    return packed, tuple(broken)


def without_packs(root: Path, skipped: tuple[Skipped, ...]) -> tuple[Skipped, ...]:
    """Leave out the folder's packs, whose members are looked at one by one."""
    return tuple(
        one for one in skipped if not (one.file.endswith(".tar") and "/" not in one.file and is_file(root / one.file))
    )


def read_member(place: PackedFile) -> LoadedFile:
    """Read a member of a pack; its time stamp is the pack's.

    Raises:
        CatalogError: if the pack cannot be read.
    """
    try:
        with place.pack.open("rb") as pack:
            modified_ns = os.fstat(pack.fileno()).st_mtime_ns
            pack.seek(place.offset)
            return LoadedFile(pack.read(place.size), place.size, modified_ns)
    except OSError as error:
        raise CatalogError(
            f"Picture pack {place.pack} cannot be read: {first_line(error)}", "Copy it again."
        ) from error


def is_file(path: Path) -> bool:
    """``Path.is_file`` that also takes names which no file can have (too long, a NUL)."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
