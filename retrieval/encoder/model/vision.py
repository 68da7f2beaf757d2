"""The encoder that this repository trains and ships: a small CLIP whose vision tower starts from ImageNet weights.

The tower is the first five stages of EfficientNet-Lite0 (1/16 of the resolution), the maps at 1/8 beside them for
detail, and a pooling that keeps places: what a drawing shares with a photo is where its lines are, which a mean over
all places forgets. Transformer layers on top cost four times as much as all the rest and brought less.
Everything else (text tower, projections, ``get_image_features``, saving and loading) is ``transformers``' CLIP.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoModel, CLIPConfig, CLIPModel, CLIPVisionConfig
from transformers.configuration_utils import SubConfigSpec
from transformers.modeling_outputs import BaseModelOutputWithPooling
from transformers.models.clip.modeling_clip import CLIPPreTrainedModel

from retrieval.encoder.model.efficientnet import PIXEL_MEAN, PIXEL_STD, EfficientNetLite
from retrieval.encoder.model.fused import FusedClip, PixelStatistics
from retrieval.encoder.model.fusion import Fusion
from retrieval.encoder.model.vocabulary import END_ID, START_ID

PARTS = (128, 64, 64)
"""Numbers of an embedding that tell the very item, the kind, and the colour."""

EMBEDDING_WIDTH = sum(PARTS)

_MEAN, _STD = (PIXEL_MEAN,) * 3, (PIXEL_STD,) * 3
STATISTICS = PixelStatistics(_MEAN, _STD, _MEAN, _STD)
"""What the ImageNet weights expect, for photos and for drawings."""


class AirSketchVisionConfig(CLIPVisionConfig):
    """CLIP's vision settings plus what the tower is made of.

    Attributes:
        detail_width: channels of the maps at 1/8 resolution after they are brought to 1/16.
        place_width: channels that are kept for every place.
    """

    model_type = "air_sketch_clip_vision"

    detail_width: int = 64
    place_width: int = 32


class AirSketchClipConfig(CLIPConfig):
    """CLIP's settings with ``AirSketchVisionConfig`` for the vision tower."""

    model_type = "air_sketch_clip"
    sub_configs_defaults = {  # noqa: RUF012
        **CLIPConfig.sub_configs_defaults,
        "vision_config": SubConfigSpec(AirSketchVisionConfig),
    }

    vision_config: dict[str, Any] | AirSketchVisionConfig | None = None


FROZEN_STAGES, STAGES = 3, 5
"""Of EfficientNet-Lite: those that training leaves as they are, and all that the tower has."""


class AirSketchVisionTower(CLIPPreTrainedModel):
    """EfficientNet-Lite, then mean, maximum and places of its maps."""

    config: AirSketchVisionConfig
    main_input_name = "pixel_values"
    _input_embed_layer = "backbone"

    def __init__(self, config: AirSketchVisionConfig) -> None:
        super().__init__(config)
        width, places = config.hidden_size, (int(config.image_size) // 16) ** 2
        self.backbone = EfficientNetLite(STAGES)
        fine, coarse = (self.backbone.channels[stage] for stage in (FROZEN_STAGES - 1, STAGES - 1))
        self.detail = nn.Conv2d(fine, config.detail_width, 2, stride=2)
        self.mix = nn.Conv2d(coarse + config.detail_width, width, 1)
        self.place = nn.Conv2d(width, config.place_width, 1)
        self.pool = nn.Linear(2 * width + places * config.place_width, width)
        self.refine = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )
        self.post_layernorm = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.post_init()

    def forward(self, pixel_values: torch.Tensor, **kwargs: Any) -> BaseModelOutputWithPooling:
        """Encode pictures.

        Args:
            pixel_values: float (B, 3, image_size, image_size), normalised.
            **kwargs: accepted for CLIP's sake, unused.
        Returns:
            last_hidden_state (B, places, hidden_size), pooler_output (B, hidden_size).
        """
        maps = self.backbone(pixel_values.contiguous(memory_format=torch.channels_last))
        both = torch.cat([maps[STAGES - 1], self.detail(maps[FROZEN_STAGES - 1])], dim=1)
        mixed = nn.functional.gelu(self.mix(both))
        pooled = [mixed.mean(dim=(2, 3)), mixed.amax(dim=(2, 3)), self.place(mixed).flatten(1)]
        hidden = self.pool(torch.cat(pooled, dim=1))
        hidden = self.post_layernorm(hidden + self.refine(hidden))
        return BaseModelOutputWithPooling(last_hidden_state=mixed.flatten(2).transpose(1, 2), pooler_output=hidden)


class AirSketchClipModel(CLIPModel):
    """``transformers.CLIPModel`` with that vision tower."""

    config_class = AirSketchClipConfig
    config: AirSketchClipConfig

    def __init__(self, config: AirSketchClipConfig) -> None:
        super().__init__(config)
        assert isinstance(config.vision_config, AirSketchVisionConfig)
        self.vision_model = AirSketchVisionTower(config.vision_config)
        self.post_init()


def build_small_clip(
    vocabulary: int, max_tokens: int, size_px: int, backbone: Mapping[str, torch.Tensor] | None = None
) -> FusedClip:
    """Make the small fused CLIP.

    Args:
        vocabulary: entries of its tokenizer.
        max_tokens: longest caption.
        size_px: side of its pictures, a multiple of 16.
        backbone: published weights of EfficientNet-Lite0; all is random without them.
    """
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
            "num_hidden_layers": 0,
            "num_attention_heads": 4,
            "image_size": size_px,
            "patch_size": 16,
            "projection_dim": EMBEDDING_WIDTH,
        },
    )
    clip = AirSketchClipModel(config)
    if backbone is not None:
        clip.vision_model.backbone.load_published(backbone)  # after post_init, which makes fresh weights
    return FusedClip(clip, Fusion(EMBEDDING_WIDTH, parts=PARTS), STATISTICS)


AutoConfig.register(AirSketchClipConfig.model_type, AirSketchClipConfig, exist_ok=True)
AutoConfig.register(AirSketchVisionConfig.model_type, AirSketchVisionConfig, exist_ok=True)
AutoModel.register(AirSketchClipConfig, AirSketchClipModel, exist_ok=True)
