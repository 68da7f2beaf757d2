"""Make a gallery ready to be searched, whatever the user named: pictures, an index, or nothing at all."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

import numpy as np

from retrieval.encoder.opening import open_encoder
from retrieval.files import index_folder, is_encoder_name, replacing, shipped
from retrieval.gallery.catalog import Catalog
from retrieval.gallery.demo import ensure_demo_gallery, is_demo
from retrieval.index.folder.store import StoredIndex, is_index_folder, load_index
from retrieval.index.report import write_report
from retrieval.index.tagging import offer_tags, update_tags
from retrieval.index.update import update_index
from retrieval.values.datatypes import Float32Array, ProgressCallback
from retrieval.values.errors import CatalogError, CheckpointError, GalleryIndexError
from retrieval.values.ports import Encoder

DEMO_VECTORS = shipped("samples") / "demo-vectors.npz"
"""Made by ``samples/make_demo_vectors.py`` with the shipped encoder, so that the demo gallery needs no encoding."""


def ready_gallery(
    gallery: Path | str | None, encoder: Encoder | Path | str | None, progress: ProgressCallback
) -> tuple[Encoder, StoredIndex]:
    """Open a gallery, its index brought up to date, and the encoder that made it; see ``Searcher.open``."""
    if gallery is not None and not _is_name(gallery):
        raise CatalogError(f"Gallery is wrong: expected the name of a folder, got {gallery!a:.60}.")
    if not isinstance(encoder, str | Path | None) and not hasattr(encoder, "encode_words"):
        raise CheckpointError(f"Encoder is wrong: expected a name or an open one, got {encoder!a:.60}.")
    if gallery is not None and is_index_folder(Path(gallery)):
        return _open_index(Path(gallery), encoder, progress)
    encoder = _opened(encoder, progress)  # first, so that a missing one is told before minutes of work
    ready: dict[str, Float32Array] = {}
    if is_demo(gallery):
        pictures = ensure_demo_gallery(progress)
        ready = load_ready_vectors(DEMO_VECTORS, encoder.weights_hash)
    else:
        pictures = Path(str(gallery))
    out = index_folder(pictures, encoder.weights_hash)
    began_s, catalog = time.monotonic(), Catalog.open(pictures, unlisted=True)
    index, rows = update_index(catalog, out, encoder, progress, ready=ready)
    tags = update_tags(index, catalog, None, progress)
    with suppress(OSError):  # it only tells
        write_report(out, catalog, index, rows, time.monotonic() - began_s, tags)
    if tags is None and rows.encoded:
        offer_tags(index, catalog)
    return encoder, index


def _is_name(gallery: object) -> bool:
    """Whether it can name a folder at all."""
    try:
        return isinstance(gallery, str | Path) and str(gallery) != "" and b"\0" not in os.fsencode(gallery)
    except UnicodeEncodeError:  # half a letter
        return False


def _opened(encoder: Encoder | Path | str | None, progress: ProgressCallback) -> Encoder:
    if encoder is not None and not isinstance(encoder, Path | str):
        return encoder
    progress("Loading the encoder", None)
    return open_encoder(encoder)


def _open_index(
    folder: Path, encoder: Encoder | Path | str | None, progress: ProgressCallback
) -> tuple[Encoder, StoredIndex]:
    index = load_index(folder)
    is_there = index.is_ours and is_encoder_name(index.encoder)  # it may have moved
    named = encoder or (index.encoder if is_there else None)
    encoder = _opened(named, progress)
    if encoder.weights_hash != index.weights_hash or encoder.width != index.vectors.shape[1]:
        raise GalleryIndexError(
            f"Index {folder} was made by another encoder: expected weights {index.weights_hash} ({index.encoder}), got "
            f"{encoder.weights_hash} ({encoder.name})",
            f"If you trust that one, name it: --encoder {index.encoder}"
            if named is None
            else f"Run: python -m retrieval index --images {index.images} --out {folder} --encoder {encoder.name}",
        )
    return encoder, index


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
