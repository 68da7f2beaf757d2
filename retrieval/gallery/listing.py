"""Walk a folder of pictures: what is taken, and why everything else is not."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from retrieval.gallery.picture_files import kind_of
from retrieval.gallery.pictures import PICTURE_SUFFIXES

OTHER_PICTURES = frozenset({".heic", ".heif", ".avif", ".svg"})

Skipped = tuple[str, str]
"""Something in a folder that is not taken, relative to the folder, and why."""


def list_folder(root: Path) -> tuple[list[str], list[Skipped]]:
    """List a folder and its sub-folders: pictures, with slashes, and everything else; both sorted.

    Links to files are followed, links to folders are not, so that no loop can arise. Hidden files and folders are
    passed over, a hidden folder as one.
    """
    files: list[str] = []
    skipped: list[Skipped] = []
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(root / folder) as entries:
                for entry in entries:
                    file = folder + entry.name
                    if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                        folders.append(f"{file}/")
                    elif reason := _reason_against(entry):
                        skipped.append((file, reason))
                    else:
                        files.append(file)
        except OSError as error:
            skipped.append((folder.rstrip("/") or ".", f"the folder cannot be read: {error.strerror}"))
    return sorted(files), sorted(skipped)


def _reason_against(entry: os.DirEntry[str]) -> str:
    suffix = PurePosixPath(entry.name).suffix.lower()
    if entry.name.startswith("."):
        return "hidden"
    try:
        kind = kind_of(entry.stat().st_mode)
    except OSError as error:
        return f"it cannot be looked at: {error.strerror}"
    if kind:
        return f"a link to {kind}" if entry.is_symlink() else kind
    if suffix in OTHER_PICTURES:
        return f"{suffix} pictures cannot be read; save them as JPEG"
    return "" if suffix in PICTURE_SUFFIXES else f"no picture by its name ({suffix or 'no suffix'})"
