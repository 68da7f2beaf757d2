"""The fused encoder behind the ``Encoder`` port."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from retrieval.encoder.checkpoints import Checkpoint, default_encoder, open_checkpoint
from retrieval.encoder.model.devices import best_device, cpu_threads, picture_precision, usual_threads
from retrieval.encoder.model.fusion import FUSION_KINDS
from retrieval.sketches.preprocessing import LineDrawing, extract_lines, prepare_photo, render_lines
from retrieval.values.datatypes import Float32Array, UInt8Array
from retrieval.values.errors import QueryError
from retrieval.words.captions import normalize_caption

BATCH = 64


class FusedEncoder:
    """Photos, drawings and words of one checkpoint as unit vectors.

    Args:
        checkpoint: from ``open_checkpoint``.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint
        self._device = best_device()
        self._model = checkpoint.model.to(self._device)
        self._model.clip.vision_model.to(memory_format=torch.channels_last)
        self._threads = usual_threads(self._model)

    @classmethod
    def open(cls, name: str | Path | None = None) -> FusedEncoder:
        """Open an encoder folder or hub name; the shipped one when None.

        Raises:
            CheckpointError: if it is missing, damaged, not a CLIP, or cannot be fetched.
        """
        return cls(open_checkpoint(str(name) if name is not None else default_encoder()))

    @property
    def name(self) -> str:
        """Folder or hub name."""
        return self._checkpoint.name

    @property
    def weights_hash(self) -> str:
        """Identifies the weights."""
        return self._checkpoint.weights_hash

    @property
    def width(self) -> int:
        """Dimension of the vectors."""
        return self._model.width

    @property
    def size_px(self) -> int:
        """Side of the pictures that the encoder takes."""
        return self._checkpoint.size_px

    @property
    def is_one_threaded(self) -> bool:
        """Whether it works on one CPU thread, so that several calls at once make use of several cores."""
        return self._threads == 1 and self._device.type == "cpu"

    def encode_photos(self, photos_rgb: Sequence[UInt8Array]) -> Float32Array:
        """Embed photos: uint8 (H, W, 3) each -> float32 (N, D) unit vectors."""
        return self.encode_prepared_photos([prepare_photo(photo, self.size_px) for photo in photos_rgb])

    def encode_prepared_photos(self, prepared: Sequence[UInt8Array]) -> Float32Array:
        """Embed photos that went through ``prepare_photo`` already."""
        return self._in_batches(prepared, self._model.photo_vectors)

    def encode_sketches(self, sketches_rgb: Sequence[UInt8Array]) -> Float32Array:
        """Embed drawings on plain paper: uint8 (H, W, 3) each -> float32 (N, D) unit vectors."""
        return self.encode_drawings([extract_lines(sketch) for sketch in sketches_rgb])

    def encode_drawings(self, drawings: Sequence[LineDrawing]) -> Float32Array:
        """Embed drawings that are reduced to lines already."""
        rendered = [render_lines(drawing, self.size_px) for drawing in drawings]
        return self._in_batches(rendered, self._model.sketch_vectors)

    def encode_words(self, captions: Sequence[str]) -> Float32Array:
        """Embed captions: float32 (N, D) unit vectors; spelling is normalised first."""
        parts = [self._words(captions[start : start + BATCH]) for start in range(0, len(captions), BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, self.width), np.float32)

    def fuse(
        self,
        sketches: Float32Array,
        words: Float32Array,
        sketch_weight: float = 0.5,
        fusion: str | None = None,
    ) -> Float32Array:
        """Fuse drawing and word vectors row by row: float32 (N, D) unit vectors.

        Raises:
            QueryError: if the fusion or the weight is not one we know.
        """
        kind = self.check_fusion(sketch_weight, fusion)
        with torch.inference_mode(), cpu_threads(self._threads):
            both = (torch.from_numpy(vectors).to(self._device) for vectors in (sketches, words))
            return np.asarray(self._model.fusion(*both, kind, sketch_weight).cpu().numpy())

    def check_fusion(self, sketch_weight: float, fusion: str | None) -> str:
        """Name the fusion that will be used.

        Raises:
            QueryError: if the fusion or the weight is not one we know.
        """
        kind = fusion or self._checkpoint.fusion
        if kind not in FUSION_KINDS:
            raise QueryError(f"Fusion {kind!r} is unknown: expected one of {', '.join(FUSION_KINDS)}.")
        if not 0.0 <= sketch_weight <= 1.0:
            raise QueryError(f"Sketch weight is out of range: expected 0 to 1, got {sketch_weight:g}.")
        return kind

    def encode_query(
        self,
        sketch_rgb: UInt8Array | None,
        caption: str | None,
        sketch_weight: float = 0.5,
        fusion: str | None = None,
    ) -> Float32Array:
        """Embed one query: float32 (D,), a unit vector.

        A blank sketch counts as none, a caption of spaces as none.

        Raises:
            QueryError: if there is neither ink nor a word, or the fusion or weight is not one we know.
        """
        self.check_fusion(sketch_weight, fusion)
        sketch, words = self.embed_sketch(sketch_rgb), self.embed_caption(caption)
        if sketch is not None and words is not None:
            return np.asarray(self.fuse(sketch[None], words[None], sketch_weight, fusion)[0])
        only = sketch if sketch is not None else words
        if only is None:
            raise QueryError("The query is empty: expected a drawing, a caption or both. Draw something or type words.")
        return only

    def embed_sketch(self, sketch_rgb: UInt8Array | None) -> Float32Array | None:
        """Embed one drawing: float32 (D,), a unit vector; None when there is no ink."""
        drawing = extract_lines(sketch_rgb) if sketch_rgb is not None else None
        return None if drawing is None or drawing.is_empty else self.encode_drawings([drawing])[0]

    def embed_caption(self, caption: str | None) -> Float32Array | None:
        """Embed one caption: float32 (D,), a unit vector; None when there is no word."""
        return self.encode_words([caption])[0] if caption and normalize_caption(caption) else None

    def _words(self, captions: Sequence[str]) -> Float32Array:
        tokens = self._checkpoint.tokenizer(
            [normalize_caption(caption) for caption in captions],
            padding=True,
            truncation=True,
            max_length=self._checkpoint.max_tokens,
            return_tensors="pt",
        )
        with torch.inference_mode(), cpu_threads(self._threads):
            ids, mask = (tokens[key].to(self._device) for key in ("input_ids", "attention_mask"))
            return np.asarray(self._model.word_vectors(ids, mask).cpu().numpy())

    def _in_batches(
        self, pictures: Sequence[UInt8Array], encode: Callable[[torch.Tensor], torch.Tensor]
    ) -> Float32Array:
        if not pictures:
            return np.zeros((0, self.width), np.float32)
        parts = []
        with torch.inference_mode(), picture_precision(self._device), cpu_threads(self._threads):
            for start in range(0, len(pictures), BATCH):
                pixels = torch.from_numpy(np.stack(pictures[start : start + BATCH])).to(self._device)
                parts.append(encode(pixels).float().cpu().numpy())
        return np.concatenate(parts)
