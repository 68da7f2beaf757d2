"""Which weights of a published CLIP are trained, and how fast."""

from __future__ import annotations

from typing import Any

from torch import nn

from retrieval.encoder.model.fused import FusedClip
from retrieval.values.errors import TrainingError

ALL_LAYERS = "all"
LAST_LAYERS = "last:"
HEADS = ("post_layernorm", "final_layer_norm", "visual_projection", "text_projection", "logit_scale", "pool")
"""Parts after the last transformer layers, by a piece of their names; trained whenever any layer is."""


FINE_TUNING_RATE = 2e-5
"""Learning rate for the weights of a published encoder."""

HEAD_RATE = 25.0
"""Fusion and label heads start fresh beside published weights, and learn this many times faster."""


def last_layers(train_layers: str) -> int | None:
    """Parse ``all`` (None) or ``last:N`` (N, 0 trains only what comes after the layers).

    Raises:
        TrainingError: if it is neither.
    """
    number = train_layers.removeprefix(LAST_LAYERS)
    if train_layers == ALL_LAYERS:
        return None
    if not train_layers.startswith(LAST_LAYERS) or not number.isdecimal():
        raise TrainingError(f"Layers to train are unclear: expected all or last:N, got {train_layers!r}.")
    return int(number)


def choose_trained(model: FusedClip, train_layers: str) -> int:
    """Freeze all but the chosen layers of both towers; projections and fusion are always trained.

    Args:
        model: changed in place (``requires_grad``).
        train_layers: ``all`` or ``last:N``.
    Returns:
        How many parameters are trained.
    Raises:
        TrainingError: if ``train_layers`` is unclear, or a tower has fewer layers.
    """
    count = last_layers(train_layers)
    for value in model.parameters():
        value.requires_grad_(True)
    if count is not None:
        for name, value in model.clip.named_parameters():
            value.requires_grad_(any(part in name for part in HEADS))
        for tower in (model.clip.vision_model, model.clip.text_model):
            for layer in _last(tower, count):
                for value in layer.parameters():
                    value.requires_grad_(True)
    return sum(value.numel() for value in model.parameters() if value.requires_grad)


def _last(tower: Any, count: int) -> list[nn.Module]:
    layers = list(tower.encoder.layers)
    if count > len(layers):
        raise TrainingError(f"Layers to train are too many: expected at most last:{len(layers)}, got last:{count}.")
    return layers[len(layers) - count :]


def parameter_groups(model: nn.Module, clip: nn.Module, weight_decay: float, head_rate: float) -> list[dict[str, Any]]:
    """Weight decay for matrices only; with a ``head_rate`` other than 1, fresh heads in groups of their own."""
    published = {id(value) for value in clip.parameters()}
    values = [value for value in model.parameters() if value.requires_grad]
    parts = {1.0: values}
    if head_rate != 1.0:
        parts = {
            1.0: [v for v in values if id(v) in published],
            head_rate: [v for v in values if id(v) not in published],
        }
    return [
        group
        for rate, part in parts.items()
        for group in (
            {"params": [v for v in part if v.ndim >= 2], "weight_decay": weight_decay, "rate": rate},
            {"params": [v for v in part if v.ndim < 2], "weight_decay": 0.0, "rate": rate},
        )
    ]
