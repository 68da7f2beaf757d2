"""Read the list beside the pictures; its size in memory stays near its size on disk, whatever stands in it."""

from __future__ import annotations

import csv
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.files import open_regular
from retrieval.gallery.lists.columns import RENAMED, canonical_columns, distinct
from retrieval.gallery.lists.names import is_picture_name
from retrieval.gallery.lists.table import Table
from retrieval.gallery.shop.exports import Export, is_address, plain, products, recognise
from retrieval.values.errors import CatalogError, first_line, one_line

MANIFEST_NAME = "metadata.csv"
MAX_COLUMNS = 1_000
MAX_CELLS = 12_000_000
"""Of all rows; each takes about a hundred bytes of memory, and a row as much as ``ROW_CELLS``."""

ROW_CELLS = 6
MAX_FILLED_CELLS = 1_000_000
"""So many cells that rows lack are given as empty ones; further ones are left out."""

HEADER_ROWS = 20
"""The header is one of so many rows: some lists have a heading above it."""


EDGES = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\x1a\u200b\u200e\u200f\u202a\u202c\u2060\ufeff"
"""What cannot be seen around a cell: spaces, DOS's end of a file, and the marks that copied paths bring along."""


@dataclass(frozen=True)
class Header:
    """What stands where in a list.

    Attributes:
        delimiter: between cells.
        columns: the name of each column, no two alike, "" for those to pass over.
        also: canonical columns that are given beside those of other names, and whose value they have.
        file_at: the column that names the picture.
        export: the shop's system that the list comes from, None for any other list.
        is_row: whether the list has no header, and this was made of its first row.
    """

    delimiter: str
    columns: tuple[str, ...]
    also: tuple[tuple[str, str], ...]
    file_at: int
    export: Export | None = None
    is_row: bool = False


def too_large(manifest: Path) -> CatalogError:
    """Make the error for a list that would fill the memory."""
    what = f"Manifest {manifest} is too large: expected at most {MAX_CELLS:,} cells, got more"
    return CatalogError(what, "Make several galleries of it.")


def read_manifest(
    manifest: Path, tell: Callable[[str], None] = lambda fault: None, shop: str = ""
) -> Iterator[dict[str, str]]:
    """Read the rows that name a file, each with the cells that it has, and all products of a shop's export.

    Args:
        manifest: separated by commas, semicolons, tabs or bars, in any usual encoding.
        tell: called with one line about each kind of fault that costs no row.
        shop: address of the shop, see ``products``.
    Raises:
        CatalogError: if it cannot be read, has no column for the file, or is too large.
    """
    try:
        with open_regular(manifest) as stream:
            table = Table(stream)
            header = _find_header(table, manifest)
            rows = _rows(table, header, manifest)
            if header.export is not None:
                yield from products(header.export, rows, shop)
            else:
                yield from (row for row in rows if row.get("file"))
            for fault in table.faults():
                tell(fault)
    except FileNotFoundError as error:
        raise CatalogError(f"Manifest {manifest} is not there", "Check the path.") from error
    except csv.Error as error:
        raise CatalogError(f"Manifest {manifest} cannot be read: {first_line(error)}", "Shorten or mend it.") from error
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or first_line(error)
        raise CatalogError(f"Manifest {manifest} cannot be read: {reason}", "Save it as UTF-8 CSV.") from error


def _rows(table: Table, header: Header, manifest: Path) -> Iterator[dict[str, str]]:
    room, filled = MAX_CELLS, MAX_FILLED_CELLS
    columns = header.columns
    for cells in table.rows(header.delimiter, len(columns), header.file_at):
        row = {key: cell.strip(EDGES) for key, cell in zip(columns, cells, strict=False) if key}
        if len(cells) < len(columns) <= filled:
            filled -= len(columns)
            row |= {key: "" for key in columns[len(cells) :] if key}
        for canonical, key in header.also:
            if key in row:
                row[canonical] = row[key]
        room -= max(ROW_CELLS, len(row))
        if room < 0:
            raise too_large(manifest)
        yield row


def _find_header(table: Table, manifest: Path) -> Header:
    """Read up to the row that names the columns, by the separator that leads to pictures.

    Raises:
        CatalogError: if no row does.
    """
    first: list[str] = []
    for _ in range(HEADER_ROWS):
        looks = {delimiter: table.look(delimiter, 2) for delimiter in table.delimiters}
        found = [header for delimiter, rows in looks.items() if (header := _header(delimiter, rows))]
        first = first or max((rows[0] for rows in looks.values() if rows), key=len, default=[])
        best = max(found, key=lambda header: len(header.columns), default=None)
        if best is not None and best.is_row:
            return best
        for cells in table.rows(best.delimiter if best else table.delimiters[0]):
            if best is None or any(cell.strip() for cell in cells):
                break
        if best is not None:
            return best
    shown = one_line(textwrap.shorten(", ".join(cell.strip() for cell in first[:MAX_COLUMNS]), 120, placeholder="..."))
    raise CatalogError(
        f"Manifest {manifest} has no 'file' column: expected one, got {shown or 'no header'}",
        "Add a header row with at least: file,title.",
    )


def _without_names(delimiter: str, cells: Sequence[str], file_at: int) -> Header:
    """Name the columns of a list without a header: the other one with the most letters in it has the title."""
    columns = [f"column {place}" for place in range(1, len(cells) + 1)]
    letters = [0 if is_address(cell) else sum(map(str.isalpha, cell)) for cell in cells]
    letters[file_at] = 0
    if any(letters):
        columns[letters.index(max(letters))] = "title"
    columns[file_at] = "file"
    return Header(delimiter, tuple(columns), (), file_at, is_row=True)


def _header(delimiter: str, rows: Sequence[Sequence[str]]) -> Header | None:
    """Take a row as a header, if it names a column of files or the row behind it has a picture's name in one."""
    names = [one_line(name).strip() for name in rows[0][:MAX_COLUMNS]] if rows else []
    if "file" not in names and (export := recognise(names)) is not None:
        file_at = next(place for place, name in enumerate(names) if plain(name) in export.columns["file"])
        return Header(delimiter, tuple(distinct(names)), (), file_at, export)
    known = canonical_columns(names)
    second = rows[1] if len(rows) > 1 else ()
    pictures = [place for place, cell in enumerate(second) if is_picture_name(cell.strip(EDGES))]
    both = [place for place in pictures if place < len(names) and is_picture_name(names[place])]
    if both and "file" not in known:
        return _without_names(delimiter, names, both[0])
    if "file" not in known and not any(map(is_picture_name, names)):
        known["file"] = [place for place in pictures if place < len(names)]
    if not known.get("file"):
        return None
    likely = known["file"]
    file_at = likely[0] if len(likely) == 1 else next((place for place in likely if place in pictures), likely[0])
    own = distinct(names)
    taken = {file_at}
    also = []
    for canonical, places in known.items():
        place = file_at if canonical == "file" else next((one for one in places if one not in taken), None)
        if place is None:
            continue
        taken.add(place)
        if canonical in RENAMED or names[place].casefold() == canonical.casefold():
            own[place] = canonical
        else:
            also.append((canonical, own[place]))
    return Header(delimiter, tuple(own), tuple(also), file_at)
