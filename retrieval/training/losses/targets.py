"""Which photos answer a wish, and how well: the targets of the attribute loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch.nn import functional

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
        return (_shares(mass)[:, :, None] * answers / mass[:, :, None].clamp(min=1e-6)).sum(dim=1)

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


def soft_cross_entropy(
    queries: torch.Tensor, photos: torch.Tensor, targets: torch.Tensor, scale: float
) -> torch.Tensor:
    """Cross-entropy of queries over photos against target distributions; rows without a target do not count.

    Args:
        queries: float (Q, D) unit vectors.
        photos: float (P, D) unit vectors.
        targets: float (Q, P), from ``WishTargets.of``.
        scale: inverse temperature.
    Returns:
        Mean loss, a scalar.
    """
    asked = targets.sum(dim=1) > 0
    loss = -(targets * functional.log_softmax(scale * queries @ photos.T, dim=1)).sum(dim=1)
    return (loss * asked).sum() / asked.sum().clamp(min=1)


def ranking_loss(queries: torch.Tensor, photos: torch.Tensor, graded: torch.Tensor, scale: float) -> torch.Tensor:
    """What it costs when photos that answer do not come before those that answer less or not at all.

    Every answer is told apart from the worse photos alone, never from other answers of its tier: unlike cross-entropy
    against a spread-out target, this does not ask all red shirts to come out alike, so the one that was drawn may
    stay ahead.

    Args:
        queries: float (Q, D) unit vectors.
        photos: float (P, D) unit vectors.
        graded: float (Q, tiers, P), from ``WishTargets.graded``.
        scale: inverse temperature.
    Returns:
        Mean loss, a scalar; queries without an answer do not count.
    """
    with torch.autocast(queries.device.type, enabled=False):  # half precision would round the last hundredths away
        scores = scale * queries.float() @ photos.float().T
    mass = graded.sum(dim=2)
    share = _shares(mass)
    loss = scores.new_zeros(len(scores))
    for tier in range(graded.shape[1]):
        answers = graded[:, tier]
        as_good = (graded[:, : tier + 1] > 0).any(dim=1)
        worse = scores.masked_fill(as_good, torch.finfo(scores.dtype).min / 4).logsumexp(dim=1, keepdim=True)
        cost = (answers * functional.softplus(worse - scores)).sum(dim=1) / mass[:, tier].clamp(min=1e-6)
        loss = loss + share[:, tier] * cost
    asked = (mass > 0).any(dim=1)
    return (loss * asked).sum() / asked.sum().clamp(min=1)


def _shares(mass: torch.Tensor) -> torch.Tensor:
    """What each tier counts, float (Q, tiers), when those without any mass leave theirs to the others."""
    share = torch.tensor(TIER_SHARES, device=mass.device) * (mass > 0)
    return share / share.sum(dim=1, keepdim=True).clamp(min=1e-6)


class PhotoMemory:
    """The last photo vectors with their labels, so that rare kinds and colours are always among the candidates.

    A cross-batch memory (Wang et al., CVPR 2020): the vectors are a few steps old, which at these learning rates
    changes little, and carry no gradient.

    Args:
        rows: how many are kept.
        width: of a vector.
        device: where they are kept.
    """

    def __init__(self, rows: int, width: int, device: torch.device) -> None:
        self.vectors = torch.zeros(rows, width, device=device)
        self.kind = torch.full((rows,), -1, device=device)
        self.colour = torch.full((rows,), -1, device=device)
        self.filled = 0
        self.place = 0

    def with_batch(
        self, photos: torch.Tensor, kind: torch.Tensor, colour: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return the batch followed by everything remembered, then remember the batch."""
        known = (self.vectors[: self.filled], self.kind[: self.filled], self.colour[: self.filled])
        both = [torch.cat([new, old]) for new, old in zip((photos, kind, colour), known, strict=True)]
        rows = len(self.vectors)
        count = min(len(photos), rows)
        where = (torch.arange(count, device=photos.device) + self.place) % max(rows, 1)
        with torch.no_grad():
            self.vectors[where] = photos[:count].detach().to(self.vectors.dtype)
            self.kind[where], self.colour[where] = kind[:count], colour[:count]
        self.place = (self.place + count) % max(rows, 1)
        self.filled = min(self.filled + count, rows)
        return both[0], both[1], both[2]

    def state(self) -> dict[str, torch.Tensor | int]:
        """For a checkpoint."""
        return {
            "vectors": self.vectors, "kind": self.kind, "colour": self.colour,
            "filled": self.filled, "place": self.place,
        }  # fmt: skip

    def load(self, state: Mapping[str, torch.Tensor | int]) -> None:
        """Take over a checkpoint's ``state``."""
        for name, value in state.items():
            setattr(self, name, value)
