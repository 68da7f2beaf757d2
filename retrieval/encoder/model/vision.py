"""The encoder that this repository trains and ships: a small CLIP whose vision tower starts with convolutions.

On thumbnails and line drawings a convolutional stem learns several times faster than a patch-8 ViT at equal
CPU time (early convolutions: Xiao et al., NeurIPS 2021), so the tower is: pixel unshuffle, convolution,
residual blocks at 1/8 resolution, a merge to 1/16, then CLIP's own transformer layers.
Everything else (text tower, projections, ``get_image_features``, saving and loading) is ``transformers``' CLIP.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoModel, CLIPConfig, CLIPModel, CLIPVisionConfig
from transformers.configuration_utils import SubConfigSpec
from transformers.modeling_outputs import BaseModelOutputWithPooling
from transformers.models.clip.modeling_clip import CLIPEncoder, CLIPPreTrainedModel

from retrieval.encoder.model.fused import FusedClip, PixelStatistics
from retrieval.encoder.model.fusion import Fusion
from retrieval.encoder.model.vocabulary import END_ID, START_ID

EMBEDDING_WIDTH = 256

STATISTICS = PixelStatistics(
    photo_mean=(0.84, 0.83, 0.82),
    photo_std=(0.27, 0.28, 0.28),
    sketch_mean=(0.90, 0.90, 0.90),
    sketch_std=(0.27, 0.27, 0.27),
)
"""Measured once on the catalogue's photos and derived drawings, rounded."""


class AirSketchVisionConfig(CLIPVisionConfig):
    """CLIP's vision settings plus the stem's widths.

    Attributes:
        stem_width: channels at 1/4 resolution.
        body_width: channels at 1/8 resolution.
        body_blocks: residual blocks at 1/8 resolution.
    """

    model_type = "air_sketch_clip_vision"

    stem_width: int = 96
    body_width: int = 192
    body_blocks: int = 2


class AirSketchClipConfig(CLIPConfig):
    """CLIP's settings with ``AirSketchVisionConfig`` for the vision tower."""

    model_type = "air_sketch_clip"
    sub_configs_defaults = {  # noqa: RUF012
        **CLIPConfig.sub_configs_defaults,
        "vision_config": SubConfigSpec(AirSketchVisionConfig),
    }

    vision_config: dict[str, Any] | AirSketchVisionConfig | None = None


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with pre-activation (He et al., ECCV 2016) and group normalisation."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(1, width)
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.norm2 = nn.GroupNorm(1, width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """(B, width, h, w) -> the same shape."""
        inner = self.conv1(nn.functional.gelu(self.norm1(maps)))
        return maps + self.conv2(nn.functional.gelu(self.norm2(inner)))


class AirSketchVisionTower(CLIPPreTrainedModel):
    """Convolutional stem, CLIP transformer layers, mean and max pooling."""

    config: AirSketchVisionConfig
    main_input_name = "pixel_values"
    _input_embed_layer = "stem"

    def __init__(self, config: AirSketchVisionConfig) -> None:
        super().__init__(config)
        width = config.hidden_size
        side = int(config.image_size) // 16
        self.stem = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(config.num_channels * 16, config.stem_width, 3, padding=1),
            nn.GELU(),
            nn.Conv2d(config.stem_width, config.body_width, 2, stride=2),
            *[ResidualBlock(config.body_width) for _ in range(config.body_blocks)],
            nn.Conv2d(config.body_width, width, 2, stride=2),
        )
        self.position = nn.Parameter(torch.zeros(side * side, width))
        self.encoder = CLIPEncoder(config)
        self.post_layernorm = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.pool = nn.Linear(2 * width, width)
        self.post_init()

    def forward(self, pixel_values: torch.Tensor, **kwargs: Any) -> BaseModelOutputWithPooling:
        """Encode pictures.

        Args:
            pixel_values: float (B, 3, image_size, image_size), normalised.
            **kwargs: accepted for CLIP's sake, unused.
        Returns:
            last_hidden_state (B, tokens, hidden_size), pooler_output (B, hidden_size).
        """
        maps = self.stem(pixel_values)
        tokens = maps.flatten(2).transpose(1, 2) + self.position
        hidden = self.post_layernorm(self.encoder(inputs_embeds=tokens).last_hidden_state)
        pooled = self.pool(torch.cat([hidden.mean(dim=1), hidden.amax(dim=1)], dim=-1))
        return BaseModelOutputWithPooling(last_hidden_state=hidden, pooler_output=pooled)


class AirSketchClipModel(CLIPModel):
    """``transformers.CLIPModel`` with the convolutional vision tower."""

    config_class = AirSketchClipConfig
    config: AirSketchClipConfig

    def __init__(self, config: AirSketchClipConfig) -> None:
        super().__init__(config)
        assert isinstance(config.vision_config, AirSketchVisionConfig)
        self.vision_model = AirSketchVisionTower(config.vision_config)
        self.post_init()


def build_small_clip(vocabulary: int, max_tokens: int, size_px: int) -> FusedClip:
    """Make the small fused CLIP with fresh weights; ``size_px`` is a multiple of 16."""
    config = AirSketchClipConfig(
        projection_dim=EMBEDDING_WIDTH,
        text_config={
            "vocab_size": vocabulary,
            "hidden_size": 192,
            "intermediate_size": 768,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "max_position_embeddings": max_tokens,
            "projection_dim": EMBEDDING_WIDTH,
            "bos_token_id": START_ID,
            "eos_token_id": END_ID,
            "pad_token_id": END_ID,
        },
        vision_config={
            "hidden_size": 256,
            "intermediate_size": 1024,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "image_size": size_px,
            "patch_size": 16,
            "projection_dim": EMBEDDING_WIDTH,
        },
    )
    return FusedClip(AirSketchClipModel(config), Fusion(EMBEDDING_WIDTH), STATISTICS)


AutoConfig.register(AirSketchClipConfig.model_type, AirSketchClipConfig, exist_ok=True)
AutoConfig.register(AirSketchVisionConfig.model_type, AirSketchVisionConfig, exist_ok=True)
AutoModel.register(AirSketchClipConfig, AirSketchClipModel, exist_ok=True)
