"""What a training step lowers: contrastive terms for drawings, words and both, and two small label heads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from retrieval.encoder.model.fused import FusedClip
from retrieval.sketches.kind_sketches import kinds_drawn_as
from retrieval.training.losses.contrastive import info_nce
from retrieval.training.losses.graded import ranking_loss, soft_cross_entropy
from retrieval.training.losses.targets import WishTargets, graded
from retrieval.values.fusions import TRAINED_FUSIONS
from retrieval.words.captions import kinds_called


def wish_emphasis(done: float) -> tuple[float, float, bool]:
    """How much wishes count at some point of a run.

    The pairs come first, because they teach to see at all; from a third of the run to two thirds the wishes grow,
    or else the drawing of an item drowns the colour in the words.

    Args:
        done: share of the run, 0..1.
    Returns:
        weight: times the weights of their terms.
        scale: inverse temperature; lower than that of the pairs, because many items must come out alike, and
            growing, because in the end the order of the first few counts.
        ranks: whether answers are ranked before the other photos, or also pulled together. Pulling is quicker and
            comes first; but the longer it lasts, the less is left by which one red shirt is told from another.
    """
    grown = min(max(3.0 * done - 1.0, 0.0), 1.0)
    return 1.0 + 7.0 * grown**2, 20.0 + 20.0 * grown, grown == 1.0


class TrainingModel(nn.Module):
    """The encoder plus two small heads that name kind and colour during training only."""

    def __init__(self, encoder: FusedClip, kinds: int, colours: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.kind_head = nn.Linear(encoder.width, max(kinds, 1))  # pictures may come without any label
        self.colour_head = nn.Linear(encoder.width, max(colours, 1))


def batch_loss(
    model: TrainingModel, batch: dict[str, Any], photos: torch.Tensor, kind: torch.Tensor, colour: torch.Tensor
) -> tuple[torch.Tensor, dict[str, float]]:
    """All loss terms of one batch of pairs.

    Args:
        model: encoder and heads.
        batch: as ``Examples.batch`` makes it, with ``tokens`` of its captions.
        photos: float (B, D) vectors of its photos.
        kind: int64 (B,) numbers of their kinds, -1 unknown.
        colour: int64 (B,) numbers of their colours, -1 unknown.
    Returns:
        The weighted sum and the single terms as floats.
    """
    encoder = model.encoder
    sketches = encoder.sketch_vectors(batch["sketch"])
    words = encoder.word_vectors(**batch["tokens"])
    scale = encoder.clip.logit_scale.exp().clamp(max=100.0)

    device = photos.device
    same_item = torch.tensor([[one == other for other in batch["title"]] for one in batch["title"]], device=device)
    same_colour = (colour[:, None] == colour[None, :]) & (colour >= 0)
    called = _fits(batch["noun"], batch["kind"], kinds_called).to(device)
    drawn = _fits(batch["drawn_word"], batch["kind"], kinds_drawn_as).to(device)
    own = torch.eye(len(photos), dtype=torch.bool, device=device)
    vague_words = same_item | (called & (same_colour | ~batch["names_colour"][:, None]))
    vague_both = same_item | (vague_words & drawn)

    terms = {
        kind_of_fusion: info_nce(encoder.fusion(sketches, words, kind_of_fusion), photos, scale, own, vague_both)
        for kind_of_fusion in TRAINED_FUSIONS
    }
    terms["words"] = info_nce(words, photos, scale, own, vague_words)
    terms["sketch"] = info_nce(sketches, photos, scale, own | drawn, same_item, 0.1, positives_back=own)
    terms["labels"] = _label_loss(model, photos, sketches, words, kind, colour)
    weights = {"gated": 0.5, "concat": 0.25, "average": 0.25, "words": 0.5, "sketch": 0.5, "labels": 0.1}
    return _weighted(terms, weights)


def wish_loss(
    model: TrainingModel,
    wishes: dict[str, Any],
    candidates: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    targets: WishTargets,
    done: float,
) -> tuple[torch.Tensor, dict[str, float]]:
    """All loss terms of one batch of wishes.

    Args:
        model: encoder and heads.
        wishes: as ``Wishes.batch`` makes them, with ``tokens`` of their captions.
        candidates: photo vectors float (P, D), their kind and colour numbers int64 (P,).
        targets: of these numbers.
        done: share of the run, 0..1.
    Returns:
        The weighted sum and the single terms as floats.
    """
    encoder = model.encoder
    photos, kind, colour = candidates
    sketches = encoder.sketch_vectors(wishes["sketch"])
    words = encoder.word_vectors(**wishes["tokens"])
    weight, scale, ranks = wish_emphasis(done)
    loss_of = ranking_loss if ranks else soft_cross_entropy
    grades = {meant: graded(targets.weights(wishes[meant]), kind, colour) for meant in ("both", "said", "drawn")}
    fused = [encoder.fusion(sketches, words, name) for name in TRAINED_FUSIONS]
    terms = {
        "wish_fused": torch.stack([loss_of(one, photos, grades["both"], scale) for one in fused]).mean(),
        "wish_words": loss_of(words, photos, grades["said"], scale),
        "wish_sketch": loss_of(sketches, photos, grades["drawn"], scale),
    }
    total, values = _weighted(terms, {"wish_fused": 0.4, "wish_words": 0.25, "wish_sketch": 0.4})
    return weight * total, values


def _weighted(terms: dict[str, torch.Tensor], weights: dict[str, float]) -> tuple[torch.Tensor, dict[str, float]]:
    total = torch.stack([weights[name] * value for name, value in terms.items()]).sum()
    return total, {name: round(float(value.detach()), 4) for name, value in terms.items()}


def _fits(words: list[str], kinds: list[str], kinds_of: Callable[[str], frozenset[str]]) -> torch.Tensor:
    """Which photo's kind each row's word may mean: bool (B, B); a row without a word fits nothing."""
    table = {word: kinds_of(word) for word in set(words)}
    return torch.tensor([[kind in table[word] for kind in kinds] for word in words])


def _label_loss(
    model: TrainingModel,
    photos: torch.Tensor,
    sketches: torch.Tensor,
    words: torch.Tensor,
    kind: torch.Tensor,
    colour: torch.Tensor,
) -> torch.Tensor:
    sharp = 10.0  # unit vectors need a scale before a softmax
    total = photos.new_zeros(())
    if (kind >= 0).any():  # the mean over no label is not a number
        for vectors in (photos, sketches, words):
            total = total + functional.cross_entropy(model.kind_head(sharp * vectors), kind, ignore_index=-1)
    if (colour >= 0).any():
        total = total + functional.cross_entropy(model.colour_head(sharp * photos), colour, ignore_index=-1)
    return total
