"""The demo gallery as one file, which the program unpacks before its first search."""

from __future__ import annotations

from pathlib import Path

from garments.items import COLUMNS, draw_item
from garments.writing.files import MANIFEST, GarmentsError, Progress, draw_all, manifest, tar, webp

DEMO_COUNT = 1200


def write_pack(out: Path, progress: Progress | None = None, count: int = DEMO_COUNT) -> None:
    """Write ``metadata.csv`` and the pictures into one uncompressed ``.tar``.

    Args:
        out: the file; its folder must be there.
        progress: called with (done, count).
        count: number of items.
    Raises:
        GarmentsError: if it cannot be written.
    """
    drawn = list(draw_all(_draw, range(count), progress))
    table = manifest(COLUMNS, (row for row, _ in drawn))
    data = tar([(MANIFEST, table), *((row["file"], picture) for row, picture in drawn)])
    try:
        out.write_bytes(data)
    except OSError as error:
        raise GarmentsError(f"{out} cannot be written: {error.strerror}. Name another file.") from error


def _draw(index: int) -> tuple[dict[str, str], bytes]:
    item = draw_item(index)
    return item.row(), webp(item.picture)
