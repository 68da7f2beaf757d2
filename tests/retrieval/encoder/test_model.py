from __future__ import annotations

import pytest
import torch

from retrieval.encoder.model.fusion import Fusion, unit, unit_parts
from retrieval.values.fusions import FUSION_KINDS


def trained_fusion(seed: int = 0, strength: float = 0.1) -> Fusion:
    """Fusion heads that have left their start."""
    torch.manual_seed(seed)
    fusion = Fusion(16, 12, (9, 7))
    for value in fusion.parameters():
        torch.nn.init.normal_(value, std=strength)
    return fusion.eval()


def vectors(seed: int, count: int = 24) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(100 + seed)
    return unit(torch.randn(count, 16)), unit(torch.randn(count, 16))


def cosine(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    return (one * other).sum(dim=-1)


@pytest.mark.parametrize("kind", FUSION_KINDS)
@torch.inference_mode()
def test_the_ends_of_the_slider_are_the_drawing_and_the_words_alone(kind: str) -> None:
    fusion = trained_fusion()
    sketch, words = vectors(0)
    assert cosine(fusion(sketch, words, kind, 1.0), sketch).min() > 1 - 1e-6
    assert cosine(fusion(sketch, words, kind, 0.0), words).min() > 1 - 1e-6


@pytest.mark.parametrize("kind", FUSION_KINDS)
@torch.inference_mode()
def test_leaning_to_the_drawing_brings_the_query_nearer_to_it(kind: str) -> None:
    fusion = trained_fusion()
    sketch, words = vectors(1)
    weights = torch.linspace(0, 1, 21)
    fused = [fusion(sketch, words, kind, float(weight)) for weight in weights]
    for weight, before, after in zip(weights[1:], fused, fused[1:], strict=False):
        if weight <= 0.5 + 1e-6:
            assert (cosine(after, words) <= cosine(before, words) + 1e-5).all()
        else:
            assert (cosine(after, sketch) >= cosine(before, sketch) - 1e-5).all()
        assert cosine(before, after).min() > 0.8  # no jump


@pytest.mark.parametrize("kind", FUSION_KINDS)
@torch.inference_mode()
def test_fused_queries_have_length_one(kind: str) -> None:
    for seed in range(5):
        sketch, words = vectors(seed)
        for weight in (0.0, 0.2, 0.5, 0.9, 1.0):
            fused = trained_fusion(seed, 1.0)(sketch, words, kind, weight)
            assert fused.shape == sketch.shape
            assert torch.allclose(fused.norm(dim=-1), torch.ones(len(fused)), atol=1e-5)


@torch.inference_mode()
def test_an_untrained_fusion_is_the_average() -> None:
    sketch, words = vectors(2)
    fusion = Fusion(16, 12)
    average = unit(sketch + words)
    for kind in FUSION_KINDS:
        assert torch.allclose(fusion(sketch, words, kind), average, atol=1e-6)
    assert torch.allclose(fusion(sketch, words, "average", 0.25), unit(0.25 * sketch + 0.75 * words), atol=1e-6)


@torch.inference_mode()
def test_the_gate_tells_how_much_the_drawing_counts() -> None:
    fusion = trained_fusion(3)
    sketch, words = vectors(3)
    shares = fusion.sketch_share(sketch, words)
    assert shares.shape == (len(sketch), 2)
    assert ((shares > 0) & (shares < 1)).all()
    share = torch.cat([shares[:, :1].expand(-1, 9), shares[:, 1:].expand(-1, 7)], dim=1)
    assert torch.allclose(fusion(sketch, words, "gated"), unit(share * sketch + (1 - share) * words), atol=1e-6)


@torch.inference_mode()
def test_the_mixed_fusion_lies_half_way_between_the_two_that_learn() -> None:
    fusion = trained_fusion(3)
    sketch, words = vectors(3)
    for weight in (0.3, 0.5, 0.8):
        concat, gated = (fusion(sketch, words, kind, weight) for kind in ("concat", "gated"))
        mixed = fusion(sketch, words, "mixed", weight)
        assert torch.allclose(cosine(mixed, concat), cosine(mixed, gated), atol=1e-6)
        assert (cosine(mixed, concat) >= cosine(gated, concat)).all()


def test_an_unknown_fusion_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one of average, concat, gated, mixed"):
        Fusion(4)(torch.ones(1, 4), torch.ones(1, 4), "sum")


@torch.inference_mode()
def test_the_parts_of_a_photo_are_equally_long_and_together_one() -> None:
    torch.manual_seed(0)
    photos = unit_parts(torch.randn(5, 16) * torch.rand(5, 1) * 9, (8, 4, 4))
    for part in photos.split((8, 4, 4), dim=1):
        assert torch.allclose(part.norm(dim=1), torch.full((5,), 3**-0.5), atol=1e-6)
    assert torch.equal(unit_parts(photos, (16,)), unit(photos))


@pytest.mark.parametrize("parts", [(8, 7), (17,), (20, -4)])
def test_parts_that_do_not_make_up_the_whole_are_refused(parts: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="parts of 16"):
        Fusion(16, 12, parts)
