"""Filters on manifest columns: ``gender=Women|Girls,price<50,title~"long dress"``.

::

    filter    := condition ("," condition)*            all of them must hold
    condition := column operator value ("|" value)*    one of the values is enough
    operator  := = | != | < | <= | > | >= | ~          ~ means "contains"

Columns and values are compared without regard to case. A value in quotes may hold commas, bars and spaces at its
ends. Where both sides are numbers they are compared as numbers, whatever currency stands beside them. A row without
a value in the column matches nothing but ``!=``.

A column of the manifest is read once and kept as codes into its distinct values, so that a condition looks at each
distinct value once and at the rows only through NumPy, however many they are.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from retrieval.gallery.lists.columns import canonical_columns
from retrieval.values.datatypes import BoolArray
from retrieval.values.errors import FilterError
from retrieval.words.numbers import FREE, parse_number

MASKS_KEPT = 32
_COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
ORDERING = frozenset(_COMPARE)
_COMMA = re.compile(",")
_COLUMN = re.compile(r"[^,!<>=~]+")
_OPERATOR = re.compile(r"!=|<=|>=|==|[=<>~]")
_THOUSANDS = r"(?<![\d.,])[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?=\s*(?:$|[|,]))"
_VALUE = re.compile(rf"(?![!<>=~])(?:{_THOUSANDS}|[^|,])+")
"""Commas end a value, except those that separate thousands, as in ``price<1,299``."""


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


def parse_where(text: str) -> tuple[Condition, ...]:
    """Parse a filter into conditions, at least one, which must all hold.

    Raises:
        FilterError: with one line that names the place, counted from 1.
    """
    reader = _Reader(text)
    conditions = [reader.condition()]
    while reader.at < len(text):
        reader.take(_COMMA, "a comma or the end")
        conditions.append(reader.condition())
    return tuple(conditions)


def normal_text(text: str) -> str:
    """Bring a text to the form that is compared: no case, single spaces."""
    return " ".join(text.casefold().split())


class _Reader:
    """Reads a filter from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def condition(self) -> Condition:
        column = self._quoted_or(_COLUMN, "a column, an operator and a value")
        operator = self.take(_OPERATOR, "one of = != < <= > >= ~")
        values = [self._value(operator)]
        while self.text.startswith("|", self.at):
            self.at += 1
            values.append(self._value(operator))
        return Condition(column, "=" if operator == "==" else operator, tuple(values))

    def take(self, pattern: re.Pattern[str], expected: str) -> str:
        """Read what must come next."""
        found = pattern.match(self.text, self.at)
        if found is None:
            raise self._error(expected)
        self.at = found.end()
        return found[0].strip()

    def _value(self, operator: str) -> str:
        self._skip_spaces()
        start = self.at
        value = self._quoted_or(_VALUE, f"a value after {operator}")
        if operator in ORDERING and parse_number(value) is None:
            self.at = start
            raise self._error(f"a number after {operator}")
        return value

    def _quoted_or(self, pattern: re.Pattern[str], expected: str) -> str:
        """Read a text in quotes, or one that needs none."""
        self._skip_spaces()
        quote = self.text[self.at : self.at + 1]
        if not quote or quote not in "\"'":
            return self.take(pattern, expected)
        end = self.text.find(quote, self.at + 1)
        if end < 0:
            raise self._error(f"a closing {quote}")
        quoted = self.text[self.at + 1 : end]
        self.at = end + 1
        self._skip_spaces()
        return quoted

    def _skip_spaces(self) -> None:
        self.at = len(self.text) - len(self.text[self.at :].lstrip())

    def _error(self, expected: str) -> FilterError:
        got = self.text[self.at :]
        got = f"{got[:20]!r}{'...' if len(got) > 20 else ''}" if got else "the end"
        return FilterError(
            f"Filter {self.text!r} is not understood at character {self.at + 1}: expected {expected}, got {got}",
            "Write it like gender=Women,price<50",
        )


@dataclass(frozen=True)
class Column:
    """One column of a manifest.

    Attributes:
        codes: int32 (N,), which of the values a row has.
        values: the distinct values, normalised; "" stands for none.
        numbers: float64, the values as numbers; NaN where they are none.
    """

    codes: npt.NDArray[np.int32]
    values: tuple[str, ...]
    numbers: npt.NDArray[np.float64]

    @classmethod
    def of(cls, texts: Iterable[str], name: str = "") -> Column:
        """Sort the rows' texts into distinct values; in a column of prices, what is free costs 0."""
        known: dict[str, int] = {}
        codes = np.fromiter((known.setdefault(text, len(known)) for text in texts), np.int32)
        values = tuple(normal_text(text) for text in known)
        free = FREE if "price" in canonical_columns([name]) else ()
        numbers = [0.0 if value in free else parse_number(value) for value in values]
        return cls(codes, values, np.array(numbers, np.float64))

    def rows(self, condition: Condition) -> BoolArray:
        """Tell which rows a condition holds for, bool (N,)."""
        negated = condition.operator == "!="
        if negated or condition.operator == "=":  # however many values are named, each distinct one is looked at once
            wanted = set(map(normal_text, condition.values))
            numbers = [number for value in condition.values if (number := parse_number(value)) is not None]
            holds = np.array([text in wanted for text in self.values], np.bool_) | np.isin(self.numbers, numbers)
        else:
            holds = np.logical_or.reduce([self._holds(condition.operator, value) for value in condition.values])
        if negated:
            holds = ~holds
        else:
            holds &= np.array([value != "" for value in self.values], np.bool_)
        return np.asarray(holds[self.codes])

    def _holds(self, sign: str, value: str) -> BoolArray:
        if sign == "~":
            wanted = normal_text(value)
            return np.array([wanted in text for text in self.values], np.bool_)
        number = parse_number(value)
        return np.asarray(_COMPARE[sign](self.numbers, np.nan if number is None else number))  # NaN compares as false


class Columns:
    """All columns of a gallery, read when they are first asked for.

    Args:
        names: of the columns there are.
        read: gives the texts of one column, row by row.
    """

    def __init__(self, names: Iterable[str], read: Callable[[str], Iterable[str]]) -> None:
        self.names = tuple(names)
        self._read = read
        self._columns: dict[str, Column] = {}
        self._mask = lru_cache(MASKS_KEPT)(self._rows_for)

    def rows(self, where: Sequence[Condition]) -> BoolArray:
        """Tell which rows a filter lets through, bool (N,).

        Raises:
            FilterError: if a column is not there; the text names those that are.
        """
        return np.asarray(np.logical_and.reduce([self._mask(condition) for condition in where]))

    def values(self, name: str) -> tuple[str, ...]:
        """List the distinct values of a column, normalised."""
        return self._column(name).values

    def _rows_for(self, condition: Condition) -> BoolArray:
        names = {name.casefold(): name for name in reversed(self.names)}
        name = condition.column if condition.column in self.names else names.get(condition.column.casefold())
        if name is None:
            known = ", ".join(sorted(self.names, key=str.casefold))
            raise FilterError(f"Filter column {condition.column!r} is unknown: expected one of {known}.")
        return self._column(name).rows(condition)

    def _column(self, name: str) -> Column:
        if name not in self._columns:
            self._columns[name] = Column.of(self._read(name), name)
        return self._columns[name]
