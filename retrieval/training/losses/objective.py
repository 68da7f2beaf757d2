"""What a training step lowers: contrastive terms for drawings, words and both, and two small label heads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from retrieval.encoder.model.fused import FusedClip
from retrieval.sketches.kind_sketches import kinds_drawn_as
from retrieval.training.losses.contrastive import info_nce
from retrieval.training.losses.graded import ranking_loss, soft_cross_entropy
from retrieval.training.losses.targets import WishTargets
from retrieval.values.fusions import TRAINED_FUSIONS
from retrieval.words.captions import kinds_called


@dataclass(frozen=True)
class WishEmphasis:
    """How much wishes count at some point of a run.

    The pairs come first, because they teach to see at all; from a third of the run to two thirds the wishes grow,
    or else the drawing of an item drowns the colour in the words.

    Attributes:
        weight: times the weights of their terms.
        scale: inverse temperature; lower than that of the pairs, because many items must come out alike, and
            growing, because in the end the order of the first few counts.
        ranks: whether answers are ranked before the other photos, or also pulled together. Pulling is quicker and
            comes first; but the longer it lasts, the less is left by which one red shirt is told from another.
    """

    weight: float
    scale: float
    ranks: bool

    @classmethod
    def at(cls, done: float) -> WishEmphasis:
        """Args: done: share of the run, 0..1."""
        grown = min(max(3.0 * done - 1.0, 0.0), 1.0)
        return cls(weight=1.0 + 7.0 * grown**2, scale=20.0 + 20.0 * grown, ranks=grown == 1.0)


class TrainingModel(nn.Module):
    """The encoder plus two small heads that name kind and colour during training only."""

    def __init__(self, encoder: FusedClip, kinds: int, colours: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.kind_head = nn.Linear(encoder.width, max(kinds, 1))  # pictures may come without any label
        self.colour_head = nn.Linear(encoder.width, max(colours, 1))


def batch_loss(
    model: TrainingModel, batch: dict[str, Any], photos: torch.Tensor, labels: dict[str, torch.Tensor]
) -> tuple[torch.Tensor, dict[str, float]]:
    """All loss terms of one batch of pairs.

    Args:
        model: encoder and heads.
        batch: as ``collate`` makes it, with ``tokens`` of its captions.
        photos: float (B, D) vectors of its photos.
        labels: int64 (B,) numbers of ``kind`` and ``colour``, -1 unknown.
    Returns:
        The weighted sum and the single terms as floats.
    """
    encoder = model.encoder
    sketches = encoder.sketch_vectors(batch["sketch"])
    words = encoder.word_vectors(batch["tokens"]["input_ids"], batch["tokens"]["attention_mask"])
    scale = encoder.clip.logit_scale.exp().clamp(max=100.0)

    device = photos.device
    same_item = _same(batch["title"]).to(device)
    same_colour = (labels["colour"][:, None] == labels["colour"][None, :]) & (labels["colour"] >= 0)
    called = _fits(batch["noun"], batch["kind"], kinds_called).to(device)
    says_colour = torch.tensor(batch["names_colour"], device=device)[:, None]
    drawn = _fits(batch["drawn_word"], batch["kind"], kinds_drawn_as).to(device)
    own = torch.eye(len(photos), dtype=torch.bool, device=device)
    vague_words = same_item | (called & (same_colour | ~says_colour))
    vague_both = same_item | (vague_words & drawn)

    terms = {
        kind: info_nce(encoder.fusion(sketches, words, kind), photos, scale, own, vague_both)
        for kind in TRAINED_FUSIONS
    }
    terms["words"] = info_nce(words, photos, scale, own, vague_words)
    terms["sketch"] = info_nce(sketches, photos, scale, own | drawn, same_item, 0.1, positives_back=own)
    terms["labels"] = _label_loss(model, photos, sketches, words, labels)
    weights = {"gated": 0.5, "concat": 0.25, "average": 0.25, "words": 0.5, "sketch": 0.5, "labels": 0.1}
    total = torch.stack([weights[name] * value for name, value in terms.items()]).sum()
    return total, {name: round(float(value.detach()), 4) for name, value in terms.items()}


def wish_loss(
    model: TrainingModel,
    wishes: dict[str, Any],
    candidates: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    targets: WishTargets,
    emphasis: WishEmphasis,
) -> tuple[torch.Tensor, dict[str, float]]:
    """All loss terms of one batch of wishes.

    Args:
        model: encoder and heads.
        wishes: as ``Wishes.batch`` makes them, with ``tokens`` of their captions.
        candidates: photo vectors float (P, D), their kind and colour numbers int64 (P,).
        targets: of these numbers.
        emphasis: how much all of it counts.
    Returns:
        The weighted sum and the single terms as floats.
    """
    encoder = model.encoder
    photos, kind, colour = candidates
    sketches = encoder.sketch_vectors(wishes["sketch"])
    words = encoder.word_vectors(wishes["tokens"]["input_ids"], wishes["tokens"]["attention_mask"])

    def loss_of(meant: str) -> Callable[[torch.Tensor], torch.Tensor]:
        if emphasis.ranks:
            graded = targets.graded(targets.table(wishes[meant]), kind, colour)
            return lambda queries: ranking_loss(queries, photos, graded, emphasis.scale)
        spread = targets.of(wishes[meant], kind, colour)
        return lambda queries: soft_cross_entropy(queries, photos, spread, emphasis.scale)

    both = loss_of("both")
    terms = {
        "wish_fused": torch.stack([both(encoder.fusion(sketches, words, name)) for name in TRAINED_FUSIONS]).mean(),
        "wish_words": loss_of("said")(words),
        "wish_sketch": loss_of("drawn")(sketches),
    }
    weights = {"wish_fused": 0.4, "wish_words": 0.25, "wish_sketch": 0.4}
    total = emphasis.weight * torch.stack([weights[name] * value for name, value in terms.items()]).sum()
    return total, {name: round(float(value.detach()), 4) for name, value in terms.items()}


def _fits(words: list[str], kinds: list[str], kinds_of: Callable[[str], frozenset[str]]) -> torch.Tensor:
    """Which photo's kind each row's word may mean: bool (B, B); a row without a word fits nothing."""
    table = {word: kinds_of(word) for word in set(words)}
    return torch.tensor([[kind in table[word] for kind in kinds] for word in words])


def _same(values: list[str]) -> torch.Tensor:
    numbers = {value: number for number, value in enumerate(dict.fromkeys(values))}
    column = torch.tensor([numbers[value] for value in values])
    return column[:, None] == column[None, :]


def _label_loss(
    model: TrainingModel, photos: torch.Tensor, sketches: torch.Tensor, words: torch.Tensor, labels: dict[str, Any]
) -> torch.Tensor:
    sharp = 10.0  # unit vectors need a scale before a softmax
    total = photos.new_zeros(())
    if (labels["kind"] >= 0).any():  # the mean over no label is not a number
        for vectors in (photos, sketches, words):
            total = total + functional.cross_entropy(model.kind_head(sharp * vectors), labels["kind"], ignore_index=-1)
    if (labels["colour"] >= 0).any():
        total = total + functional.cross_entropy(model.colour_head(sharp * photos), labels["colour"], ignore_index=-1)
    return total
