"""Make a gallery ready to be searched, whatever the user named: pictures, an index, or nothing at all."""

from __future__ import annotations

from pathlib import Path

from retrieval.encoder.opening import open_encoder
from retrieval.files import index_folder, is_hub_name, shipped
from retrieval.gallery.catalog import Catalog
from retrieval.gallery.demo import ensure_demo_gallery, is_demo
from retrieval.index.folder.store import StoredIndex, is_index_folder, load_index
from retrieval.index.ready_vectors import load_ready_vectors
from retrieval.index.update import update_index
from retrieval.values.datatypes import Float32Array, ProgressCallback
from retrieval.values.errors import GalleryIndexError
from retrieval.values.ports import Encoder

DEMO_VECTORS = shipped("samples") / "demo-vectors.npz"
"""Made by ``samples/make_demo_vectors.py`` with the shipped encoder."""


def ready_gallery(
    gallery: Path | str | None, encoder: Encoder | Path | str | None, progress: ProgressCallback
) -> tuple[Encoder, StoredIndex]:
    """Open a gallery and bring its index up to date.

    Args:
        gallery: an index folder (opened as it is), a folder of pictures (its index lies in the cache and is
            updated), or None / ``demo`` (the demo gallery is unpacked first when it is not there yet).
        encoder: open, or its folder or hub name; None takes the one that made the index, or the shipped one.
        progress: called during the long parts.
    Returns:
        The encoder and the index that it made.
    Raises:
        RetrievalError: if anything of it cannot be read or written, or the encoder does not match.
    """
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
    return encoder, update_index(Catalog.open(pictures), out, encoder, progress, ready=ready)[0]


def _opened(encoder: Encoder | Path | str | None, progress: ProgressCallback) -> Encoder:
    if encoder is not None and not isinstance(encoder, Path | str):
        return encoder
    progress("Loading the encoder", None)
    return open_encoder(encoder)


def _open_index(
    folder: Path, encoder: Encoder | Path | str | None, progress: ProgressCallback
) -> tuple[Encoder, StoredIndex]:
    index = load_index(folder)
    made_here = Path(index.encoder).is_dir() or is_hub_name(index.encoder)  # or in a folder that this machine lacks
    encoder = _opened(encoder or (index.encoder if made_here else None), progress)
    if encoder.weights_hash != index.weights_hash or encoder.width != index.vectors.shape[1]:
        raise GalleryIndexError(
            f"Index {folder} was made by another encoder: expected weights {index.weights_hash} ({index.encoder}), got "
            f"{encoder.weights_hash} ({encoder.name}). "
            f"Run: python -m retrieval index --images {index.images} --out {folder} --encoder {encoder.name}"
        )
    return encoder, index
