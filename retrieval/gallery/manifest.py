"""Read the CSV beside the pictures; its size in memory stays near its size on disk, whatever stands in it."""

from __future__ import annotations

import csv
import textwrap
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path

from retrieval.files import open_regular
from retrieval.values.errors import CatalogError, first_line

MANIFEST_NAME = "metadata.csv"
MAX_COLUMNS = 1_000
MAX_LINE_LETTERS = 1 << 20
MAX_CELLS = 12_000_000
"""Of all rows; each takes about a hundred bytes of memory, and a row as much as ``ROW_CELLS``."""

ROW_CELLS = 6
MAX_FILLED_CELLS = 1_000_000
"""So many cells that rows lack are given as empty ones; further ones are left out."""


def read_manifest(manifest: Path) -> Iterator[dict[str, str]]:
    """Read the rows that name a file, each with the cells that it has.

    Raises:
        CatalogError: if it cannot be read, has no column ``file``, or is too large.
    """
    try:
        with TextIOWrapper(open_regular(manifest), "utf-8-sig", newline="") as stream:
            reader = csv.reader(_lines(stream), skipinitialspace=True)
            columns = [name.strip() for name in next(reader, [])][:MAX_COLUMNS]
            if "file" not in columns:
                shown = textwrap.shorten(", ".join(columns), 120, placeholder="...")
                raise CatalogError(
                    f"Manifest {manifest} has no 'file' column: expected one, got {shown or 'no header'}",
                    "Add a header row with at least: file,title.",
                )
            room, filled = MAX_CELLS, MAX_FILLED_CELLS
            for cells in reader:
                row = {key: cell.strip() for key, cell in zip(columns, cells, strict=False) if key}
                if len(cells) < len(columns) <= filled:
                    filled -= len(columns)
                    row |= {key: "" for key in columns[len(cells) :] if key}
                room -= max(ROW_CELLS, len(row))
                if room < 0:
                    raise CatalogError(
                        f"Manifest {manifest} is too large: expected at most {MAX_CELLS:,} cells, got more",
                        "Make several galleries of it.",
                    )
                if row.get("file"):
                    yield row
    except FileNotFoundError as error:
        raise CatalogError(f"Manifest {manifest} is not there", "Check the path.") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or first_line(error)
        raise CatalogError(f"Manifest {manifest} cannot be read: {reason}", "Save it as UTF-8 CSV.") from error


def _lines(stream: TextIOWrapper) -> Iterator[str]:
    while line := stream.readline(MAX_LINE_LETTERS + 1):
        if len(line) > MAX_LINE_LETTERS:
            raise csv.Error(f"expected lines of at most {MAX_LINE_LETTERS:,} letters, got a longer one")
        yield line
