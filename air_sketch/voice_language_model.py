"""A statistical grammar of captions, in the ARPA format that speech recognisers read.

N-grams with interpolated Witten-Bell smoothing (Witten & Bell, "The zero-frequency problem", IEEE Trans. Information
Theory 1991): words that stand together in captions are likely, every other order of the same words stays possible.
Beside them lie everyday words that no caption holds. Speech about something else fits those better than any caption,
and that is how it is noticed.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

START, END = "<s>", "</s>"
_NEVER = -99.0
_UNSEEN_COUNT = 0.5
_LEAST_MASS = 1e-6

Gram = tuple[str, ...]


def arpa_model(counts: Sequence[Counter[Gram]], everyday: Mapping[str, float], everyday_share: float) -> str:
    """Write a model.

    Args:
        counts: from ``count_grams``, at least up to pairs.
        everyday: words of other talk, with how common they are; ones that occur in captions are passed over.
        everyday_share: 0..1, how much of all single words they get.
    Returns:
        The text of an ARPA file.
    """
    order = len(counts)
    probabilities: list[dict[Gram, float]] = [_single_words(counts[0], everyday, everyday_share)]
    backoffs: list[dict[Gram, float]] = []
    for length in range(1, order):
        higher, backoff = _smoothed(counts[length], probabilities[-1])
        probabilities.append(higher)
        backoffs.append(backoff)
    backoffs.append({})
    return _written(probabilities, backoffs)


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


def _written(probabilities: Sequence[Mapping[Gram, float]], backoffs: Sequence[Mapping[Gram, float]]) -> str:
    lines = ["\\data\\", *(f"ngram {i}={len(grams)}" for i, grams in enumerate(probabilities, 1)), ""]
    last = len(probabilities) - 1
    for length, (grams, weights) in enumerate(zip(probabilities, backoffs, strict=True)):
        lines.append(f"\\{length + 1}-grams:")
        for gram in sorted(grams):
            value = math.log10(grams[gram]) if grams[gram] > 0 else _NEVER
            line = f"{value:.4f} {' '.join(gram)}"
            lines.append(line if length == last else f"{line} {math.log10(weights.get(gram, 1.0)):.4f}")
        lines.append("")
    return "\n".join([*lines, "\\end\\", ""])
