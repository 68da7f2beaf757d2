"""One query as a vector: drawing, words and picked pictures, and how much each of them counts in it."""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from retrieval.sketches.ink_statistics import ink_statistics
from retrieval.sketches.preprocessing import extract_lines
from retrieval.values.datatypes import Float32Array, UInt8Array
from retrieval.values.errors import QueryError
from retrieval.values.ports import Encoder
from retrieval.words.captions import normalize_caption

LIKE_WEIGHT = 0.4
"""How much a picked picture counts against drawing and words.

On the demo gallery, a picked picture with another colour's name brings the most first hits that are of the picture's
kind and of that colour at 0.4: words move a query less than pictures do.
"""

EMBEDDINGS_KEPT = 32


class Remembered(OrderedDict[object, Any]):
    """What was embedded lately."""

    def get_or(self, key: object, embed: Callable[[], Any]) -> Any:
        """Return what belongs to a key, embedded when it is not known."""
        if key not in self:
            self[key] = embed()
            if len(self) > EMBEDDINGS_KEPT:
                self.popitem(last=False)
        return self[key]


def digest_of(picture: UInt8Array) -> object:
    """Tell a picture from others."""
    return picture.shape, hashlib.blake2b(picture.tobytes(), digest_size=16).digest()


class QueryEncoder:
    """Embeds queries and remembers their parts, so that another balance or page embeds nothing again."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known = Remembered()

    def embed(
        self,
        sketch: UInt8Array | None,
        caption: str | None,
        sketch_weight: float = 0.5,
        fusion: str | None = None,
        like: Float32Array | None = None,
        may_be_empty: bool = False,
    ) -> tuple[Float32Array, dict[str, Float32Array], Float32Array | None]:
        """Embed a query in the space of the photos.

        Args:
            sketch: uint8 (H, W, 3); None or blank for none.
            caption: None or "" for none; passed over by an encoder that knows no words.
            sketch_weight: 0..1, the drawing against the words; without a drawing, the picked pictures against them.
            fusion: of drawing and words; None takes the encoder's own.
            like: float32 (n, D), embeddings of picked pictures; None for none.
            may_be_empty: whether a query of nothing is answered by zeros.
        Returns:
            A unit vector, float32 (D,), and its parts ``sketch``, ``words`` and ``like`` times what they count in it;
            they add up to it but for what the ``concat`` and ``mixed`` fusions add of their own. Then what tells
            whether the drawing shows a garment, float32 (D + S,): its vector and its ``ink_statistics``.
        Raises:
            QueryError: if nothing is asked, or the fusion or the weight is not one we know.
        """
        self._encoder.check_fusion(sketch_weight, fusion)
        about = self._about(sketch)
        parts = {"sketch": None if about is None else about[: self._encoder.width], "words": self._words(caption)}
        given = {name: part for name, part in parts.items() if part is not None}
        vector = next(iter(given.values()), None)
        if len(given) == 2:
            vector = self._encoder.fuse(given["sketch"][None], given["words"][None], sketch_weight, fusion)[0]
        if like is not None and len(like):
            picked = unit(like.mean(axis=0))
            weight = LIKE_WEIGHT if "sketch" in given else _shifted(LIKE_WEIGHT, sketch_weight)
            vector = picked if vector is None else unit((1.0 - weight) * vector + weight * picked)
            given["like"] = picked
        if vector is None and may_be_empty:
            return np.zeros(self._encoder.width, np.float32), {}, None
        if vector is None and caption and not self._encoder.knows_words:
            what = f"Encoder {self._encoder.name} knows no words: expected a drawing or a picture"
            raise QueryError(what, "Draw something.")
        if vector is None:
            raise QueryError(
                "The query is empty: expected a drawing, a caption or both", "Draw something or type words."
            )
        widths = getattr(self._encoder, "parts", (len(vector),))
        return vector, _shares(vector, given, widths), about

    def _embed_sketch(self, sketch: UInt8Array) -> Float32Array | None:
        drawing = extract_lines(sketch)
        if drawing.is_empty:
            return None
        vector = self._encoder.encode_drawings([drawing])[0]
        return np.concatenate([vector, ink_statistics(drawing.lines)])

    def _about(self, sketch: UInt8Array | None) -> Float32Array | None:
        if sketch is None:
            return None
        vector: Float32Array | None = self._known.get_or(digest_of(sketch), lambda: self._embed_sketch(sketch))
        return vector

    def _words(self, caption: str | None) -> Float32Array | None:
        if not self._encoder.knows_words or not normalize_caption(caption or ""):
            return None
        vector: Float32Array = self._known.get_or(caption, lambda: self._encoder.encode_words([str(caption)])[0])
        return vector


def unit(vector: Float32Array) -> Float32Array:
    """Scale a vector to length one."""
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), np.float32)


def _shifted(share: float, by: float) -> float:
    """Move a share by a slider that stands at 0.5, smoothly and as far as 0 and 1."""
    odds = [math.log(max(x, 1e-6) / max(1.0 - x, 1e-6)) for x in (share, by)]
    return 1.0 / (1.0 + math.exp(-sum(odds)))


def _shares(vector: Float32Array, given: dict[str, Float32Array], widths: Sequence[int]) -> dict[str, Float32Array]:
    """Write the vector as a sum of what was given, as far as it is one (least squares), in each of its parts."""
    basis = np.stack(list(given.values()), axis=1).astype(np.float64)
    shares = np.empty_like(basis)
    for place in np.split(np.arange(len(vector)), np.cumsum(widths)[:-1]):
        counts = np.linalg.lstsq(basis[place], vector[place].astype(np.float64), rcond=None)[0]
        shares[place] = basis[place] * counts
    return dict(zip(given, shares.T.astype(np.float32), strict=True))
