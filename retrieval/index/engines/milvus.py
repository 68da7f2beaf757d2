"""Vectors in a Milvus collection (https://milvus.io): a server, a cluster, or a file with Milvus Lite.

Milvus finds and filters the candidates; their scores are computed again from the folder's own vectors, so that hits
are those of exact search, ties included. The folder keeps which key in Milvus belongs to which row; a key is made of
an item's id and file, so that only what changed is sent.
"""

from __future__ import annotations

import hashlib
import logging
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from retrieval.index.engines.exact import ExactIndex, Found, rescore
from retrieval.index.engines.milvus_filter import columns_of, expression, row_fields
from retrieval.index.folder.choice import EXACT_UP_TO
from retrieval.index.folder.store import StoredIndex
from retrieval.values.datatypes import CatalogItem, Float32Array, ProgressCallback, RowFilter
from retrieval.values.errors import GalleryIndexError, first_line

BATCH = 1000
MOST_CANDIDATES = 16_384
"""Milvus gives no more hits at once."""

FEW_ROWS = 1000
"""A filter that Milvus cannot say is given as a list of keys when it lets at most so many rows through."""

LEAST_CANDIDATES = 64
SEARCH_EFFORT = 256
KEY, VECTOR = "key", "vector"
NOT_INSTALLED = "Milvus is not installed: expected the package pymilvus", "Run: pip install -r requirements-engines.txt"


class MilvusIndex:
    """A gallery's vectors in a Milvus collection.

    Args:
        client: an open ``MilvusClient``.
        collection: its name.
        keys: int64 (N,), the key of each row.
        stored: the index folder's content.
    """

    def __init__(self, client: Any, collection: str, keys: npt.NDArray[np.int64], stored: StoredIndex) -> None:
        self._client = client
        self._collection = collection
        self._keys = keys
        self._order = np.argsort(keys)
        self._sorted = keys[self._order]
        self._uri = str(stored.search.parameters["uri"])
        self._vectors = stored.vectors
        self._exact = ExactIndex(stored.vectors)
        self._columns = tuple(columns_of(stored.items[0].item)) if len(stored.items) else ()

    @classmethod
    def open(cls, stored: StoredIndex) -> MilvusIndex:
        """Connect to the collection that an index folder names.

        Raises:
            GalleryIndexError: if pymilvus is not installed, or the collection cannot be reached.
        """
        assert stored.folder is not None
        uri = str(stored.search.parameters["uri"])
        keys, collection = _read_keys(stored.folder / stored.search.file)
        with _explained(uri):
            client = _connect(uri)
            if not client.has_collection(collection):
                raise GalleryIndexError(
                    f"Milvus at {uri} has no collection {collection}",
                    f"Run: python -m retrieval index --images {stored.images} --out {stored.folder} --index exact, "
                    f"and again with --index milvus:{uri}",
                )
            client.load_collection(collection)
        return cls(client, collection, keys, stored)

    @property
    def count(self) -> int:
        """How many vectors it holds."""
        return len(self._keys)

    def search(self, queries: Float32Array, k: int, allowed: RowFilter | None = None) -> Found:
        """Find the k best for each query; see ``ExactIndex.search``.

        Raises:
            GalleryIndexError: if Milvus cannot be reached.
        """
        fitting = self.count if allowed is None else int(np.count_nonzero(allowed.rows))
        k = min(k, fitting)
        condition = self._condition(allowed, fitting)
        limit = min(max(2 * k, LEAST_CANDIDATES), fitting)
        if k == 0 or condition is None or limit > MOST_CANDIDATES:
            return self._exact.search(queries, max(k, 1), allowed)
        asked = np.ascontiguousarray(queries, dtype=np.float32)
        candidates = self._ask(asked, limit, condition)
        if allowed is not None:
            candidates = np.where((candidates >= 0) & allowed.rows[candidates], candidates, -1)
        scores, rows = rescore(self._vectors, asked, candidates, k)
        return (scores, rows) if scores.shape[1] == k else self._exact.search(queries, k, allowed)

    def vectors_of(self, rows: npt.NDArray[np.int64]) -> Float32Array:
        """Give stored vectors back: int64 (n,) -> float32 (n, D)."""
        return self._exact.vectors_of(rows)

    def _condition(self, allowed: RowFilter | None, fitting: int) -> str | None:
        """What Milvus is told of a filter; None when it cannot be told."""
        if allowed is None:
            return ""
        told = expression(allowed.where, self._columns)
        if told is None and fitting <= FEW_ROWS:
            return f"{KEY} in {self._keys[allowed.rows].tolist()}"
        return told

    def _ask(self, queries: Float32Array, limit: int, condition: str) -> npt.NDArray[np.int64]:
        """Rows of the candidates: int64 (Q, limit), -1 where there is none."""
        rows = np.full((len(queries), limit), -1, np.int64)
        with _explained(self._uri):
            answers = self._client.search(
                self._collection,
                data=list(queries),
                anns_field=VECTOR,
                limit=limit,
                filter=condition,
                search_params={"metric_type": "IP", "params": {"ef": max(SEARCH_EFFORT, 2 * limit)}},
                consistency_level="Strong",
            )
        for number, answer in enumerate(answers):
            found = np.array([hit[KEY] for hit in answer], np.int64)
            places = np.minimum(np.searchsorted(self._sorted, found), self.count - 1)
            known = np.where(self._sorted[places] == found, self._order[places], -1)  # not: written by a later run
            rows[number, : len(known)] = known
        return rows


