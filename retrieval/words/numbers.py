"""Numbers as manifests write them: plain, with a currency, with separators between the thousands."""

from __future__ import annotations

import re
import unicodedata

CURRENCY_WORDS = frozenset({
    "usd", "eur", "gbp", "inr", "jpy", "krw", "cny", "rmb", "chf", "cad", "aud", "nzd", "sgd", "hkd", "twd", "sek",
    "nok", "dkk", "pln", "czk", "huf", "ron", "try", "uah", "zar", "brl", "mxn", "aed", "sar", "ils", "thb", "vnd",
    "idr", "myr", "php", "us", "a", "c", "nz", "hk", "s", "r", "rs", "re", "kr", "kč", "zł", "won", "yen", "euro",
    "euros", "dollars", "rupees",
})  # fmt: skip
"""What may stand beside a number without changing it, in small letters and without a full stop."""

_PARTS = re.compile(r"(?P<before>[^0-9]*)(?P<number>[0-9](?:[0-9.,'\u2019\s]*[0-9])?)(?P<after>[^0-9]*)")
# One kind of separator before every three digits, then perhaps the decimal sign, which is another one.
_GROUPED = re.compile(
    r"(?P<whole>[0-9]{1,3}(?P<separator>[.,'\u2019\s])[0-9]{3}(?:(?P=separator)[0-9]{3})*)"
    r"(?:(?!(?P=separator))[.,](?P<decimals>[0-9]+))?"
)
# Lakhs: 12,34,567.
_INDIAN = re.compile(r"[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]+)?")
_SIMPLE = re.compile(r"[0-9]+(?:[.,][0-9]+)?")


def parse_number(text: str) -> float | None:
    """Read a number as shops write it.

    ``49.90``, ``$49.90``, ``49,90 €``, ``Rs. 1,299``, ``1.299,00``, ``1 299`` and ``-5`` are numbers; ``10-20``,
    ``M``, ``nan`` and ``2 pack`` are not. A single comma before exactly three digits separates thousands, before
    any other count it is the decimal sign; a single full stop always is the decimal sign.

    Args:
        text: a cell of a manifest, or a value of a filter.
    Returns:
        The number, None when the text is none.
    """
    parts = _PARTS.fullmatch(text.strip())
    if parts is None:
        return None
    before, number = _spaced(parts["before"]), parts["number"]
    if before.endswith(".") and before[:-1].split()[-1:] in ([], ["-"], ["+"]):
        before, number = before[:-1], f"0.{number}"
    negative = before.count("-") == 1
    words = before.replace("-", " ", 1).replace("+", " ", 1).split()
    words += _spaced(parts["after"]).removeprefix(".").removeprefix(",").removeprefix("-").split()
    if not all(word.rstrip(".") in CURRENCY_WORDS for word in words):
        return None
    value = _value(number)
    return -value if negative and value is not None else value


def _spaced(affix: str) -> str:
    """Small letters, with spaces for currency signs."""
    return "".join(" " if unicodedata.category(c) == "Sc" else c for c in affix.casefold()).strip()


def _value(number: str) -> float | None:
    if _INDIAN.fullmatch(number):
        return float(number.replace(",", ""))
    grouped = _GROUPED.fullmatch(number)
    if grouped and not (grouped["separator"] == "." and number.count(".") == 1 and "," not in number):
        whole = re.sub(r"\D", "", grouped["whole"])
        return float(f"{whole}.{grouped['decimals'] or 0}")
    return float(number.replace(",", ".")) if _SIMPLE.fullmatch(number) else None
