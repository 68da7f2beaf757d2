"""Filters that stand in a caption: "under 50", "for women", "by Nike", "size M", "not black"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from retrieval.gallery.filters import normal_text
from retrieval.words.captions import COLOUR_WORDS, normalize_caption
from retrieval.words.numbers import CURRENCY_WORDS, has_currency, parse_number

_MONEY = rf"(?:(?!%)[^\w\s]|(?:{'|'.join(sorted(map(re.escape, CURRENCY_WORDS), key=len, reverse=True))})\b)*"
_UNITS = r"(?!\s*(?:%|(?:[cm]?m|ml|l|k?g|inch(?:es)?|years?|yrs?|months?|hours?|pieces?|pcs|packs?)\b))"
_AMOUNT = rf"({_MONEY}\s*\d[\d.,'\u2019]*(?<=\d)\s*{_MONEY})(?!\w){_UNITS}"
_UNLESS_NOT = r"(?<!\bnot )(?<!\bno )\b"
_PRICES = (
    (re.compile(rf"\b(?:between {_AMOUNT} and|from {_AMOUNT} to) {_AMOUNT}"), (">=", "<=")),
    (re.compile(rf"{_UNLESS_NOT}(?:under|below|less than|cheaper than) {_AMOUNT}"), ("<",)),
    (re.compile(rf"\b(?:up to|at most|not? (?:over|above|more than)|max(?:imum)?) {_AMOUNT}"), ("<=",)),
    (re.compile(rf"{_UNLESS_NOT}(?:over|above|more than) {_AMOUNT}"), (">",)),
    (re.compile(rf"\b(?:at least|not? (?:under|below|less than)|from) {_AMOUNT}"), (">=",)),
)
_NAMES = re.compile(r"max |from (?!.+ to )")
"""Before a number without a currency they are names and years: air max 90, from 2011."""

_COUNTS = re.compile(r"up to|at (?:most|least)|(?:not? )?more than")
"""Before a number and another word they count: at least 2 pockets."""

_GOES_ON = re.compile(r"\s*(?:$|[^\w\s]|(?:and|or|but|not|for|by|in|with|without|from|size|please)\b)")
_OTHERS = re.compile(r" (?:or|nor|and|&) (?:in |for |by )?")
_GENDER = re.compile(rf"{_UNLESS_NOT}for (?:a )?")
_GENDERS = {
    **dict.fromkeys(("men", "man", "him"), ("men", "man", "male", "mens", "men's")),
    **dict.fromkeys(("women", "woman", "her", "ladies"), ("women", "woman", "female", "ladies", "womens", "women's")),
    **dict.fromkeys(("boy", "boys"), ("boys", "boy")),
    **dict.fromkeys(("girl", "girls"), ("girls", "girl")),
    **dict.fromkeys(("kids", "children"), ("kids", "boys", "girls", "children", "boy", "girl")),
}
_SIZE = re.compile(rf"{_UNLESS_NOT}size ")
_BRAND = re.compile(rf"{_UNLESS_NOT}(?:by|from) ")
_NOT = re.compile(
    r"\b(?:but not|not|non|except|without|no|other than|(?:all|any(?:thing)?|everything) but)[ -]"
    r"(?:in |for |by |from |size )?"
)
LONGEST_VALUE, MOST_WORDS = 80, 5
"""Letters and words among which a value is looked for."""

BRAND_COLUMNS = ("brand", "vendor", "manufacturer")
COLOUR_COLUMNS = ("basecolour", "colour", "color")
NOT_COLUMNS = (*COLOUR_COLUMNS, "articletype", "pattern", "material", "usage", *BRAND_COLUMNS, "gender")

LEAST, MOST = 1e-4, 1e15
"""Amounts between these are written without an exponent."""

ValuesOf = Callable[[str], Sequence[str]]


def asked_filters(caption: str, names: Sequence[str], values_of: ValuesOf) -> tuple[str, tuple[str, ...]]:
    """Take the filters out of a caption, where the manifest has the column and the value.

    >>> columns = {"price": (), "brand": ("nike", "puma"), "baseColour": ("black", "navy blue")}
    >>> asked_filters("shoes by nike under $50, not black", tuple(columns), columns.__getitem__)
    ('shoes', ('price<50', 'brand=nike', 'baseColour!=black'))

    Args:
        caption: as ``normalize_caption`` gives it.
        names: of the manifest's columns.
        values_of: the distinct values of a column, in small letters.
    Returns:
        What is left, and conditions such as ``price<50``.
    """
    columns = {name.casefold(): name for name in names}
    called = lru_cache(None)(lambda name: _values_by_name(name.casefold(), tuple(values_of(name))))
    asked: list[str] = []
    if "price" in columns:
        for pattern, signs in _PRICES:
            if (found := pattern.search(caption)) and _is_price(found):
                amounts = [parse_number(amount) for amount in found.groups() if amount]
                if all(amount is not None and (amount == 0 or LEAST <= amount < MOST) for amount in amounts):
                    asked += [f"price{sign}{amount:.15g}" for sign, amount in zip(signs, amounts, strict=True)]
                    caption = _without(caption, *found.span())
    for pattern, wanted, sign in (
        (_GENDER, ("gender",), "="),
        (_SIZE, ("size",), "="),
        (_BRAND, BRAND_COLUMNS, "="),
        (_NOT, NOT_COLUMNS, "!="),
    ):
        at = 0
        while found := pattern.search(caption, at):
            at = found.end()
            for name in (columns[column] for column in wanted if column in columns):
                values, end = _named(caption, at, called(name))
                if values:
                    quoted = "|".join(map(_quoted, values))
                    asked.append(f"{name}{sign}{quoted}")
                    caption = _without(caption, found.start(), end)
                    at = 0
                    break
    return caption, tuple(dict.fromkeys(asked))


def _is_price(found: re.Match[str]) -> bool:
    """Whether an amount is one of money: a number without a currency may be a name, a year or a count."""
    if any(has_currency(amount) for amount in found.groups() if amount):
        return True
    is_count = _COUNTS.match(found[0]) and not _GOES_ON.match(found.string, found.end())
    return not (is_count or _NAMES.match(found[0]))


@lru_cache(16)
def _values_by_name(column: str, values: tuple[str, ...]) -> Mapping[str, Sequence[str]]:
    """What people may call a column's values."""
    called: dict[str, list[str]] = {}
    for value in values:
        if '"' in value and "'" in value:  # which no filter can name
            continue
        plain = normal_text(value)
        names = next((names for colour, names in COLOUR_WORDS.items() if colour.casefold() == plain), ())
        for name in {plain, normalize_caption(value), *(names if column in COLOUR_COLUMNS else ())} - {""}:
            called.setdefault(name, []).append(plain)
    if column == "gender":
        meant = {name: [value for one in ones for value in called.get(one, ())] for name, ones in _GENDERS.items()}
        called |= {name: found for name, found in meant.items() if found}
    return called


def _named(caption: str, start: int, called: Mapping[str, Sequence[str]]) -> tuple[list[str], int]:
    """The values that a caption names from a letter on ("black or white"), and where they end."""
    named: list[str] = []
    end, at = start, start
    while values := _named_at(caption, at, called):
        named += values[0]
        end = at + values[1]
        if not (other := _OTHERS.match(caption, end)):
            break
        at = other.end()
    return sorted(set(named)), end


def _named_at(caption: str, at: int, called: Mapping[str, Sequence[str]]) -> tuple[Sequence[str], int] | None:
    words = caption[at : at + LONGEST_VALUE].split(" ")[:MOST_WORDS]
    for count in range(len(words), 0, -1):
        phrase = " ".join(words[:count]).rstrip(".,!?;")
        if phrase in called:
            return called[phrase], len(phrase)
    return None


def _quoted(value: str) -> str:
    quote = "'" if '"' in value else '"'
    return f"{quote}{value}{quote}" if re.search(r"[|,]|^\W", value) else value


def _without(text: str, start: int, end: int) -> str:
    return " ".join(f"{text[:start]} {text[end:]}".split()).strip(" ,;")
