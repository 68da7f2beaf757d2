"""What a training step lowers: contrastive terms for drawings, words and both, and two small label heads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from retrieval.captions import kinds_called
from retrieval.kind_sketches import kinds_drawn_as
from retrieval.model.fused import FusedClip
from retrieval.model.losses import info_nce


class TrainingModel(nn.Module):
    """The encoder plus two small heads that name kind and colour during training only."""

    def __init__(self, encoder: FusedClip, kinds: int, colours: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.kind_head = nn.Linear(encoder.width, max(kinds, 1))  # pictures may come without any label
        self.colour_head = nn.Linear(encoder.width, max(colours, 1))


def batch_loss(
    model: TrainingModel, batch: dict[str, Any], ids: torch.Tensor, mask: torch.Tensor, labels: dict[str, torch.Tensor]
) -> tuple[torch.Tensor, dict[str, float]]:
    """All loss terms of one batch.

    Returns:
        The weighted sum and the single terms as floats.
    """
    encoder = model.encoder
    photos = encoder.photo_vectors(batch["photo"])
    sketches = encoder.sketch_vectors(batch["sketch"])
    words = encoder.word_vectors(ids, mask)
    scale = encoder.clip.logit_scale.exp().clamp(max=100.0)

    device = photos.device
    same_item = _same(batch["title"]).to(device)
    same_colour = labels["colour"][:, None] == labels["colour"][None, :]
    called = _fits(batch["noun"], batch["kind"], kinds_called).to(device)
    says_colour = torch.tensor(batch["names_colour"], device=device)[:, None]
    drawn = _fits(batch["drawn_word"], batch["kind"], kinds_drawn_as).to(device)
    own = torch.eye(len(photos), dtype=torch.bool, device=device)
    vague_words = same_item | (called & (same_colour | ~says_colour))
    vague_both = same_item | (vague_words & drawn)

    terms = {
        kind: info_nce(encoder.fusion(sketches, words, kind), photos, scale, own, vague_both)
        for kind in ("gated", "concat", "average")
    }
    terms["words"] = info_nce(words, photos, scale, own, vague_words)
    terms["sketch"] = info_nce(sketches, photos, scale, own | drawn, same_item, 0.1, positives_back=own)
    terms["labels"] = _label_loss(model, photos, sketches, words, labels)
    weights = {"gated": 0.5, "concat": 0.25, "average": 0.25, "words": 0.5, "sketch": 0.5, "labels": 0.1}
    total = torch.stack([weights[name] * value for name, value in terms.items()]).sum()
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
