"""Make a gallery ready to be searched, whatever the user named: pictures, an index, or nothing at all."""

from __future__ import annotations

import logging
from pathlib import Path

from garments import write_demo_gallery
from retrieval.encoder.opening import open_encoder
from retrieval.files import demo_folder, index_folder, is_hub_name
from retrieval.gallery.catalog import Catalog
from retrieval.gallery.demo import is_demo
from retrieval.index.folder.store import StoredIndex, is_index_folder, load_index
from retrieval.index.update import update_index
from retrieval.values.datatypes import ProgressCallback
from retrieval.values.errors import GalleryIndexError
from retrieval.values.ports import Encoder

log = logging.getLogger(__name__)


def ready_gallery(
    gallery: Path | str | None, encoder: Encoder | Path | str | None, progress: ProgressCallback
) -> tuple[Encoder, StoredIndex]:
    """Open a gallery and bring its index up to date.

    Args:
        gallery: an index folder (opened as it is), a folder of pictures (its index lies in the cache and is
            updated), or None / ``demo`` (the demo gallery is drawn first when it is not there yet).
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
    if is_demo(gallery):
        pictures = demo_folder()
        write_demo_gallery(pictures, progress=lambda done, count: progress("Drawing the demo gallery", done / count))
    else:
        assert gallery is not None
        pictures = Path(gallery)
    catalog = Catalog.open(pictures)
    index, report = update_index(catalog, index_folder(pictures, encoder.weights_hash), encoder, progress)
    for file, reason in report.unreadable[:3]:
        log.warning("%s: %s", file, reason)
    return encoder, index


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
