"""Vectors that come with the program for pictures that come with it, so that those need no encoding."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retrieval.files import replacing
from retrieval.gallery.catalog import Catalog
from retrieval.index.encoding import CHUNK, EncodedChunk, digest_of, encode_here
from retrieval.index.folder.item_rows import StoredItem
from retrieval.values.datatypes import CatalogItem, Float32Array
from retrieval.values.errors import CatalogError
from retrieval.values.ports import Encoder


@dataclass(frozen=True)
class ReadyVectors:
    """Vectors by the content of their pictures.

    Attributes:
        weights_hash: of the encoder that made them.
        rows: digest of a picture file -> row of its vector.
        vectors: float32 (N, D), of length 1.
    """

    weights_hash: str
    rows: Mapping[str, int]
    vectors: Float32Array

    @classmethod
    def load(cls, path: Path) -> ReadyVectors | None:
        """Read what ``save`` wrote; None when it is missing or damaged, since they only save time."""
        try:
            with path.open("rb") as stream, np.load(stream) as archive:
                vectors = archive["vectors"].astype(np.float32)
                rows = {str(digest): row for row, digest in enumerate(archive["digests"])}
                vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
                return cls(str(archive["weights_hash"]), rows, vectors)
        except Exception:  # what damaged bytes raise depends on where the damage is
            return None

    def save(self, path: Path) -> None:
        """Write them in half precision."""
        with replacing(path) as temporary, temporary.open("wb") as stream:
            np.savez(
                stream,
                weights_hash=np.array(self.weights_hash),
                digests=np.array(list(self.rows)),
                vectors=self.vectors[list(self.rows.values())].astype(np.float16),
            )

    def encode(
        self, encoder: Encoder, catalog: Catalog, items: Sequence[CatalogItem], known: Collection[str]
    ) -> Iterator[EncodedChunk]:
        """Give pictures their vectors, and encode the others; with its encoder bound, an ``EncodePictures``."""
        others: list[CatalogItem] = []
        for start in range(0, len(items), CHUNK):
            ready: list[StoredItem] = []
            for item in items[start : start + CHUNK]:
                stored = _stored(catalog, item)
                if stored is not None and stored.digest in self.rows:
                    ready.append(stored)
                else:
                    others.append(item)
            if ready:
                yield EncodedChunk(ready, self.vectors[[self.rows[stored.digest] for stored in ready]])
        if others:
            yield from encode_here(encoder, catalog, others, known)


def _stored(catalog: Catalog, item: CatalogItem) -> StoredItem | None:
    try:
        loaded = catalog.load(item)
    except CatalogError:
        return None
    return StoredItem(item, loaded.size_bytes, loaded.modified_ns, digest_of(loaded.data))
