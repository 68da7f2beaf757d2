"""What a caption asks for: words to look up, what the encoder gets, typing errors, and what nobody knows."""

from __future__ import annotations

import importlib.resources
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from retrieval.gallery.filters import Columns
from retrieval.index.lexical import TermIndex
from retrieval.search.asked_filters import asked_filters
from retrieval.values.ports import Encoder
from retrieval.words.captions import normalize_caption
from retrieval.words.fashion_words import KNOWN_BRANDS, fashion_phrases
from retrieval.words.lexicon import translate
from retrieval.words.terms import stem, terms, terms_of, tokens

# Words that hold a sentence together; the encoder was trained with some of them, nobody looks them up.
FUNCTION_WORDS = frozenset(
    """
    a an and any are as at but by for from have i in into is it its like looking me my of on or our please show some
    something that the their them these they this those to up want we which with without you your no not very really
    more less than around about near best good nice find need search give get
""".split()  # noqa: SIM905 - far shorter than a list
)
LEAST_MENDED_LETTERS, MOST_MENDED_LETTERS = 4, 30
MOST_MENDED_WORDS = 16
"""Of one caption; each is compared with every word of the gallery."""

TWO_ERRORS_LETTERS = 8
"""From so many letters on, one or two typing errors are mended (an exchange of neighbours is one)."""

ENGLISH_WORDS = 60_000
"""So far down the list are sarong and anklet, which are not strong and ankle typed wrong."""

_UNWANTED = re.compile(r"\b(?:with no|but no|no|not|without|except) (?:an? |any )?([^\W\d_]+)\b")
PLAIN_WORD_BONUS = 1_000
"""A word of fashion is meant rather than one that so many items have."""


@dataclass(frozen=True)
class Understood:
    """A caption as it is searched.

    Attributes:
        text: the words that are searched for, typing errors mended, unknown ones left out.
        encoded: of these, what means something to the encoder.
        words: terms to look up, for each word those that stand for it.
        unknown: words that neither gallery nor encoder know, as typed, and what is not wanted but no filter can say.
        mended: words typed wrong, and what they were taken for.
        filters: conditions that the caption states, such as ``price<50`` (see ``asked_filters``).
    """

    text: str = ""
    encoded: str = ""
    words: tuple[tuple[str, ...], ...] = ()
    unknown: tuple[str, ...] = ()
    mended: dict[str, str] = field(default_factory=dict)
    filters: tuple[str, ...] = ()

    @property
    def is_as_typed(self) -> bool:
        """Whether it is searched word for word."""
        return not (self.mended or self.filters)

    @property
    def note(self) -> str:
        """What is searched otherwise than it was typed, and what nobody knows; "" when neither is so."""
        parts = [f"“{meant}” for “{typed}”" for typed, meant in self.mended.items()]
        parts += [f"only {condition}" for condition in self.filters]
        parts += [f"“{word}” is not known here" for word in self.unknown]
        said = ", ".join(parts)
        return said[:1].upper() + said[1:]

    def record(self) -> dict[str, Any]:
        """Return it as plain JSON values, for whoever asked."""
        return {"understood": self.text, "unknown": self.unknown, "mended": self.mended, "filters": self.filters}


