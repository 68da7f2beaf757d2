"""Filters that stand in a caption: "under 50", "for women", "by Nike", "size M", "not black"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence, Set
from functools import cache

from retrieval.words.captions import COLOUR_WORDS
from retrieval.words.numbers import CURRENCY_WORDS, parse_number

_MONEY = rf"(?:[^\w\s]|(?:{'|'.join(sorted(map(re.escape, CURRENCY_WORDS), key=len, reverse=True))})\b)*"
_AMOUNT = rf"({_MONEY}\s*\d[\d.,'\u2019]*(?<=\d)\s*{_MONEY})(?!\w)"
_PRICES = (
    (re.compile(rf"\bbetween {_AMOUNT} and {_AMOUNT}"), (">=", "<=")),
    (re.compile(rf"\b(?:under|below|less than|cheaper than) {_AMOUNT}"), ("<",)),
    (re.compile(rf"\b(?:up to|at most|no more than|max(?:imum)?) {_AMOUNT}"), ("<=",)),
    (re.compile(rf"\b(?:over|above|more than) {_AMOUNT}"), (">",)),
    (re.compile(rf"\b(?:at least|from) {_AMOUNT}"), (">=",)),
)
_GENDER = re.compile(r"\bfor (?:a )?(men|man|him|women|woman|her|ladies|boys?|girls?|kids|children)\b")
_GENDERS = {
    **dict.fromkeys(("men", "man", "him"), ("men", "man", "male", "mens", "men's")),
    **dict.fromkeys(("women", "woman", "her", "ladies"), ("women", "woman", "female", "ladies", "womens", "women's")),
    **dict.fromkeys(("boy", "boys"), ("boys", "boy")),
    **dict.fromkeys(("girl", "girls"), ("girls", "girl")),
    **dict.fromkeys(("kids", "children"), ("kids", "boys", "girls", "children", "boy", "girl")),
}
_SIZE = re.compile(r"\bsize ([\w./]+)")
_BRAND = re.compile(r"\b(?:by|from) (?=(\S+(?: \S+){0,3}))")
_NOT = re.compile(r"\b(?:but not|not|except|without|no) (?:in )?(?=(\S+(?: \S+)?))")
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
        values_of: the distinct values of a column, as ``normal_text`` gives them.
    Returns:
        What is left, and conditions such as ``price<50``.
    """
    columns = {name.casefold(): name for name in names}
    known = cache(lambda name: frozenset(values_of(name)) - {""})  # once a caption, which may name a thousand
    asked: list[str] = []
    if "price" in columns:
        for pattern, signs in _PRICES:
            if found := pattern.search(caption):
                amounts = [parse_number(amount) for amount in found.groups()]
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
                values, letters = _named(found[1], name, known(name))
                if values:
                    quoted = "|".join(map(_quoted, values))
                    asked.append(f"{columns[name.casefold()]}{sign}{quoted}")
                    caption = _without(caption, found.start(), found.start(1) + letters)
                    at = 0
                    break
    return caption, tuple(dict.fromkeys(asked))


def _named(text: str, column: str, known: Set[str]) -> tuple[list[str], int]:
    """The values of a column that the beginning of a text names, and how many letters of it do."""
    words = text.rstrip(".,!?").split(" ")
    for count in range(len(words), 0, -1):
        phrase = " ".join(words[:count]).rstrip(".,!?")
        meant = {phrase}
        if column.casefold() == "gender":
            meant.update(_GENDERS.get(phrase, ()))
        elif column.casefold() in COLOUR_COLUMNS:
            meant.update(colour.casefold() for colour, names in COLOUR_WORDS.items() if phrase in names)
        meant = {value for value in meant & known if '"' not in value or "'" not in value}  # which no filter can name
        if meant:
            return sorted(meant), len(" ".join(words[:count]))
    return [], 0


def _quoted(value: str) -> str:
    quote = "'" if '"' in value else '"'
    return f"{quote}{value}{quote}" if re.search(r"[|,]|^\W", value) else value


def _without(text: str, start: int, end: int) -> str:
    return " ".join(f"{text[:start]} {text[end:]}".split()).strip(" ,;")
