"""Read, decode and encode pictures on every core.

Each worker takes a chunk of pictures through all steps, so that no core waits for another, whether decoding or
encoding takes longer. The decoders, OpenCV and torch let go of the interpreter while they work, so threads will do;
a chunk's vectors do not depend, but for rounding, on what else is in it.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass

from retrieval.gallery.catalog import Catalog
from retrieval.gallery.pictures import read_picture
from retrieval.index.folder.item_rows import StoredItem
from retrieval.values.datatypes import CatalogItem, Float32Array, UInt8Array
from retrieval.values.errors import CatalogError
from retrieval.values.ports import Encoder

CHUNK = 64
DECODE_SIDES = 4
"""Pictures are decoded to at most this many times the encoder's side; more detail would be averaged away."""


@dataclass(frozen=True)
class EncodedChunk:
    """What became of some pictures.

    Attributes:
        encoded: pictures with vectors of their own.
        vectors: float32 (len(encoded), D).
        copied: pictures whose content has been taken on elsewhere; their digest says where.
        unreadable: pictures that cannot be read: item, digest ("" when not even that could be read), reason.
    """

    encoded: Sequence[StoredItem]
    vectors: Float32Array
    copied: Sequence[StoredItem] = ()
    unreadable: Sequence[tuple[CatalogItem, str, str]] = ()


EncodePictures = Callable[[Catalog, Sequence[CatalogItem], Collection[str]], Iterator[EncodedChunk]]
"""Encode items of a catalogue; what has one of the given digests needs no encoding."""


def encode_here(
    encoder: Encoder, catalog: Catalog, items: Sequence[CatalogItem], known: Collection[str]
) -> Iterator[EncodedChunk]:
    """Encode on this machine's cores; with its encoder bound, an ``EncodePictures``.

    Yields:
        Chunks in order; closing the iterator stops the workers after the chunks they are at.
    """
    encode = ChunkEncoder(encoder, catalog, known)
    chunks = [items[start : start + CHUNK] for start in range(0, len(items), CHUNK)]
    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="encode") as pool:
        yield from pool.map(encode, chunks)


class ChunkEncoder:
    """Takes chunks of pictures through all steps, each content once, whichever thread comes first.

    Args:
        encoder: makes the vectors; one thread at a time unless it is one-threaded.
        catalog: reads the files.
        known: digests that need no encoding.
    """

    def __init__(self, encoder: Encoder, catalog: Catalog, known: Collection[str]) -> None:
        self._encoder = encoder
        self._catalog = catalog
        self._known = known
        self._claimed: set[str] = set()
        self._claiming = threading.Lock()
        self._encoding = nullcontext() if encoder.is_one_threaded else threading.Lock()

    def __call__(self, items: Sequence[CatalogItem]) -> EncodedChunk:
        """Read, decode, prepare and encode the pictures of some items."""
        encoded: list[StoredItem] = []
        copied: list[StoredItem] = []
        unreadable: list[tuple[CatalogItem, str, str]] = []
        prepared: list[UInt8Array] = []
        for item in items:
            digest = ""
            try:
                loaded = self._catalog.load(item)
                digest = hashlib.blake2b(loaded.data, digest_size=16).hexdigest()
                stored = StoredItem(item, loaded.size_bytes, loaded.modified_ns, digest, loaded.identity)
                if self._claim(digest):
                    photo = read_picture(loaded.data, loaded.name, DECODE_SIDES * self._encoder.size_px)
                    prepared.append(self._encoder.prepare_photo(photo))
                    encoded.append(stored)
                else:
                    copied.append(stored)
            except CatalogError as error:
                unreadable.append((item, digest, str(error)))
        with self._encoding:
            vectors = self._encoder.encode_prepared_photos(prepared)
        return EncodedChunk(encoded, vectors, copied, unreadable)

    def _claim(self, digest: str) -> bool:
        """Whether the caller has to encode this content."""
        with self._claiming:
            is_new = digest not in self._known and digest not in self._claimed
            self._claimed.add(digest)
            return is_new
