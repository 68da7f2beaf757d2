"""Repeatable chance: every decision about an item comes from a Dice keyed by names and numbers."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A random source that depends on its key only, not on what was drawn before it."""

    def __init__(self, *key: object) -> None:
        """Seed from the key's text, for example ``Dice(seed, index, "shape")``."""
        self._random = random.Random("/".join(str(part) for part in key))

    def between(self, low: float, high: float) -> float:
        """Return a uniform number in [low, high]."""
        return self._random.uniform(low, high)

    def integer(self, low: int, high: int) -> int:
        """Return a uniform integer in [low, high], both included."""
        return self._random.randint(low, high)

    def normal(self, sigma: float) -> float:
        """Return a Gaussian number around 0."""
        return self._random.gauss(0.0, sigma)

    def chance(self, probability: float) -> bool:
        """Return True with the given probability."""
        return self._random.random() < probability

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options, all equally likely."""
        return self._random.choice(options)

    def weighted(self, options: Mapping[T, float]) -> T:
        """Return a key with a probability proportional to its value."""
        return self._random.choices(list(options), weights=list(options.values()))[0]

    def shuffled(self, options: Sequence[T]) -> list[T]:
        """Return the options in random order."""
        return self._random.sample(options, len(options))
