"""Encoded pictures of odd kinds, written by hand where Pillow writes none."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence

import numpy as np
from PIL import Image
from pillow_heif import register_heif_opener

register_heif_opener()

Entry = tuple[int, int, int, bytes]
"""Of an IFD: tag, kind, count, value."""

ORIENTATION, X_RESOLUTION, MAKE, EXIF_IFD, GPS, INTEROPERABILITY = 0x0112, 0x011A, 0x010F, 0x8769, 0x8825, 0xA005
SHORT, LONG, SIGNED_RATIONAL = 3, 4, 10
MINUS_ONE_OF_ZERO = struct.pack("<ii", -1, 0)


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def corner_picture() -> Image.Image:
    """60 x 40, red in its upper left quarter, blue elsewhere."""
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:] = (0, 0, 255)
    pixels[:20, :30] = (255, 0, 0)
    return Image.fromarray(pixels)


def ifd(entries: Sequence[Entry], order: str = "<") -> bytes:
    """A TIFF's header and first directory, what is longer than four bytes behind it; ``{end}`` stands for its end."""
    at = 8 + 2 + 12 * len(entries) + 4
    lines, further = b"", b""
    for tag, kind, count, value in entries:
        place = value.ljust(4, b"\0")
        if len(value) > 4:
            place, further = struct.pack(f"{order}I", at + len(further)), further + value
        lines += struct.pack(f"{order}HHI", tag, kind, count) + place
    start = {"<": b"II", ">": b"MM"}[order] + struct.pack(f"{order}HIH", 42, 8, len(entries))
    end = struct.pack(f"{order}I", at + len(further))
    return start + lines.replace(b"{en}", end) + bytes(4) + further


def orientation(value: int) -> Entry:
    return (ORIENTATION, SHORT, 1, struct.pack("<H", value))


def exif(*entries: Entry) -> bytes:
    return b"Exif\0\0" + ifd(entries)


def tiff(numbers: np.ndarray, photometric: int = 1, order: str = "<", further: Sequence[Entry] = ()) -> bytes:
    """An uncompressed TIFF of (H, W) or (H, W, C) numbers of any type."""
    numbers = np.atleast_3d(numbers)
    height, width, channels = numbers.shape
    content = numbers.astype(numbers.dtype.newbyteorder(order)).tobytes()

    def shorts(*values: int) -> bytes:
        return struct.pack(f"{order}{len(values)}H", *values)

    def long(value: int) -> bytes:
        return struct.pack(f"{order}I", value)

    kind = {"u": 1, "i": 2, "f": 3}[numbers.dtype.kind]
    entries = [
        (256, LONG, 1, long(width)),
        (257, LONG, 1, long(height)),
        (258, SHORT, channels, shorts(*[numbers.dtype.itemsize * 8] * channels)),
        (259, SHORT, 1, shorts(1)),
        (262, SHORT, 1, shorts(photometric)),
        (273, LONG, 1, b"{en}"),
        (277, SHORT, 1, shorts(channels)),
        (278, LONG, 1, long(height)),
        (279, LONG, 1, long(len(content))),
        (339, SHORT, channels, shorts(*[kind] * channels)),
        *further,
    ]
    return ifd(sorted(entries), order) + content


def chunk(kind: bytes, content: bytes, checksum: int | None = None) -> bytes:
    """Of a PNG; a wrong checksum when one is given."""
    right = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", right if checksum is None else checksum)


def png_with(*chunks: bytes) -> bytes:
    """The corner picture with further chunks behind its header."""
    png = encoded(corner_picture())
    return png[:33] + b"".join(chunks) + png[33:]


def segment(kind: int, content: bytes) -> bytes:
    """Of a JPEG."""
    return bytes((0xFF, kind)) + struct.pack(">H", len(content) + 2) + content


def jpeg_with(start: bytes = b"", end: bytes = b"", **options: object) -> bytes:
    """The corner picture with something behind its first marker, and behind its end."""
    jpeg = encoded(corner_picture(), "JPEG", quality=95, **options)
    return jpeg[:2] + start + jpeg[2:] + end


def profile_of_inks(colours: dict[tuple[int, int, int, int], tuple[int, int, int]]) -> bytes:
    """A profile of a press: Lab bytes of full inks (C, M, Y, K, each 0 or 1); grey for those that are not named."""
    table = b"".join(
        bytes(colours.get((c, m, y, k), (128, 128, 128)))
        for c in (0, 1)
        for m in (0, 1)
        for y in (0, 1)
        for k in (0, 1)
    )
    unchanged = struct.pack(">9i", *[65536 if place % 4 == 0 else 0 for place in range(9)])
    shades = bytes(range(256))
    lookup = b"mft1\0\0\0\0\4\3\2\0" + unchanged + shades * 4 + table + shades * 3
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    start = 128 + 4 + 12 * 2
    header = (
        b"\0\0\0\0lcms\2\x10\0\0prtrCMYKLab "
        + bytes(12)
        + b"acsp"
        + bytes(28)
        + struct.pack(">3i", 63190, 65536, 54061)
    )
    header = struct.pack(">I", start + len(white) + len(lookup)) + header[4:].ljust(124, b"\0")
    tags = struct.pack(">I4sII4sII", 2, b"wtpt", start, len(white), b"A2B0", start + len(white), len(lookup))
    return header + tags + white + lookup
