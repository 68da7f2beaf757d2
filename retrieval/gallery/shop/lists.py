"""Read a list of a gallery's pictures, whoever made it: a manifest, a shop's table, or a shop's feed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from retrieval.files import open_regular
from retrieval.gallery.lists.columns import canonical_columns
from retrieval.gallery.manifest import MAX_CELLS, MAX_COLUMNS, ROW_CELLS, read_manifest, too_large
from retrieval.gallery.shop.exports import Row, given_away, products, recognise
from retrieval.gallery.shop.xml_feed import is_xml, read_xml_feed
from retrieval.values.errors import CatalogError

START_BYTES = 1_000
NO_TEXT = {
    b"PK\3\4": "a workbook (.xlsx, .ods) or a .zip",
    b"\xd0\xcf\x11\xe0": "a workbook (.xls)",
    b"\x1f\x8b": "a packed file (.gz)",
}
"""How files start that people take for lists."""


def read_rows(path: Path, tell: Callable[[str], None] = lambda fault: None, shop: str = "") -> Iterator[Row]:
    """Read the rows of a list, ``file`` in each of them.

    Args:
        path: of the list.
        tell: called with one line about each kind of fault that costs no row.
        shop: address of the shop, see ``products``.
    Raises:
        CatalogError: if it cannot be read, names no pictures, or is too large.
    """
    try:
        with open_regular(path) as stream:
            start = stream.read(START_BYTES)
            if kind := next((kind for mark, kind in NO_TEXT.items() if start.startswith(mark)), ""):
                what = f"Manifest {path} cannot be read: expected text, got {kind}"
                raise CatalogError(what, "Save its sheet as CSV UTF-8.")
            if is_xml(start):
                stream.seek(0)
                yield from _read_feed(read_xml_feed(stream, str(path)), path, shop)
                return
    except OSError:
        pass  # told by what reads it again
    yield from read_manifest(path, tell, shop)


def _read_feed(rows: Iterator[Row], path: Path, shop: str) -> Iterator[Row]:
    """Give a feed's rows the same columns, as a table's have, and read them as a table of the same names."""
    columns: dict[str, None] = {}
    known: deque[Row] = deque()
    room = MAX_CELLS
    for row in rows:
        room -= max(ROW_CELLS, len(row))
        columns |= dict.fromkeys(row)
        known.append(row)
        if room < 0 or len(columns) > MAX_COLUMNS or len(known) * len(columns) > MAX_CELLS:
            raise too_large(path)
    empty = dict.fromkeys(columns, "")
    filled = (empty | row for row in given_away(known))
    if (export := recognise(columns)) is not None:
        yield from products(export, filled, shop)
        return
    names = list(columns)
    found = {canonical: names[places[0]] for canonical, places in canonical_columns(names).items()}
    if "file" not in found:
        raise CatalogError(f"Feed {path} names no pictures: expected products with image_link", "Export it again.")
    yield from (row | {canonical: row[name] for canonical, name in found.items()} for row in filled)
