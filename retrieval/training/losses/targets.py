"""Kinds and colours of training rows as numbers, and which photos answer a wish, and how well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import torch

from retrieval.sketches.kind_sketches import DRAWN_AS
from retrieval.training.data.wishes import Meaning
from retrieval.training.losses.contrastive import TIER_SHARES
from retrieval.words.captions import KIND_WORDS, colour_words
from retrieval.words.colours import family_of

Weights = tuple[torch.Tensor, torch.Tensor]
"""Of Q meanings: float (Q, tiers, kinds + 1) and float (Q, colours + 1); the last place is for unknown (-1)."""


class WishTargets:
    """Numbers the kinds and colours of training rows, and turns meanings into grades of photos."""

    def __init__(self, rows: Sequence[dict[str, Any]], device: torch.device) -> None:
        self.kinds = _numbering(row.get("articleType", "") for row in rows)
        self.colours = _numbering(row.get("baseColour", "") for row in rows)
        self.device = device
        groups = {row["articleType"]: row["masterCategory"] for row in rows if row.get("masterCategory")}
        self._related = {kind: related_kinds(kind) & self.kinds.keys() for kind in self.kinds}
        self._group = {
            kind: {other for other in self.kinds if groups.get(other) == groups[kind]} if kind in groups else set()
            for kind in self.kinds
        }

    def numbers(self, kinds: Sequence[str], colours: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the numbers of N kinds and of N colours, int64 (N,) each; -1 for one that is unknown."""
        return (
            torch.tensor([self.kinds.get(kind, -1) for kind in kinds], device=self.device),
            torch.tensor([self.colours.get(colour, -1) for colour in colours], device=self.device),
        )

    def weights(self, meanings: Sequence[Meaning]) -> Weights:
        """Look meanings up once, for many uses."""
        tiers, tint = zip(*(self._weights(meaning) for meaning in meanings), strict=True)
        return torch.stack(tiers).to(self.device), torch.stack(tint).to(self.device)

    def _weights(self, meaning: Meaning) -> Weights:
        tiers = torch.zeros(len(TIER_SHARES), len(self.kinds) + 1)
        tint = torch.ones(len(self.colours) + 1)
        known = sorted(meaning.kinds & self.kinds.keys())
        tiers[0, [self.kinds[kind] for kind in known]] = 1.0
        if not meaning.kinds:
            tiers[0] = 1.0
        if meaning.colour:
            for tier, wider in ((1, self._related), (2, self._group)):
                tiers[tier, [self.kinds[other] for kind in known for other in wider[kind]]] = 1.0
                tiers[tier, tiers[:tier].sum(dim=0) > 0] = 0.0
            tint[:] = 0.0
            for name, number in self.colours.items():
                tint[number] = likeness(meaning.colour, name)
        return tiers, tint


def graded(weights: Weights, kind: torch.Tensor, colour: torch.Tensor) -> torch.Tensor:
    """How well each photo answers each wish, tier by tier: float (Q, tiers, P), 0 where it does not belong to the tier.

    ``kind`` and ``colour`` are the photos' numbers, int64 (P,), -1 unknown.
    """
    tiers, tint = weights
    return tiers[:, :, kind] * tint[:, None, colour]


def _numbering(values: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(sorted(set(values) - {"", "NA"}))}


@lru_cache(maxsize=4096)
def likeness(asked: str, colour: str) -> float:
    """How well a catalogue colour answers another one: 1 the same, less within a family, else 0.

    Somebody who says "blue" also takes navy; somebody who says "navy blue" hardly takes any blue.
    """
    if asked == colour or colour_words(asked)[0] in colour_words(colour):
        return 1.0
    family = family_of(asked)
    if not family or family != family_of(colour):
        return 0.0
    return 0.5 if asked.lower() == family else 0.15


def related_kinds(kind: str) -> frozenset[str]:
    """Kinds that people call or draw by one of the same words."""
    words = {*KIND_WORDS.get(kind, ()), *DRAWN_AS.get(kind, ())}
    return frozenset(
        other
        for other in {*KIND_WORDS, *DRAWN_AS}
        if other != kind and words & {*KIND_WORDS.get(other, ()), *DRAWN_AS.get(other, ())}
    )
