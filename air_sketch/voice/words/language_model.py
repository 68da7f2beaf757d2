"""A statistical grammar of captions.

N-grams with interpolated Witten-Bell smoothing (Witten & Bell, "The zero-frequency problem", IEEE Trans. Information
Theory 1991): words that stand together in captions are likely, every other order of the same words stays possible.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

START, END = "<s>", "</s>"
UNKNOWN = -15.0
"""For words outside the model: below the rarest that it knows."""

_UNSEEN_COUNT = 0.5
_LEAST_MASS = 1e-6

Gram = tuple[str, ...]


@dataclass(frozen=True)
class LanguageModel:
    """How likely words are to follow each other.

    Attributes:
        chances: for each length from 1 on, 0..1, the chance of a run's last word after the others.
        backoffs: for the same runs, what an unseen word after them gets of its chance after the shorter run.
    """

    chances: tuple[Mapping[Gram, float], ...]
    backoffs: tuple[Mapping[Gram, float], ...]

    def log_chance(self, history: Gram, word: str) -> float:
        """Natural logarithm of a word's chance after the words before it; words it never met get ``UNKNOWN``."""
        history = history[max(0, len(history) - len(self.chances) + 1) :]
        lost = 0.0
        while True:
            chance = self.chances[len(history)].get((*history, word))
            if chance is not None and chance > 0.0:
                return lost + math.log(chance)
            if not history:
                return lost + UNKNOWN
            lost += math.log(self.backoffs[len(history) - 1].get(history, 1.0))
            history = history[1:]

    def log_chance_of(self, words: Sequence[str]) -> float:
        """Natural logarithm of the chance of a whole sentence, its end included."""
        marked = (START, *words, END)
        return sum(self.log_chance(marked[:place], marked[place]) for place in range(1, len(marked)))


def language_model(counts: Sequence[Counter[Gram]]) -> LanguageModel:
    """Learn a model from ``count_grams``, at least up to pairs."""
    chances: list[dict[Gram, float]] = [_single_words(counts[0])]
    backoffs: list[dict[Gram, float]] = []
    for longer in counts[1:]:
        higher, backoff = _smoothed(longer, chances[-1])
        chances.append(higher)
        backoffs.append(backoff)
    return LanguageModel(tuple(chances), (*backoffs, {}))


def count_grams(sentences: Iterable[Sequence[str]], order: int = 3) -> list[Counter[Gram]]:
    """Count the runs of words in captions: one counter for each length from 1 to ``order``."""
    counts: list[Counter[Gram]] = [Counter() for _ in range(order)]
    for words in sentences:
        marked = (START, *words, END)
        for length in range(1, order + 1):
            counts[length - 1].update(marked[i : i + length] for i in range(len(marked) - length + 1))
    return counts


def _single_words(counts: Counter[Gram]) -> dict[Gram, float]:
    total = sum(count + _UNSEEN_COUNT for gram, count in counts.items() if gram != (START,))
    chances = {gram: (count + _UNSEEN_COUNT) / max(total, 1.0) for gram, count in counts.items()}
    return chances | {(START,): 0.0}


def _smoothed(counts: Counter[Gram], lower: Mapping[Gram, float]) -> tuple[dict[Gram, float], dict[Gram, float]]:
    """Return the probabilities of longer grams, and what each history leaves to the shorter ones."""
    totals: Counter[Gram] = Counter()
    kinds: Counter[Gram] = Counter()
    for gram, count in counts.items():
        totals[gram[:-1]] += count
        kinds[gram[:-1]] += 1
    higher: dict[Gram, float] = {}
    used: defaultdict[Gram, float] = defaultdict(float)
    covered: defaultdict[Gram, float] = defaultdict(float)
    for gram, count in counts.items():
        history, shorter = gram[:-1], lower[gram[1:]]
        higher[gram] = (count + kinds[history] * shorter) / (totals[history] + kinds[history])
        used[history] += higher[gram]
        covered[history] += shorter
    backoff = {
        history: max(_LEAST_MASS, 1.0 - used[history]) / max(_LEAST_MASS, 1.0 - covered[history]) for history in totals
    }
    return higher, backoff
