from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

from retrieval.encoder.model.efficientnet import BATCH_NORM_EPSILON, EfficientNetLite, SamePad


def published(net: EfficientNetLite) -> dict[str, torch.Tensor]:
    """Random weights in the published layout: convolutions without bias, and the statistics of what follows them."""
    torch.manual_seed(0)
    blocks = [block for stage in net.stages for block in stage.children()]
    named = [("_conv_stem", "_bn0", net.stem)]
    for number, block in enumerate(blocks):
        parts = (("_expand_conv", "_bn0", block.expand), ("_depthwise_conv", "_bn1", block.depthwise))
        named += [(f"_blocks.{number}.{a}", f"_blocks.{number}.{b}", conv) for a, b, conv in parts if conv is not None]
        named.append((f"_blocks.{number}._project_conv", f"_blocks.{number}._bn2", block.project))
    weights = {}
    for conv, norm, layer in named:
        count = layer.out_channels
        weights[f"{conv}.weight"] = torch.randn_like(layer.weight) * layer.weight[0].numel() ** -0.5
        weights |= {f"{norm}.weight": torch.rand(count) + 0.5, f"{norm}.bias": torch.randn(count) * 0.3}
        weights |= {f"{norm}.running_mean": torch.randn(count) * 0.2, f"{norm}.running_var": torch.rand(count) + 0.5}
    return weights


def unfolded(net: EfficientNetLite, weights: dict[str, torch.Tensor], pixels: torch.Tensor) -> torch.Tensor:
    """The last maps by convolutions and batch normalisations one after the other."""

    def layer(maps: torch.Tensor, conv: str, norm: str, like: SamePad) -> torch.Tensor:
        plain = SamePad(like.in_channels, like.out_channels, like.kernel_size[0], like.stride[0], groups=like.groups)
        plain.weight, plain.bias = nn.Parameter(weights[f"{conv}.weight"]), None
        statistics = [weights[f"{norm}.{name}"] for name in ("running_mean", "running_var", "weight", "bias")]
        return functional.batch_norm(plain(maps), *statistics, eps=BATCH_NORM_EPSILON)

    maps = functional.relu6(layer(pixels, "_conv_stem", "_bn0", net.stem))
    for number, block in enumerate(block for stage in net.stages for block in stage.children()):
        name, inner = f"_blocks.{number}.", maps
        if block.expand is not None:
            inner = functional.relu6(layer(inner, f"{name}_expand_conv", f"{name}_bn0", block.expand))
        inner = functional.relu6(layer(inner, f"{name}_depthwise_conv", f"{name}_bn1", block.depthwise))
        inner = layer(inner, f"{name}_project_conv", f"{name}_bn2", block.project)
        maps = maps + inner if block.is_residual else inner
    return maps


@torch.inference_mode()
def test_folded_normalisations_give_the_same_maps() -> None:
    net = EfficientNetLite(5)
    weights = published(net)
    net.load_published(weights)
    pixels = torch.randn(2, 3, 48, 48)
    wanted = unfolded(net, weights, pixels)
    assert torch.allclose(net(pixels)[-1], wanted, rtol=1e-3, atol=1e-4 * float(wanted.abs().max()))


@torch.inference_mode()
@pytest.mark.parametrize("side", [96, 97, 33])
def test_each_stage_halves_as_it_should(side: int) -> None:
    maps = EfficientNetLite(7)(torch.zeros(1, 3, side, side))
    halved = [side]
    for _ in range(5):
        halved.append(-(-halved[-1] // 2))
    assert [one.shape[-1] for one in maps] == [halved[n] for n in (1, 2, 3, 4, 4, 5, 5)]
    assert [one.shape[1] for one in maps] == [16, 24, 40, 80, 112, 192, 320]


def test_padding_at_stride_two_has_the_odd_pixel_after() -> None:
    conv = SamePad(1, 1, 3, 2, bias=False)
    nn.init.ones_(conv.weight)
    assert conv(torch.ones(1, 1, 4, 4))[0, 0].tolist() == [[9.0, 6.0], [6.0, 4.0]]
