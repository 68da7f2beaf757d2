"""The demo gallery: which names mean it, and its pack, which is unpacked into the cache before the first search."""

from __future__ import annotations

import csv
import io
import json
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

from retrieval.files import demo_folder, file_record, shipped
from retrieval.gallery.manifest import MANIFEST_NAME
from retrieval.gallery.phone import phone_name
from retrieval.values.datatypes import CatalogItem, ProgressCallback
from retrieval.values.errors import CatalogError, first_line

DEMO_PACK = shipped("samples") / "demo-gallery.tar"
"""Written by ``python -m garments pack``: ``metadata.csv`` and the pictures."""

MARKER = "demo_gallery.json"
"""Names the pack that a folder was unpacked from; written last, so a folder without it is not finished."""


def is_demo(gallery: Path | str | None) -> bool:
    """Whether a name means the demo gallery: nothing, or a path that ends in ``demo`` and does not exist."""
    if gallery is None:
        return True
    return Path(gallery).name == "demo" and not Path(gallery).exists() and not phone_name(gallery)


def ensure_demo_gallery(progress: ProgressCallback, folder: Path | None = None) -> Path:
    """Unpack the demo gallery, or do nothing when it is there already.

    It is unpacked into a sibling folder ``<name>-<checksum>.partial`` that takes the final name when it is complete;
    what another run has unpacked there, killed or still at work, is kept.

    Args:
        progress: called now and then; what it raises stops the unpacking.
        folder: where it goes, the cache when None; what is there is replaced.
    Returns:
        The folder.
    Raises:
        CatalogError: if the pack is missing or damaged, or the folder cannot be written.
    """
    folder = folder or demo_folder()
    try:
        marker = file_record(DEMO_PACK)
    except OSError as error:
        raise _pack_error(error) from error
    if _is_finished(folder, marker):
        return folder
    partial = folder.with_name(f"{folder.name}-{marker['crc32_ends']:08x}.partial")
    try:
        partial.mkdir(parents=True, exist_ok=True)
        for name, share, data in _members():
            path = partial / name
            if not path.is_file() or path.stat().st_size != len(data):
                path.write_bytes(data)
            progress("Unpacking the demo gallery", share)
        (partial / MARKER).write_text(json.dumps(marker), encoding="utf-8")
        if not _is_finished(folder, marker):
            shutil.rmtree(folder, ignore_errors=True)
            partial.rename(folder)
        shutil.rmtree(partial, ignore_errors=True)
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
    own = [(row.pop("id"), row.pop("file"), row.pop("title"), row) for row in rows]
    return tuple(CatalogItem(name, file, title, file, fields) for name, file, title, fields in own)


def _members() -> Iterator[tuple[str, float, bytes]]:
    """The pack's files: name, share of the pack up to here, content."""
    try:
        size = DEMO_PACK.stat().st_size
        with tarfile.open(DEMO_PACK, "r:") as archive:
            for member in archive:
                stream = archive.extractfile(member)
                assert stream is not None  # there is nothing but files in it
                yield member.name, min(1.0, (member.offset_data + member.size) / size), stream.read()
    except (OSError, tarfile.TarError) as error:
        raise _pack_error(error) from error


def _pack_error(error: Exception) -> CatalogError:
    return CatalogError(
        f"The demo gallery's pack {DEMO_PACK} cannot be read: {first_line(error)}. "
        "Run: git checkout samples, or install the program again."
    )


def _is_finished(folder: Path, marker: dict[str, int]) -> bool:
    """Tell whether the folder holds the whole gallery of the pack that the marker names."""
    try:
        return bool(json.loads((folder / MARKER).read_text(encoding="utf-8")) == marker)
    except (OSError, ValueError):
        return False
