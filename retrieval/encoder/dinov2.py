"""Open a DINOv2 that ``transformers`` wrote: pictures to vectors that tell alike pictures, behind the ``Look`` port.

Oquab et al., "DINOv2: Learning Robust Visual Features without Supervision", 2024. A picture's vector is the CLS token
after the last norm. Pictures are padded to a square, as everywhere here, where its own settings would cut their ends
off. A folder may come from a stranger and is checked as an encoder's is (see ``checkpoints``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from retrieval.encoder.limits import LARGEST_SIDE_PX
from retrieval.encoder.model.devices import best_device, in_batches, usual_threads
from retrieval.encoder.model.fused import PixelStatistics, check_statistics
from retrieval.encoder.model.fusion import unit
from retrieval.encoder.model.weights import check_weights, hash_of
from retrieval.encoder.published import load_weights, normalisation, read_config, read_picture_settings, side_of
from retrieval.encoder.refusals import opening
from retrieval.sketches.preprocessing import PREPARATION_VERSION, prepare_photo
from retrieval.values.datatypes import Float32Array, UInt8Array

DINOV2_KINDS = frozenset({"dinov2", "dinov2_with_registers"})
"""Model types in ``config.json``."""

LEAST_PATCH_PX = 4
"""Of its pictures are cut into smaller patches, their number makes every picture take minutes."""

HUB_EXAMPLE, OPTION = "facebook/dinov2-small", "--look"


class Dinov2Look:
    """Photos of one DINOv2 as unit vectors; a ``Look``.

    Args:
        name: folder or hub name as given.
        model: ``transformers``' model.
        statistics: mean and deviation of its pixels.
        size_px: side of the pictures that it gets, a multiple of its patches'.
    """

    def __init__(self, name: str, model: Any, statistics: PixelStatistics, size_px: int) -> None:
        settings = [PREPARATION_VERSION, size_px, statistics.photo_mean, statistics.photo_std]
        self.name = name
        self.weights_hash = hash_of(settings, model)
        self.width = int(model.config.hidden_size)
        self.size_px = size_px
        self._device = best_device()
        self._model = model.to(self._device)
        self._mean, self._std = (
            torch.tensor(values, device=self._device).reshape(1, 3, 1, 1) for values in statistics[:2]
        )
        self._threads = usual_threads(model)
        self.is_one_threaded = self._threads == 1 and self._device.type == "cpu"

    def prepare_photo(self, photo_rgb: UInt8Array) -> UInt8Array:
        """Trim, pad and resize a photo: uint8 (H, W, 3) -> uint8 (size_px, size_px, 3)."""
        return prepare_photo(photo_rgb, self.size_px)

    def encode_prepared_photos(self, prepared: Sequence[UInt8Array]) -> Float32Array:
        """Embed what ``prepare_photo`` gave: float32 (N, D) unit vectors."""
        return in_batches(prepared, self._encode, self._device, self._threads, self.width)

    def _encode(self, pixels: torch.Tensor) -> torch.Tensor:
        values = (pixels.permute(0, 3, 1, 2).float() / 255.0 - self._mean) / self._std
        return unit(self._model(pixel_values=values.contiguous()).pooler_output.float())


def open_dinov2(name: str) -> Dinov2Look | None:
    """Open a DINOv2 folder or hub name; None when it holds a model of another kind.

    Raises:
        CheckpointError: if it is missing, damaged, or cannot be fetched.
    """
    with opening(name, HUB_EXAMPLE, OPTION) as weights_bytes:
        config = read_config(name)
        if config.model_type not in DINOV2_KINDS:
            return None
        size_px, statistics = _picture_settings(name, config.patch_size)
        model = load_weights(name, config, weights_bytes).eval()
        check_weights(model)
        look = Dinov2Look(name, model, statistics, size_px)
        grey = np.full((size_px, size_px, 3), 128, np.uint8)
        vectors = look.encode_prepared_photos([grey])  # what does not fit together is told now
        if vectors.shape != (1, look.width) or not np.isfinite(vectors).all():
            raise ValueError(f"it makes no vectors of {look.width} numbers")
        return look


def _picture_settings(name: str, patch_px: Any) -> tuple[int, PixelStatistics]:
    """Side of the pictures, and what is done to their pixels.

    The model takes pictures of any size, so the settings decide: the size that they cut to, else that they resize to.
    """
    settings, sizes = read_picture_settings(name)
    sides = [side_of(dict(size)) for size in sizes]
    side_px = sides[0] if sides else None
    if not isinstance(patch_px, int) or patch_px < LEAST_PATCH_PX:
        raise ValueError(f"its config.json says patches of {str(patch_px)[:20]}, expected at least {LEAST_PATCH_PX} px")
    if side_px is None or not patch_px <= side_px <= LARGEST_SIDE_PX:
        told = f"pictures of {str(side_px)[:20]} px"
        raise ValueError(f"its preprocessor_config.json says {told}, expected {patch_px} to {LARGEST_SIDE_PX}")
    mean, std = normalisation(settings)
    return side_px // patch_px * patch_px, check_statistics(PixelStatistics(mean, std, mean, std))
