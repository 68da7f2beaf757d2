"""Which vector index a gallery gets: the one place where sizes and parameters are decided.

===================  ==========================================================================================
up to 100,000        exact: every inner product; a query of 256 numbers takes up to 10 ms, nothing to build
above                IVF (Jegou et al., PAMI 2011): vectors in about 4 sqrt(N) lists, each number in one byte
                     (scalar quantisation); a query visits a few lists and the best are scored again exactly
``hnsw``             a graph (Malkov and Yashunin, PAMI 2018) instead of lists, only when asked for: building it
                     takes several times as long
``milvus:URI``       vectors live in a Milvus collection: a server or cluster, or a file with Milvus Lite
===================  ==========================================================================================

IVF is what large galleries get because it is built soon again when they change, and because the search reads it from
the disk as it needs it: opening takes no time. ``benchmarks/GALLERY.md`` has the measurements.
Product quantisation would be smaller but finds only nine in ten of the right neighbours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from retrieval.values.errors import GalleryIndexError

EXACT_UP_TO = 100_000
KINDS = ("exact", "hnsw", "ivf")
MILVUS_PREFIX = "milvus:"
AUTO = "auto"
LEAST_TRAINING_PER_LIST = 39
"""FAISS warns below so many training vectors per list."""

IVF_PROBES = 48
HNSW_LINKS = 32
HNSW_BUILD_EFFORT = 80
HNSW_SEARCH_EFFORT = 160


@dataclass(frozen=True)
class IndexSpec:
    """A vector index as ``index.json`` records it.

    Attributes:
        kind: ``exact``, ``hnsw``, ``ivf`` or ``milvus``.
        wanted: what was asked for: ``auto``, one of the kinds, or ``milvus:URI``.
        parameters: whole numbers and texts that the kind needs; see ``choose_index``.
        file: name of its file in the index folder, "" when it has none.
    """

    kind: str = "exact"
    wanted: str = AUTO
    parameters: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""


def check_wanted(wanted: str) -> str:
    """Return the name of an index as given.

    Raises:
        GalleryIndexError: if it is none that we know.
    """
    if wanted == AUTO or wanted in KINDS or (wanted.startswith(MILVUS_PREFIX) and wanted != MILVUS_PREFIX):
        return wanted
    raise GalleryIndexError(
        f"Index kind {wanted!r} is unknown: expected {AUTO}, {', '.join(KINDS)} or {MILVUS_PREFIX}URI",
        "Change --index.",
    )


def choose_index(count: int, wanted: str = AUTO) -> IndexSpec:
    """Decide on the index of a gallery of ``count`` rows: its kind, and the numbers or the URI that it needs."""
    if wanted.startswith(MILVUS_PREFIX):
        return IndexSpec("milvus", wanted, {"uri": wanted.removeprefix(MILVUS_PREFIX)})
    kind = ("exact" if count <= EXACT_UP_TO else "ivf") if wanted == AUTO else wanted
    parameters: Mapping[str, Any] = {}
    if kind == "hnsw":
        parameters = {"links": HNSW_LINKS, "build_effort": HNSW_BUILD_EFFORT, "search_effort": HNSW_SEARCH_EFFORT}
    elif kind == "ivf":
        lists = list_count(count)
        parameters = {"lists": lists, "probes": min(IVF_PROBES, lists)}
    return IndexSpec(kind, wanted, parameters)


def list_count(count: int) -> int:
    """IVF lists for so many rows: the power of two nearest to 4 sqrt(N), at most what can be trained."""
    wanted = 2 ** round(math.log2(max(4.0 * math.sqrt(count), 1.0)))
    return max(1, min(wanted, count // LEAST_TRAINING_PER_LIST))


EXACT = IndexSpec()
