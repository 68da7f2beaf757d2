"""A gallery's manifest by columns, for filters over many rows.

A column is read once and kept as codes into its distinct values, so that a condition looks at each distinct value
once and at the rows only through NumPy, however many they are.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from retrieval.gallery.filters import Condition, normal_text
from retrieval.values.datatypes import BoolArray
from retrieval.values.errors import FilterError
from retrieval.words.numbers import parse_number

MASKS_KEPT = 32
_COMPARE: dict[str, Callable[[npt.NDArray[np.float64], float], BoolArray]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}


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
    def of(cls, texts: Iterable[str]) -> Column:
        """Sort the rows' texts into distinct values."""
        known: dict[str, int] = {}
        codes = np.fromiter((known.setdefault(text, len(known)) for text in texts), np.int32)
        values = tuple(normal_text(text) for text in known)
        return cls(codes, values, np.array([parse_number(value) for value in values], np.float64))

    def rows(self, condition: Condition) -> BoolArray:
        """Tell which rows a condition holds for, bool (N,)."""
        negated = condition.operator == "!="
        holds = np.zeros(len(self.values), np.bool_)
        for value in condition.values:
            holds |= self._holds("=" if negated else condition.operator, value)
        if negated:
            holds = ~holds
        else:
            holds &= np.array([value != "" for value in self.values], np.bool_)
        return np.asarray(holds[self.codes])

    def _holds(self, sign: str, value: str) -> BoolArray:
        wanted = normal_text(value)
        if sign == "~":
            return np.array([wanted in text for text in self.values], np.bool_)
        holds = np.array([sign == "=" and text == wanted for text in self.values], np.bool_)
        number = parse_number(value)
        if number is not None:
            holds |= _COMPARE[sign](self.numbers, number)  # NaN compares as false
        return holds


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

    def _rows_for(self, condition: Condition) -> BoolArray:
        typed = condition.column
        found = [name for name in self.names if name.casefold() == typed.casefold()]
        if not found:
            names = ", ".join(sorted(self.names, key=str.casefold))
            raise FilterError(f"Filter column {typed!r} is unknown: expected one of {names}.")
        name = typed if typed in found else found[0]
        if name not in self._columns:
            self._columns[name] = Column.of(self._read(name))
        return self._columns[name].rows(condition)
