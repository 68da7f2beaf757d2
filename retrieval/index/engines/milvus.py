"""Vectors in a Milvus collection (https://milvus.io): a server, a cluster, or a file with Milvus Lite.

Milvus finds the candidates; filters and scores are applied with the folder's own rows and vectors, so that hits are
those of exact search, ties included. The folder keeps which key in Milvus belongs to which row; a key is made of an
item and its vector, so that only what changed is sent.
"""

from __future__ import annotations

import hashlib
import logging
import os
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from retrieval.index.engines.exact import ExactIndex, Found
from retrieval.index.folder.choice import EXACT_UP_TO
from retrieval.index.folder.journal import read_arrays
from retrieval.index.folder.store import StoredIndex
from retrieval.values.datatypes import BoolArray, CatalogItem, Float32Array, ProgressCallback
from retrieval.values.errors import GalleryIndexError, first_line

BATCH = 1000
MOST_CANDIDATES = 16_384
"""Milvus gives no more hits at once; a filter that hides more than that is answered exactly."""

LEAST_CANDIDATES = 64
SEARCH_EFFORT = 256
KEY, VECTOR = "key", "vector"


class MilvusIndex(ExactIndex):
    """A gallery's vectors in the Milvus collection that its index folder names.

    Raises:
        GalleryIndexError: if pymilvus is not installed, or the collection cannot be reached.
    """

    def __init__(self, stored: StoredIndex) -> None:
        super().__init__(stored.vectors)
        self._uri = str(stored.search.parameters["uri"])
        keys, self._collection = _read_keys(stored)
        self._order = np.argsort(keys)
        self._sorted = keys[self._order]
        with _explained(self._uri):
            self._client = _connect(self._uri)
            if not self._client.has_collection(self._collection):
                raise GalleryIndexError(
                    f"Milvus at {self._uri} has no collection {self._collection}",
                    f"Run: python -m retrieval index --images {stored.images} --out {stored.folder} --index exact, "
                    f"and again with --index milvus:{self._uri}",
                )
            self._client.load_collection(self._collection)

    def search(self, queries: Float32Array, k: int, allowed: BoolArray | None = None) -> Found:
        """Find the k best for each query; see ``ExactIndex.search``.

        Raises:
            GalleryIndexError: if Milvus cannot be reached.
        """
        fitting = self.count if allowed is None else int(np.count_nonzero(allowed))
        k = min(k, fitting)
        limit = min(max(2 * k, LEAST_CANDIDATES) * self.count // max(fitting, 1), self.count)
        if k == 0 or limit > MOST_CANDIDATES:
            return super().search(queries, k, allowed)
        asked = np.ascontiguousarray(queries, dtype=np.float32)
        candidates = self._ask(asked, limit)
        if allowed is not None:
            candidates = np.where((candidates >= 0) & allowed[candidates], candidates, -1)
        found = self.rescored(asked, candidates, k)
        return found if found[0].shape[1] == k else super().search(queries, k, allowed)

    def _ask(self, queries: Float32Array, limit: int) -> npt.NDArray[np.int64]:
        """Rows of the candidates: int64 (Q, limit), -1 where there is none."""
        rows = np.full((len(queries), limit), -1, np.int64)
        with _explained(self._uri):
            answers = self._client.search(
                self._collection,
                data=list(queries),
                anns_field=VECTOR,
                limit=limit,
                search_params={"metric_type": "IP", "params": {"ef": max(SEARCH_EFFORT, 2 * limit)}},
                consistency_level="Strong",
            )
        for number, answer in enumerate(answers):
            found = np.array([hit[KEY] for hit in answer], np.int64)
            places = np.minimum(np.searchsorted(self._sorted, found), self.count - 1)
            known = np.where(self._sorted[places] == found, self._order[places], -1)  # not: written by a later run
            rows[number, : len(known)] = known
        return rows


def key_of(item: CatalogItem, vector: Float32Array, number: int = 0) -> int:
    """The key of an item in Milvus, another one when its vector changes: 63 bits of a digest.

    ``number`` tells items of one id, picture and vector apart.
    """
    name = f"{item.id}\0{item.file}\0{number or ''}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(name + vector.tobytes(), digest_size=8).digest(), "big") >> 1


def write_milvus(path: Path, index: StoredIndex, saved: StoredIndex | None, progress: ProgressCallback) -> None:
    """Bring a collection up to date and write which key belongs to which row.

    Args:
        path: to write the keys to.
        index: what the gallery holds now; its spec names the URI.
        saved: what it held before; what has not changed since is not sent again.
        progress: called after each batch.
    Raises:
        GalleryIndexError: if pymilvus is not installed, or Milvus cannot be reached.
    """
    uri = str(index.search.parameters["uri"])
    keys: list[int] = []
    times: Counter[int] = Counter()
    for stored, vector in zip(index.items, index.vectors, strict=True):
        key = key_of(stored.item, vector)
        keys.append(key_of(stored.item, vector, times[key]))
        times[key] += 1
    collection, before = "", set()
    with _explained(uri):
        if "://" not in uri:
            Path(uri).parent.mkdir(parents=True, exist_ok=True)
        client = _connect(uri)
        if saved is not None and saved.search.parameters.get("uri") == uri:
            old_keys, old_collection = _read_keys(saved)
            if client.has_collection(old_collection):
                collection, before = old_collection, set(old_keys.tolist())
        if not collection:
            collection = f"air_sketch_{uuid.uuid4().hex[:12]}"
            _create(client, collection, index.vectors.shape[1], len(keys))
        new = [{KEY: key, VECTOR: vector} for key, vector in zip(keys, index.vectors, strict=True) if key not in before]
        for start in range(0, len(new), BATCH):
            client.upsert(collection, new[start : start + BATCH])
            progress("Sending vectors to Milvus", min((start + BATCH) / len(new), 1.0))
        gone = sorted(before - set(keys))
        for start in range(0, len(gone), BATCH):
            client.delete(collection, ids=gone[start : start + BATCH])
    with path.open("wb") as stream:
        np.savez(stream, keys=np.array(keys, np.int64), collection=np.array(collection))


def _create(client: Any, collection: str, dimension: int, count: int) -> None:
    from pymilvus import DataType

    schema = client.create_schema(auto_id=False)
    schema.add_field(KEY, DataType.INT64, is_primary=True)
    schema.add_field(VECTOR, DataType.FLOAT_VECTOR, dim=dimension)
    parameters = client.prepare_index_params()
    if count <= EXACT_UP_TO:
        parameters.add_index(VECTOR, index_type="FLAT", metric_type="IP")
    else:
        effort = {"M": 32, "efConstruction": 200}
        parameters.add_index(VECTOR, index_type="HNSW", metric_type="IP", params=effort)
    client.create_collection(collection, schema=schema, index_params=parameters, consistency_level="Strong")


def _connect(uri: str) -> Any:
    try:
        from pymilvus import MilvusClient
    except ImportError as error:
        raise GalleryIndexError(
            "Milvus is not installed: expected the package pymilvus", "Run: pip install -r requirements-engines.txt"
        ) from error
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it logs what it also raises
    return MilvusClient(uri, token=os.environ.get("MILVUS_TOKEN", ""))


def _read_keys(stored: StoredIndex) -> tuple[npt.NDArray[np.int64], str]:
    """The key of each row, int64 (N,), and the name of the collection."""
    assert stored.folder is not None
    data = read_arrays(stored.folder / stored.search.file)
    if data["keys"].dtype != np.int64 or data["keys"].shape != (len(stored.items),):
        raise ValueError(f"{stored.search.file} has keys {data['keys'].shape}, expected {len(stored.items)}")
    return data["keys"], str(data["collection"])


@contextmanager
def _explained(uri: str) -> Iterator[None]:
    """Say in one line what went wrong between us and Milvus."""
    try:
        yield
    except GalleryIndexError:
        raise
    except Exception as error:  # pymilvus raises its own kinds, gRPC's and built-in ones
        told = getattr(error, "message", "") or first_line(error)
        raise GalleryIndexError(
            f"Milvus at {uri} cannot be used: {str(told).splitlines()[0] if told else 'no answer'}",
            "Start it, or choose another index with --index.",
        ) from error
