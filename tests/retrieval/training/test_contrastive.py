from __future__ import annotations

import math

import pytest
import torch

from retrieval.encoder.model.fusion import unit
from retrieval.training.losses.contrastive import info_nce


def slow_info_nce(
    queries: torch.Tensor,
    photos: torch.Tensor,
    scale: float,
    positives: torch.Tensor,
    ignored: torch.Tensor,
    smoothing: float = 0.0,
) -> float:
    """The loss as its definition reads, one pair at a time."""
    count = len(queries)

    def one_way(score: list[list[float]], positive: torch.Tensor, left_out: torch.Tensor) -> float:
        total = 0.0
        for i in range(count):
            counted = [j for j in range(count) if positive[i, j] or not left_out[i, j]]
            answers = [j for j in counted if positive[i, j]]
            log_sum = math.log(sum(math.exp(score[i][j]) for j in counted))
            for j in counted:
                target = (1 - smoothing) * (j in answers) / len(answers) + smoothing / len(counted)
                total -= target * (score[i][j] - log_sum)
        return total / count

    table = [[scale * float(query @ photo) for photo in photos] for query in queries]
    turned = [list(column) for column in zip(*table, strict=True)]
    own = torch.eye(count, dtype=torch.bool)
    return 0.5 * (one_way(table, own | positives, ignored) + one_way(turned, own, (ignored | positives).T))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize(("more_positives", "left_out"), [(0.0, 0.0), (0.3, 0.0), (0.0, 0.4), (0.3, 0.4)])
def test_the_loss_agrees_with_its_definition(smoothing: float, more_positives: float, left_out: float) -> None:
    torch.manual_seed(5)
    for _ in range(6):
        count = int(torch.randint(1, 9, ()))
        queries, photos = (unit(torch.randn(count, 8)) for _ in range(2))
        positives = torch.rand(count, count) < more_positives
        ignored = torch.rand(count, count) < left_out
        got = info_nce(queries, photos, 12.0, ignored, positives, smoothing)
        assert float(got) == pytest.approx(
            slow_info_nce(queries, photos, 12.0, positives, ignored, smoothing), rel=1e-4, abs=1e-5
        )


def test_a_duplicate_that_is_ignored_costs_nothing() -> None:
    torch.manual_seed(6)
    photos = unit(torch.randn(4, 8))
    photos[1] = photos[0]
    own = torch.eye(4, dtype=torch.bool)
    same = own.clone()
    same[0, 1] = same[1, 0] = True
    punished = info_nce(photos, photos, 30.0, own)
    forgiven = info_nce(photos, photos, 30.0, same)
    assert float(punished) > float(forgiven) + 0.2
    assert float(forgiven) < 0.05


def test_the_loss_has_finite_gradients_in_half_precision_too() -> None:
    torch.manual_seed(7)
    queries = torch.randn(6, 8, requires_grad=True)
    own = torch.eye(6, dtype=torch.bool)
    for everything_ignored in (own, torch.ones_like(own)):
        with torch.autocast("cpu", torch.bfloat16):
            loss = info_nce(unit(queries), unit(queries.detach()), 100.0, everything_ignored, None, 0.1)
        (gradient,) = torch.autograd.grad(loss, queries)
        assert torch.isfinite(gradient).all()
