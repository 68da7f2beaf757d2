"""Reads the table of other languages' words, ``lexicon.tsv``, and says which of them may stand in a caption."""

from __future__ import annotations

import pkgutil
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from retrieval.words.fashion_words import fashion_phrases

COLUMNS = ["language", "kind of word", "english", "words"]
# Kinds of word, in the order in which captions in English, those that encoders learnt from, say them.
ORDER = (
    *("filler", "particle", "not", "gender", "brand", "shade", "colour", "cut", "material", "pattern", "part"),
    *("kind", "thing", "with", "without", "size", "limit", "amount"),
)
WOMENS = "women's kind"
LOOKALIKE = "lookalike"
SPACELESS = ("ko", "ja", "zh")  # written without spaces, or with spaces that do not matter
JOINING_WORDS = "for with and the a in on of to my"

_ACCENTED = re.compile("[\u00c0-\u024f]")
_ELIDED = re.compile(r"\b[dl]'(?=\w)")
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_PUNCTUATION = " \t.,;:!?~\"'()[]{}<>*#"


@dataclass(frozen=True)
class Entry:
    """One meaning of a word."""

    language: str
    role: str
    english: str

    @cached_property
    def place(self) -> int:
        """A word has one meaning as a kind, one before a kind, one as an ending, and one as a kind for women."""
        return {"kind": 0, "thing": 0, "particle": 2, WOMENS: 3}.get(self.role, 1)


Meanings = tuple[Entry, ...]
Known = Mapping[str, Meanings]


def key(text: str) -> str:
    """What spellings of a word have in common: no capitals, accents and hyphens, and no d' or l' before it."""
    plain = text.replace("\u2019", "'").replace("-", " ").strip(_PUNCTUATION).casefold()
    if not plain.isascii() and _ACCENTED.search(plain):
        plain = _ACCENTED.sub(lambda letter: unicodedata.normalize("NFD", letter.group())[0], plain)
    return _ELIDED.sub("", plain) if "'" in plain else plain


def keys_of(language: str, word: str) -> Iterator[str]:
    """Every key under which a word of the table is found."""
    yield key(word).replace(" ", "") if language in SPACELESS else key(word)
    if language == "de" and (spelled_out := word.lower().translate(_SPELLED_OUT)) != word.lower():
        yield key(spelled_out)


def read_table(text: str) -> dict[str, dict[str, Meanings]]:
    """Read the table: language -> key of a word -> its meanings, a kind first.

    Raises:
        ValueError: naming the line that is no entry.
    """
    table: dict[str, dict[str, Meanings]] = {}
    composed = unicodedata.normalize("NFKC", text).splitlines()
    lines = [(number, line) for number, line in enumerate(composed, 1) if line and not line.startswith("#")]
    if not lines or lines[0][1].split("\t") != COLUMNS:
        raise ValueError(f"Lexicon begins wrongly: expected the columns {', '.join(COLUMNS)}, separated by tabs.")
    for number, line in lines[1:]:
        cells = line.split("\t")
        if len(cells) != len(COLUMNS) or not cells[0] or not all(word.strip() for word in cells[3].split("|")):
            raise ValueError(f"Lexicon line {number} is no entry: expected {', '.join(COLUMNS)}, got {line!a:.60}.")
        entry = Entry(*cells[:3])
        if entry.role not in (*ORDER, LOOKALIKE, WOMENS):
            raise ValueError(f"Lexicon line {number} has an unknown kind of word: got {entry.role!a:.30}.")
        words = table.setdefault(entry.language, {})
        for word in cells[3].split("|"):
            for spelling in keys_of(entry.language, word):
                others = words.get(spelling, ())
                if others and entry.place in [other.place for other in others]:
                    raise ValueError(f"Lexicon line {number} repeats a word: expected it once, got {word!a:.30} again.")
                words[spelling] = (
                    tuple(sorted((*others, entry), key=lambda meaning: meaning.place)) if others else (entry,)
                )
    return table


@lru_cache(maxsize=1)
def dictionary() -> Mapping[str, Known]:
    """The table that comes with the package."""
    return read_table((pkgutil.get_data(__package__, "lexicon.tsv") or b"").decode("utf-8"))


@lru_cache(maxsize=1)
def english_words() -> frozenset[str]:
    """Words of English captions, with those that the table names because they look like another language's."""
    listed = (*fashion_phrases(), JOINING_WORDS)
    return (
        frozenset(key(part) for words in listed for part in (words, *words.split())) | dictionary().get("en", {}).keys()
    )


@lru_cache(maxsize=2)
def spaceless_words(kana: bool) -> Known:
    """Every word of the languages without spaces.

    Args:
        kana: Japanese goes before Chinese where they write different things alike.
    """
    order = ("zh", "ja", "ko") if kana else ("ja", "zh", "ko")  # the later one wins
    return {word: meanings for name in order for word, meanings in dictionary().get(name, {}).items()}
