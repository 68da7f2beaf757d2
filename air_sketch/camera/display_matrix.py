"""Whether a film is to be shown mirrored, which OpenCV does not tell.

Front cameras of phones write it into the display matrix of an MP4 or QuickTime file (ISO/IEC 14496-12, ``tkhd``).
OpenCV turns pictures by that matrix and forgets its reflection.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

_INSIDE = {b"moov", b"trak", b"mdia"}
_MOST_BOXES = 1000
_HEADER, _LONG_SIZE = struct.Struct(">I4s"), struct.Struct(">Q")
_MATRIX = struct.Struct(">9i")
_TKHD_BYTES = {0: 40, 1: 52}
"""Version -> where its matrix begins."""


def is_mirrored(film: BinaryIO) -> bool:
    """Whether the first picture track of an open file is mirrored; False for files of other kinds and damaged ones."""
    at, mirrored = 0, False
    for _ in range(_MOST_BOXES):
        film.seek(at)
        header = film.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return False
        size, kind = _HEADER.unpack(header)
        body = at + _HEADER.size
        if size == 1 and len(long_size := film.read(_LONG_SIZE.size)) == _LONG_SIZE.size:
            (size,) = _LONG_SIZE.unpack(long_size)
            body += _LONG_SIZE.size
        if kind in _INSIDE:
            at = body
            continue
        if size < body - at or at + size >= 1 << 63:
            return False
        film.seek(body)
        content = film.read(_TKHD_BYTES[1] + _MATRIX.size) if kind in (b"tkhd", b"hdlr") else b""
        if kind == b"tkhd":
            mirrored = _reflects(content)
        elif kind == b"hdlr" and content[8:12] == b"vide":
            return mirrored
        at += size
    return False


def _reflects(tkhd: bytes) -> bool:
    start = _TKHD_BYTES.get(tkhd[0] if tkhd else -1)
    if start is None or len(tkhd) < start + _MATRIX.size:
        return False
    a, b, _, c, d, *_ = _MATRIX.unpack_from(tkhd, start)
    return a * d < b * c
