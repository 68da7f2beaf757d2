"""Tags: the names of ImageNet's classes, and everyday words for many classes together (``everyday.tsv``).

Adding up the probabilities of all classes that a word means is what makes it certain: a network that wavers between
four kinds of cat is sure of the cat (Deng et al., "Hedging Your Bets", CVPR 2012).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.values.datatypes import BoolArray, Float32Array, UInt16Array
from retrieval.words.captions import COLOUR_WORDS
from retrieval.words.fashion_words import PLAIN_COLOURS
from retrieval.words.terms import tokens

CLASSES = 1000
QUALIFIER_SHARE = 0.5
"""What stands before the last word of a name says which one, not what it is: a table lamp is half a table."""

_QUALIFIERS_AFTER = re.compile(r"\s*[(/,].*| having .*| or .*")
_COLOUR_NAMES = (*PLAIN_COLOURS, *(name for names in COLOUR_WORDS.values() for name in names))
_COLOURS = frozenset(word for name in _COLOUR_NAMES for word in tokens(name))


@dataclass(frozen=True)
class TagVocabulary:
    """All tags.

    Attributes:
        names: of the tags, T.
        words: for each tag, the words by which it is found and how much each says, 0..1.
        members: bool (T, 1000), which classes a tag means.
        is_broad: bool (T,), tags that say little, such as animal.
    """

    names: Sequence[str]
    words: Sequence[Mapping[str, float]]
    members: BoolArray
    is_broad: BoolArray

    @classmethod
    def of(cls, class_names: Sequence[str], table: str) -> TagVocabulary:
        """Put class names and the table of everyday words together.

        Raises:
            ValueError: naming the line that is no entry, or the names if they are not a thousand.
        """
        if len(class_names) != CLASSES or not all(isinstance(name, str) and name for name in class_names):
            raise ValueError(f"expected {CLASSES} class names, got {len(class_names)}")
        entries = read_table(table)
        renamed = {number: name[1:] for name, numbers in entries.items() if name[0] == "=" for number in numbers}
        meant: dict[str, set[int]] = {}
        words: dict[str, dict[str, float]] = {}
        synonyms: dict[int, dict[str, float]] = {}
        broad: set[str] = set()
        for entry, numbers in entries.items():
            if entry[0] not in "-=":
                shown, *others = (word.strip() for word in entry.lstrip("*").split("|"))
                found = {word: share for name in (shown, *others) for word, share in words_of_name(name).items()}
                if len(numbers) == 1:
                    synonyms[numbers[0]] = synonyms.get(numbers[0], {}) | found
                    continue
                meant.setdefault(shown, set()).update(numbers)
                words[shown] = words.get(shown, {}) | found
                broad |= {shown} if entry[0] == "*" else set()
        for number, given in enumerate(class_names):
            name = renamed.get(number, _QUALIFIERS_AFTER.sub("", given) or given)
            name = {known.casefold(): known for known in meant}.get(name.casefold(), name)
            wrong = {entry[1:] for entry, numbers in entries.items() if entry[0] == "-" and number in numbers}
            meant.setdefault(name, set()).add(number)
            words[name] = words_of_name(name, wrong) | synonyms.get(number, {}) | words.get(name, {})
        members = np.zeros((len(meant), CLASSES), np.bool_)
        for row, classes in enumerate(meant.values()):
            members[row, sorted(classes)] = True
        is_broad = np.array([name in broad for name in meant])
        return cls(tuple(meant), [words[name] for name in meant], members, is_broad)

    def most_probable(self, classes: Float32Array, least: float, most: int) -> tuple[UInt16Array, Float32Array]:
        """Choose the tags of photos.

        Args:
            classes: float32 (N, 1000), probabilities.
            least: probability of a tag.
            most: tags a photo, K.
        Returns:
            Numbers of tags (N, K), broad ones last, and their probabilities; 0 and 0.0 for none.
        """
        probability = np.minimum(classes @ self.members.T.astype(np.float32), 1.0)
        probability = np.where(probability >= least, probability, 0.0)
        taken = np.argsort(-probability, axis=1, kind="stable")[:, :most]
        given = np.take_along_axis(probability, taken, axis=1)
        order = np.argsort(self.is_broad[taken] + 2 * (given == 0), axis=1, kind="stable")
        taken, given = np.take_along_axis(taken, order, axis=1), np.take_along_axis(given, order, axis=1)
        return np.where(given > 0, taken, 0).astype(np.uint16), given.astype(np.float32)


def words_of_name(name: str, wrong: Collection[str] = ()) -> dict[str, float]:
    """Give the words by which a name is found: the last one, half as much what stands before it; no colours."""
    *before, last = tokens(name)
    found = {word: QUALIFIER_SHARE for word in before if word not in _COLOURS and len(word) > 1} | {last: 1.0}
    return {word: weight for word, weight in found.items() if word not in wrong}


def read_table(text: str) -> dict[str, tuple[int, ...]]:
    """Read ``everyday.tsv``: words as written -> the numbers of classes.

    Raises:
        ValueError: naming the line that is no entry.
    """
    entries: dict[str, tuple[int, ...]] = {}
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line and line[0] != "#"]
    for number, line in lines[1:]:
        words, _, ranges = line.partition("\t")
        try:
            ends = [[int(end) for end in part.split("-")] for part in ranges.split()]
            classes = tuple(each for first, *last in ends for each in range(first, (last or [first])[0] + 1))
        except ValueError:
            classes = ()
        if not words.strip("*-= ") or not classes or max(classes) >= CLASSES or words in entries:
            raise ValueError(f"line {number} is no entry: expected words, a tab and classes once, got {line!a:.60}")
        entries[words] = classes
    return entries
