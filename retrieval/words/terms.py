"""Words as they are looked up: one form for the many in which titles and queries write the same word."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_TOKEN = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_POSSESSIVE = re.compile(r"'s\b")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+")
# Plural endings, for titles and queries alike: that "dress" and "dresses" meet matters, not that it is a word.
_PLURALS = ((re.compile(r"(?<=[^aeiou])ies$"), "y"), (re.compile(r"(?<=ss|sh|ch)es$|(?<=[xz])es$"), ""))


def tokens(text: str) -> list[str]:
    """Split a text into small words as they stand, hyphens kept inside: ``"Men's T-Shirts!"`` -> men's ... ."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    return _TOKEN.findall(_POSSESSIVE.sub("", plain).replace("'", ""))


@lru_cache(1 << 16)
def stem(word: str) -> str:
    """Take off accents and the plural: ``dresses`` -> ``dress``, ``shoes`` -> ``shoe``, ``caf\u00e9s`` -> ``cafe``."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    plain = unicodedata.normalize("NFC", plain)
    if len(plain) < 4 or not plain.isascii():
        return plain
    for ending, by in _PLURALS:
        if ending.search(plain):
            return ending.sub(by, plain)
    return plain[:-1] if plain.endswith("s") and not plain.endswith(("ss", "us", "is")) else plain


@lru_cache(1 << 13)
def terms_of(token: str) -> tuple[str, ...]:
    """What a token is looked up by: its stem; with hyphens, its parts and all in one (``t-shirt`` -> tshirt, shirt).

    Words of scripts that are written without spaces, or with endings, are also found by their pairs of letters.
    """
    if "-" in token:
        parts = [stem(part) for part in token.split("-")]
        return (stem(token.replace("-", "")), *(part for part in parts if len(part) > 1))
    pairs = [run[at : at + 2] for run in _CJK.findall(token) for at in range(len(run) - 1)]
    return (stem(token), *(pair for pair in pairs if pair != token))


@lru_cache(1 << 12)
def terms(text: str) -> tuple[str, ...]:
    """All terms of a text, in its order; a lone letter joins the word after it (``v neck`` -> vneck, neck)."""
    found: list[str] = []
    lone = ""
    for token in tokens(text):
        found += terms_of(token)
        if lone:
            found.append(stem(lone + token))
        lone = token if len(token) == 1 and token.isalpha() else ""
    return tuple(found)
