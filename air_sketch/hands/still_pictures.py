"""Finds and reads still pictures: files, folders and .tar packs."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from air_sketch.values.datatypes import UInt8Array
from air_sketch.values.errors import CameraError

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})
MAX_SIDE_PX = 1600
"""Larger photos are reduced; the networks look at 192 and 224 pixels anyway."""


@dataclass(frozen=True)
class Picture:
    """One picture: its name as given, and its pixels (None when it cannot be read)."""

    name: str
    image_bgr: UInt8Array | None


def read_pictures(paths: Iterable[Path]) -> Iterator[Picture]:
    """Yield every picture named, those in folders (sorted, with subfolders) and those in ``.tar`` packs.

    Raises:
        CameraError: if a path does not exist, or a folder or pack holds no picture.
    """
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in PICTURE_SUFFIXES and p.is_file())
            if not inside:
                raise CameraError(f"{path}: no pictures inside", f"Expected {', '.join(sorted(PICTURE_SUFFIXES))}.")
            yield from (Picture(str(p), _read_file(p)) for p in inside)
        elif not path.exists():
            raise CameraError(f"{path}: no such file", "Name pictures, folders of them or .tar packs.")
        elif path.suffix.lower() == ".tar":
            yield from _read_pack(path)
        else:
            yield Picture(str(path), _read_file(path))


def _read_pack(path: Path) -> Iterator[Picture]:
    try:
        with tarfile.open(path) as pack:
            for member in pack:
                if member.isfile() and Path(member.name).suffix.lower() in PICTURE_SUFFIXES:
                    content = pack.extractfile(member)
                    data = b"" if content is None else content.read()
                    yield Picture(f"{path}/{member.name}", decode_picture(data))
    except (tarfile.TarError, OSError) as error:
        raise CameraError(f"{path}: not a readable .tar pack ({error}).") from None


def _read_file(path: Path) -> UInt8Array | None:
    try:
        return decode_picture(path.read_bytes())
    except OSError:
        return None


def decode_picture(data: bytes) -> UInt8Array | None:
    """Decode a picture to BGR, turned upright by its EXIF tag and reduced to a sensible size."""
    if not data:
        return None
    image = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        return None
    longest = max(image.shape[:2])
    if longest > MAX_SIDE_PX:
        scale = MAX_SIDE_PX / longest
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(image, dtype=np.uint8)
