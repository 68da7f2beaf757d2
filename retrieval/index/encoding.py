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
from dataclasses import dataclass, replace

from retrieval.gallery.catalog import Catalog
from retrieval.gallery.pictures import read_picture
from retrieval.index.folder.item_rows import StoredItem
from retrieval.values.datatypes import CatalogItem, Float32Array, UInt8Array
from retrieval.values.errors import CatalogError
from retrieval.values.ports import Encoder, Look

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
        looked: pictures with vectors of the second view.
        looks: float32 (len(looked), L); None without a second view.
    """

    encoded: Sequence[StoredItem]
    vectors: Float32Array
    copied: Sequence[StoredItem] = ()
    unreadable: Sequence[tuple[CatalogItem, str, str]] = ()
    looked: Sequence[StoredItem] = ()
    looks: Float32Array | None = None


def content_digest(data: bytes) -> str:
    """Name the content of a picture file; 32 hex digits."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


EncodePictures = Callable[
    [Catalog, Sequence[CatalogItem], Collection[str], "Look | None", Collection[str]], Iterator[EncodedChunk]
]
"""Encode items of a catalogue; what has one of the given digests needs no encoding. Then the same of a second view."""


def encode_here(
    encoder: Encoder,
    catalog: Catalog,
    items: Sequence[CatalogItem],
    known: Collection[str],
    look: Look | None = None,
    looked: Collection[str] = (),
) -> Iterator[EncodedChunk]:
    """Encode on this machine's cores; with its encoder bound, an ``EncodePictures``.

    Yields:
        Chunks in order; closing the iterator stops the workers after the chunks they are at.
    """
    encode = ChunkEncoder(encoder, catalog, known, look, looked)
    chunks = [items[start : start + CHUNK] for start in range(0, len(items), CHUNK)]
    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="encode") as pool:
        yield from pool.map(encode, chunks)


class _View:
    """One way to see pictures, each content once, whichever thread comes first; ``known`` digests are seen already."""

    def __init__(self, sees: Look, known: Collection[str]) -> None:
        self.sees = sees
        self._known = known
        self._claimed: set[str] = set()
        self._claiming = threading.Lock()
        self._encoding = nullcontext() if sees.is_one_threaded else threading.Lock()

    def claim(self, digest: str) -> bool:
        """Whether the caller has to encode this content."""
        with self._claiming:
            is_new = digest not in self._known and digest not in self._claimed
            self._claimed.add(digest)
            return is_new

    def encode(self, prepared: Sequence[UInt8Array]) -> Float32Array:
        """Embed prepared photos."""
        with self._encoding:
            return self.sees.encode_prepared_photos(prepared)


class ChunkEncoder:
    """Takes chunks of pictures through all steps; each is read once, whatever sees it.

    Args:
        encoder: makes the vectors; one thread at a time unless it is one-threaded.
        catalog: reads the files.
        known: digests that need no encoding.
        look: makes a second view of the same pictures; None for none.
        looked: digests that need no second look.
    """

    def __init__(
        self,
        encoder: Encoder,
        catalog: Catalog,
        known: Collection[str],
        look: Look | None = None,
        looked: Collection[str] = (),
    ) -> None:
        self._catalog = catalog
        self._views = [_View(encoder, known)] + ([_View(look, looked)] if look is not None else [])
        self._side_px = DECODE_SIDES * max(view.sees.size_px for view in self._views)

    def __call__(self, items: Sequence[CatalogItem]) -> EncodedChunk:
        """Read, decode, prepare and encode the pictures of some items."""
        taken: list[list[StoredItem]] = [[] for _ in self._views]
        prepared: list[list[UInt8Array]] = [[] for _ in self._views]
        copied: list[StoredItem] = []
        unreadable: list[tuple[CatalogItem, str, str]] = []
        for item in items:
            digest = ""
            try:
                loaded = self._catalog.load(item)
                digest = content_digest(loaded.data)
                stored = StoredItem(item, loaded.size_bytes, loaded.modified_ns, digest, loaded.identity)
                claims = [view.claim(digest) for view in self._views]
                if any(claims):
                    photo = read_picture(loaded.data, loaded.name, self._side_px)
                    for number, view in enumerate(self._views):
                        if claims[number]:
                            prepared[number].append(view.sees.prepare_photo(photo))
                            taken[number].append(stored)
                if not claims[0]:
                    copied.append(stored)
            except CatalogError as error:
                unreadable.append((item, digest, str(error)))
        vectors, *looks = (view.encode(pictures) for view, pictures in zip(self._views, prepared, strict=True))
        chunk = EncodedChunk(taken[0], vectors, copied, unreadable)
        return replace(chunk, looked=taken[1], looks=looks[0]) if looks else chunk
