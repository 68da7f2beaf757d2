"""The members of uncompressed ``.tar`` packs, found by their headers alone; nothing that a header says is believed."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from retrieval.files import kind_of, open_regular
from retrieval.gallery.picture_files import GalleryFolder
from retrieval.values.errors import CatalogError, first_line

BLOCK = tarfile.BLOCKSIZE
MAX_MEMBERS = 1_000_000
MAX_EXTENSION_BYTES = 1 << 20
"""Of a long name or a member's attributes; a member with larger ones is passed over."""

MAX_LOST_BLOCKS = 1 << 20
"""How far behind damage the next header is looked for: 512 MiB."""

LONG_NAME, ATTRIBUTES = (tarfile.GNUTYPE_LONGNAME,), (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)
WITHOUT_CONTENT = (b"1", b"2", b"3", b"4", b"5", b"6")  # links, devices, folders, pipes
EXTENSIONS = (*LONG_NAME, *ATTRIBUTES, tarfile.GNUTYPE_LONGLINK, tarfile.XGLTYPE)


@dataclass(frozen=True, slots=True)
class PackedFile:
    """Where a member lies inside a pack, so that it is read by one seek."""

    pack: Path
    name: str
    offset: int
    size: int

    def __str__(self) -> str:
        return f"{self.pack}/{self.name}"


@dataclass(frozen=True)
class Packs:
    """What the packs of a folder hold.

    Attributes:
        members: by the name that they have as pictures of the gallery: their own, or ``<pack>/<name>`` in a pack in a
            sub-folder and where several packs have a member of that name.
        skipped: packs and members that are not taken, with the reason.
        shared: names that several packs have, and the member that was taken for them by earlier versions.
    """

    members: dict[str, PackedFile]
    skipped: list[tuple[str, str]]
    shared: dict[str, PackedFile]


def find_members(folder: GalleryFolder) -> Packs:
    """Find the members of a folder's packs, in sub-folders too.

    Of several members of a pack with one name the last is taken, as by ``tar`` itself.
    """
    packed: dict[str, PackedFile] = {}
    skipped: list[tuple[str, str]] = []
    shared: dict[str, PackedFile] = {}
    for pack in _packs_in(folder):
        place = folder.root / pack
        try:
            if kind_of(place.stat().st_mode):
                continue
            for member, reason in members_of(folder.resolve(pack), place):
                if len(packed) >= MAX_MEMBERS:
                    raise CatalogError(f"expected at most {MAX_MEMBERS:,} members in all packs, got more")
                if reason or not folder.holds(member.name):
                    name = f"{pack}/{member.name}".rstrip("/")
                    skipped.append((name, reason or "its name leads outside the gallery"))
                    continue
                name = member.name
                if (other := packed.get(name)) is not None and other.pack != place and "/" not in pack:
                    shared[name] = other
                if "/" in pack or name in shared:
                    name = f"{pack}/{name}"
                if name in packed:
                    skipped.append((f"{pack}/{member.name}", f"{pack} holds a later one"))
                packed[name] = member
                if member.name in shared:
                    shared[member.name] = member
        except (CatalogError, OSError, ValueError) as error:
            reason = error.what if isinstance(error, CatalogError) else first_line(error)
            skipped.append((pack, f"the picture pack cannot be read: {reason}. Copy it again"))
    for name in shared:
        first = packed.pop(name)
        packed[f"{first.pack.name}/{name}"] = first
    return Packs(packed, skipped, shared)


def _packs_in(folder: GalleryFolder) -> Iterator[str]:
    """Name the packs of a folder and its sub-folders, but for hidden ones such as macOS's ``._pack.tar``."""
    known: set[str] = set()
    for place, folders, files in os.walk(folder.root, followlinks=folder.follow_links):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if folder.follow_links:
            real = os.path.realpath(place)
            if real in known:
                folders.clear()
                continue
            known.add(real)
        for name in sorted(files):
            if name.endswith(".tar") and not name.startswith("."):
                yield Path(place, name).relative_to(folder.root).as_posix()


