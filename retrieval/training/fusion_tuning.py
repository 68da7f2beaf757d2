"""The last part of a run: the fusion learns alone, on embeddings that no longer change.

While the towers learn, the fusion chases a moving target. Once they rest it can see many more queries a second, as
in the second stage of CLIP4Cir (Baldrati et al., CVPRW 2022), and finds a better balance between the very item that
was drawn and the colour and kind that the words name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch.nn import functional

from retrieval.encoder.model.devices import working_precision
from retrieval.encoder.model.fused import FusedClip
from retrieval.encoder.model.fusion import Fusion
from retrieval.training.data.batches import collate
from retrieval.training.data.examples import Examples
from retrieval.training.data.labels import LabelNumbers
from retrieval.training.data.material import Material
from retrieval.training.data.wishes import Meaning, Wishes
from retrieval.training.losses.graded import ranking_loss
from retrieval.training.losses.targets import WishTargets
from retrieval.training.vocabulary import Vocabulary
from retrieval.values.datatypes import ProgressCallback
from retrieval.values.fusions import LEARNT_FUSIONS

EMBED_CHUNK = 256
FRESH = 1_000_000
"""Epoch of the examples and number of the first batch of wishes: none that the towers have seen."""


@dataclass(frozen=True)
class FusionTuning:
    """How the fusion learns alone.

    Attributes:
        steps: optimiser steps; 0 leaves the fusion as the towers left it.
        pairs: examples that are embedded, all of them when there are fewer.
        wish_batches: batches of wishes that are embedded.
        batch: pairs a step.
        wishes: wishes a step.
        title: share of titles among the pairs' captions; less than for the towers, because a few words leave more to
            be balanced.
        candidates: photos among which a step searches, beside those of its pairs.
        learning_rate: at the start; it falls linearly to 0.
        wish_weight: of the wishes' loss beside that of the pairs.
        pair_scale: inverse temperature of the pairs.
        wish_scale: inverse temperature of the wishes.
    """

    steps: int = 400
    pairs: int = 8192
    wish_batches: int = 48
    batch: int = 512
    wishes: int = 384
    title: float = 0.2
    candidates: int = 2048
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    wish_weight: float = 2.5
    pair_scale: float = 30.0
    wish_scale: float = 40.0


@dataclass(frozen=True)
class Embedded:
    """Embeddings of pairs and wishes, float (N, D) each, and what they mean."""

    photos: torch.Tensor
    sketches: torch.Tensor
    words: torch.Tensor
    title: torch.Tensor
    kind: torch.Tensor
    colour: torch.Tensor
    wish_sketches: torch.Tensor
    wish_words: torch.Tensor
    meanings: list[Meaning]


@torch.no_grad()
def embed(
    encoder: FusedClip,
    material: Material,
    vocabulary: Vocabulary,
    labels: LabelNumbers,
    tuning: FusionTuning,
    seed: int,
    progress: ProgressCallback,
) -> Embedded:
    """Embed fresh examples and wishes once.

    Args:
        encoder: with resting towers.
        material: to choose from; the captions of its examples are mixed as ``tuning`` says.
        vocabulary: of the captions.
        labels: numbers of kinds and colours.
        tuning: how many.
        seed: of the choice.
        progress: called after every chunk.
    """
    (photos, sketches, words), said = _embed_pairs(encoder, material.examples, vocabulary, tuning, seed, progress)
    (drawn, wished), meanings = _embed_wishes(encoder, material.wishes, vocabulary, tuning, progress)
    titles = {title: place for place, title in enumerate(dict.fromkeys(said["title"]))}
    title = torch.tensor([titles[name] for name in said["title"]], device=photos.device)
    kind, colour = labels.of(said["kind"], said["colour"])
    return Embedded(photos, sketches, words, title, kind, colour, drawn, wished, meanings)


def _embed_pairs(
    encoder: FusedClip,
    examples: Examples,
    vocabulary: Vocabulary,
    tuning: FusionTuning,
    seed: int,
    progress: ProgressCallback,
) -> tuple[list[torch.Tensor], dict[str, list[str]]]:
    """Photos, drawings and words, float (N, D) each; and the titles, kinds and colours."""
    device = next(encoder.parameters()).device
    examples = examples.with_settings(replace(examples.settings, title=tuning.title))
    chosen = torch.randperm(len(examples), generator=torch.Generator().manual_seed(seed))[: tuning.pairs].tolist()
    chunks = []
    said: dict[str, list[str]] = {"title": [], "kind": [], "colour": []}
    for start in range(0, len(chosen), EMBED_CHUNK):
        batch = collate([examples[(FRESH, i)] for i in chosen[start : start + EMBED_CHUNK]])
        with working_precision(device):
            photos = encoder.photo_vectors(batch["photo"].to(device))
            chunks.append((photos, *_embed_query(encoder, vocabulary, batch)))
        for name, values in said.items():
            values.extend(batch[name])
        progress("Embedding for the fusion", 0.7 * min(1.0, (start + EMBED_CHUNK) / len(chosen)))
    return [torch.cat(several).float() for several in zip(*chunks, strict=True)], said


def _embed_wishes(
    encoder: FusedClip, wishes: Wishes, vocabulary: Vocabulary, tuning: FusionTuning, progress: ProgressCallback
) -> tuple[list[torch.Tensor], list[Meaning]]:
    """Drawings and words, float (N, D) each; and what both together mean."""
    device = next(encoder.parameters()).device
    chunks = []
    meanings: list[Meaning] = []
    for number in range(tuning.wish_batches):
        batch = wishes.batch(FRESH + number)
        with working_precision(device):
            chunks.append(_embed_query(encoder, vocabulary, batch))
        meanings += batch["both"]
        progress("Embedding for the fusion", 0.7 + 0.3 * (number + 1) / tuning.wish_batches)
    return [torch.cat(several).float() for several in zip(*chunks, strict=True)], meanings


def _embed_query(
    encoder: FusedClip, vocabulary: Vocabulary, batch: dict[str, Any]
) -> tuple[torch.Tensor, torch.Tensor]:
    device = next(encoder.parameters()).device
    tokens = vocabulary.tokens(batch["caption"], device)
    return encoder.sketch_vectors(batch["sketch"].to(device)), encoder.word_vectors(**tokens)


def tune_fusion(
    encoder: FusedClip,
    embedded: Embedded,
    targets: WishTargets,
    tuning: FusionTuning,
    seed: int,
    progress: ProgressCallback,
) -> None:
    """Train the encoder's fusion in place; its towers stay as they are.

    Args:
        encoder: whose ``fusion`` learns.
        embedded: from ``embed`` with the same encoder.
        targets: of the wishes.
        tuning: how long and how.
        seed: of the order.
        progress: called after every step.
    """
    fusion = encoder.fusion.train()
    optimizer = torch.optim.AdamW(fusion.parameters(), tuning.learning_rate, weight_decay=tuning.weight_decay)
    dice = torch.Generator().manual_seed(seed)
    count, wishes = len(embedded.photos), len(embedded.meanings)
    weights = targets.table(embedded.meanings)

    def draw(high: int, size: int) -> torch.Tensor:
        return torch.randint(0, high, (size,), generator=dice).to(embedded.photos.device)

    for step in range(tuning.steps):
        for group in optimizer.param_groups:
            group["lr"] = tuning.learning_rate * (1.0 - step / tuning.steps)
        rows, asked = draw(count, min(tuning.batch, count)), draw(wishes, min(tuning.wishes, wishes))
        among = torch.cat([rows, draw(count, tuning.candidates)])
        graded = targets.graded(weights.of(asked), embedded.kind[among], embedded.colour[among])
        loss = _tuning_loss(fusion, embedded, rows, asked, among, graded, tuning)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        progress(f"Tuning the fusion, loss {float(loss.detach()):.3f}", (step + 1) / tuning.steps)
    fusion.eval()


def _tuning_loss(
    fusion: Fusion,
    embedded: Embedded,
    rows: torch.Tensor,
    asked: torch.Tensor,
    among: torch.Tensor,
    graded: torch.Tensor,
    tuning: FusionTuning,
) -> torch.Tensor:
    """Loss of the pairs ``rows`` and the wishes ``asked``, searched ``among`` photos that begin with the pairs' own."""
    photos = embedded.photos[among]
    own = torch.arange(len(rows), device=photos.device)
    alike = embedded.title[rows][:, None] == embedded.title[among][None, :]
    alike[own, own] = False
    loss = photos.new_zeros(())
    for kind in LEARNT_FUSIONS:
        items = fusion(embedded.sketches[rows], embedded.words[rows], kind)
        logits = (tuning.pair_scale * items @ photos.T).masked_fill(alike, torch.finfo(photos.dtype).min / 4)
        wished = fusion(embedded.wish_sketches[asked], embedded.wish_words[asked], kind)
        of_wishes = ranking_loss(wished, photos, graded, tuning.wish_scale)
        loss = loss + functional.cross_entropy(logits, own) + tuning.wish_weight * of_wishes
    return loss
