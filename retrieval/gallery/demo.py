"""The demo gallery: which names mean it, and its pack, which is unpacked into the cache before the first search."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

from retrieval.files import demo_folder, file_record, shipped, write_json
from retrieval.gallery.catalog import MANIFEST_NAME
from retrieval.values.datatypes import CatalogItem, ProgressCallback
from retrieval.values.errors import CatalogError, first_line

DEMO_NAME = "demo"
DEMO_PACK = shipped("samples") / "demo-gallery.tar"
"""Written by ``python -m garments pack``: ``metadata.csv`` and the pictures."""

MARKER = "demo_gallery.json"
"""Names the pack that a folder was unpacked from; written last, so a folder without it is not finished."""

FILES_A_STEP = 50


def is_demo(gallery: Path | str | None) -> bool:
    """Whether a name means the demo gallery: nothing, or a path that ends in ``demo`` and does not exist."""
    return gallery is None or (Path(gallery).name == DEMO_NAME and not Path(gallery).exists())


def ensure_demo_gallery(progress: ProgressCallback, folder: Path | None = None) -> Path:
    """Unpack the demo gallery, or do nothing when it is there already.

    It is unpacked into a sibling folder ``<name>-<checksum>.partial`` that takes the final name when it is complete;
    what another run has unpacked there, killed or still at work, is kept.

    Args:
        progress: called now and then; what it raises stops the unpacking.
        folder: where it goes, the cache when None; an older demo gallery there is replaced.
    Returns:
        The folder.
    Raises:
        CatalogError: if the pack is missing or damaged, the folder cannot be written, or it holds something else.
    """
    folder = folder or demo_folder()
    marker = _pack_record()
    partial, old = (folder.with_name(f"{folder.name}-{marker['crc32']:08x}.{end}") for end in ("partial", "old"))
    if _is_finished(folder, marker):
        shutil.rmtree(old, ignore_errors=True)  # of a run that was killed at the very end
        return folder
    try:
        if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
            raise CatalogError(
                f"{folder} cannot take the demo gallery: expected an empty or new folder, got other files. "
                "Name another folder."
            )
        partial.mkdir(parents=True, exist_ok=True)
        _unpack(partial, progress)
        write_json(partial / MARKER, marker)
        if _is_finished(folder, marker):
            shutil.rmtree(partial, ignore_errors=True)
        else:
            _replace_folder(partial, folder, old)
    except OSError as error:
        if not _is_finished(folder, marker):  # otherwise another process was faster
            raise CatalogError(
                f"{folder} demo gallery cannot be written: {error.strerror or error}. "
                "Free some space or name another folder."
            ) from error
    return folder


def packed_demo_items() -> tuple[CatalogItem, ...]:
    """Read the demo gallery's items out of its pack; their pictures are not there yet.

    Raises:
        CatalogError: if the pack is missing or damaged.
    """
    table = next((data for name, _, data in _members() if name == MANIFEST_NAME), b"")
    rows = csv.DictReader(io.StringIO(table.decode(), newline=""))
    return tuple(CatalogItem(row["id"], row["file"], row["title"], row["file"], row) for row in rows)


def _pack_record() -> dict[str, int]:
    try:
        return file_record(DEMO_PACK)
    except OSError as error:
        raise _pack_error(error) from error


def _pack_error(error: Exception) -> CatalogError:
    return CatalogError(
        f"The demo gallery's pack {DEMO_PACK} cannot be read: {first_line(error)}. "
        "Run: git checkout samples, or install the program again."
    )


def _members() -> Iterator[tuple[str, float, bytes]]:
    """The pack's files: name, share of the pack up to here, content."""
    try:
        size = DEMO_PACK.stat().st_size
        with tarfile.open(DEMO_PACK, "r:") as archive:
            for member in archive:
                stream = archive.extractfile(member) if member.isreg() else None
                if stream is None or not _is_plain(member.name):
                    raise ValueError(f"{member.name!r} is no plain file of a gallery")
                data = stream.read()
                if len(data) != member.size:
                    raise ValueError(f"{member.name} is cut off")
                yield member.name, min(1.0, archive.offset / size), data
    except (OSError, tarfile.TarError, ValueError) as error:
        raise _pack_error(error) from error


def _is_plain(name: str) -> bool:
    """Whether a name stays inside its folder on every system."""
    return not name.startswith(".") and name.isascii() and all(sign.isalnum() or sign in "-_." for sign in name)


def _unpack(partial: Path, progress: ProgressCallback) -> None:
    """Write what is not there yet, each file aside and renamed, since two processes may be at it."""
    for number, (name, share, data) in enumerate(_members()):
        path = partial / name
        if not path.is_file():
            aside = partial / f".{name}.{os.getpid()}"
            aside.write_bytes(data)
            aside.replace(path)
        if number % FILES_A_STEP == 0:
            progress("Unpacking the demo gallery", share)
    progress("Unpacking the demo gallery", 1.0)


def _is_finished(folder: Path, marker: dict[str, int]) -> bool:
    """Tell whether the folder holds the whole gallery of the pack that the marker names."""
    try:
        return bool(json.loads((folder / MARKER).read_text(encoding="utf-8")) == marker)
    except (OSError, ValueError):
        return False


def _replace_folder(partial: Path, folder: Path, old: Path) -> None:
    """Give the finished gallery its name; an older one is moved away first and deleted last."""
    for aside in partial.glob(".*"):  # of runs that were killed
        aside.unlink(missing_ok=True)
    shutil.rmtree(old, ignore_errors=True)
    if (folder / MARKER).exists():
        folder.rename(old)
    elif folder.exists():
        folder.rmdir()  # it is empty
    partial.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
