"""An encoder without any model, for tests of what takes every ``Encoder``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.values.datatypes import Float32Array, LineDrawing, UInt8Array
from retrieval.values.errors import QueryError
from tests.retrieval.making import INKS


class MeanColours:
    """The colour of the middle of a photo, of a drawing's ink, and of the first ink that a caption names."""

    name = "mean-colours"
    weights_hash = "0123456789abcdef"
    width = 3
    size_px = 8
    is_one_threaded = True
    knows_words = True

    def knows(self, word: str) -> bool:
        return word in INKS

    def prepare_photo(self, photo_rgb: UInt8Array) -> UInt8Array:
        rows, columns = (np.linspace(0.3, 0.7, self.size_px) * side for side in photo_rgb.shape[:2])
        return photo_rgb[rows.astype(int)][:, columns.astype(int)]

    def encode_prepared_photos(self, prepared: Sequence[UInt8Array]) -> Float32Array:
        return directions([np.median(photo.reshape(-1, 3), axis=0) for photo in prepared])

    def encode_drawings(self, drawings: Sequence[LineDrawing]) -> Float32Array:
        return directions([drawing.color_rgb[drawing.lines].mean(axis=0) for drawing in drawings])

    def encode_words(self, captions: Sequence[str]) -> Float32Array:
        return directions([INKS[next(word for word in caption.split() if word in INKS)] for caption in captions])

    def fuse(
        self, sketches: Float32Array, words: Float32Array, sketch_weight: float = 0.5, fusion: str | None = None
    ) -> Float32Array:
        return unit(sketch_weight * sketches + (1 - sketch_weight) * words)

    def check_fusion(self, sketch_weight: float, fusion: str | None) -> str:
        if fusion is not None:
            raise QueryError("Mean colours fuse in one way.")
        return "average"


class Quarters:
    """A ``Look`` without any model: how bright each quarter of a photo is; remembers how many photos it saw."""

    name = "quarters"
    weights_hash = "fedcba9876543210"
    width = 4
    size_px = 16
    is_one_threaded = True

    def __init__(self) -> None:
        self.seen = 0

    def prepare_photo(self, photo_rgb: UInt8Array) -> UInt8Array:
        rows, columns = (np.linspace(0, side - 1, self.size_px).astype(int) for side in photo_rgb.shape[:2])
        return photo_rgb[rows][:, columns]

    def encode_prepared_photos(self, prepared: Sequence[UInt8Array]) -> Float32Array:
        self.seen += len(prepared)
        photos = np.asarray(prepared, np.float32).reshape(-1, 2, 8, 2, 8, 3)
        return unit(255.5 - photos.mean(axis=(2, 4, 5)).reshape(-1, 4))


class Wordless(MeanColours):
    knows_words = False

    def encode_words(self, captions: Sequence[str]) -> Float32Array:
        raise QueryError("Mean colours know no words.")


def directions(colours: Sequence[object]) -> Float32Array:
    """Away from grey, so that red is as far from green as from blue."""
    return unit(np.asarray(colours, np.float32).reshape(-1, 3) - 127.5)


def unit(vectors: np.ndarray) -> Float32Array:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
