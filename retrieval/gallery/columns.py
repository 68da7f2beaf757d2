"""A gallery's manifest by columns, for filters over many rows.

A column is read once and kept as codes into its distinct values, so that a condition looks at each distinct value
once and at the rows only through NumPy, however many they are.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from retrieval.gallery.filters import Condition, Where, check_columns, normal_text
from retrieval.values.datatypes import BoolArray
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
    """

    codes: npt.NDArray[np.int32]
    values: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Column:
        """Sort the rows' texts into distinct values."""
        known: dict[str, int] = {}
        raw = np.fromiter((known.setdefault(text, len(known)) for text in texts), np.int32)
        normal: dict[str, int] = {}
        merged = np.fromiter((normal.setdefault(normal_text(t), len(normal)) for t in known), np.int32, len(known))
        return cls(merged[raw] if len(raw) else raw, tuple(normal))

    @cached_property
    def numbers(self) -> npt.NDArray[np.float64]:
        """The values as numbers, (U,); NaN where they are none."""
        parsed = (parse_number(value) for value in self.values)
        return np.array([np.nan if number is None else number for number in parsed], np.float64)

    def rows(self, condition: Condition) -> BoolArray:
        """Tell which rows a condition holds for, bool (N,)."""
        negated = condition.operator == "!="
        sign = "=" if negated else condition.operator
        holds = np.zeros(len(self.values), np.bool_)
        for value in condition.values:
            holds |= self._holds(sign, value)
        if negated:
            holds = ~holds
        else:
            holds &= np.array([value != "" for value in self.values], np.bool_)
        return np.asarray(holds[self.codes])

    def _holds(self, sign: str, value: str) -> BoolArray:
        wanted = normal_text(value)
        if sign == "~":
            return np.array([wanted in text for text in self.values], np.bool_)
        number = parse_number(value)
        holds = np.zeros(len(self.values), np.bool_)
        if number is not None:
            holds |= _COMPARE[sign](self.numbers, number)  # NaN compares as false
        if sign == "=":
            holds |= np.array([text == wanted for text in self.values], np.bool_)
        return holds


class Columns:
    """All columns of a gallery, read when they are first asked for.

    Args:
        names: of the columns there are, as far as is known at once.
        read: gives the texts of one column, row by row.
        further_names: looks through all rows for names; asked once, before a column is called unknown.
    """

    def __init__(
        self,
        names: Iterable[str],
        read: Callable[[str], Iterable[str]],
        further_names: Callable[[], Iterable[str]] | None = None,
    ) -> None:
        self.names = tuple(names)
        self._read = read
        self._further_names = further_names
        self._columns: dict[str, Column] = {}
        self._masks: dict[Condition, BoolArray] = {}

    def rows(self, where: Where) -> BoolArray:
        """Tell which rows a filter lets through, bool (N,).

        Raises:
            FilterError: if a column is not there; the text names those that are.
        """
        if self._further_names is not None and not all(self._is_known(one.column) for one in where.conditions):
            self.names = tuple(dict.fromkeys([*self.names, *self._further_names()]))
            self._further_names = None
        check_columns(where, self.names)
        masks = [self._mask(condition) for condition in where.conditions]
        return np.asarray(np.logical_and.reduce(masks))

    def _is_known(self, typed: str) -> bool:
        return any(name.casefold() == typed.casefold() for name in self.names)

    def _mask(self, condition: Condition) -> BoolArray:
        found = self._masks.get(condition)
        if found is None:
            found = self._column(condition.column).rows(condition)
            if len(self._masks) >= MASKS_KEPT:
                self._masks.pop(next(iter(self._masks)))
            self._masks[condition] = found
        return found

    def _column(self, typed: str) -> Column:
        exact = typed if typed in self.names else None
        name = exact or next(name for name in self.names if name.casefold() == typed.casefold())
        if name not in self._columns:
            self._columns[name] = Column.of(self._read(name))
        return self._columns[name]
