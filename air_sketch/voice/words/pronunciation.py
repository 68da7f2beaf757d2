"""How words are said: the dictionary first, then what can be put together from it, then rules.

Brands and new garments are missing from every dictionary, and a word without pronunciation is never heard.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from air_sketch.voice.words.letter_rules import spell_out

Phones = tuple[str, ...]
Dictionary = Mapping[str, Sequence[Phones]]

LETTERS: Mapping[str, str] = {
    "a": "EY", "b": "B IY", "c": "S IY", "d": "D IY", "e": "IY", "f": "EH F", "g": "JH IY", "h": "EY CH", "i": "AY",
    "j": "JH EY", "k": "K EY", "l": "EH L", "m": "EH M", "n": "EH N", "o": "OW", "p": "P IY", "q": "K Y UW",
    "r": "AA R", "s": "EH S", "t": "T IY", "u": "Y UW", "v": "V IY", "w": "D AH B AH L Y UW", "x": "EH K S",
    "y": "W AY", "z": "Z IY",
}  # fmt: skip

# British spelling -> American, which the dictionary knows.
_AMERICAN = (("our", "or"), ("ise", "ize"), ("lled", "led"), ("llery", "lry"), ("pyj", "paj"), ("tre", "ter"))
_HISSING = frozenset({"S", "Z", "SH", "ZH", "CH", "JH"})
_VOICELESS = frozenset({"P", "T", "K", "F", "TH"})
_SHORTEST_PART = 3
_SHORTEST_COMPOUND = 7  # shorter ones are no compounds: "hoodie" is not "hoo" and "die"
_MOST_VARIANTS = 4


def pronounce(word: str, dictionary: Dictionary) -> list[Phones]:
    """Return the ways to say a word, most likely first.

    Args:
        word: lower case; may hold hyphens, apostrophes and dots.
        dictionary: what is known, lower case -> phonemes.
    Returns:
        At most four; none for a word without letters, or with digits.
    """
    if any(sign.isdigit() for sign in word):
        return []
    found = dictionary.get(word) or dictionary.get(word.replace(".", ""))
    if found:
        return list(found)[:_MOST_VARIANTS]
    parts = [part for part in re.split(r"[-&/+.]", word) if part]
    if len(parts) > 1:
        return _joined([pronounce(part, dictionary) for part in parts])
    plain = re.sub(r"[^a-z']", "", word)
    if not plain.strip("'"):
        return []
    if plain.endswith(("'s", "s'")):
        return [_plural(phones) for phones in pronounce(plain.rstrip("s'"), dictionary)]
    return _derived(plain.replace("'", ""), dictionary)


def _derived(word: str, dictionary: Dictionary) -> list[Phones]:
    """Say a word of plain letters that the dictionary does not list."""
    if word in dictionary:
        return list(dictionary[word])[:_MOST_VARIANTS]
    for british, american in _AMERICAN:
        if british in word and (known := dictionary.get(word.replace(british, american))):
            return list(known)[:_MOST_VARIANTS]
    if len(word) == 1 or not re.search("[aeiouy]", word):
        return [tuple(" ".join(LETTERS[letter] for letter in word).split())]
    return _inflected(word, dictionary) or _compound(word, dictionary) or [spell_out(word)]


def _inflected(word: str, dictionary: Dictionary) -> list[Phones]:
    """Put an ending to a known word: beanies, pleated, fringed, strappy."""
    for ending, stems in (
        ("s", (word[:-1], word[:-2] if word.endswith("es") else "")),
        ("ed", (word[:-2], word[:-1], _undoubled(word[:-2]))),
        ("ing", (word[:-3], word[:-3] + "e", _undoubled(word[:-3]))),
        ("y", (word[:-1], word[:-1] + "e", _undoubled(word[:-1]))),
        ("er", (word[:-2], word[:-1], _undoubled(word[:-2]))),
        ("less", (word[:-4],)),
    ):
        if not word.endswith(ending):
            continue
        for stem in stems:
            if len(stem) >= _SHORTEST_PART and stem in dictionary:
                return [_with_ending(phones, ending) for phones in dictionary[stem]][:_MOST_VARIANTS]
    return []


def _undoubled(stem: str) -> str:
    return stem[:-1] if len(stem) > 2 and stem[-1] == stem[-2] else ""


def _with_ending(phones: Phones, ending: str) -> Phones:
    if ending == "s":
        return _plural(phones)
    if ending == "ed":
        last = phones[-1]
        said = ("IH", "D") if last in {"T", "D"} else ("T",) if last in _VOICELESS | {"S", "SH", "CH"} else ("D",)
        return phones + said
    return phones + {"ing": ("IH", "NG"), "y": ("IY",), "er": ("ER",), "less": ("L", "AH", "S")}[ending]


def _plural(phones: Phones) -> Phones:
    last = phones[-1] if phones else ""
    return phones + (("IH", "Z") if last in _HISSING else ("S",) if last in _VOICELESS else ("Z",))


def _compound(word: str, dictionary: Dictionary) -> list[Phones]:
    """Say north-gable for northgable: two known words, the more even the split the better."""
    if len(word) < _SHORTEST_COMPOUND:
        return []
    splits = range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1)
    for place in sorted(splits, key=lambda p: abs(2 * p - len(word))):
        first, second = word[:place], word[place:]
        if first in dictionary and second in dictionary:
            return _joined([list(dictionary[first]), list(dictionary[second])])
    return []


def _joined(parts: Sequence[Sequence[Phones]]) -> list[Phones]:
    """Every way to say the parts one after the other; none when one of them cannot be said."""
    ways: list[Phones] = [()]
    for part in parts:
        ways = [way + phones for way in ways for phones in part][:_MOST_VARIANTS]
    return [way for way in ways if way]
