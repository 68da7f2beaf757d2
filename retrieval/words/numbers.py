"""Numbers as lists write them: plain, or as prices of the shops of the world."""

from __future__ import annotations

import re
import unicodedata

CURRENCY_WORDS = frozenset({
    "usd", "eur", "gbp", "inr", "jpy", "krw", "cny", "rmb", "chf", "cad", "aud", "nzd", "sgd", "hkd", "twd", "ntd",
    "sek", "nok", "dkk", "isk", "pln", "czk", "huf", "ron", "bgn", "try", "uah", "rub", "zar", "brl", "mxn", "ars",
    "clp", "cop", "pen", "aed", "sar", "egp", "ils", "thb", "vnd", "idr", "myr", "php", "pkr", "us", "a", "c", "nz",
    "hk", "nt", "s", "r", "rs", "re", "rp", "rm", "kr", "kč", "zł", "ft", "lei", "tl", "лв", "грн", "fr",
    "руб", "р",  # noqa: RUF001
    "mx", "au", "tk", "bdt", "บาท",
    "sfr", "đ", "won", "yen", "yuan", "euro", "euros", "dollars", "rupees", "元", "円", "圓", "圆", "块", "원",
})  # fmt: skip
"""What may stand beside a number without changing it, in small letters and without a full stop."""

PRICE_WORDS = frozenset({
    "from", "ab", "desde", "od", "от", "vanaf", "only", "inkl", "incl", "mwst", "vat", "ttc", "tax", "税込", "税抜",
    "起", "から", "부터", "税込み", "税抜き", "約", "约", "약", "ca", "each", "stück",
})  # fmt: skip

FREE = frozenset({"free", "gratis", "gratuit", "kostenlos", "бесплатно", "무료", "無料", "免费"})
"""Prices of nothing."""

_MULTIPLES = {"만": 10_000, "万": 10_000, "萬": 10_000, "천": 1_000, "千": 1_000}

# Wide digits and signs are written like narrow ones, and there are several dashes.
_PLAIN = {0xFF01 + i: 0x21 + i for i in range(94)} | dict.fromkeys(map(ord, "\u2010\u2011\u2212"), "-") | {0x3000: " "}

_PARTS = re.compile(r"(?P<before>[^0-9]*)(?P<number>[0-9](?:[0-9.,'\u2019\s]*[0-9])?)(?P<after>[^0-9]*)")
# One kind of separator before every three digits, then perhaps the decimal sign, which is another one.
_GROUPED = re.compile(
    r"(?P<whole>[0-9]{1,3}(?P<separator>[.,'\u2019\s])[0-9]{3}(?:(?P=separator)[0-9]{3})*)"
    r"(?:(?!(?P=separator))[.,](?P<decimals>[0-9]+))?"
)
# Lakhs: 12,34,567.
_INDIAN = re.compile(r"[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]+)?")
_SIMPLE = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_NO_CENTS = re.compile(r"^(?:[.,:]?\s?[-\u2013\u2014]{1,3}|/\s?[-\u2013=]|[.,])")
_DASHES = re.compile(r"[.,:/]\s?[-\u2013\u2014=]")
_SIGN_AS_POINT = re.compile(r"(?<=[0-9])\s?[€£]\s?(?=[0-9]{2}$)")
_THOUSANDS_OF_A_PRICE = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
_RANGE = re.compile(r"(.*[0-9][^0-9]*?)(?:[-\u2013\u2014~\u301c]|\bto\b|\bbis\b)([^0-9]*[0-9].*)")
_CENTS = re.compile(r"[.,][0-9]{2}(?![0-9])")
LONGEST_RANGE = 64


def parse_number(text: str) -> float | None:
    """Read a number as shops write it.

    ``49.90``, ``$49.90``, ``49,90 €``, ``Rs. 1,299/-``, ``1.299,00``, ``1 299``, ``36元``, ``12만원`` and ``-5`` are
    numbers; ``10-20``, ``M``, ``nan`` and ``2 pack`` are not. Of a range of prices it is the first: ``$10 - $20``. A
    single comma before exactly three digits separates thousands, before any other count it is the decimal sign; a
    single full stop is the decimal sign, but before exactly three digits beside a currency.

    Args:
        text: a cell of a manifest, or a value of a filter.
    Returns:
        The number, None when the text is none.
    """
    text = _SIGN_AS_POINT.sub(".", text.translate(_PLAIN).strip())
    parts = _PARTS.fullmatch(text)
    if parts is not None:
        return _number(parts["before"], parts["number"], parts["after"])
    sides = _RANGE.fullmatch(text) if len(text) <= LONGEST_RANGE else None
    both = [_PARTS.fullmatch(side.strip()) for side in sides.groups()] if sides else []
    values = [_number(part["before"], part["number"], part["after"]) for part in both if part is not None]
    is_price = len(_CENTS.findall(text)) == 2 or has_currency(text)
    return values[0] if len(values) == 2 and is_price and values[1] is not None else None


def _number(before: str, number: str, after: str) -> float | None:
    is_price = has_currency(f"{before} {after}") or _DASHES.match(after) is not None
    before = _spaced(before)
    if before.endswith(".") and before[:-1].split()[-1:] in ([], ["-"], ["+"]):
        before, number = before[:-1], f"0.{number}"
    negative = before.count("-") == 1
    after = _NO_CENTS.sub("", _spaced(after))
    times = _MULTIPLES.get(after[:1], 1)
    words = before.replace("-", " ", 1).replace("+", " ", 1).split()
    words += re.sub(r"[()]", " ", after if times == 1 else after[1:]).split()
    if not all(word.rstrip(".") in CURRENCY_WORDS | PRICE_WORDS for word in words):
        return None
    value = _value(number.replace(".", "") if is_price and _THOUSANDS_OF_A_PRICE.fullmatch(number) else number)
    return None if value is None else value * times * (-1 if negative else 1)


def has_currency(text: str) -> bool:
    """Whether a sign or word of a currency stands in a text; one letter may mean anything."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return any(unicodedata.category(letter) == "Sc" for letter in text) or any(
        word in CURRENCY_WORDS and (len(word) > 1 or not word.isascii()) for word in words
    )


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
