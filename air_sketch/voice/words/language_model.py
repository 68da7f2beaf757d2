"""A statistical grammar of captions, which writes itself in the ARPA format that speech recognisers read.

N-grams with interpolated Witten-Bell smoothing (Witten & Bell, "The zero-frequency problem", IEEE Trans. Information
Theory 1991): words that stand together in captions are likely, every other order of the same words stays possible.
Beside them lie everyday words that no caption holds. Speech about something else fits those better than any caption,
and that is how it is noticed.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

START, END = "<s>", "</s>"
UNKNOWN = -15.0
"""For words outside the model: below the rarest that it knows."""

_NEVER = -99.0
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

    def arpa_text(self) -> str:
        """The model as an ARPA file."""
        lines = ["\\data\\", *(f"ngram {i}={len(grams)}" for i, grams in enumerate(self.chances, 1)), ""]
        for length, (grams, weights) in enumerate(zip(self.chances, self.backoffs, strict=True), 1):
            lines.append(f"\\{length}-grams:")
            for gram in sorted(grams):
                value = math.log10(grams[gram]) if grams[gram] > 0 else _NEVER
                line = f"{value:.4f} {' '.join(gram)}"
                is_longest = length == len(self.chances)
                lines.append(line if is_longest else f"{line} {math.log10(weights.get(gram, 1.0)):.4f}")
            lines.append("")
        return "\n".join([*lines, "\\end\\", ""])


def language_model(
    counts: Sequence[Counter[Gram]], everyday: Mapping[str, float] | None = None, everyday_share: float = 0.0
) -> LanguageModel:
    """Learn a model.

    Args:
        counts: from ``count_grams``, at least up to pairs.
        everyday: words of other talk, with how common they are; ones that occur in captions are passed over.
        everyday_share: 0..1, how much of all single words they get.
    """
    chances: list[dict[Gram, float]] = [_single_words(counts[0], everyday or {}, everyday_share)]
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


def _single_words(counts: Counter[Gram], everyday: Mapping[str, float], share: float) -> dict[Gram, float]:
    others = {word: weight for word, weight in everyday.items() if (word,) not in counts}
    weight_sum = sum(others.values())
    share = share if weight_sum > 0 else 0.0
    total = sum(count + _UNSEEN_COUNT for (word,), count in counts.items() if word != START)
    words = {
        gram: (1.0 - share) * (count + _UNSEEN_COUNT) / max(total, 1.0)
        for gram, count in counts.items()
        if gram != (START,)
    }
    words |= {(word,): share * weight / weight_sum for word, weight in others.items() if weight > 0}
    return {(START,): 0.0, **words}


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
