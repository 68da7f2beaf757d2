"""Fuse a drawing's embedding and a caption's embedding into one query.

Four ways, all on unit vectors of the same width as the photo embeddings:

- ``average``: the weighted mean; needs no training, works with any CLIP.
- ``concat``: a two-layer projection of both, added to their mean (a residual combiner as in
  Baldrati et al., CVPRW 2022), so that an untrained one starts as the average.
- ``gated``: a weighted mean whose weights are read off both embeddings for every query, so that a crude drawing
  steps back behind clear words and a careful one leads.
- ``mixed``: the mean of ``concat`` and ``gated``; they err differently, and together less than either.

An embedding may be made of parts (of the very item, of its kind, of its colour). In a photo's embedding every part has
the same length; a query's own lengths say how much each part counts for it, so that a careful drawing can mean this
item and a crude one its kind. The gate then weighs every part by itself.

The person's own slider, ``sketch_weight``, is 0.5 for "as trained", 1 for the drawing alone, 0 for the words
alone, and moves smoothly between.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from retrieval.values.fusions import FUSION_KINDS, LEARNT_FUSIONS


def unit(vectors: torch.Tensor) -> torch.Tensor:
    """Scale (..., D) vectors to length one."""
    return functional.normalize(vectors.float(), dim=-1)


def unit_parts(vectors: torch.Tensor, parts: Sequence[int]) -> torch.Tensor:
    """Scale the parts of (..., D) vectors to the same length, and the whole to length one."""
    return torch.cat([unit(part) for part in vectors.split(tuple(parts), dim=-1)], dim=-1) / math.sqrt(len(parts))


class Fusion(nn.Module):
    """All fusions over embeddings of one width.

    Args:
        width: embedding dimension D.
        hidden: hidden units of the projection and of the gate.
        parts: widths of the parts of an embedding, which make up D; one when None.
    """

    def __init__(self, width: int, hidden: int = 256, parts: Sequence[int] | None = None) -> None:
        super().__init__()
        self.width = width
        self.parts = tuple(parts or (width,))
        if sum(self.parts) != width or min(self.parts) < 1:
            raise ValueError(f"parts of {width} numbers are wrong: got {self.parts}")
        self.hidden = hidden
        self.concat = nn.Sequential(nn.Linear(3 * width, hidden), nn.GELU(), nn.Linear(hidden, width))
        self.gate = nn.Sequential(nn.Linear(3 * width, hidden), nn.GELU(), nn.Linear(hidden, len(self.parts)))
        for head in (self.concat, self.gate):
            for value in head[-1].parameters():
                nn.init.zeros_(value)  # start as the plain average

    def forward(
        self, sketch: torch.Tensor, words: torch.Tensor, kind: str = "gated", sketch_weight: float = 0.5
    ) -> torch.Tensor:
        """Fuse unit vectors.

        Args:
            sketch: float (B, D).
            words: float (B, D).
            kind: one of ``FUSION_KINDS``.
            sketch_weight: 0..1, the person's slider.
        Returns:
            float (B, D), unit vectors.
        """
        if kind == "average":
            return unit(sketch_weight * sketch + (1.0 - sketch_weight) * words)
        if kind == "concat":
            fused = unit(0.5 * (sketch + words) + self.concat(self._joined(sketch, words)))
            lean = 2.0 * abs(sketch_weight - 0.5)
            return unit((1.0 - lean) * fused + lean * (sketch if sketch_weight > 0.5 else words))
        if kind == "gated":
            share = self.sketch_share(sketch, words, sketch_weight)
            share = share.repeat_interleave(torch.tensor(self.parts, device=share.device), dim=1)
            return unit(share * sketch + (1.0 - share) * words)
        if kind == "mixed":
            concat, gated = (self(sketch, words, name, sketch_weight) for name in LEARNT_FUSIONS)
            return unit(concat + gated)
        raise ValueError(f"Fusion {kind!r} is unknown: expected one of {', '.join(FUSION_KINDS)}.")

    def sketch_share(self, sketch: torch.Tensor, words: torch.Tensor, sketch_weight: float = 0.5) -> torch.Tensor:
        """Weight of the drawing in each part of the gated fusion, float (B, parts) in 0..1."""
        logit = self.gate(self._joined(sketch, words))
        return torch.sigmoid(logit + _logit(sketch_weight))

    def _joined(self, sketch: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        """Both vectors and their product, float (B, 3 D), each entry of about unit variance.

        Entries of unit vectors are so small that layers on top of them would hardly learn.
        """
        gain = math.sqrt(self.width)
        return torch.cat([gain * sketch, gain * words, gain * gain * sketch * words], dim=-1)


def _logit(share: float) -> float:
    bounded = min(max(share, 1e-6), 1.0 - 1e-6)
    return math.log(bounded / (1.0 - bounded))
