"""Read, decode and encode pictures on every core.

Each worker takes a chunk of pictures through all steps, so that no core waits for another, whether decoding or
encoding takes longer. The decoders, OpenCV and torch let go of the interpreter while they work, so threads will do;
a chunk's vectors do not depend, but for rounding, on what else is in it.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass

from retrieval.gallery.catalog import Catalog, picture_file
from retrieval.gallery.pictures import read_picture
from retrieval.index.folder.item_rows import StoredItem
from retrieval.values.datatypes import CatalogItem, Float32Array, UInt8Array
from retrieval.values.errors import CatalogError
from retrieval.values.ports import Encoder

CHUNK = 64
CHUNKS_AHEAD = 2
"""Chunks per worker that wait for their turn or for being taken."""

DECODE_SIDES = 4
"""Pictures are decoded to at most this many times the encoder's side; more detail would be averaged away."""

DIGEST_BYTES = 16


@dataclass(frozen=True)
class Unreadable:
    """A picture that is left out.

    Attributes:
        item: whose picture it is.
        digest: of the file's content; "" when not even that could be read.
        reason: one line.
    """

    item: CatalogItem
    digest: str
    reason: str


@dataclass(frozen=True)
class EncodedChunk:
    """What became of some pictures.

    Attributes:
        encoded: pictures with vectors of their own.
        vectors: float32 (len(encoded), D).
        copied: pictures whose content has been taken on elsewhere; their digest says where.
        unreadable: pictures that cannot be read.
    """

    encoded: Sequence[StoredItem]
    vectors: Float32Array
    copied: Sequence[StoredItem] = ()
    unreadable: Sequence[Unreadable] = ()

    @property
    def count(self) -> int:
        """How many pictures it accounts for."""
        return len(self.encoded) + len(self.copied) + len(self.unreadable)


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
    workers = os.cpu_count() or 1
    running: deque[Future[EncodedChunk]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="encode")
    try:
        for start in range(0, len(items), CHUNK):
            running.append(pool.submit(encode, items[start : start + CHUNK]))
            if len(running) >= workers * CHUNKS_AHEAD:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def digest_of(data: bytes) -> str:
    """Name the content of a picture file."""
    return hashlib.blake2b(data, digest_size=DIGEST_BYTES).hexdigest()


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
        unreadable: list[Unreadable] = []
        prepared: list[UInt8Array] = []
        for item in items:
            digest = ""
            try:
                loaded = self._catalog.load(item)
                digest = digest_of(loaded.data)
                stored = StoredItem(item, loaded.size_bytes, loaded.modified_ns, digest)
                if self._claim(digest):
                    prepared.append(self._prepare(loaded.data, item))
                    encoded.append(stored)
                else:
                    copied.append(stored)
            except CatalogError as error:
                unreadable.append(Unreadable(item, digest, str(error)))
        with self._encoding:
            vectors = self._encoder.encode_prepared_photos(prepared)
        return EncodedChunk(encoded, vectors, copied, unreadable)

    def _claim(self, digest: str) -> bool:
        """Whether the caller has to encode this content."""
        with self._claiming:
            if digest in self._known or digest in self._claimed:
                return False
            self._claimed.add(digest)
            return True

    def _prepare(self, data: bytes, item: CatalogItem) -> UInt8Array:
        label = self._catalog.label(picture_file(item))
        return self._encoder.prepare_photo(read_picture(data, label, DECODE_SIDES * self._encoder.size_px))
