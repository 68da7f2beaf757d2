"""Read, decode and encode pictures on every core.

Each worker takes a chunk of pictures through all steps, so that no core waits for another, whether decoding or
encoding takes longer. The decoders, OpenCV and torch let go of the interpreter while they work, so threads will do;
a chunk's vectors do not depend on what else is in it.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field

import numpy as np

from retrieval.gallery.catalog import Catalog, picture_file
from retrieval.gallery.pictures import read_picture
from retrieval.index.folder.item_rows import StoredItem
from retrieval.values.datatypes import CatalogItem, Float32Array, UInt8Array
from retrieval.values.errors import CatalogError
from retrieval.values.ports import Encoder

CHUNK = 64
CHUNKS_AHEAD = 2
"""Chunks per worker that wait for their turn or for being taken."""

DECODE_SIDE_PX = 4
"""Pictures are decoded to at most this many times the encoder's side; more detail would be averaged away."""

DIGEST_BYTES = 16


@dataclass(frozen=True)
class EncodedChunk:
    """What became of some pictures.

    Attributes:
        encoded: pictures with vectors of their own.
        vectors: float32 (len(encoded), D).
        copied: pictures whose content has been taken on elsewhere; their digest says where.
        unreadable: pictures that cannot be read, each with the reason.
    """

    encoded: list[StoredItem]
    vectors: Float32Array
    copied: list[StoredItem] = field(default_factory=list)
    unreadable: list[tuple[CatalogItem, str, str]] = field(default_factory=list)
    """Item, digest ("" when its file could not be read at all), reason."""


EncodePictures = Callable[[Catalog, Sequence[CatalogItem], Collection[str]], Iterator[EncodedChunk]]
"""Encode items of a catalogue; what has one of the given digests needs no encoding."""


class LocalEncoding:
    """Encodes on this machine's cores; an ``EncodePictures``.

    Args:
        encoder: shared by all workers.
        workers: threads; None for one per core.
    """

    def __init__(self, encoder: Encoder, workers: int | None = None) -> None:
        self._encoder = encoder
        self._workers = workers or os.cpu_count() or 1
        self._turn = nullcontext() if encoder.is_one_threaded else threading.Lock()

    def __call__(
        self, catalog: Catalog, items: Sequence[CatalogItem], known: Collection[str]
    ) -> Iterator[EncodedChunk]:
        """Yield chunks in order; closing the iterator stops the workers after the chunks they are at."""
        claims = Claims(known)
        chunks = [items[start : start + CHUNK] for start in range(0, len(items), CHUNK)]
        running: deque[Future[EncodedChunk]] = deque()
        pool = ThreadPoolExecutor(self._workers, thread_name_prefix="encode")
        try:
            for chunk in chunks:
                running.append(pool.submit(self._encode, catalog, chunk, claims))
                if len(running) >= self._workers * CHUNKS_AHEAD:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _encode(self, catalog: Catalog, items: Sequence[CatalogItem], claims: Claims) -> EncodedChunk:
        return encode_chunk(self._encoder, self._turn, catalog, items, claims)


class Claims:
    """Makes sure that each content is encoded once, whoever comes first.

    Args:
        known: digests that need no encoding.
    """

    def __init__(self, known: Collection[str]) -> None:
        self._known = known
        self._claimed: set[str] = set()
        self._lock = threading.Lock()

    def claim(self, digest: str) -> bool:
        """Whether the caller has to encode this content."""
        with self._lock:
            if digest in self._known or digest in self._claimed:
                return False
            self._claimed.add(digest)
            return True


def encode_chunk(
    encoder: Encoder,
    turn: threading.Lock | nullcontext[None],
    catalog: Catalog,
    items: Sequence[CatalogItem],
    claims: Claims,
) -> EncodedChunk:
    """Take pictures through all steps.

    Args:
        encoder: makes the vectors.
        turn: held while the encoder works.
        catalog: reads the files.
        items: of the catalogue.
        claims: shared by all who encode this catalogue.
    """
    encoded: list[StoredItem] = []
    prepared: list[UInt8Array] = []
    chunk = EncodedChunk(encoded, np.zeros((0, encoder.width), np.float32))
    for item in items:
        digest = ""
        try:
            loaded = catalog.load(item)
            digest = hashlib.blake2b(loaded.data, digest_size=DIGEST_BYTES).hexdigest()
            stored = StoredItem(item, loaded.size_bytes, loaded.modified_ns, digest)
            if not claims.claim(digest):
                chunk.copied.append(stored)
                continue
            side_px = DECODE_SIDE_PX * encoder.size_px
            picture = read_picture(loaded.data, catalog.label(picture_file(item)), side_px)
            prepared.append(encoder.prepare_photo(picture))
            encoded.append(stored)
        except CatalogError as error:
            chunk.unreadable.append((item, digest, str(error)))
    if not prepared:
        return chunk
    with turn:
        vectors = encoder.encode_prepared_photos(prepared)
    return EncodedChunk(encoded, vectors, chunk.copied, chunk.unreadable)
