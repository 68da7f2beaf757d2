"""Checksums of data files: whole for small files, of both ends for large ones, so that opening stays instant."""

from __future__ import annotations

import zlib
from pathlib import Path

WHOLE_UP_TO_BYTES = 64 << 20
END_BYTES = 1 << 20
BLOCK_BYTES = 4 << 20


def file_record(path: Path) -> dict[str, int]:
    """Size and checksums of a file: ``crc32`` of all of it, ``crc32_ends`` of its first and last MiB."""
    return {"bytes": path.stat().st_size, "crc32": _crc_whole(path), "crc32_ends": _crc_ends(path)}


def check_file(path: Path, expected: dict[str, int]) -> None:
    """Make sure that a file is the one that was recorded.

    A large file is read at its ends only: a cut-off or foreign file is noticed, a flipped bit in its middle is not.

    Raises:
        ValueError: with the reason if it is not.
        OSError: if it cannot be read.
    """
    size = path.stat().st_size
    if size != expected["bytes"]:
        raise ValueError(f"{path.name} has {size:,} bytes, expected {expected['bytes']:,}")
    whole = size <= WHOLE_UP_TO_BYTES
    if (_crc_whole(path) if whole else _crc_ends(path)) != expected["crc32" if whole else "crc32_ends"]:
        raise ValueError(f"{path.name} has another checksum than when it was written")


def _crc_whole(path: Path) -> int:
    value = 0
    with path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            value = zlib.crc32(block, value)
    return value


def _crc_ends(path: Path) -> int:
    with path.open("rb") as stream:
        value = zlib.crc32(stream.read(END_BYTES))
        stream.seek(max(0, path.stat().st_size - END_BYTES))
        return zlib.crc32(stream.read(END_BYTES), value)
