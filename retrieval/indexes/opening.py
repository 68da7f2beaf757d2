"""Open the vector index that an index folder records."""

from __future__ import annotations

from retrieval.errors import first_line
from retrieval.indexes.approximate import ApproximateIndex
from retrieval.indexes.exact import ExactIndex
from retrieval.ports import VectorIndex
from retrieval.store import StoredIndex, damaged


def open_vector_index(stored: StoredIndex) -> VectorIndex:
    """Open what finds a stored index's vectors.

    Args:
        stored: from ``load_index`` or ``update_index``.
    Raises:
        GalleryIndexError: if its file is damaged, or its engine is not installed or cannot be reached.
    """
    spec, folder = stored.search, stored.folder
    if folder is None or not spec.file:
        return ExactIndex(stored.vectors)
    if spec.kind == "milvus":
        from retrieval.indexes.milvus import MilvusIndex

        return MilvusIndex.open(stored)
    try:
        return ApproximateIndex(stored.vectors, folder / spec.file, spec)
    except (RuntimeError, ValueError, KeyError) as error:  # RuntimeError: what FAISS raises
        raise damaged(folder, first_line(error)) from error
