"""Pictures for ``recognize``: files, folders and packs are walked and decoded as those of galleries are."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.gallery.listing import list_folder
from retrieval.gallery.lists.names import is_picture_name
from retrieval.gallery.packs import members_of
from retrieval.gallery.picture_files import GalleryFolder, load_file
from retrieval.gallery.pictures import read_picture
from retrieval.values.errors import CatalogError

if TYPE_CHECKING:
    from air_sketch.values.datatypes import UInt8Array

log = logging.getLogger(__name__)

Part = tuple[Path, int, "int | None"]
"""A file, or of a pack the first byte and the number of bytes."""


def read_pictures(paths: Iterable[Path], max_side_px: int) -> Iterator[tuple[str, UInt8Array | str]]:
    """Read every picture named, those in folders and in ``.tar`` packs, too; what has no picture's name is counted.

    Yields:
        Its name, and its pixels, uint8 (H, W, 3) BGR, or why there are none.
    """
    for path in paths:
        passed_over: list[str] = []
        try:
            for name, part in _parts_of(path, passed_over):
                yield name, part if isinstance(part, str) else _read(name, part, max_side_px)
        except (CatalogError, OSError) as error:
            yield str(path), str(error) if isinstance(error, CatalogError) else f"it cannot be read: {error.strerror}"
        if passed_over:
            log.info("%s: %s passed over, such as %s", path, f"{len(passed_over):,}", passed_over[0])


def _read(name: str, part: Part, max_side_px: int) -> UInt8Array | str:
    file, offset, size = part
    try:
        picture_rgb = read_picture(load_file(file, name, offset, size).data, name, max_side_px)
    except CatalogError as error:
        return str(error)
    return np.ascontiguousarray(picture_rgb[:, :, ::-1])


def _parts_of(path: Path, passed_over: list[str]) -> Iterator[tuple[str, Part | str]]:
    """Where the pictures of a path lie, by name, or why one cannot be read."""
    if path.is_dir():
        place = GalleryFolder(path)
        files, others = list_folder(place)
        passed_over += [f"{file} ({reason})" for file, reason in others]
        if not files:
            raise CatalogError(f"{path} holds no pictures", "Name another folder.")
        yield from ((str(path / file), (place.resolve(file), 0, None)) for file in files)
    elif path.suffix.lower() == ".tar":
        for member, reason in members_of(path, path):
            is_hidden = "/." in f"/{member.name}"
            if member.name and (is_hidden or not is_picture_name(member.name)):
                passed_over.append(f"{member.name} ({'hidden' if is_hidden else 'no picture by its name'})")
            else:
                yield str(member), reason or (path, member.offset, member.size)
    else:
        yield str(path), (path, 0, None)
