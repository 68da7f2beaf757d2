"""Which photos answer a wish, and how well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch

from retrieval.sketches.kind_sketches import DRAWN_AS
from retrieval.training.data.wishes import Meaning
from retrieval.words.captions import KIND_WORDS, colour_words
from retrieval.words.colours import family_of

TIER_SHARES = (0.65, 0.24, 0.11)
"""Of the target mass, for items of the colour asked for that are of the kind, of related kinds, and of other kinds in
the same group (footwear, ...). Where a gallery runs out of red boots, red shoes come before red bags, and both before
boots of another colour: who names a colour wants it."""


@dataclass(frozen=True)
class MeaningTable:
    """Meanings as weights: ``tiers`` float (Q, tiers, kinds + 1) and ``tint`` float (Q, colours + 1)."""

    tiers: torch.Tensor
    tint: torch.Tensor

    def of(self, rows: torch.Tensor) -> MeaningTable:
        """Some rows."""
        return MeaningTable(self.tiers[rows], self.tint[rows])


class WishTargets:
    """Turns meanings into target distributions over photos.

    Args:
        kinds: catalogue kind -> number.
        colours: catalogue colour -> number.
        groups: catalogue kind -> group of kinds, may be empty.
        device: of the results.
    """

    def __init__(
        self, kinds: Mapping[str, int], colours: Mapping[str, int], groups: Mapping[str, str], device: torch.device
    ) -> None:
        self.kinds, self.colours, self.device = dict(kinds), dict(colours), device
        self._related = {kind: related_kinds(kind) & kinds.keys() for kind in kinds}
        self._group = {
            kind: frozenset(other for other in kinds if groups.get(kind) and groups.get(other) == groups[kind])
            for kind in kinds
        }

    def of(self, meanings: Sequence[Meaning], kind: torch.Tensor, colour: torch.Tensor) -> torch.Tensor:
        """Compute the targets of some wishes.

        Args:
            meanings: of Q wishes.
            kind: int64 (P,) kind numbers of the photos, -1 unknown.
            colour: int64 (P,) colour numbers, -1 unknown.
        Returns:
            float (Q, P); rows sum to 1, or to 0 where no photo answers.
        """
        answers = self.graded(self.table(meanings), kind, colour)
        mass = answers.sum(dim=2)
        return (tier_shares(mass)[:, :, None] * answers / mass[:, :, None].clamp(min=1e-6)).sum(dim=1)

    def table(self, meanings: Sequence[Meaning]) -> MeaningTable:
        """Look meanings up once, for many uses."""
        weights = [self._weights(meaning) for meaning in meanings]
        tiers, tint = (torch.stack(rows).to(self.device) for rows in zip(*weights, strict=True))
        return MeaningTable(tiers, tint)

    def graded(self, table: MeaningTable, kind: torch.Tensor, colour: torch.Tensor) -> torch.Tensor:
        """How well each photo answers, tier by tier: float (Q, tiers, P), 0 where it does not belong to the tier."""
        return table.tiers[:, :, kind] * table.tint[:, None, colour]

    def _weights(self, meaning: Meaning) -> tuple[torch.Tensor, torch.Tensor]:
        """Weights by tier and kind number, and by colour number; the last place is for unknown (-1)."""
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


def tier_shares(mass: torch.Tensor) -> torch.Tensor:
    """What each tier counts, float (Q, tiers), when those without any mass leave theirs to the others."""
    share = torch.tensor(TIER_SHARES, device=mass.device) * (mass > 0)
    return share / share.sum(dim=1, keepdim=True).clamp(min=1e-6)
