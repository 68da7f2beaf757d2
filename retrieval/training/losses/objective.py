"""What a training step lowers: contrastive terms for drawings, words and both, and two small label heads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from retrieval.encoder.model.fused import FusedClip
from retrieval.encoder.model.fusion import unit
from retrieval.sketches.kind_sketches import kinds_drawn_as
from retrieval.training.losses.chunks import in_chunks
from retrieval.training.losses.contrastive import info_nce, ranking_loss, soft_cross_entropy
from retrieval.training.losses.targets import WishTargets, graded
from retrieval.values.fusions import TRAINED_FUSIONS
from retrieval.words.captions import kinds_called

MEMORY_ROWS = 2048

PAIR_WEIGHTS = {"gated": 0.5, "concat": 0.25, "average": 0.25, "words": 0.5, "sketch": 0.5, "labels": 0.2}
WISH_WEIGHTS = {"wish_fused": 0.4, "wish_words": 0.25, "wish_sketch": 0.4}
GARMENT_WEIGHT = 0.3

SHARP = 10.0
"""Unit vectors need a scale before a softmax."""


def wish_emphasis(done: float) -> tuple[float, float, bool]:
    """How much wishes count at some point of a run.

    The pairs come first, because they teach to see at all; from a fifth of the run to three fifths the wishes grow,
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
    grown = min(max(2.5 * done - 0.5, 0.0), 1.0)
    return 1.0 + 5.0 * grown**2, 20.0 + 20.0 * grown, grown == 1.0


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
    """The encoder plus small heads, for training only: they name kind and colour, and tell garments from other things.

    Attributes:
        of_pairs, of_wishes: places of a photo's vector that learn from pairs, and from wishes.
        of_kind, of_colour: places by which kind and colour are named.
    """

    def __init__(self, encoder: FusedClip, kinds: int, colours: int) -> None:
        super().__init__()
        self.encoder = encoder
        item, *others = encoder.fusion.parts
        whole = slice(None)
        self.of_pairs = slice(item) if others else whole
        self.of_wishes = slice(item, None) if others else whole
        self.of_kind, self.of_colour = whole, whole
        if len(others) == 2:
            self.of_kind, self.of_colour = slice(item, item + others[0]), slice(item + others[0], None)
        places = range(encoder.width)
        self.kind_head = nn.Linear(len(places[self.of_kind]), max(kinds, 1))  # pictures may come without any label
        self.colour_head = nn.Linear(len(places[self.of_colour]), max(colours, 1))
        self.garment_head = nn.Linear(encoder.width, 1)

    def taught(self, photos: torch.Tensor, place: slice) -> torch.Tensor:
        """The same vectors, of which only one place learns.

        A careful drawing means this item, a wish its kind and colour. What one of them teaches a whole vector the
        other takes back; so the photos' first part learns from pairs alone, and the others from wishes and labels.
        """
        learning = photos.detach().clone()
        learning[:, place] = photos[:, place]
        return learning


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
    photos = in_chunks(model.encoder.photo_vectors, batch["photo"])
    kind, colour = targets.numbers(batch["kind"], batch["colour"])
    loss, values = _weighted(_pair_terms(model, batch, photos, kind, colour), PAIR_WEIGHTS)
    candidates = memory.with_batch(photos, kind, colour)
    wishes = batch["wishes"]
    if wishes is not None:
        weight, scale, ranks = wish_emphasis(done)
        answers = model.taught(candidates[0], model.of_wishes)
        loss_of = partial(ranking_loss if ranks else soft_cross_entropy, photos=answers, scale=scale)
        grades = {meant: graded(targets.weights(wishes[meant]), *candidates[1:]) for meant in ("both", "said", "drawn")}
        for meant, holds in (("drawn", "is_vague"), ("both", "asks_kind")):
            asked = torch.tensor(wishes[holds], device=photos.device)
            grades[meant] = grades[meant] * asked[:, None, None]  # a careful drawing asks for its own item
        sketches, words = _asked(model.encoder, wishes)
        terms = _wish_terms(model.encoder, sketches, words, grades, loss_of)
        wished, wish_values = _weighted(terms, WISH_WEIGHTS)
        loss, values = loss + weight * wished, values | wish_values
        if len(wishes["others"]):
            others = in_chunks(model.encoder.sketch_vectors, wishes["others"])
            terms = {"garment": _garment_loss(model, sketches, others)}
            told, garment_value = _weighted(terms, {"garment": GARMENT_WEIGHT})
            loss, values = loss + told, values | garment_value
    return loss, values


