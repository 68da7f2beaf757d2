"""Make a gallery ready to be searched, whatever the user named: pictures, an index, or nothing at all."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

from retrieval.encoder.opening import open_encoder
from retrieval.files import index_folder, is_hub_name, shipped
from retrieval.gallery.catalog import Catalog
from retrieval.gallery.demo import ensure_demo_gallery, is_demo
from retrieval.index.encoding import EncodePictures
from retrieval.index.folder.store import StoredIndex, is_index_folder, load_index
from retrieval.index.ready_vectors import ReadyVectors
from retrieval.index.update import update_index
from retrieval.values.datatypes import ProgressCallback
from retrieval.values.errors import GalleryIndexError
from retrieval.values.ports import Encoder

DEMO_VECTORS = shipped("samples") / "demo-vectors.npz"
"""Made by ``samples/make_demo_vectors.py`` with the shipped encoder."""

log = logging.getLogger(__name__)


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
    encode: EncodePictures | None = None
    if is_demo(gallery):
        pictures = ensure_demo_gallery(progress)
        encode = _ready_for(encoder)
    else:
        assert gallery is not None
        pictures = Path(gallery)
    catalog = Catalog.open(pictures)
    index, report = update_index(
        catalog, index_folder(pictures, encoder.weights_hash), encoder, progress, encode=encode
    )
    for file, reason in report.unreadable[:3]:
        log.warning("%s: %s", file, reason)
    return encoder, index


def _ready_for(encoder: Encoder) -> EncodePictures | None:
    """What gives the demo gallery's pictures their shipped vectors; None when another encoder made those."""
    ready = ReadyVectors.load(DEMO_VECTORS)
    return partial(ready.encode, encoder) if ready is not None and ready.weights_hash == encoder.weights_hash else None


def _opened(encoder: Encoder | Path | str | None, progress: ProgressCallback) -> Encoder:
    if encoder is not None and not isinstance(encoder, Path | str):
        return encoder
    progress("Loading the encoder", None)
    return open_encoder(encoder)


def _open_index(
    folder: Path, encoder: Encoder | Path | str | None, progress: ProgressCallback
) -> tuple[Encoder, StoredIndex]:
    index = load_index(folder)
    encoder = _opened(encoder or _recorded_encoder(index.encoder), progress)
    if encoder.weights_hash != index.weights_hash or encoder.width != index.vectors.shape[1]:
        raise GalleryIndexError(
            f"Index {folder} was made by another encoder: expected weights {index.weights_hash} ({index.encoder}), got "
            f"{encoder.weights_hash} ({encoder.name}). "
            f"Run: python -m retrieval index --images {index.images} --out {folder} --encoder {encoder.name}"
        )
    return encoder, index


def _recorded_encoder(name: str) -> str | None:
    """The encoder that made an index; None when it lay in a folder that is not on this machine."""
    return name if Path(name).is_dir() or is_hub_name(name) else None
