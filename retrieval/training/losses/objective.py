"""What a training step lowers: contrastive terms for drawings, words and both, and two small label heads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from retrieval.encoder.model.fused import FusedClip
from retrieval.sketches.kind_sketches import kinds_drawn_as
from retrieval.training.losses.contrastive import info_nce, ranking_loss, soft_cross_entropy
from retrieval.training.losses.targets import WishTargets, graded
from retrieval.values.fusions import TRAINED_FUSIONS
from retrieval.words.captions import kinds_called

MEMORY_ROWS = 2048

PAIR_WEIGHTS = {"gated": 0.5, "concat": 0.25, "average": 0.25, "words": 0.5, "sketch": 0.5, "labels": 0.1}
WISH_WEIGHTS = {"wish_fused": 0.4, "wish_words": 0.25, "wish_sketch": 0.4}


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


class PhotoMemory:
    """The last photo vectors with their labels, so that rare kinds and colours are always among the candidates.

    A cross-batch memory (Wang et al., CVPR 2020): the vectors are a few steps old, which at these learning rates
    changes little, and carry no gradient. ``vars`` of it are plain values and tensors, for a checkpoint.
    """

    def __init__(self, width: int, device: torch.device) -> None:
        self.vectors = torch.zeros(MEMORY_ROWS, width, device=device)
        self.kind = torch.full((MEMORY_ROWS,), -1, device=device)
        self.colour = torch.full((MEMORY_ROWS,), -1, device=device)
        self.filled = 0
        self.place = 0

    def with_batch(
        self, photos: torch.Tensor, kind: torch.Tensor, colour: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return the batch followed by everything remembered, then remember the batch."""
        together = (
            torch.cat([photos, self.vectors[: self.filled]]),
            torch.cat([kind, self.kind[: self.filled]]),
            torch.cat([colour, self.colour[: self.filled]]),
        )
        count = min(len(photos), MEMORY_ROWS)
        where = (torch.arange(count, device=photos.device) + self.place) % MEMORY_ROWS
        self.vectors[where] = photos[:count].detach().to(self.vectors.dtype)
        self.kind[where], self.colour[where] = kind[:count], colour[:count]
        self.place = (self.place + count) % MEMORY_ROWS
        self.filled = min(self.filled + count, MEMORY_ROWS)
        return together


class TrainingModel(nn.Module):
    """The encoder plus two small heads that name kind and colour during training only."""

    def __init__(self, encoder: FusedClip, kinds: int, colours: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.kind_head = nn.Linear(encoder.width, max(kinds, 1))  # pictures may come without any label
        self.colour_head = nn.Linear(encoder.width, max(colours, 1))


def step_loss(
    model: TrainingModel, batch: dict[str, Any], memory: PhotoMemory, targets: WishTargets, done: float
) -> tuple[torch.Tensor, dict[str, float]]:
    """All loss terms of one batch of pairs and its wishes.

    Args:
        model: encoder and heads.
        batch: as ``TrainingBatches`` makes it, with ``tokens`` of its captions and of those of its wishes.
        memory: photos of earlier batches, among which wishes are searched, too; those of this one join it.
        targets: of the wishes.
        done: share of the run, 0..1.
    Returns:
        The weighted sum and the single terms as floats.
    """
    photos = model.encoder.photo_vectors(batch["photo"])
    kind, colour = targets.numbers(batch["kind"], batch["colour"])
    loss, values = _weighted(_pair_terms(model, batch, photos, kind, colour), PAIR_WEIGHTS)
    candidates = memory.with_batch(photos, kind, colour)
    wishes = batch["wishes"]
    if wishes is not None:
        weight, scale, ranks = wish_emphasis(done)
        loss_of = partial(ranking_loss if ranks else soft_cross_entropy, photos=candidates[0], scale=scale)
        grades = {meant: graded(targets.weights(wishes[meant]), *candidates[1:]) for meant in ("both", "said", "drawn")}
        wished, wish_values = _weighted(_wish_terms(model, wishes, grades, loss_of), WISH_WEIGHTS)
        loss, values = loss + weight * wished, values | wish_values
    return loss, values


def _pair_terms(
    model: TrainingModel, batch: dict[str, Any], photos: torch.Tensor, kind: torch.Tensor, colour: torch.Tensor
) -> dict[str, torch.Tensor]:
    encoder, device = model.encoder, photos.device
    sketches, words = encoder.sketch_vectors(batch["sketch"]), encoder.word_vectors(**batch["tokens"])
    scale = encoder.clip.logit_scale.exp().clamp(max=100.0)
    same_item = torch.tensor([[one == other for other in batch["title"]] for one in batch["title"]], device=device)
    same_colour = (colour[:, None] == colour[None, :]) & (colour >= 0)
    called = _fits(batch["noun"], batch["kind"], kinds_called).to(device)
    drawn = _fits(batch["drawn_word"], batch["kind"], kinds_drawn_as).to(device)
    vague_words = same_item | (called & (same_colour | ~batch["names_colour"][:, None]))
    vague_both = same_item | (vague_words & drawn)
    terms = {
        name: info_nce(encoder.fusion(sketches, words, name), photos, scale, vague_both) for name in TRAINED_FUSIONS
    }
    terms["words"] = info_nce(words, photos, scale, vague_words)
    terms["sketch"] = info_nce(sketches, photos, scale, same_item, drawn, 0.1)
    terms["labels"] = _label_loss(model, photos, sketches, words, kind, colour)
    return terms


def _wish_terms(
    model: TrainingModel,
    wishes: dict[str, Any],
    grades: dict[str, torch.Tensor],
    loss_of: Callable[..., torch.Tensor],
) -> dict[str, torch.Tensor]:
    encoder = model.encoder
    sketches, words = encoder.sketch_vectors(wishes["sketch"]), encoder.word_vectors(**wishes["tokens"])
    fused = [loss_of(encoder.fusion(sketches, words, name), graded=grades["both"]) for name in TRAINED_FUSIONS]
    return {
        "wish_fused": torch.stack(fused).mean(),
        "wish_words": loss_of(words, graded=grades["said"]),
        "wish_sketch": loss_of(sketches, graded=grades["drawn"]),
    }


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
