"""Filters in Milvus's own language, and the fields of a row that they look at.

Each manifest column becomes a text field (normalised as ``retrieval.gallery.filters`` compares it) and, where the
text is one, a number field; field names are made of the column's letters in hexadecimal, so that any column name
will do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from retrieval.gallery.filters import Condition, Where, normal_text
from retrieval.values.datatypes import CatalogItem
from retrieval.words.numbers import parse_number

OWN_COLUMNS = ("id", "file", "title")
ORDERING = frozenset({"<", "<=", ">", ">="})


def columns_of(item: CatalogItem) -> dict[str, str]:
    """Column -> text, the item's own columns first."""
    return {"id": item.id, "file": item.file, "title": item.title} | item.fields


def row_fields(item: CatalogItem) -> dict[str, str | float]:
    """The fields that Milvus keeps for an item."""
    fields: dict[str, str | float] = {}
    for column, text in columns_of(item).items():
        fields[_field("t", column)] = normal_text(text)
        number = parse_number(text)
        if number is not None:
            fields[_field("n", column)] = number
    return fields


def expression(where: object, columns: Iterable[str]) -> str | None:
    """Translate a parsed filter, None when Milvus cannot say it.

    Args:
        where: a ``Where``; anything else cannot be said.
        columns: that rows have.
    """
    if not isinstance(where, Where):
        return None
    names = [name.casefold() for name in columns]
    parts = []
    for condition in where.conditions:
        part = _condition(condition) if names.count(condition.column.casefold()) == 1 else None
        if part is None:
            return None
        parts.append(f"({part})")
    return " and ".join(parts)


def _condition(condition: Condition) -> str | None:
    text, number = _field("t", condition.column), _field("n", condition.column)
    parts = []
    for value in condition.values:
        wanted, as_number = normal_text(value), parse_number(value)
        if condition.operator in ORDERING:
            parts.append(f"{number} {condition.operator} {as_number!r}")
        elif condition.operator == "~":
            if any(sign in wanted for sign in '%_\\"'):
                return None  # they mean something else to "like"
            parts.append(f"{text} like {_quoted(f'%{wanted}%')}")
        else:
            parts.append(f"{text} == {_quoted(wanted)}")
            if as_number is not None:
                parts.append(f"{number} == {as_number!r}")
    either = " or ".join(parts)
    return f"not ({either})" if condition.operator == "!=" else f'{text} != "" and ({either})'


def _field(kind: str, column: str) -> str:
    return f"{kind}_{column.casefold().encode('utf-8', 'surrogatepass').hex()}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
