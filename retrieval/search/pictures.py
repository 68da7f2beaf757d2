"""What pictures are compared with pictures by: an index's second view where it has one, else its encoder's vectors."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from retrieval.encoder.opening import open_look
from retrieval.index.encoding import DECODE_SIDES
from retrieval.index.engines.exact import ExactIndex
from retrieval.index.folder.store import StoredIndex
from retrieval.search.asked import read_given
from retrieval.search.fused_ranking import FusedRanking
from retrieval.search.queries import Remembered, digest_of, unit
from retrieval.search.ranking import Ranking
from retrieval.values.datatypes import Float32Array, UInt8Array
from retrieval.values.errors import GalleryIndexError
from retrieval.values.ports import Encoder, Look

log = logging.getLogger(__name__)


class PictureView:
    """Vectors of the gallery's pictures, and of pictures that are asked for.

    Attributes:
        index: finds rows by them.
        is_second: whether they are a view of their own, beside the encoder's.
    """

    def __init__(self, encoder: Encoder, own: ExactIndex, stored: StoredIndex) -> None:
        self._encoder = encoder
        self._stored = stored
        self._known = Remembered()
        view = stored.look
        if view is not None and not stored.is_ours:
            what = f"Index {stored.folder} was not written by this machine: its second view is passed over"
            again = f"python -m retrieval index --images {stored.images} --out {stored.folder} --look {view.encoder}"
            log.warning("%s", GalleryIndexError(what, f"If you trust that one, run: {again}"))
            view = None
        self.is_second = view is not None
        self.index = own if view is None else ExactIndex(view.vectors)

    @cached_property
    def _sees(self) -> Look:
        view = self._stored.look
        if not self.is_second or view is None:
            return self._encoder
        look = open_look(view.encoder)
        if (look.weights_hash, look.width) != (view.weights_hash, view.vectors.shape[1]):
            raise GalleryIndexError(
                f"Index {self._stored.folder} has a second view by another encoder: expected weights "
                f"{view.weights_hash} ({view.encoder}), got {look.weights_hash}",
                f"Run: python -m retrieval index --images {self._stored.images} --out {self._stored.folder}",
            )
        return look

    def vectors_of(self, picked: Sequence[Sequence[int]], given: UInt8Array | Path | str | None) -> Float32Array:
        """The vectors of picked items, by the mean of each one's rows, and of a picture: float32 (n, D).

        Raises:
            QueryError: if the picture cannot be read.
            CheckpointError, GalleryIndexError: if a picture is asked for and what sees it cannot be opened.
        """
        found = [self.index.vectors[list(rows)].mean(axis=0) for rows in picked]
        if given is not None:
            side_px = DECODE_SIDES * max(self._encoder.size_px, self._sees.size_px)  # as the gallery's are read
            picture = read_given(given, "Picture", side_px)
            assert picture is not None
            found.append(self._known.get_or(digest_of(picture), lambda: self._embed(picture)))
        return np.array(found, np.float32)

    def joined(self, likes: Float32Array, others: Ranking, parts: Collection[str], sketch_weight: float) -> Ranking:
        """Order the gallery by the second view, and by drawing and words where the query has any.

        Args:
            likes: float32 (n, D), what ``vectors_of`` gave.
            others: the order by drawing and words.
            parts: of that order; ``sketch_weight`` sets pictures against words where there is no drawing.
            sketch_weight: 0..1.
        """
        own = Ranking(self.index, unit(likes.mean(axis=0)), others.allowed, others.without)
        if not parts and others.extra is None:
            return own
        weight = 0.5 if "sketch" in parts else sketch_weight
        return FusedRanking(**vars(others), other=own, other_weight=weight)

    def _embed(self, picture: UInt8Array) -> Float32Array:
        return self._sees.encode_prepared_photos([self._sees.prepare_photo(picture)])[0]
