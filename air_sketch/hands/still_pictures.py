"""Still pictures: files, folders and .tar packs of them, and the hand in one picture."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np

from air_sketch.hands.tracker import Landmarker
from air_sketch.values.datatypes import UInt8Array
from air_sketch.values.errors import CameraError
from air_sketch.values.hand import HandObservation

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})
MAX_SIDE_PX = 1600
"""Larger photos are reduced; the networks look at 192 and 224 pixels anyway."""

MAX_PICTURE_BYTES = 1 << 29
MAX_NAME_BYTES = 1 << 12


def read_pictures(paths: Iterable[Path]) -> Iterator[tuple[str, UInt8Array | None]]:
    """Yield name and pixels (None when unreadable) of every picture named, those in folders and in ``.tar`` packs too.

    Raises:
        CameraError: if a path does not exist, a folder holds no picture, or a pack cannot be read.
    """
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in PICTURE_SUFFIXES and p.is_file())
            if not inside:
                raise CameraError(f"{path}: no pictures inside", f"Expected {', '.join(sorted(PICTURE_SUFFIXES))}.")
            yield from ((str(p), _read_file(p)) for p in inside)
        elif not path.is_file():  # a pipe or a device would keep the reader waiting
            raise CameraError(f"{path}: no such file", "Name pictures, folders of them or .tar packs.")
        elif path.suffix.lower() == ".tar":
            yield from _read_pack(path)
        else:
            yield str(path), _read_file(path)


def _read_pack(path: Path) -> Iterator[tuple[str, UInt8Array | None]]:
    """Walk a pack header by header; each is held against the file before it is believed."""
    size, long_name = path.stat().st_size, ""
    with path.open("rb") as pack:
        while (header := pack.read(tarfile.BLOCKSIZE)).strip(b"\0"):
            try:
                member = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
            except tarfile.TarError as error:
                raise CameraError(f"{path}: not a readable .tar pack ({error}).") from None
            start = pack.tell()
            if not 0 <= member.size <= min(size - start, MAX_PICTURE_BYTES):
                raise CameraError(f"{path}: damaged at byte {start}: a member of {member.size} bytes.")
            name, long_name = long_name or member.name, ""
            if member.type in (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE):
                said = pack.read(min(member.size, MAX_NAME_BYTES))
                if member.type == tarfile.XHDTYPE:
                    said = b"".join(re.findall(rb" path=([^\n]+)\n", said)[:1])
                long_name = said.rstrip(b"\0").decode("utf-8", "surrogateescape")
            elif member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and Path(name).suffix.lower() in PICTURE_SUFFIXES:
                yield f"{path}/{name}", decode_picture(pack.read(member.size))
            pack.seek(start + -(-member.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE)


def _read_file(path: Path) -> UInt8Array | None:
    try:
        return decode_picture(path.read_bytes())
    except OSError:
        return None


def decode_picture(data: bytes) -> UInt8Array | None:
    """Decode a picture to BGR, turned upright by its EXIF tag and reduced to a sensible size."""
    try:
        image = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR) if data else None
    except cv2.error:  # more pixels than OpenCV takes
        return None
    if image is None:
        return None
    scale = MAX_SIDE_PX / max(image.shape[:2])
    if scale < 1.0:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(image, dtype=np.uint8)


def find_hand(landmarker: Landmarker, image_bgr: UInt8Array) -> HandObservation | None:
    """Return the hand as the first view shows it that does; its fingers are stretched as far in every view."""
    looks = (landmarker.look(view_bgr, mirrored=False) for view_bgr in views(image_bgr))
    return next(filter(None, looks), None)


def views(image_bgr: UInt8Array) -> Iterator[UInt8Array]:
    """Yield the picture itself, then views that show a missed hand better.

    Mirrored: the palm detector is not symmetric. A grey margin: hands that are large or cut by the edge. A blur:
    noisy or dark pictures. Zooms: small hands far away.
    """
    yield image_bgr
    yield image_bgr[:, ::-1]
    height_px, width_px = image_bgr.shape[:2]
    margin_px = max(height_px, width_px) // 2
    margins = ((margin_px, margin_px), (margin_px, margin_px), (0, 0))
    yield np.pad(image_bgr, margins, constant_values=127)
    yield np.asarray(cv2.GaussianBlur(image_bgr, (5, 5), 0), np.uint8)
    for left, top in ((0.35, 0.0), (0.0, 0.0), (0.2, 0.2)):
        x_px, y_px = int(left * width_px), int(top * height_px)
        part = image_bgr[y_px : y_px + int(0.8 * height_px), x_px : x_px + int(0.65 * width_px)]
        if min(part.shape[:2]) >= 32:
            yield np.asarray(cv2.resize(part, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC), np.uint8)
