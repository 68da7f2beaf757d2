"""Deals the items of a gallery from a shuffled deck, so that every stretch of it has all kinds."""

from __future__ import annotations

from dataclasses import dataclass

from garments.dice import Dice
from garments.kinds import KINDS, Kind


@dataclass(frozen=True)
class Card:
    """One place in the deck that items are dealt from."""

    kind: Kind
    number: int  # place of the kind in KINDS
    copy: int  # 0 for the kind's first card


DECK: tuple[Card, ...] = tuple(Card(kind, i, copy) for i, kind in enumerate(KINDS) for copy in range(kind.share))
VAL_SHARE = 0.1


def deal(index: int, seed: int) -> tuple[Kind, str]:
    """Return kind and split of item ``index``.

    About one in ten of each kind belongs to the validation split, at least one in every ten decks.
    """
    block, place = divmod(index, len(DECK))
    card = Dice(seed, "deck", block).shuffled(DECK)[place]
    every = max(1, round(1 / (VAL_SHARE * card.kind.share)))
    held_out = card.copy == 0 and (card.number + block) % every == 0
    return card.kind, "val" if held_out else "train"
