"""Files: written so that a crash leaves the old one or the new one, checked by checksums, and where they lie."""

from __future__ import annotations

import errno
import hashlib
import json
import multiprocessing.util
import os
import secrets
import stat
import subprocess
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

END_BYTES = 1 << 20
LARGEST_RECORD = 1 << 20
"""Bytes of a JSON file that describes something."""

KEY_BYTES = 32
CACHE_VARIABLE = "AIR_SKETCH_CACHE"
FOLLOW_LINKS_VARIABLE = "AIR_SKETCH_FOLLOW_LINKS"
"""Set, what a gallery's links and manifest name outside its folder is taken, too (``--follow-links``)."""

MAX_NAME_BYTES = 255
_PACKAGE = Path(__file__).resolve().parent
IS_INSTALLED = (_PACKAGE / "shipped").is_dir()
"""Whether this is an installed wheel (see ``setup.py``) and no checkout."""


def shipped(name: str) -> Path:
    """Return where a file or folder lies that comes with the program."""
    return (_PACKAGE / "shipped" if IS_INSTALLED else _PACKAGE.parent) / name


SHIPPED_ENCODER = shipped("checkpoints") / "air-sketch-mini"
"""The one thing beside the cache that the program needs at hand; it comes with the code."""


@contextmanager
def replacing(path: Path, mode: int = 0o644) -> Iterator[Path]:
    """Give a temporary path beside ``path``; on success it is flushed to disk and renamed to ``path``.

    Raises:
        OSError: if the folder cannot be written; ``path`` is then untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_json(path: Path, most_bytes: int = LARGEST_RECORD) -> Any:
    """Read a JSON file that may come from anybody.

    Raises:
        OSError: if it cannot be read or is no regular file.
        ValueError: if it is larger than ``most_bytes``, no JSON, or nested too deep.
    """
    with open_regular(path) as stream:
        content = stream.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise ValueError(f"{path.name} is larger than {most_bytes:,} bytes")
    try:
        return json.loads(content.decode("utf-8"))
    except RecursionError:
        raise ValueError(f"{path.name} is nested too deep") from None


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically, UTF-8."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, record: Any) -> None:
    """Write a JSON file atomically, indented, keys in the order given; ASCII, so that any file name fits."""
    write_text(path, json.dumps(record, indent=2) + "\n")


def kind_of(mode: int) -> str:
    """Say what a path leads to when it is no ordinary file, "" when it is one."""
    return "" if stat.S_ISREG(mode) else "a folder" if stat.S_ISDIR(mode) else "no ordinary file"


def open_regular(path: Path) -> BinaryIO:
    """Open an ordinary file for reading; never waits for a pipe, a socket or a device.

    Raises:
        OSError: if it is something else or cannot be opened.
    """
    kind = kind_of(path.stat().st_mode)  # before opening: opening a device may do something
    if not kind:
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        stream = os.fdopen(os.open(path, flags), "rb")
        kind = kind_of(os.fstat(stream.fileno()).st_mode)  # it may have been replaced meanwhile
        if not kind:
            return stream
        stream.close()
    raise OSError(errno.EINVAL, f"it is {kind}", str(path))


def file_record(path: Path) -> dict[str, int]:
    """Size of a file and checksum of its first and last MiB: whether it is cut off or another, at little cost."""
    with open_regular(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        start = zlib.crc32(stream.read(END_BYTES))
        stream.seek(max(0, size - END_BYTES))
        return {"bytes": size, "crc32_ends": zlib.crc32(stream.read(END_BYTES), start)}


def check_file(path: Path, expected: dict[str, int]) -> None:
    """Make sure that a file is the one that was recorded.

    Raises:
        ValueError: if it is not.
        OSError: if it cannot be read.
    """
    if (found := file_record(path)) != expected:
        raise ValueError(f"{path.name} has changed since it was written: expected {expected}, got {found}")


def isolate_children() -> None:
    """Let Python start processes of its own (multiprocessing's, its resource tracker) with ``-I``.

    Without it they look for modules in the working directory first, which may be a stranger's gallery. The parent's
    ``sys.path`` is handed on to them all the same.
    """
    flags = subprocess._args_from_interpreter_flags  # type: ignore[attr-defined]
    multiprocessing.util._args_from_interpreter_flags = lambda: ["-I", *flags()]  # type: ignore[attr-defined]


def follow_links() -> None:
    """Let this process and those that it starts take pictures outside a gallery's folder (``--follow-links``)."""
    os.environ[FOLLOW_LINKS_VARIABLE] = "1"


def default_encoder() -> str:
    """What ``$AIR_SKETCH_ENCODER`` names, or the shipped encoder's folder."""
    return os.environ.get("AIR_SKETCH_ENCODER") or str(SHIPPED_ENCODER)


HUB_SCHEME, LOCAL_SCHEME = "hf-hub:", "local-dir:"
"""What open_clip writes before a hub name, and before a folder."""


def is_encoder_name(name: str) -> bool:
    """Whether an encoder may be there under a name: a folder that is there, or a hub name."""
    return Path(name.removeprefix(LOCAL_SCHEME)).is_dir() or is_hub_name(name.removeprefix(HUB_SCHEME))


def is_hub_name(name: str) -> bool:
    """Whether a name is that of a model on the hub, ``owner/model``, unless a folder of that name lies here."""
    return name.count("/") == 1 and not name.startswith(("/", "."))


def cache_folder() -> Path:
    """``$AIR_SKETCH_CACHE``, or the platform's cache folder for this program."""
    from platformdirs import user_cache_path  # late: the doctor tells when it is missing

    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen).expanduser() if chosen else user_cache_path("air-sketch", appauthor=False, opinion=False)


def machine_key() -> bytes:
    """A random key of 32 bytes with which this machine marks what it wrote; nobody else can.

    Raises:
        OSError: if it is not there yet and cannot be kept.
    """
    path = cache_folder() / "machine.key"
    key = path.read_bytes() if path.is_file() else b""
    if len(key) != KEY_BYTES:
        key = secrets.token_bytes(KEY_BYTES)
        with replacing(path, 0o600) as temporary:
            temporary.write_bytes(key)
    return key


def demo_folder() -> Path:
    """Where the demo gallery's pictures lie."""
    return cache_folder() / "demo-gallery"


def index_folder(images: Path, weights_hash: str) -> Path:
    """Where the index of a picture folder lies; each encoder has its own, so switching costs nothing."""
    place = images.resolve()
    return cache_folder() / "indexes" / _name(place.name or "pictures", f"-{_digest(str(place))}-{weights_hash}")


def phone_folder(serial: str, path: str) -> Path:
    """Where pictures copied from a folder of a phone lie."""
    safe = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in serial)
    return cache_folder() / "phones" / safe / _name(path.rpartition("/")[2], f"-{_digest(path)}")


def _name(start: str, end: str) -> str:
    """Both in one name that a file system takes: a long start is cut."""
    room = MAX_NAME_BYTES - len(os.fsencode(end))
    return (start if len(os.fsencode(start)) <= room else start.encode()[:room].decode(errors="ignore")) + end


def _digest(path: str) -> str:
    return hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:12]
