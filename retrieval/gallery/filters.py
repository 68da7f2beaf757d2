"""Filters on manifest columns: ``gender=Women|Girls,price<50,title~"long dress"``.

::

    filter    := condition ("," condition)*            all of them must hold
    condition := column operator value ("|" value)*    one of the values is enough
    operator  := = | != | < | <= | > | >= | ~          ~ means "contains"

Columns and values are compared without regard to case. A value in quotes may hold commas, bars and spaces at its
ends. Where both sides are numbers they are compared as numbers, whatever currency stands beside them. A row without
a value in the column matches nothing but ``!=``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from retrieval.values.errors import FilterError
from retrieval.words.numbers import parse_number

OPERATORS = ("!=", "<=", ">=", "==", "=", "<", ">", "~")
ORDERING = frozenset({"<", "<=", ">", ">="})
QUOTES = "\"'"
EXAMPLE = "gender=Women,price<50"
_OPERATOR_START = re.compile(r"[!<>=~]")
_GROUPS_BEFORE = re.compile(r"(?:^|[^\d.,])\d{1,3}(?:,\d{3})*$", re.ASCII)
_GROUP_AFTER = re.compile(r",\d{3}(?:,\d{3})*(?:\.\d+)?\s*(?:$|[|,])", re.ASCII)


@dataclass(frozen=True)
class Condition:
    """One comparison of a column.

    Attributes:
        column: as typed; compared without regard to case.
        operator: ``=``, ``!=``, ``<``, ``<=``, ``>``, ``>=`` or ``~``.
        values: as typed, without quotes; at least one.
    """

    column: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Where:
    """A parsed filter: every condition must hold.

    Attributes:
        conditions: at least one.
        text: as typed.
    """

    conditions: tuple[Condition, ...]
    text: str


def parse_where(text: str) -> Where:
    """Parse a filter.

    Raises:
        FilterError: with one line that names the place, counted from 1.
    """
    reader = _Reader(text)
    conditions = [reader.condition()]
    while not reader.at_end:
        reader.take_comma()
        conditions.append(reader.condition())
    return Where(tuple(conditions), text)


def check_columns(where: Where, columns: Iterable[str]) -> None:
    """Make sure that the columns are there.

    Raises:
        FilterError: with one line that names the columns there are.
    """
    names = sorted(set(columns), key=str.casefold)
    known = {name.casefold() for name in names}
    for condition in where.conditions:
        if condition.column.casefold() not in known:
            raise FilterError(f"Filter column {condition.column!r} is unknown: expected one of {', '.join(names)}.")


def normal_text(text: str) -> str:
    """Bring a text to the form that is compared: no case, single spaces."""
    return " ".join(text.casefold().split())


class _Reader:
    """Reads a filter from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    @property
    def at_end(self) -> bool:
        return self.at >= len(self.text)

    def condition(self) -> Condition:
        self._skip_spaces()
        column = self._column()
        operator = self._operator()
        starts = [self.at]
        values = [self._value(operator)]
        while not self.at_end and self.text[self.at] == "|":
            self.at += 1
            starts.append(self.at)
            values.append(self._value(operator))
        if operator in ORDERING:
            for value, start in zip(values, starts, strict=True):
                if parse_number(value) is None:
                    self.at = start
                    self._fail(f"a number after {operator}")
        return Condition(column, "=" if operator == "==" else operator, tuple(values))

    def take_comma(self) -> None:
        if self.text[self.at] != ",":
            self._fail("a comma or the end")
        self.at += 1

    def _column(self) -> str:
        if not self.at_end and self.text[self.at] in QUOTES:
            return self._quoted()
        found = _OPERATOR_START.search(self.text, self.at)
        comma = self.text.find(",", self.at)
        end = found.start() if found else len(self.text)
        if 0 <= comma < end:
            end = comma
        column = self.text[self.at : end].strip()
        if not column:
            self._fail("a column, an operator and a value")
        self.at = end
        return column

    def _operator(self) -> str:
        self._skip_spaces()
        operator = next((sign for sign in OPERATORS if self.text.startswith(sign, self.at)), None)
        if operator is None:
            self._fail("one of = != < <= > >= ~")
        assert operator is not None
        self.at += len(operator)
        return operator

    def _value(self, operator: str) -> str:
        self._skip_spaces()
        if not self.at_end and self.text[self.at] in QUOTES:
            return self._quoted()
        start = self.at
        while not self.at_end and self.text[self.at] != "|":
            if self.text[self.at] == "," and not self._continues_number(start):
                break
            self.at += 1
        value = self.text[start : self.at].strip()
        if not value or _OPERATOR_START.match(value):
            self.at = start
            self._fail(f"a value after {operator}")
        return value

    def _continues_number(self, start: int) -> bool:
        """Tell whether the comma here separates thousands, as in ``price<1,299``."""
        before, after = self.text[start : self.at], self.text[self.at :]
        return _GROUPS_BEFORE.search(before) is not None and _GROUP_AFTER.match(after) is not None

    def _quoted(self) -> str:
        quote, start = self.text[self.at], self.at
        end = self.text.find(quote, start + 1)
        if end < 0:
            self._fail(f"a closing {quote}")
        self.at = end + 1
        self._skip_spaces()
        return self.text[start + 1 : end]

    def _skip_spaces(self) -> None:
        while not self.at_end and self.text[self.at].isspace():
            self.at += 1

    def _fail(self, expected: str) -> None:
        got = self.text[self.at :]
        got = f"{got[:20]!r}{'...' if len(got) > 20 else ''}" if got else "the end"
        raise FilterError(
            f"Filter {self.text!r} is not understood at character {self.at + 1}: expected {expected}, got {got}",
            f"Write it like {EXAMPLE}",
        )
