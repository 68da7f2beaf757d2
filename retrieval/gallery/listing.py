"""Walk a folder of pictures: what is taken, and why everything else is not."""

from __future__ import annotations

import errno
import os
from pathlib import PurePosixPath

from retrieval.files import kind_of
from retrieval.gallery.picture_files import OUTSIDE, GalleryFolder
from retrieval.gallery.pictures import PICTURE_SUFFIXES
from retrieval.values.errors import CatalogError

OTHER_PICTURES = frozenset({".svg", ".jxl", ".jp2", ".dng", ".psd"})

MAX_ENTRIES = 2_000_000

Skipped = tuple[str, str]
"""Something in a folder that is not taken, relative to the folder, and why."""


def list_folder(place: GalleryFolder) -> tuple[list[str], list[Skipped]]:
    """List a folder and its sub-folders: pictures, with slashes, and everything else; both sorted.

    Links to files inside are followed, links to folders only where the person allows it, each folder once. Hidden
    files and folders are passed over, a hidden folder as one.
    """
    files: list[str] = []
    skipped: list[Skipped] = []
    folders = [""]
    known: set[tuple[int, int]] = set()
    while folders:
        folder = folders.pop()
        try:
            if place.follow_links:
                status = os.stat(place.root / folder)
                if (status.st_dev, status.st_ino) in known:
                    skipped.append((folder.rstrip("/"), "a link to a folder that is listed already"))
                    continue
                known.add((status.st_dev, status.st_ino))
            with os.scandir(place.root / folder) as entries:
                for entry in entries:
                    if len(files) + len(skipped) >= MAX_ENTRIES:
                        raise OSError(errno.E2BIG, f"expected at most {MAX_ENTRIES:,} files in all, got more")
                    file = folder + entry.name
                    if entry.is_dir(follow_symlinks=place.follow_links) and not entry.name.startswith("."):
                        folders.append(f"{file}/")
                    elif reason := _reason_against(entry, file, place):
                        skipped.append((file, reason))
                    else:
                        files.append(file)
        except OSError as error:
            skipped.append((folder.rstrip("/") or ".", f"the folder cannot be read: {error.strerror}"))
    return sorted(files), sorted(skipped)


def _reason_against(entry: os.DirEntry[str], file: str, place: GalleryFolder) -> str:
    suffix = PurePosixPath(entry.name).suffix.lower()
    if entry.name.startswith("."):
        return "hidden"
    try:
        kind = kind_of(entry.stat().st_mode)
        if suffix in PICTURE_SUFFIXES and not kind and entry.is_symlink():
            place.resolve(file)
    except OSError as error:
        return f"it cannot be looked at: {error.strerror}"
    except CatalogError:
        return OUTSIDE
    if kind:
        return f"a link to {kind}" if entry.is_symlink() else kind
    if suffix in OTHER_PICTURES:
        return f"{suffix} pictures cannot be read; save them as JPEG"
    return "" if suffix in PICTURE_SUFFIXES else f"no picture by its name ({suffix or 'no suffix'})"
