"""The last part of a run: the fusion learns alone, on embeddings that no longer change.

While the towers learn, the fusion chases a moving target. Once they rest it can see many more queries a second, as
in the second stage of CLIP4Cir (Baldrati et al., CVPRW 2022), and finds a better balance between the very item that
was drawn and the colour and kind that the words name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch.nn import functional

from retrieval.encoder.checkpoints import Checkpoint
from retrieval.encoder.model.devices import working_precision
from retrieval.training.data.examples import Examples
from retrieval.training.data.wishes import Wishes
from retrieval.training.losses.contrastive import ranking_loss
from retrieval.training.losses.targets import WishTargets, graded
from retrieval.values.datatypes import ProgressCallback
from retrieval.values.fusions import LEARNT_FUSIONS

EMBED_CHUNK = 256
FRESH = 1_000_000
"""Epoch of the examples and number of the first batch of wishes: none that the towers have seen."""

STEPS = 400
PAIRS = 8192  # that are embedded, all of them when there are fewer
WISH_BATCHES = 29  # that are embedded
BATCH = 512  # pairs a step
WISHES = 384  # a step
CANDIDATES = 2048  # photos among which a step searches, beside those of its pairs
TITLES = 0.2
"""Share of titles among the pairs' captions; less than for the towers, because a few words leave more to be
balanced."""

LEARNING_RATE = 1e-3
"""At the start; it falls linearly to 0."""

WEIGHT_DECAY = 0.05
WISH_WEIGHT = 3.0
"""Of the wishes' loss beside that of the pairs."""

PAIR_SCALE, WISH_SCALE = 30.0, 40.0
"""Inverse temperatures of pairs and wishes."""


def tune_fusion(
    trained: Checkpoint,
    examples: Examples,
    wishes: Wishes,
    targets: WishTargets,
    progress: ProgressCallback,
) -> None:
    """Embed fresh examples and wishes once, and train the encoder's fusion on them in place; its towers stay as they
    are.
    """
    dice = torch.Generator().manual_seed(examples.seed)
    order = torch.randperm(len(examples), generator=dice)[:PAIRS].tolist()
    chunks = [order[start : start + EMBED_CHUNK] for start in range(0, len(order), EMBED_CHUNK)]
    progress("Embedding for the fusion", None)
    (all_photos, sketches, words), pairs = _embed(trained, (examples.batch(FRESH, some, TITLES) for some in chunks))
    (wish_sketches, wish_words), wished = _embed(trained, (wishes.batch(FRESH + n) for n in range(WISH_BATCHES)))
    tiers, tint = targets.weights(wished["both"])
    tiers = tiers * torch.tensor(wished["asks_kind"], device=tiers.device)[:, None, None]
    kind, colour = targets.numbers(pairs["kind"], pairs["colour"])
    places = {title: place for place, title in enumerate(dict.fromkeys(pairs["title"]))}
    title = torch.tensor([places[name] for name in pairs["title"]], device=all_photos.device)
    fusion = trained.model.fusion.train()
    optimizer = torch.optim.AdamW(fusion.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    dice.manual_seed(examples.seed)

    def draw(high: int, size: int) -> torch.Tensor:
        return torch.randint(0, high, (size,), generator=dice).to(all_photos.device)

    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * (1.0 - step / STEPS)
        rows, asked = draw(len(title), min(BATCH, len(title))), draw(len(tiers), min(WISHES, len(tiers)))
        among = torch.cat([rows, draw(len(title), CANDIDATES)])  # begins with the pairs' own photos
        photos = all_photos[among]
        grades = graded((tiers[asked], tint[asked]), kind[among], colour[among])
        own = torch.arange(len(rows), device=photos.device)
        alike = title[rows][:, None] == title[among][None, :]
        alike[own, own] = False
        loss = photos.new_zeros(())
        for name in LEARNT_FUSIONS:
            items = fusion(sketches[rows], words[rows], name)
            logits = (PAIR_SCALE * items @ photos.T).masked_fill(alike, torch.finfo(photos.dtype).min / 4)
            of_wishes = ranking_loss(fusion(wish_sketches[asked], wish_words[asked], name), photos, grades, WISH_SCALE)
            loss = loss + functional.cross_entropy(logits, own) + WISH_WEIGHT * of_wishes
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        progress(f"Tuning the fusion, loss {float(loss.detach()):.3f}", (step + 1) / STEPS)
    fusion.eval()


@torch.no_grad()
def _embed(trained: Checkpoint, batches: Iterable[dict[str, Any]]) -> tuple[list[torch.Tensor], dict[str, list[Any]]]:
    """Photos (where the batches have any), drawings and words; and what else the batches hold, joined."""
    encoder = trained.model
    device = next(encoder.parameters()).device
    chunks: list[list[torch.Tensor]] = []
    said: dict[str, list[Any]] = {}
    for batch in batches:
        tokens = trained.tokens(batch["caption"], device)
        with working_precision(device):
            vectors = [encoder.photo_vectors(batch["photo"].to(device))] if "photo" in batch else []
            vectors += [encoder.sketch_vectors(batch["sketch"].to(device)), encoder.word_vectors(**tokens)]
        chunks.append(vectors)
        for name, values in batch.items():
            if not torch.is_tensor(values):  # pictures would fill the memory
                said.setdefault(name, []).extend(values)
    return [torch.cat(several).float() for several in zip(*chunks, strict=True)], said
