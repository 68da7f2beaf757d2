"""Open the vector index that an index folder records."""

from __future__ import annotations

from retrieval.index.engines.approximate import ApproximateIndex
from retrieval.index.engines.exact import ExactIndex
from retrieval.index.folder.record import damaged
from retrieval.index.folder.store import StoredIndex
from retrieval.values.errors import GalleryIndexError, first_line


def open_vector_index(stored: StoredIndex) -> ExactIndex:
    """Open what finds a stored index's vectors.

    Raises:
        GalleryIndexError: if its file is damaged, or its engine is not installed or cannot be reached.
    """
    spec, folder = stored.search, stored.folder
    if folder is None or not spec.file:
        return ExactIndex(stored.vectors)
    try:
        if spec.kind == "milvus":
            from retrieval.index.engines.milvus import MilvusIndex

            return MilvusIndex(stored)
        return ApproximateIndex(stored.vectors, folder / spec.file, spec)
    except GalleryIndexError:
        raise
    except Exception as error:  # what damaged bytes raise depends on where the damage is
        raise damaged(folder, first_line(error)) from error
