"""Read the CSV beside the pictures; its size in memory stays near its size on disk, whatever stands in it."""

from __future__ import annotations

import csv
import textwrap
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from itertools import chain
from pathlib import Path

from retrieval.files import open_regular
from retrieval.gallery.shop.exports import products, recognise
from retrieval.values.errors import CatalogError, first_line

MANIFEST_NAME = "metadata.csv"
MAX_COLUMNS = 1_000
MAX_LINE_LETTERS = 1 << 20
MAX_CELLS = 12_000_000
"""Of all rows; each takes about a hundred bytes of memory, and a row as much as ``ROW_CELLS``."""

ROW_CELLS = 6
MAX_FILLED_CELLS = 1_000_000
"""So many cells that rows lack are given as empty ones; further ones are left out."""


def too_large(manifest: Path) -> CatalogError:
    """Make the error for a list that would fill the memory."""
    what = f"Manifest {manifest} is too large: expected at most {MAX_CELLS:,} cells, got more"
    return CatalogError(what, "Make several galleries of it.")


def read_manifest(manifest: Path, shop: str = "") -> Iterator[dict[str, str]]:
    """Read the rows that name a file, each with the cells that it has, and all products of a shop's export.

    Raises:
        CatalogError: if it cannot be read, has no column ``file``, or is too large.
    """
    try:
        with TextIOWrapper(open_regular(manifest), "utf-8-sig", newline="") as stream:
            lines = _lines(stream)
            first = next(lines, "")
            reader = csv.reader(chain([first], lines), delimiter="\t" if "\t" in first else ",", skipinitialspace=True)
            columns = [name.strip() for name in next(reader, [])][:MAX_COLUMNS]
            rows = _rows(reader, columns, manifest)
            if "file" in columns:
                yield from (row for row in rows if row.get("file"))
            elif (export := recognise(columns)) is not None:
                yield from products(export, rows, shop)
            else:
                shown = textwrap.shorten(", ".join(columns), 120, placeholder="...")
                raise CatalogError(
                    f"Manifest {manifest} has no 'file' column: expected one, got {shown or 'no header'}",
                    "Add a header row with at least: file,title.",
                )
    except FileNotFoundError as error:
        raise CatalogError(f"Manifest {manifest} is not there", "Check the path.") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or first_line(error)
        raise CatalogError(f"Manifest {manifest} cannot be read: {reason}", "Save it as UTF-8 CSV.") from error


def _rows(reader: Iterator[list[str]], columns: Sequence[str], manifest: Path) -> Iterator[dict[str, str]]:
    room, filled = MAX_CELLS, MAX_FILLED_CELLS
    for cells in reader:
        row = {key: cell.strip() for key, cell in zip(columns, cells, strict=False) if key}
        if len(cells) < len(columns) <= filled:
            filled -= len(columns)
            row |= {key: "" for key in columns[len(cells) :] if key}
        room -= max(ROW_CELLS, len(row))
        if room < 0:
            raise too_large(manifest)
        yield row


def _lines(stream: TextIOWrapper) -> Iterator[str]:
    while line := stream.readline(MAX_LINE_LETTERS + 1):
        if len(line) > MAX_LINE_LETTERS:
            raise csv.Error(f"expected lines of at most {MAX_LINE_LETTERS:,} letters, got a longer one")
        yield line