def key_of(item: CatalogItem) -> int:
    """The key of an item in Milvus: 63 bits of a digest of its id and file."""
    text = f"{item.id}\0{item.file}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") >> 1


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
    keys = np.array([key_of(stored.item) for stored in index.items], np.int64)
    if len(np.unique(keys)) != len(keys):
        raise GalleryIndexError("Two items have the same key in Milvus: change the id of one of the last added.")
    with _explained(uri):
        client = _connect(uri)
        collection, before = _collection_before(client, saved, uri)
        if not collection:
            collection = f"air_sketch_{uuid.uuid4().hex[:12]}"
            _create(client, collection, index.vectors.shape[1], len(keys))
        rows = [row for row in range(len(keys)) if not _is_unchanged(index, row, saved, before.get(int(keys[row])))]
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            client.upsert(collection, [_record(index, row, int(keys[row])) for row in batch])
            progress("Sending vectors to Milvus", min((start + BATCH) / len(rows), 1.0))
        gone = sorted(set(before) - set(keys.tolist()))
        for start in range(0, len(gone), BATCH):
            client.delete(collection, ids=gone[start : start + BATCH])
    with path.open("wb") as stream:
        np.savez(stream, keys=keys, collection=np.array(collection))


def _record(index: StoredIndex, row: int, key: int) -> dict[str, Any]:
    return {KEY: key, VECTOR: index.vectors[row], **row_fields(index.items[row].item)}


def _collection_before(client: Any, saved: StoredIndex | None, uri: str) -> tuple[str, dict[int, int]]:
    """The collection of the index before with the row of each key, "" when there is none to go on with."""
    if saved is None or saved.folder is None or saved.search.parameters.get("uri") != uri:
        return "", {}
    keys, collection = _read_keys(saved.folder / saved.search.file)
    if not client.has_collection(collection):
        return "", {}
    return collection, {key: row for row, key in enumerate(keys.tolist())}


def _is_unchanged(index: StoredIndex, row: int, saved: StoredIndex | None, old_row: int | None) -> bool:
    if saved is None or old_row is None:
        return False
    one, other = index.items[row].item, saved.items[old_row].item
    same_text = columns_of(one) == columns_of(other)
    return same_text and np.array_equal(index.vectors[row], saved.vectors[old_row])


def _create(client: Any, collection: str, dimension: int, count: int) -> None:
    from pymilvus import DataType

    schema = client.create_schema(auto_id=False, enable_dynamic_field=True)
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
        raise GalleryIndexError(*NOT_INSTALLED) from error
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it logs what it also raises
    if "://" not in uri:
        Path(uri).parent.mkdir(parents=True, exist_ok=True)
    return MilvusClient(uri, token=os.environ.get("MILVUS_TOKEN", ""))


def _read_keys(path: Path) -> tuple[npt.NDArray[np.int64], str]:
    with np.load(path, allow_pickle=False) as data:
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
