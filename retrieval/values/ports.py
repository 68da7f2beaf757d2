"""What search needs from encoders and taggers, as protocols."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from retrieval.values.confidence import Confidence
from retrieval.values.datatypes import Float32Array, LineDrawing, TagNames, UInt8Array, UInt16Array


class Look(Protocol):
    """Turns photos into unit vectors, to compare pictures with pictures; any ``Encoder`` is one.

    Photos are prepared one by one, which any thread may do at any time; vectors then come for many at once.

    Attributes:
        name: folder or hub name.
        weights_hash: identifies the weights; vectors of another hash are not comparable.
        width: dimension D of the vectors.
        size_px: side of the pictures that it takes; more detail is lost on it.
        is_one_threaded: whether it works on one CPU thread, so that several calls at once make use of several cores.
    """

    name: str
    weights_hash: str
    width: int
    size_px: int
    is_one_threaded: bool

    def prepare_photo(self, photo_rgb: UInt8Array) -> UInt8Array:
        """Bring a photo into the encoder's form: uint8 (H, W, 3) -> uint8 (size_px, size_px, 3)."""

    def encode_prepared_photos(self, prepared: Sequence[UInt8Array]) -> Float32Array:
        """Embed what ``prepare_photo`` gave: float32 (N, D), (0, D) for none."""


class Encoder(Look, Protocol):
    """Turns photos, drawings and captions into unit vectors of one space.

    Attributes:
        knows_words: whether captions mean anything to it; if not, nobody asks it to embed or to fuse any.
        confidence: what makes its answers calibrated; None, or no such attribute, when nothing was fitted for it.

    One whose vectors have parts that a query weighs one by one also has ``parts``, their widths.
    """

    knows_words: bool
    confidence: Confidence | None

    def knows(self, word: str) -> bool:
        """Whether a word, in small letters, means something to it."""

    def encode_drawings(self, drawings: Sequence[LineDrawing]) -> Float32Array:
        """Embed drawings that have ink: float32 (N, D)."""

    def encode_words(self, captions: Sequence[str]) -> Float32Array:
        """Embed captions, spelled in whatever way: float32 (N, D).

        Raises:
            QueryError: if it knows no words.
        """

    def fuse(
        self, sketches: Float32Array, words: Float32Array, sketch_weight: float = 0.5, fusion: str | None = None
    ) -> Float32Array:
        """Fuse drawing and word vectors row by row: float32 (N, D) each -> float32 (N, D).

        Args:
            sketches: from ``encode_drawings``.
            words: from ``encode_words``.
            sketch_weight: 0..1, how much the drawing counts; 0.5 for "as trained".
            fusion: None takes the encoder's own.
        Raises:
            QueryError: if the fusion or the weight is not one we know.
        """

    def check_fusion(self, sketch_weight: float, fusion: str | None) -> str:
        """Name the fusion that ``fuse`` would use, or raise what it would raise."""


class Tagger(Protocol):
    """Says in words what photos show; from any thread.

    Attributes:
        names: all that it may say.
        size_px: shorter side of the pictures that it takes; more detail is lost on it.
    """

    names: TagNames
    size_px: int

    def prepare_photo(self, photo_rgb: UInt8Array) -> UInt8Array:
        """Bring a photo into the tagger's form: uint8 (H, W, 3) -> uint8 (size, size, 3)."""

    def tag_prepared_photos(self, prepared: Sequence[UInt8Array]) -> tuple[UInt16Array, Float32Array]:
        """Tag what ``prepare_photo`` gave: numbers of tags (N, K), first what is shown first, and probabilities (N, K).

        A probability of 0 stands for no tag.
        """