def _pair_terms(
    model: TrainingModel, batch: dict[str, Any], photos: torch.Tensor, kind: torch.Tensor, colour: torch.Tensor
) -> dict[str, torch.Tensor]:
    encoder, device = model.encoder, photos.device
    sketches, words = _asked(encoder, batch)
    items = model.taught(photos, model.of_pairs)
    scale = encoder.clip.logit_scale.exp().clamp(max=100.0)
    same_item = torch.tensor([[one == other for other in batch["title"]] for one in batch["title"]], device=device)
    same_colour = (colour[:, None] == colour[None, :]) & (colour >= 0)
    called = _fits(batch["noun"], batch["kind"], kinds_called).to(device)
    drawn = _fits(batch["drawn_word"], batch["kind"], kinds_drawn_as).to(device)
    vague_words = same_item | (called & (same_colour | ~batch["names_colour"][:, None]))
    vague_both = same_item | (vague_words & drawn)
    terms = {
        name: info_nce(encoder.fusion(sketches, words, name), items, scale, vague_both) for name in TRAINED_FUSIONS
    }
    terms["words"] = info_nce(words, items, scale, vague_words)
    terms["sketch"] = info_nce(sketches, items, scale, same_item, drawn, 0.1)
    terms["labels"] = _label_loss(model, photos, sketches, words, kind, colour, batch["names_colour"])
    return terms


def _wish_terms(
    encoder: FusedClip,
    sketches: torch.Tensor,
    words: torch.Tensor,
    grades: dict[str, torch.Tensor],
    loss_of: Callable[..., torch.Tensor],
) -> dict[str, torch.Tensor]:
    fused = [loss_of(encoder.fusion(sketches, words, name), graded=grades["both"]) for name in TRAINED_FUSIONS]
    return {
        "wish_fused": torch.stack(fused).mean(),
        "wish_words": loss_of(words, graded=grades["said"]),
        "wish_sketch": loss_of(sketches, graded=grades["drawn"]),
    }


def _garment_loss(model: TrainingModel, garments: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """Binary cross-entropy of drawings of garments and of other things, both counting the same."""
    told = (model.garment_head(SHARP * vectors)[:, 0] for vectors in (garments, others))
    return torch.stack([functional.softplus(sign * one).mean() for sign, one in zip((-1, 1), told, strict=True)]).mean()


def _asked(encoder: FusedClip, batch: dict[str, Any]) -> tuple[torch.Tensor, torch.Tensor]:
    """Vectors of drawings and of words."""
    tokens = torch.stack([batch["tokens"]["input_ids"], batch["tokens"]["attention_mask"]], dim=1)
    words = in_chunks(lambda chunk: encoder.word_vectors(chunk[:, 0], chunk[:, 1]), tokens)
    return in_chunks(encoder.sketch_vectors, batch["sketch"]), words


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
    names_colour: torch.Tensor,
) -> torch.Tensor:
    total = photos.new_zeros(())
    if (kind >= 0).any():  # the mean over no label is not a number
        for vectors in (photos, sketches, words):
            named = model.kind_head(SHARP * unit(vectors[:, model.of_kind]))
            total = total + functional.cross_entropy(named, kind, ignore_index=-1)
    said = torch.where(names_colour, colour, -1)
    for vectors, wanted in ((photos, colour), (words, said)):
        if (wanted >= 0).any():
            named = model.colour_head(SHARP * unit(vectors[:, model.of_colour]))
            total = total + functional.cross_entropy(named, wanted, ignore_index=-1)
    return total
