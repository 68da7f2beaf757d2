"""Read a shop's feed, RSS 2.0, Atom or a plain list of products, a piece at a time; nobody's XML is trusted.

Entities are refused, so nothing grows beyond the file and nothing else is opened. Prefixes are taken as they are
written: many shops forget to say what ``g:`` stands for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO
from xml.parsers import expat

from retrieval.values.errors import CatalogError

PRODUCT_ELEMENTS = frozenset({"item", "entry", "product", "offer"})
LIST_COLUMN = "additional_image_link"
PIECE_BYTES = 1 << 16
MAX_TOKEN_BYTES = 4 << 20
"""Of a single tag or comment, which the parser holds in memory."""

MAX_PRODUCT_LETTERS = 1 << 20
MAX_DEPTH = 64
MAX_COLUMNS = 1_000


class _FeedFault(Exception):
    """What is wrong with a feed where the parser stands."""


class _Products:
    """Takes the parser's events and makes rows of them; what has no prefix yields to what Google's has."""

    def __init__(self) -> None:
        self.rows: list[dict[str, str]] = []
        self._google = {"g"}
        self._depth = 0
        self._row: dict[str, str] | None = None
        self._row_depth = 0
        self._sure: set[str] = set()
        self._spare_picture = ""
        self._text: list[str] = []
        self._letters = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _FeedFault(f"expected at most {MAX_DEPTH} elements in each other, got more")
        if attributes:
            self._google |= {
                key[6:] for key, uri in attributes.items() if key[:6] == "xmlns:" and "base.google.com" in uri
            }
        local = name.rpartition(":")[2]
        if self._row is None:
            if local.lower() in PRODUCT_ELEMENTS:
                self._row, self._row_depth = {"id": attributes["id"]} if "id" in attributes else {}, self._depth
                self._sure, self._spare_picture, self._letters = set(), "", 0
        elif self._depth == self._row_depth + 1:
            self._text = []
            if local == "link" and attributes.get("rel", "alternate") == "alternate":
                self._text.append(attributes.get("href", ""))
            elif (local in {"enclosure", "content", "thumbnail"} and "url" in attributes) and (
                attributes.get("type") or attributes.get("medium") or "image"
            ).startswith("image"):
                self._spare_picture = self._spare_picture or attributes["url"]
        else:
            self._text.append(" ")

    def text(self, text: str) -> None:
        if self._row is not None and self._depth > self._row_depth:
            self._letters += len(text)
            if self._letters > MAX_PRODUCT_LETTERS:
                raise _FeedFault(f"expected at most {MAX_PRODUCT_LETTERS:,} letters a product, got more")
            self._text.append(text)

    def end(self, name: str) -> None:
        if self._row is not None and self._depth == self._row_depth:
            if self._spare_picture:
                self._row.setdefault("image_link", self._spare_picture)
            self.rows.append(self._row)
            self._row = None
        elif self._row is not None and self._depth == self._row_depth + 1:
            self._put(self._row, name, " ".join("".join(self._text).split()))
        self._depth -= 1

    def _put(self, row: dict[str, str], name: str, value: str) -> None:
        prefix, _, local = name.rpartition(":")
        is_sure = prefix in self._google
        name = local if is_sure else name
        if not value or (name in row and not is_sure) or len(row) > MAX_COLUMNS:
            return
        if name in self._sure:
            if name == LIST_COLUMN:
                row[name] += f",{value}"
            return
        row[name] = value
        self._sure |= {name} if is_sure else set()


def is_xml(start: bytes) -> bool:
    """Whether a file that starts like this is XML, in UTF-8 or UTF-16."""
    return start.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0").startswith(b"<")


def read_xml_feed(stream: BinaryIO, name: str) -> Iterator[dict[str, str]]:
    """Read the products of a feed, each a row of the columns that it has.

    Args:
        stream: at its beginning.
        name: how errors name it.
    Raises:
        CatalogError: with the line, if it is damaged, holds entities of its own, or is too large.
    """
    products = _Products()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = products.start, products.end
    parser.CharacterDataHandler = products.text
    parser.EntityDeclHandler = _refuse_entity
    fed = 0
    try:
        while True:
            piece = stream.read(PIECE_BYTES)
            parser.Parse(piece, not piece)
            fed += len(piece)
            if fed - parser.CurrentByteIndex > MAX_TOKEN_BYTES:
                raise _FeedFault(f"expected tags of at most {MAX_TOKEN_BYTES:,} bytes, got a longer one")
            yield from products.rows
            products.rows.clear()
            if not piece:
                return
    except (expat.ExpatError, _FeedFault, LookupError, ValueError) as error:  # the last two: an unknown encoding
        reason = expat.ErrorString(error.code) if isinstance(error, expat.ExpatError) else str(error)
        where = f"line {parser.CurrentLineNumber:,}"
        raise CatalogError(f"Feed {name} cannot be read: {where}: {reason}", "Export it again.") from error


def _refuse_entity(*_: object) -> None:
    raise _FeedFault("expected no entities, got a declaration of one")
