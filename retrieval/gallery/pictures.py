"""Read picture files into RGB arrays, whatever the camera or shop made of them."""

from __future__ import annotations

import io
import struct
import threading
import warnings
from contextlib import nullcontext, suppress
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin, TiffTags, UnidentifiedImageError
from PIL.ExifTags import Base as Tag

from retrieval.gallery.formats.colours import to_srgb
from retrieval.gallery.formats.streams import MAX_PROFILE_BYTES, formats_of, to_decode
from retrieval.gallery.formats.wide_tiffs import WIDE_TIFF_STARTS, read_wide_tiff
from retrieval.gallery.picture_files import load_file
from retrieval.values.datatypes import UInt8Array
from retrieval.values.errors import CatalogError, first_line

PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jif", ".jfif", ".jfi", ".mpo", ".png", ".apng", ".webp", ".bmp", ".gif"}
    | {".tif", ".tiff", ".heic", ".heif", ".hif", ".avif"}
)

MAX_PICTURE_PIXELS = 120_000_000
"""Larger pictures are refused before they are decoded (decompression bombs)."""

LARGE_PICTURE_PIXELS = 16_000_000
"""Larger pictures are decoded one at a time, so that several of them do not fill the memory."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What EXIF's orientations ask for."""

WHOLE_NUMBERS = {1: "B", 3: "H", 4: "I"}
"""EXIF's kinds of them, and ``struct``'s."""

YCBCR = 6
HEIF_TURNS = (b"\0\0\0\x09irot", b"\0\0\0\x09imir")

END_OF_JPEG, FILLING = b"\xff\xd9", b"\x55" * 256

_LARGE = threading.Lock()

PngImagePlugin.MAX_TEXT_CHUNK = MAX_PROFILE_BYTES  # texts are left out, so this is for profiles
warnings.filterwarnings("ignore", module=r"PIL\.")  # its remarks about damaged files, which concern nobody here


def read_picture(source: Path | bytes, name: str = "", max_side_px: int | None = None) -> UInt8Array:
    """Decode a picture as it should be seen.

    EXIF rotation is applied, transparency lies on white, an animation gives its first frame; whatever it was of,
    bits, floats, ink or the colours of its profile, becomes 8-bit sRGB.

    Args:
        source: a path or the encoded bytes.
        name: how errors name the picture; the path when empty.
        max_side_px: shrink so that the longer side is at most this (JPEGs are then decoded faster).
    Returns:
        uint8 (H, W, 3) RGB.
    Raises:
        CatalogError: if it cannot be read or decoded or is larger than ``MAX_PICTURE_PIXELS``.
    """
    label = name or (str(source) if isinstance(source, Path) else "picture")
    data = source if isinstance(source, bytes) else load_file(source, label).data
    try:
        return _decoded(data, label, max_side_px)
    except CatalogError:
        raise
    except UnidentifiedImageError as error:  # its own text names memory addresses
        raise CatalogError(f"{label} is not a picture that can be read", "Replace or remove it.") from error
    except Exception as error:  # Pillow's decoders raise many types on damaged files
        if (picture := _lacking_its_end_mark(data, label, max_side_px)) is not None:
            return picture
        reason = first_line(error).rstrip(".")
        raise CatalogError(f"{label} cannot be read as a picture: {reason}", "Replace or remove it.") from error


def _decoded(data: bytes, label: str, max_side_px: int | None) -> UInt8Array:
    with _opened(to_decode(data, label), label) as image:
        if max_side_px is not None:
            image.draft("RGB", (max_side_px, max_side_px))
        turn = _turn_of(image, data)
        with _LARGE if image.width * image.height > LARGE_PICTURE_PIXELS else nullcontext():
            image.load()
            rgb = to_srgb(image)
            if max_side_px is not None:  # after the conversion: palette pictures cannot be averaged
                rgb.thumbnail((max_side_px, max_side_px), Image.Resampling.BOX)
            return np.asarray(rgb if turn is None else rgb.transpose(turn))


def _lacking_its_end_mark(data: bytes, label: str, max_side_px: int | None) -> UInt8Array | None:
    """Decode a JPEG that lacks nothing else; in one that was cut earlier, what is put behind it can be seen."""
    if not data.startswith(b"\xff\xd8") or data.endswith(END_OF_JPEG):
        return None
    with suppress(Exception):
        plain, filled = (_decoded(data + tail + END_OF_JPEG, label, max_side_px) for tail in (b"", FILLING))
        return plain if np.array_equal(plain, filled) else None
    return None


def _opened(data: bytes, label: str) -> Image.Image:
    """Open a picture whose size is bearable; it is not decoded yet."""
    image: Image.Image | None = None
    try:
        image = Image.open(io.BytesIO(data), formats=formats_of(data))
    except UnidentifiedImageError:
        if not data.startswith(WIDE_TIFF_STARTS):
            raise
    tags = getattr(image, "tag_v2", {})
    is_plain = image is not None and image.info.get("compression") == "raw"
    if image is None or (is_plain and tags.get(Tag.PhotometricInterpretation) == YCBCR):
        with _LARGE:
            image = read_wide_tiff(data, lambda wh: _check_size(wh, MAX_PICTURE_PIXELS, label))
    _check_size(image.size, MAX_PICTURE_PIXELS, label)
    if tiles := image.info.get("tiling"):  # of HEIF: whole ones are decoded, however little is shown
        tiled_wh = tiles["num_columns"] * tiles["tile_width"], tiles["num_rows"] * tiles["tile_height"]
        _check_size(tiled_wh, MAX_PICTURE_PIXELS, label)
    tile_wh = tags.get(Tag.TileWidth, 0), tags.get(Tag.TileLength, 0)  # may be said larger than the picture
    _check_size(tile_wh, LARGE_PICTURE_PIXELS, label)
    return image


def _check_size(wh: tuple[int, int], most: int, label: str) -> None:
    if wh[0] * wh[1] > most:
        what = f"{label} is too large: expected at most {most:,} pixels, got {wh[0]} x {wh[1]}"
        raise CatalogError(what, "Shrink it first.")


def _turn_of(image: Image.Image, data: bytes) -> Image.Transpose | None:
    """How a picture is to be turned when it is decoded; TIFFs are by then."""
    if image.format == "TIFF":
        exif = image.getexif()
        for group in TiffTags.TAGS_V2_GROUPS:  # places and the like, which may be damaged, are read for nothing
            exif.pop(group, None)
        return None
    orientation = orientation_of(image.info.get("exif") or b"")
    if image.format == "HEIF":  # turned by properties of its own; where there are none, by EXIF, as phones mean it
        orientation = 1 if any(turn in data for turn in HEIF_TURNS) else image.info.get("original_orientation") or 1
    return TURNS.get(orientation)


def orientation_of(exif: bytes) -> int:
    """Read the orientation, however damaged the rest of EXIF is; 1 when there is none."""
    tiff = exif.removeprefix(b"Exif\0\0")
    order = "<" if tiff.startswith(b"II") else ">"
    with suppress(struct.error):
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        for entry in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind = struct.unpack_from(f"{order}HH", tiff, entry)
            if tag == Tag.Orientation and kind in WHOLE_NUMBERS:
                return struct.unpack_from(order + WHOLE_NUMBERS[kind], tiff, entry + 8)[0]
    return 1
