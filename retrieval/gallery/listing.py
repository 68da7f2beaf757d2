"""Walk a folder of pictures: what is taken, and why everything else is not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from retrieval.gallery.picture_files import kind_of
from retrieval.values.errors import first_line

OTHER_PICTURES = {
    ".heic": "HEIC pictures cannot be read; save them as JPEG",
    ".heif": "HEIF pictures cannot be read; save them as JPEG",
    ".avif": "AVIF pictures cannot be read; save them as JPEG",
    ".svg": "SVG drawings cannot be read; save them as PNG",
}


@dataclass(frozen=True)
class Skipped:
    """Something in the folder that is not taken, and why; ``file`` is relative to the folder."""

    file: str
    reason: str


@dataclass(frozen=True)
class Listing:
    """What a folder holds.

    Attributes:
        files: paths of pictures relative to the folder, with slashes, sorted.
        skipped: everything else, sorted.
    """

    files: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def list_folder(root: Path, suffixes: frozenset[str]) -> Listing:
    """List a folder and its sub-folders.

    Links to files are followed, links to folders are not, so that no loop can arise. Hidden files and folders are
    passed over, a hidden folder as one.

    Args:
        root: the folder.
        suffixes: of the pictures that are taken, lower case.
    """
    files: list[str] = []
    skipped: list[Skipped] = []
    for file, reason in _walk(root, "", suffixes):
        if reason:
            skipped.append(Skipped(file, reason))
        else:
            files.append(file)
    return Listing(tuple(sorted(files)), tuple(sorted(skipped, key=lambda one: one.file)))


def _walk(root: Path, start: str, suffixes: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield each file with the reason why it is not taken, "" for pictures."""
    folders = [start]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(root / folder) as entries:
                for entry in entries:
                    file = f"{folder}/{entry.name}" if folder else entry.name
                    if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                        folders.append(file)
                        if PurePosixPath(file).suffix.lower() in suffixes:
                            yield file, "a folder with a picture's name; the pictures in it are taken"
                    else:
                        yield file, _reason_against(entry, suffixes)
        except OSError as error:
            yield folder or ".", f"the folder cannot be read: {error.strerror or first_line(error)}"


def _reason_against(entry: os.DirEntry[str], suffixes: frozenset[str]) -> str:
    suffix = PurePosixPath(entry.name).suffix.lower()
    if entry.name.startswith("."):
        return "hidden"
    try:
        kind = kind_of(entry.stat().st_mode)
    except FileNotFoundError:
        return "a link to nothing" if entry.is_symlink() else "it is gone"
    except OSError as error:
        return f"it cannot be looked at: {error.strerror or first_line(error)}"
    if kind:
        return f"a link to {kind}" if entry.is_symlink() else kind
    if suffix in suffixes:
        return ""
    return OTHER_PICTURES.get(suffix, f"no picture by its name ({suffix or 'no suffix'})")
