"""Filters that stand in a caption: "under 50", "for women", "by Nike", "size M", "not black"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from retrieval.gallery.filters import normal_text
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
    asked: list[str] = []
    if "price" in columns:
        for pattern, signs in _PRICES:
            if found := pattern.search(caption):
                amounts = [parse_number(amount) for amount in found.groups()]
                if None not in amounts:
                    asked += [f"price{sign}{amount:g}" for sign, amount in zip(signs, amounts, strict=True)]
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
                values, letters = _named(found[1], name, values_of(name))
                if values:
                    quoted = "|".join(f'"{value}"' if re.search(r"[|,]|^\W", value) else value for value in values)
                    asked.append(f"{columns[name.casefold()]}{sign}{quoted}")
                    caption = _without(caption, found.start(), found.start(1) + letters)
                    at = 0
                    break
    return caption, tuple(dict.fromkeys(asked))


def _named(text: str, column: str, values: Sequence[str]) -> tuple[list[str], int]:
    """The values of a column that the beginning of a text names, and how many letters of it do."""
    known = {normal_text(value) for value in values}
    words = text.rstrip(".,!?").split(" ")
    for count in range(len(words), 0, -1):
        phrase = " ".join(words[:count]).rstrip(".,!?")
        if column.casefold() == "gender" and phrase in _GENDERS:
            meant = [value for value in _GENDERS[phrase] if value in known]
        elif column.casefold() in COLOUR_COLUMNS:
            meant = [value for value in known if phrase == value or phrase in _colour_names(value)]
        else:
            meant = [phrase] if phrase in known else []
        if meant:
            return sorted(meant), len(" ".join(words[:count]))
    return [], 0


def _colour_names(value: str) -> tuple[str, ...]:
    return next((names for colour, names in COLOUR_WORDS.items() if colour.casefold() == value), ())


def _without(text: str, start: int, end: int) -> str:
    return " ".join(f"{text[:start]} {text[end:]}".split()).strip(" ,;")
