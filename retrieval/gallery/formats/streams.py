"""Look at an encoded picture before it is decoded: which decoder it is for, and what that must not be given."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from functools import cache

from retrieval.values.errors import CatalogError

PICTURE_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
"""Whatever its name, a file is tried as one of these; others, such as EPS, would start further programs."""

MAX_JPEG_SCANS = 100
"""Progressive JPEGs have about ten scans; a few kilobytes can hold thousands, each as slow as a whole picture."""

MAX_PROFILE_BYTES = 4 << 20
"""Profiles of printing presses have two megabytes."""

PNG_START = b"\x89PNG\r\n\x1a\n"
SHOWN_PNG_CHUNKS = (b"tRNS", b"iCCP", b"eXIf")
"""Of what a PNG may do without, all that changes what is seen; texts and further frames of films are left out."""

EXIF_OF_AVIF = re.compile(rb"(infe[\x02\x03].{7,9}?)Exif", re.DOTALL)
"""Says nothing about looks, but Pillow fails where it is damaged."""

OVERLAY_OF_HEIF = re.compile(rb"infe[\x02\x03].{7,9}?iovl", re.DOTALL)
"""A picture of pictures laid one upon another: a few bytes can ask for one of them thousands of times."""

ANCILLARY = 0x20
"""In the first letter of a chunk's name: it may be done without."""

JPEG_MARKER = re.compile(rb"\xff+([^\x00\xff])")
START_OF_SCAN, END_OF_PICTURE = 0xDA, 0xD9
WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})


def formats_of(data: bytes) -> tuple[str, ...]:
    """Pillow's names of the formats as one of which a file may be opened."""
    if data[4:8] != b"ftyp":
        return PICTURE_FORMATS
    brands = data[8 : min(int.from_bytes(data[:4], "big"), 1024)]
    if b"avif" in brands or b"avis" in brands:
        return ("AVIF",)
    _know_heif()
    return ("HEIF",)


@cache
def _know_heif() -> None:
    from pillow_heif import register_heif_opener

    register_heif_opener(decode_threads=1, depth_images=False, aux_images=False)


def to_decode(data: bytes, label: str) -> bytes:
    """What of a file the decoder is given.

    Raises:
        CatalogError: if decoding would take minutes.
    """
    if data.startswith(PNG_START):
        return PNG_START + b"".join(_shown_chunks(data))
    if formats_of(data) == ("AVIF",):
        return EXIF_OF_AVIF.sub(rb"\1none", data)
    if data[4:8] == b"ftyp" and OVERLAY_OF_HEIF.search(data):
        raise CatalogError(f"{label} is laid together of other pictures: it could take minutes", "Save it again.")
    is_suspect = data.startswith(b"\xff\xd8") and data.count(b"\xff\xda") > MAX_JPEG_SCANS  # it may be a film behind it
    if is_suspect and _has_many_scans(data):
        raise CatalogError(f"{label} has more than {MAX_JPEG_SCANS} scans: it would take minutes", "Save it again.")
    return data


def _has_many_scans(data: bytes) -> bool:
    """Walk a JPEG's segments up to its end, as a decoder does: not into side data, nor behind the end."""
    at, scans = 2, 0
    while scans <= MAX_JPEG_SCANS and (marker := JPEG_MARKER.search(data, at)):
        kind, at = marker[1][0], marker.end()
        if kind == END_OF_PICTURE:
            break
        scans += kind == START_OF_SCAN
        if kind not in WITHOUT_LENGTH:
            at += int.from_bytes(data[at : at + 2], "big")
    return scans > MAX_JPEG_SCANS


def _shown_chunks(data: bytes) -> Iterator[bytes]:
    """The chunks of a PNG that matter for its looks; of those that it may do without, the sound ones."""
    at = len(PNG_START)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        chunk = data[at : at + 12 + length]
        at += len(chunk)
        if kind in SHOWN_PNG_CHUNKS:
            is_whole = zlib.crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:], "big")
            if is_whole and _is_sound(kind, chunk[8:-4], colours=data[25:26]):
                yield chunk
        elif not kind[0] & ANCILLARY:
            yield chunk
        if kind == b"IEND":
            return


def _is_sound(kind: bytes, content: bytes, colours: bytes) -> bool:
    """Whether a chunk holds what its kind asks for, in a PNG with such a way of writing colours."""
    if kind == b"tRNS":
        return len(content) >= {b"\0": 2, b"\2": 6}.get(colours, 1)
    if kind == b"iCCP":
        packed = content.partition(b"\0")[2]
        unpacking = zlib.decompressobj()
        try:
            unpacking.decompress(packed[1:], MAX_PROFILE_BYTES)
        except zlib.error:
            return False
        return packed.startswith(b"\0") and unpacking.eof
    return True