class CaptionReader:
    """Reads captions against the words of a gallery, of fashion and of the encoder."""

    def __init__(self, index: TermIndex, encoder: Encoder, columns: Columns) -> None:
        self._index = index
        self._encoder = encoder
        self._columns = columns
        self.read = lru_cache(64)(self._read)

    def _read(self, caption: str, as_typed: bool = False) -> Understood:
        """Understand a caption; ``as_typed`` mends nothing and takes no filter out of it."""
        pieces = translate(caption, self._has)
        sources = {word: piece.source for piece in pieces if piece.english for word in tokens(piece.english)}
        plain = normalize_caption(
            " ".join(piece.source if piece.english is None else piece.english for piece in pieces)
        )
        plain, filters = asked_filters(plain, () if as_typed else self._columns.names, self._columns.values)
        shown: list[str] = []
        encoded: list[str] = []
        words: list[tuple[str, ...]] = []
        # Neither search knows what "no" means: the word would bring the very thing.
        unknown = [] if as_typed else [found[0] for found in _UNWANTED.finditer(plain) if _is_fashion(found[1])]
        for phrase in unknown:
            plain = plain.replace(phrase, " ", 1)
        mended: dict[str, str] = {}
        for typed in tokens(plain):
            found = [typed]
            if not self._is_known(typed):
                found = self._meant(typed) if not as_typed and len(unknown) + len(mended) < MOST_MENDED_WORDS else []
                if not found:
                    unknown.append(typed)
                    continue
                mended[typed] = " ".join(found)
            shown += found
            for word in found:
                forms = (*terms_of(word), *terms(sources.get(word, "")))
                alternatives = tuple(term for term in dict.fromkeys(forms) if self._index.frequency(term))
                if alternatives and word not in FUNCTION_WORDS:
                    words.append(alternatives)
                encoded += self._encoded_as(word)
        looked_up = tuple(dict.fromkeys(words))
        if any(word not in FUNCTION_WORDS for word in encoded) and all(forms[0].isdigit() for forms in looked_up):
            looked_up = ()  # a number alone says less than the picture: 50.jpg for "shoes under 50"
        return Understood(" ".join(shown), " ".join(encoded), looked_up, tuple(unknown), mended, filters)

    def _has(self, word: str) -> bool:
        return any(self._index.frequency(term) for term in terms_of(word)[:1])

    def _is_known(self, word: str) -> bool:
        return word.isdigit() or bool(self._encoded_as(word)) or any(map(self._index.frequency, terms_of(word)))

    def _is_encoded(self, word: str) -> bool:
        return word in FUNCTION_WORDS or self._encoder.knows(word) or _is_fashion(word)

    def _encoded_as(self, word: str) -> list[str]:
        """A word as the encoder knows it: without accents, or in its parts (off-white); none where it does not."""
        plain = word if word.isascii() else self._surface(stem(word), word)
        parts = [plain] if self._is_encoded(plain) else word.split("-")
        return parts if all(map(self._is_encoded, parts)) else []

    def _meant(self, typed: str) -> list[str]:
        """The word, or the two run together, that was meant; none for an English word: who types that means it."""
        if (
            not LEAST_MENDED_LETTERS <= len(typed) <= MOST_MENDED_LETTERS
            or not typed.isascii()
            or not typed.isalpha()
            or typed in common_words()
        ):
            return []
        for at in range(3, len(typed) - 2):
            if all(_is_fashion(part) for part in (typed[:at], typed[at:])):
                return [typed[:at], typed[at:]]
        most = 1 if len(typed) < TWO_ERRORS_LETTERS else 2
        near: dict[str, tuple[float, bool]] = {}
        for form in dict.fromkeys((typed, stem(typed))):
            for choices in (self._index.vocabulary, _fashion_stems().keys()):
                for term, errors, _ in process.extract(form, choices, scorer=OSA.distance, score_cutoff=most, limit=50):
                    if term.isalpha() and len(term) > 2 and (errors < 2 or term[0] == form[0]):
                        near[term] = min(near.get(term, (99.0, True)), (errors, term[0] != form[0]))
        if not near:
            return []
        return [self._surface(min(near, key=lambda term: (*near[term], -self._commonness(term), term)), typed)]

    def _commonness(self, term: str) -> int:
        return self._index.frequency(term) + PLAIN_WORD_BONUS * (term in _fashion_stems())

    def _surface(self, term: str, typed: str) -> str:
        """A word of this stem as the encoder or fashion writes it, the one most like what was typed."""
        forms = (term, normalize_caption(term), f"{term}s", f"{term}es")
        known = [form for form in forms if form in _fashion_words() or self._encoder.knows(form)]
        return normalize_caption(min(known or [term], key=lambda form: OSA.distance(form, typed)))


@lru_cache(1)
def _fashion_words() -> frozenset[str]:
    return frozenset(word for phrase in (*fashion_phrases(), *KNOWN_BRANDS) for word in tokens(phrase) if len(word) > 1)


@lru_cache(1)
def _fashion_stems() -> dict[str, None]:
    return dict.fromkeys(map(stem, sorted(_fashion_words())))


def _is_fashion(word: str) -> bool:
    return stem(word) in _fashion_stems()


@lru_cache(1)
def common_words() -> frozenset[str]:
    """The most common words of English, of symspellpy's list, which is sorted by how common they are."""
    file = importlib.resources.files("symspellpy") / "frequency_dictionary_en_82_765.txt"
    return frozenset(line.split(" ", 1)[0] for line in file.read_text("utf-8-sig").splitlines()[:ENGLISH_WORDS])
