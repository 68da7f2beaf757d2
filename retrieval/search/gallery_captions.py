"""The captions of a named gallery, without opening an encoder: speech needs them before the search is ready."""

from __future__ import annotations

from pathlib import Path

from retrieval.files import demo_folder
from retrieval.gallery.catalog import Catalog
from retrieval.gallery.demo import is_demo, packed_demo_items
from retrieval.gallery.manifest import MANIFEST_NAME
from retrieval.index.folder.store import is_index_folder, load_index
from retrieval.words.spoken_captions import spoken_captions


def captions_of_gallery(gallery: Path | str | None) -> list[str]:
    """Compose captions such as people would say of a gallery.

    Args:
        gallery: an index folder, a folder of pictures, or None / ``demo`` for the demo gallery, unpacked or not.
    Returns:
        Normalised captions (see ``spoken_captions``).
    Raises:
        RetrievalError: if the gallery cannot be read.
    """
    folder = demo_folder() if is_demo(gallery) else Path(str(gallery))
    if is_demo(gallery) and not (folder / MANIFEST_NAME).is_file():
        return spoken_captions(packed_demo_items())
    if is_index_folder(folder):
        return spoken_captions(tuple(stored.item for stored in load_index(folder).items))
    return spoken_captions(Catalog.open(folder, unlisted=True).items)
