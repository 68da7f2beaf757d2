"""Contrastive losses: of matching queries and photos, and of wishes, which many photos answer, some better."""

from __future__ import annotations

import torch
from torch.nn import functional

TIER_SHARES = (0.65, 0.24, 0.11)
"""Of the target mass, for items of the colour asked for that are of the kind, of related kinds, and of other kinds in
the same group (footwear, ...). Where a gallery runs out of red boots, red shoes come before red bags, and both before
boots of another colour: who names a colour wants it."""


def info_nce(
    queries: torch.Tensor,
    photos: torch.Tensor,
    scale: torch.Tensor | float,
    ignored: torch.Tensor,
    answers: torch.Tensor | None = None,
    label_smoothing: float = 0.0,
) -> torch.Tensor:
    """Symmetric InfoNCE (van den Oord et al., 2018; CLIP, ICML 2021) with several answers to a query.

    Args:
        queries: float (B, D) unit vectors.
        photos: float (B, D) unit vectors; row i belongs to query i.
        scale: inverse temperature.
        ignored: bool (B, B), True where the pair is neither answer nor mistake (same title, same picture).
        answers: bool (B, B), True where another photo answers the query as well; when photos look for their query,
            these pairs are ignored.
        label_smoothing: share of the target spread over the pairs that count.
    Returns:
        Mean loss, a scalar.
    """
    logits = scale * queries @ photos.T
    own = torch.eye(len(logits), dtype=torch.bool, device=logits.device)
    right = own if answers is None else own | answers
    forth = _one_way(logits, right, ignored, label_smoothing)
    return 0.5 * (forth + _one_way(logits.T, own, (ignored | right).T, label_smoothing))


def _one_way(logits: torch.Tensor, right: torch.Tensor, ignored: torch.Tensor, label_smoothing: float) -> torch.Tensor:
    counted = ~ignored | right
    logits = logits.masked_fill(~counted, torch.finfo(logits.dtype).min / 4)
    target = right.float() / right.sum(dim=1, keepdim=True)
    spread = counted.float() / counted.sum(dim=1, keepdim=True)
    target = (1 - label_smoothing) * target + label_smoothing * spread
    log_share = functional.log_softmax(logits, dim=1)
    return -(target * log_share.masked_fill(~counted, 0.0)).sum(dim=1).mean()


def soft_cross_entropy(queries: torch.Tensor, photos: torch.Tensor, graded: torch.Tensor, scale: float) -> torch.Tensor:
    """Cross-entropy of queries over photos against targets spread over all answers.

    Args:
        queries: float (Q, D) unit vectors.
        photos: float (P, D) unit vectors.
        graded: float (Q, tiers, P), from ``WishTargets.graded``.
        scale: inverse temperature.
    Returns:
        Mean loss, a scalar; queries without an answer do not count.
    """
    mass = graded.sum(dim=2)
    targets = (_tier_shares(mass)[:, :, None] * graded / mass[:, :, None].clamp(min=1e-6)).sum(dim=1)
    loss = -(targets * functional.log_softmax(scale * queries @ photos.T, dim=1)).sum(dim=1)
    return _mean_of_asked(loss, mass)


def ranking_loss(queries: torch.Tensor, photos: torch.Tensor, graded: torch.Tensor, scale: float) -> torch.Tensor:
    """What it costs when photos that answer do not come before those that answer less or not at all.

    Every answer is told apart from the worse photos alone, never from other answers of its tier: unlike cross-entropy
    against a spread-out target, this does not ask all red shirts to come out alike, so the one that was drawn may
    stay ahead.

    Args and result: as of ``soft_cross_entropy``.
    """
    with torch.autocast(queries.device.type, enabled=False):  # half precision would round the last hundredths away
        scores = scale * queries.float() @ photos.float().T
    mass = graded.sum(dim=2)
    share = _tier_shares(mass)
    loss = scores.new_zeros(len(scores))
    for tier in range(graded.shape[1]):
        answers = graded[:, tier]
        as_good = (graded[:, : tier + 1] > 0).any(dim=1)
        worse = scores.masked_fill(as_good, torch.finfo(scores.dtype).min / 4).logsumexp(dim=1, keepdim=True)
        cost = (answers * functional.softplus(worse - scores)).sum(dim=1) / mass[:, tier].clamp(min=1e-6)
        loss = loss + share[:, tier] * cost
    return _mean_of_asked(loss, mass)


def _tier_shares(mass: torch.Tensor) -> torch.Tensor:
    """What each tier counts, float (Q, tiers), when those without any mass leave theirs to the others."""
    share = torch.tensor(TIER_SHARES, device=mass.device) * (mass > 0)
    return share / share.sum(dim=1, keepdim=True).clamp(min=1e-6)


def _mean_of_asked(loss: torch.Tensor, mass: torch.Tensor) -> torch.Tensor:
    asked = (mass > 0).any(dim=1)
    return (loss * asked).sum() / asked.sum().clamp(min=1)
