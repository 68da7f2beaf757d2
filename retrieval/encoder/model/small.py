"""The architecture of the encoder that this repository trains and ships."""

from __future__ import annotations

from retrieval.encoder.model.fused import FusedClip, PixelStatistics
from retrieval.encoder.model.fusion import Fusion
from retrieval.encoder.model.vision import AirSketchClipConfig, AirSketchClipModel
from retrieval.encoder.model.vocabulary import END_ID, START_ID

EMBEDDING_WIDTH = 256

STATISTICS = PixelStatistics(
    photo_mean=(0.84, 0.83, 0.82),
    photo_std=(0.27, 0.28, 0.28),
    sketch_mean=(0.90, 0.90, 0.90),
    sketch_std=(0.27, 0.27, 0.27),
)
"""Measured once on the catalogue's photos and derived drawings, rounded."""


def build_small_clip(vocabulary: int, max_tokens: int, size_px: int) -> FusedClip:
    """Make the small fused CLIP with fresh weights.

    Args:
        vocabulary: entries of the tokenizer.
        max_tokens: longest caption.
        size_px: side of the pictures, a multiple of 16.
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
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "image_size": size_px,
            "patch_size": 16,
            "projection_dim": EMBEDDING_WIDTH,
        },
    )
    return FusedClip(AirSketchClipModel(config), Fusion(EMBEDDING_WIDTH), STATISTICS)
