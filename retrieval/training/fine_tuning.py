"""Which weights of a published CLIP are trained, and how fast."""

from __future__ import annotations

import re
from typing import Any

from torch import nn

from retrieval.encoder.model.fused import FusedClip
from retrieval.encoder.model.vision import FROZEN_STAGES
from retrieval.values.errors import TrainingError

HEADS = (
    *("post_layernorm", "final_layer_norm", "visual_projection", "text_projection", "logit_scale"),
    *("detail", "mix", "place", "pool", "refine"),
)
"""Parts after the last transformer layers, by a piece of their names; trained whenever any layer is."""

FINE_TUNING_RATE = 2e-5
"""Learning rate for the weights of a published encoder."""

HEAD_RATE = 25.0
"""Fusion and label heads start fresh beside published weights, and learn this many times faster."""

BACKBONE_RATE = 0.25
"""ImageNet weights learn so much slower than the fresh ones beside them."""

WEIGHT_DECAY = 0.05


def choose_trained(model: FusedClip, train_layers: str) -> None:
    """Freeze all but the chosen layers of both towers; projections and fusion are always trained.

    The first stages of our own tower see lines and textures, in photos and in drawings alike, and stay as ImageNet left
    them: half of a step's time is theirs otherwise.

    Args:
        model: changed in place (``requires_grad``).
        train_layers: ``all`` or ``last:N``; N is 0 for what comes after the layers alone.
    Raises:
        TrainingError: if ``train_layers`` is unclear, or a tower has fewer layers.
    """
    backbone = getattr(model.clip.vision_model, "backbone", None)
    if train_layers == "all":
        if backbone is not None:
            backbone.freeze(FROZEN_STAGES)
        return
    number = re.fullmatch(r"last:([0-9]+)", train_layers)
    if number is None:
        raise TrainingError(f"Layers to train are unclear: expected all or last:N, got {train_layers!r}.")
    for name, value in model.clip.named_parameters():
        value.requires_grad_(any(part in name for part in HEADS))
    seeing = model.clip.vision_model.encoder.layers if backbone is None else backbone.stages[FROZEN_STAGES:]
    for layers in (seeing, model.clip.text_model.encoder.layers):
        first = len(layers) - int(number[1])
        if first < 0:
            raise TrainingError(f"Layers to train are too many: expected at most last:{len(layers)}.")
        layers[first:].requires_grad_(True)


def parameter_groups(model: nn.Module, clip: nn.Module, head_rate: float) -> list[dict[str, Any]]:
    """Weight decay for matrices only; what is not of the CLIP learns ``head_rate`` times as fast."""
    published = {id(value) for value in clip.parameters()}
    backbone = {id(value) for name, value in clip.named_parameters() if ".backbone." in name}
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for value in model.parameters():
        if value.requires_grad:
            decay = WEIGHT_DECAY if value.ndim >= 2 else 0.0
            rate = BACKBONE_RATE if id(value) in backbone else 1.0 if id(value) in published else head_rate
            groups.setdefault((decay, rate), []).append(value)
    return [{"params": values, "weight_decay": decay, "rate": rate} for (decay, rate), values in groups.items()]
