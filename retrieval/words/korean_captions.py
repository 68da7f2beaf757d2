"""Say captions in Korean, word for word by the table of other languages' words: what the encoder learns Korean from."""

from __future__ import annotations

import random
from functools import cache

from retrieval.words.dictionary import dictionary

LANGUAGE = "ko"
DROPPED = frozenset({"a", "an", "the", "for", "in"})
"""Words that Korean says by its endings, or not at all."""

MIXED = 0.15
"""Share of phrases that stay English, as people mix both."""

LONGEST = 3
"""Words of the longest phrase that is looked up as a whole ("long sleeve t-shirt")."""


@cache
def _said() -> dict[str, tuple[str, ...]]:
    """English phrase -> its Korean words."""
    said: dict[str, list[str]] = {}
    for korean, meanings in dictionary()[LANGUAGE].items():
        for entry in meanings:
            said.setdefault(entry.english, []).append(korean)
    return {english: tuple(words) for english, words in said.items()}


def korean_words() -> tuple[str, ...]:
    """Every Korean word that captions may use, for a vocabulary."""
    return tuple(dict.fromkeys(word for words in _said().values() for word in words))


def in_korean(caption: str, rng: random.Random) -> str:
    """Say a short English caption in Korean; what the table does not have stays as it is.

    The order stays, too: both languages put colour and cloth before the item.
    """
    words = [word for word in caption.split() if word not in DROPPED]
    out: list[str] = []
    at = 0
    while at < len(words):
        phrases = (" ".join(words[at : at + length]) for length in range(min(LONGEST, len(words) - at), 0, -1))
        phrase = next((phrase for phrase in phrases if phrase in _said()), words[at])
        known = phrase in _said() and rng.random() >= MIXED
        out.append(rng.choice(_said()[phrase]) if known else phrase)
        at += phrase.count(" ") + 1
    return " ".join(out)
