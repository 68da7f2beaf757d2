"""The doctor's checks of encoder and gallery; only ``ask_once`` loads torch."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from air_sketch.files import how_to_restore
from air_sketch.values.errors import SearchError
from retrieval import files
from retrieval.files import default_encoder, is_hub_name
from retrieval.values.errors import RetrievalError, counted

if TYPE_CHECKING:
    from air_sketch.values.ports import SketchSearch


def search_checks(gallery: str | None, encoder: str | None) -> dict[str, Callable[[], str]]:
    """Return the checks of the retrieval half by name; none of them loads the encoder."""
    return {"encoder": lambda: check_encoder(encoder), "gallery": lambda: check_gallery(gallery)}


def ask_once(open_search: Callable[[], SketchSearch]) -> str:
    """Load the encoder, ask the gallery one question, and tell how that went."""
    from air_sketch.values.datatypes import SearchRequest

    search = open_search()
    start_s = time.perf_counter()
    cards = search.search(SearchRequest(None, "red dress", 1)).cards
    took_ms = (time.perf_counter() - start_s) * 1000.0
    first = f"first hit {cards[0].title!r}" if cards else "no hit"
    return f"{search.description}: 'red dress' answered in {took_ms:.0f} ms, {first}"


def check_encoder(name: str | None) -> str:
    """Look for an encoder's files.

    Args:
        name: folder or hub name; None for the shipped one.
    Raises:
        SearchError: if there is no such folder, or it lacks files.
    """
    chosen = name or default_encoder()
    folder = Path(chosen)
    if not folder.is_dir() and is_hub_name(chosen):
        return f"{chosen}, fetched from the hub when it is first used"
    missing = [file for file in ("config.json", "model.safetensors") if not (folder / file).is_file()]
    if missing:
        is_shipped = folder == files.SHIPPED_ENCODER
        mend = how_to_restore("checkpoints") if is_shipped else f"Copy {chosen} again, or leave --encoder out"
        raise SearchError(f"{chosen} lacks {', '.join(missing)}", mend)
    return folder.name


def check_gallery(gallery: str | None) -> str:
    """Count what is in a gallery; it is named as ``Searcher.open`` takes it.

    Raises:
        SearchError: if it cannot be read.
    """
    from retrieval.gallery.catalog import Catalog
    from retrieval.gallery.demo import is_demo
    from retrieval.index.folder.store import is_index_folder, load_index
    from retrieval.index.tagging import how_tagged

    if is_demo(gallery):
        return "demo gallery, unpacked when it is first used"
    assert gallery is not None
    folder = Path(gallery)
    try:
        if is_index_folder(folder):
            index = load_index(folder)
            return ", ".join(
                filter(None, (str(folder), f"{counted(len(index.items), 'item')} indexed", how_tagged(index)))
            )
        return f"{folder}, {counted(len(Catalog.open(folder).items), 'item')}"
    except RetrievalError as error:
        raise SearchError(error.what, error.remedy or "--gallery DIR names another folder") from None
