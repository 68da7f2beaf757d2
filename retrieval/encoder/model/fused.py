"""The fused encoder: a CLIP, a fusion, and the numbers that turn pixels into their inputs."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import torch
from pydantic import Field, TypeAdapter
from torch import nn

from retrieval.encoder.model.fusion import Fusion, unit, unit_parts

Mean = Annotated[float, Field(ge=-10, le=10, allow_inf_nan=False)]
Deviation = Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)]


class PixelStatistics(NamedTuple):
    """Per-channel mean and standard deviation (0..1 scale) of photos and of drawings.

    Drawings are nearly all white, so they have statistics of their own; a CLIP trained on photos alone uses
    the photos' for both.
    """

    photo_mean: tuple[Mean, Mean, Mean]
    photo_std: tuple[Deviation, Deviation, Deviation]
    sketch_mean: tuple[Mean, Mean, Mean]
    sketch_std: tuple[Deviation, Deviation, Deviation]


_STATISTICS = TypeAdapter(PixelStatistics)


def check_statistics(statistics: PixelStatistics) -> PixelStatistics:
    """Return them as given.

    Raises:
        ValueError: if they are no statistics of pixels.
    """
    _STATISTICS.validate_python(statistics._asdict())
    return statistics


class FusedClip(nn.Module):
    """Unit vectors for photos, drawings and words in one space, and their fusion.

    The CLIP is a ``transformers.CLIPModel`` or one with its methods, such as a SigLIP; the fusion is of its width.
    """

    clip: Any
    fusion: Fusion

    def __init__(self, clip: nn.Module, fusion: Fusion, statistics: PixelStatistics) -> None:
        super().__init__()
        self.clip = clip
        self.fusion = fusion
        self.statistics = statistics
        for name, values in statistics._asdict().items():
            self.register_buffer(name, torch.tensor(values).reshape(1, 3, 1, 1), persistent=False)

    @property
    def width(self) -> int:
        """Dimension of the embeddings."""
        return self.fusion.width

    def photo_vectors(self, pixels: torch.Tensor) -> torch.Tensor:
        """Embed prepared photos: uint8 (B, S, S, 3) RGB -> float (B, D) unit vectors."""
        return unit_parts(self._vision(pixels, self.photo_mean, self.photo_std), self.fusion.parts)

    def sketch_vectors(self, pixels: torch.Tensor) -> torch.Tensor:
        """Embed prepared drawings: uint8 (B, S, S, 3) RGB -> float (B, D) unit vectors."""
        return unit(self._vision(pixels, self.sketch_mean, self.sketch_std))

    def word_vectors(self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None) -> torch.Tensor:
        """Embed tokenised captions: int64 (B, T) each -> float (B, D) unit vectors; without a mask all tokens count."""
        features = self.clip.get_text_features(input_ids=input_ids, attention_mask=attention_mask)
        return unit(features.pooler_output)

    def _vision(self, pixels: torch.Tensor, mean: Any, std: Any) -> torch.Tensor:
        values = pixels.permute(0, 3, 1, 2).float() / 255.0
        values = ((values - mean) / std).to(next(self.clip.parameters()).dtype)
        features: torch.Tensor = self.clip.get_image_features(pixel_values=values.contiguous()).pooler_output
        return features
