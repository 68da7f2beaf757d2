"""The fused encoder behind the ``Encoder`` port."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from retrieval.encoder.checkpoints import Checkpoint
from retrieval.encoder.model.devices import batch_size, best_device, cpu_threads, in_batches, usual_threads
from retrieval.sketches.preprocessing import prepare_photo, render_lines
from retrieval.values.confidence import Confidence
from retrieval.values.datatypes import Float32Array, LineDrawing, UInt8Array
from retrieval.values.errors import QueryError
from retrieval.values.fusions import FUSION_KINDS
from retrieval.words.captions import normalize_caption

OWN_VOCABULARY = 20_000
"""Smaller vocabularies are trained on captions of one domain: a word that they spell in parts was hardly seen."""


class FusedEncoder:
    """Photos, drawings and words of one checkpoint as unit vectors; an ``Encoder``."""

    knows_words = True

    def __init__(self, checkpoint: Checkpoint, confidence: Confidence | None = None) -> None:
        self._checkpoint = checkpoint
        self.confidence = confidence
        self._device = best_device()
        self._model = checkpoint.model.to(self._device)
        self._model.clip.vision_model.to(memory_format=torch.channels_last)
        self._threads = usual_threads(self._model)
        self._vocabulary = checkpoint.tokenizer.get_vocab()
        self.name = checkpoint.name
        self.weights_hash = checkpoint.weights_hash
        self.width = self._model.width
        self.size_px = checkpoint.size_px
        self.is_one_threaded = self._threads == 1 and self._device.type == "cpu"

    def knows(self, word: str) -> bool:
        """Whether a word means something to it: one of its tokens, unless it has so many that it spells any word."""
        return len(self._vocabulary) > OWN_VOCABULARY or f"{word}</w>" in self._vocabulary

    def prepare_photo(self, photo_rgb: UInt8Array) -> UInt8Array:
        """Trim, pad and resize a photo: uint8 (H, W, 3) -> uint8 (size_px, size_px, 3)."""
        return prepare_photo(photo_rgb, self.size_px)

    def encode_prepared_photos(self, prepared: Sequence[UInt8Array]) -> Float32Array:
        """Embed what ``prepare_photo`` gave: float32 (N, D) unit vectors."""
        return self._in_batches(prepared, self._model.photo_vectors)

    def encode_drawings(self, drawings: Sequence[LineDrawing]) -> Float32Array:
        """Embed drawings: float32 (N, D) unit vectors."""
        rendered = [render_lines(drawing, self.size_px) for drawing in drawings]
        return self._in_batches(rendered, self._model.sketch_vectors)

    @property
    def parts(self) -> tuple[int, ...]:
        """Widths of the parts of a vector, which a query weighs one by one; see ``Fusion``."""
        return self._model.fusion.parts

    def encode_words(self, captions: Sequence[str]) -> Float32Array:
        """Embed captions: float32 (N, D) unit vectors; spelling is normalised first."""
        size = batch_size(self._device)
        parts = [self._words(captions[start : start + size]) for start in range(0, len(captions), size)]
        return np.concatenate(parts) if parts else np.zeros((0, self.width), np.float32)

    def fuse(
        self,
        sketches: Float32Array,
        words: Float32Array,
        sketch_weight: float = 0.5,
        fusion: str | None = None,
    ) -> Float32Array:
        """Fuse drawing and word vectors row by row; see ``Encoder``."""
        kind = self.check_fusion(sketch_weight, fusion)
        with torch.inference_mode(), cpu_threads(self._threads):
            both = (torch.from_numpy(vectors).to(self._device) for vectors in (sketches, words))
            return np.asarray(self._model.fusion(*both, kind, sketch_weight).cpu().numpy())

    def check_fusion(self, sketch_weight: float, fusion: str | None) -> str:
        """Name the fusion that will be used; see ``Encoder``."""
        kind = fusion or self._checkpoint.fusion
        if kind not in FUSION_KINDS:
            raise QueryError(f"Fusion {kind!r} is unknown: expected one of {', '.join(FUSION_KINDS)}.")
        if not 0.0 <= sketch_weight <= 1.0:
            raise QueryError(f"Sketch weight is out of range: expected 0 to 1, got {str(sketch_weight)[:20]}.")
        return kind

    def _words(self, captions: Sequence[str]) -> Float32Array:
        tokens = self._checkpoint.tokens([normalize_caption(caption) for caption in captions], self._device)
        with torch.inference_mode(), cpu_threads(self._threads):
            return np.asarray(self._model.word_vectors(**tokens).cpu().numpy())

    def _in_batches(
        self, pictures: Sequence[UInt8Array], encode: Callable[[torch.Tensor], torch.Tensor]
    ) -> Float32Array:
        return in_batches(pictures, encode, self._device, self._threads, self.width)
