"""Vectors that come with the program for pictures that come with it, so that those need no encoding."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from retrieval.files import replacing
from retrieval.index.folder.store import StoredIndex
from retrieval.values.datatypes import Float32Array


def save_ready_vectors(path: Path, index: StoredIndex) -> None:
    """Write the vectors of an index in half precision."""
    with replacing(path) as temporary, temporary.open("wb") as stream:
        np.savez(
            stream,
            weights_hash=np.array(index.weights_hash),
            digests=np.array([stored.digest for stored in index.items]),
            vectors=index.vectors.astype(np.float16),
        )


def load_ready_vectors(path: Path, weights_hash: str) -> dict[str, Float32Array]:
    """Read float32 (D,) unit vectors by the digest of their picture file; none from weights other than those named.

    None either when the file is missing or damaged, since they only save time.
    """
    try:
        with path.open("rb") as stream, np.load(stream) as archive:
            if str(archive["weights_hash"]) != weights_hash:
                return {}
            vectors = archive["vectors"].astype(np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            return dict(zip(archive["digests"].tolist(), vectors, strict=True))
    except Exception:  # what damaged bytes raise depends on where the damage is
        return {}