def members_of(file: Path, pack: Path) -> Iterator[tuple[PackedFile, str]]:
    """Walk over all of a pack but its folders, each with the reason why it cannot be read, "" for none.

    Damage has no name; the walk goes on at the next header behind it.

    Args:
        file: the pack.
        pack: how it is called.
    Raises:
        CatalogError: if it does not begin as a pack does.
        OSError: if it cannot be read.
    """
    with open_regular(file) as stream:
        end = stream.seek(0, 2)
        if end < BLOCK:
            raise CatalogError("it is empty")
        at, lost, long_name, attributes = 0, 0, "", dict[str, str]()
        while at + BLOCK <= end and lost <= MAX_LOST_BLOCKS:
            stream.seek(at)
            block = stream.read(BLOCK)
            at += BLOCK
            header = _header(block)
            if header is None:
                if at == BLOCK:
                    raise CatalogError("it does not begin as a .tar does")
                if not lost:
                    if not any(block):
                        return  # the pack's end
                    yield PackedFile(pack, "", at, 0), "a part of the picture pack is damaged. Copy it again"
                lost += 1
                continue
            at += _further_map_bytes(stream, header, block)
            size, room = _size(header, attributes), end - at
            fits = 0 <= size <= room
            lost = 0 if fits else 1  # what follows is already told
            following = at + -(-size // BLOCK) * BLOCK if fits else at
            if header.type in EXTENSIONS and fits and size <= MAX_EXTENSION_BYTES:
                content = stream.read(size)
                if header.type in LONG_NAME:
                    long_name = content.partition(b"\0")[0].decode("utf-8", "surrogateescape")
                elif header.type in ATTRIBUTES:
                    attributes = _attributes(content)
                at = following
                continue
            name = (attributes.get("path") or long_name or header.name).removeprefix("./")
            reason = _reason_against(header, size, room, attributes)
            if reason or not header.isdir():
                yield PackedFile(pack, name, at, size), reason
            at, long_name, attributes = following, "", {}


def _reason_against(header: tarfile.TarInfo, size: int, room: int, attributes: dict[str, str]) -> str:
    """Why a member cannot be read, "" for none."""
    if not 0 <= size <= room:
        return f"expected a size of at most {room:,} bytes, the rest of the picture pack, got {size:,}. Copy it again"
    if header.type in EXTENSIONS:
        return f"expected a name and attributes of at most {MAX_EXTENSION_BYTES:,} bytes, got {size:,}"
    is_plain = header.isreg() and header.type != tarfile.GNUTYPE_SPARSE and "sparse" not in attributes
    return "" if is_plain or header.isdir() else "no ordinary file"


def _header(block: bytes) -> tarfile.TarInfo | None:
    try:
        return tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError, OverflowError):
        return None


def _size(header: tarfile.TarInfo, attributes: dict[str, str]) -> int:
    if header.type in WITHOUT_CONTENT:
        return 0
    given = attributes.get("size", "") if header.type not in EXTENSIONS else ""
    return int(given[:20]) if given.isdecimal() else header.size


def _further_map_bytes(stream: BinaryIO, header: tarfile.TarInfo, block: bytes) -> int:
    """How long the rest of a sparse file's map is, which stands before its content."""
    length, more = 0, block[482:483] if header.type == tarfile.GNUTYPE_SPARSE else b""
    while more > b"\0":
        more, length = stream.read(BLOCK)[504:505], length + BLOCK
    return length


def _attributes(content: bytes) -> dict[str, str]:
    """The attributes of a member that matter here, of lines such as ``18 path=dress.png``."""
    found: dict[str, str] = {}
    at = 0
    while (space := content.find(b" ", at, at + 9)) > at and content[at:space].isdigit():
        end = at + int(content[at:space])
        if not space < end <= len(content):
            break
        key, _, value = content[space + 1 : end - 1].partition(b"=")
        key = b"sparse" if key.startswith(b"GNU.sparse.") else key
        if key in {b"path", b"size", b"sparse"}:
            found[key.decode()] = value.decode("utf-8", "surrogateescape")
        at = end
    return found
