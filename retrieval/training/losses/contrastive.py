"""The contrastive loss over one batch of matching queries and photos."""

from __future__ import annotations

import torch
from torch.nn import functional


def info_nce(
    queries: torch.Tensor,
    photos: torch.Tensor,
    scale: torch.Tensor | float,
    positives: torch.Tensor,
    ignored: torch.Tensor,
    label_smoothing: float = 0.0,
    positives_back: torch.Tensor | None = None,
) -> torch.Tensor:
    """Symmetric InfoNCE (van den Oord et al., 2018; CLIP, ICML 2021) with several positives per query.

    Args:
        queries: float (B, D) unit vectors.
        photos: float (B, D) unit vectors; row i belongs to query i.
        scale: inverse temperature.
        positives: bool (B, B), True where the photo answers the query; the diagonal is True.
        ignored: bool (B, B), True where the pair is neither answer nor mistake (same title, same picture).
        label_smoothing: share of the target spread over the pairs that count.
        positives_back: bool (B, B), answers when photos look for queries, as (query, photo) too; ``positives``
            when None. Pairs that answer only forwards are then ignored backwards.
    Returns:
        Mean loss, a scalar.
    """
    logits = scale * queries @ photos.T
    back = positives if positives_back is None else positives_back
    ignored_back = ignored | (positives & ~back)
    return 0.5 * (
        _one_way(logits, positives, ignored, label_smoothing)
        + _one_way(logits.T, back.T, ignored_back.T, label_smoothing)
    )


def _one_way(
    logits: torch.Tensor, positives: torch.Tensor, ignored: torch.Tensor, label_smoothing: float
) -> torch.Tensor:
    counted = ~ignored | positives
    logits = logits.masked_fill(~counted, torch.finfo(logits.dtype).min / 4)
    target = positives.float() / positives.sum(dim=1, keepdim=True)
    if label_smoothing:
        spread = counted.float() / counted.sum(dim=1, keepdim=True)
        target = (1 - label_smoothing) * target + label_smoothing * spread
    log_share = functional.log_softmax(logits, dim=1)
    return -(target * log_share.masked_fill(~counted, 0.0)).sum(dim=1).mean()
