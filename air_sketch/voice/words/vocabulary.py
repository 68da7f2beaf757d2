"""What the offline recogniser is given: a pronunciation dictionary and models of captions, all from captions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from air_sketch.voice.words.language_model import Gram, LanguageModel, count_grams, language_model
from air_sketch.voice.words.pronunciation import Phones, pronounce

OWN_PRONUNCIATIONS = Path(__file__).resolve().parent / "pronunciations.dict"

EVERYDAY_WORDS = 5000
EVERYDAY_SHARE = 0.5
"""How much of all single words is other talk."""

_LINE = re.compile(r"^(?P<word>\S+?)(?:\(\d+\))?\s+(?P<phones>[A-Z ]+)$")


@dataclass(frozen=True)
class SpeechVocabulary:
    """Words and word order of captions.

    Attributes:
        caption_words: everything that captions are made of.
        dictionary_text: the pronunciations of these and of everyday words, in the CMU format.
        grams: runs of words in captions (see ``count_grams``).
        everyday: words of other talk, with how common they are.
        everyday_share: 0..1, how likely they are among all words.
    """

    caption_words: frozenset[str]
    dictionary_text: str
    grams: list[Counter[Gram]]
    everyday: dict[str, float]
    everyday_share: float

    @cached_property
    def caption_model(self) -> LanguageModel:
        """The model of captions alone."""
        return language_model(self.grams)

    @cached_property
    def talk_model(self) -> LanguageModel:
        """The model in which everyday words compete with captions."""
        return language_model(self.grams, self.everyday, self.everyday_share)


def read_dictionary(lines: Iterable[str], into: dict[str, list[Phones]] | None = None) -> dict[str, list[Phones]]:
    """Read a dictionary in the CMU format; later lines of a word are further ways to say it."""
    dictionary = {} if into is None else into
    for line in lines:
        found = _LINE.match(line.strip())
        if found:
            dictionary.setdefault(found["word"], []).append(tuple(found["phones"].split()))
    return dictionary


def read_dictionaries(general: Path) -> dict[str, list[Phones]]:
    """Read our own pronunciations, which go first, and the recogniser's dictionary.

    Raises:
        OSError: if one of them is missing.
    """
    own = read_dictionary(OWN_PRONUNCIATIONS.read_text(encoding="utf-8").splitlines())
    both = read_dictionary(general.read_text(encoding="utf-8").splitlines())
    return {**both, **{word: [*ways, *(w for w in both.get(word, ()) if w not in ways)] for word, ways in own.items()}}


def speech_vocabulary(
    captions: Sequence[str],
    dictionary: dict[str, list[Phones]],
    how_common: Callable[[str], float],
    everyday_words: int = EVERYDAY_WORDS,
    everyday_share: float = EVERYDAY_SHARE,
) -> SpeechVocabulary:
    """Learn words and word order.

    Args:
        captions: examples, in spoken form.
        dictionary: pronunciations, lower case.
        how_common: 0..1, probability of a word in everyday speech.
        everyday_words: how many of them compete with captions.
        everyday_share: how likely they are among all words.
    """
    said = {word: pronounce(word, dictionary) for word in sorted({w for caption in captions for w in caption.split()})}
    heard = [words for words in (caption.split() for caption in captions) if all(said[word] for word in words)]
    caption_words = frozenset(word for words in heard for word in words)
    chances = sorted(((how_common(word), word) for word in dictionary if word not in caption_words), reverse=True)
    everyday = {word: chance for chance, word in chances[:everyday_words]}
    said |= {word: dictionary[word] for word in everyday}
    lines = [
        f"{word}{'' if number == 0 else f'({number + 1})'} {' '.join(phones)}"
        for word in sorted(caption_words | set(everyday))
        for number, phones in enumerate(said[word])
    ]
    return SpeechVocabulary(caption_words, "\n".join(lines) + "\n", count_grams(heard), everyday, everyday_share)
