"""Losses of queries that many photos answer, some better than others: wishes (see ``WishTargets``)."""

from __future__ import annotations

import torch
from torch.nn import functional

from retrieval.training.losses.targets import tier_shares


def soft_cross_entropy(
    queries: torch.Tensor, photos: torch.Tensor, targets: torch.Tensor, scale: float
) -> torch.Tensor:
    """Cross-entropy of queries over photos against target distributions; rows without a target do not count.

    Args:
        queries: float (Q, D) unit vectors.
        photos: float (P, D) unit vectors.
        targets: float (Q, P), from ``WishTargets.of``.
        scale: inverse temperature.
    Returns:
        Mean loss, a scalar.
    """
    asked = targets.sum(dim=1) > 0
    loss = -(targets * functional.log_softmax(scale * queries @ photos.T, dim=1)).sum(dim=1)
    return (loss * asked).sum() / asked.sum().clamp(min=1)


def ranking_loss(queries: torch.Tensor, photos: torch.Tensor, graded: torch.Tensor, scale: float) -> torch.Tensor:
    """What it costs when photos that answer do not come before those that answer less or not at all.

    Every answer is told apart from the worse photos alone, never from other answers of its tier: unlike cross-entropy
    against a spread-out target, this does not ask all red shirts to come out alike, so the one that was drawn may
    stay ahead.

    Args:
        queries: float (Q, D) unit vectors.
        photos: float (P, D) unit vectors.
        graded: float (Q, tiers, P), from ``WishTargets.graded``.
        scale: inverse temperature.
    Returns:
        Mean loss, a scalar; queries without an answer do not count.
    """
    with torch.autocast(queries.device.type, enabled=False):  # half precision would round the last hundredths away
        scores = scale * queries.float() @ photos.float().T
    mass = graded.sum(dim=2)
    share = tier_shares(mass)
    loss = scores.new_zeros(len(scores))
    for tier in range(graded.shape[1]):
        answers = graded[:, tier]
        as_good = (graded[:, : tier + 1] > 0).any(dim=1)
        worse = scores.masked_fill(as_good, torch.finfo(scores.dtype).min / 4).logsumexp(dim=1, keepdim=True)
        cost = (answers * functional.softplus(worse - scores)).sum(dim=1) / mass[:, tier].clamp(min=1e-6)
        loss = loss + share[:, tier] * cost
    asked = (mass > 0).any(dim=1)
    return (loss * asked).sum() / asked.sum().clamp(min=1)
