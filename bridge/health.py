"""The doctor's checks of encoder and gallery; only ``ask_once`` loads torch."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from air_sketch.files import why_not_writable
from air_sketch.values.errors import SearchError
from air_sketch.values.findings import Finding, Health
from retrieval import files
from retrieval.files import IS_INSTALLED, cache_folder, default_encoder, demo_folder, index_folder, is_hub_name
from retrieval.values.errors import RetrievalError, first_line

if TYPE_CHECKING:
    from air_sketch.values.ports import SearchLoader

RESTORE = "Install Air Sketch again" if IS_INSTALLED else "git checkout checkpoints"
_OWN_FILES = ("config.json", "model.safetensors", "tokenizer.json", "preprocessor_config.json", "fusion.safetensors")
_FOREIGN_FILES = ("config.json", "model.safetensors")


def search_checks(gallery: str | None, encoder: str | None) -> list[tuple[str, Callable[[], list[Finding]]]]:
    """Return the checks of the retrieval half by name; none of them loads the encoder."""
    return [
        ("encoder", lambda: check_encoder(encoder)),
        ("gallery", lambda: check_gallery(gallery)),
        ("gallery cache", check_cache),
    ]


def ask_once(search_loader: SearchLoader) -> list[Finding]:
    """Load the encoder, ask the gallery one question, and tell how that went."""
    from air_sketch.commands.replay import ProgressLines
    from air_sketch.values.datatypes import SearchRequest

    try:
        search = search_loader(ProgressLines())
        start_s = time.perf_counter()
        cards = search.search(SearchRequest(None, "red dress", 1))
    except SearchError as error:
        return [Finding("query", Health.FAIL, error.what, error.remedy)]
    took_ms = (time.perf_counter() - start_s) * 1000.0
    first = f"first hit {cards[0].title!r}" if cards else "no hit"
    return [Finding("query", Health.OK, f"{search.description}: 'red dress' answered in {took_ms:.0f} ms, {first}")]


def check_encoder(name: str | None) -> list[Finding]:
    """Check an encoder: its files are there, and its weights are as long as their header says.

    Args:
        name: folder or hub name; None for the shipped one.
    """
    chosen = name or default_encoder()
    folder = Path(chosen)
    mend = RESTORE if folder == files.SHIPPED_ENCODER else f"Copy {chosen} again, or leave --encoder out"
    if not folder.is_dir():
        if is_hub_name(chosen):
            return [Finding("encoder", Health.OK, f"{chosen}, fetched from the hub when it is first used")]
        return [Finding("encoder", Health.FAIL, f"{chosen} is missing", mend)]
    is_ours = folder == files.SHIPPED_ENCODER or (folder / "fusion.json").is_file()
    missing = [file for file in (_OWN_FILES if is_ours else _FOREIGN_FILES) if not (folder / file).is_file()]
    if missing:
        return [Finding("encoder", Health.FAIL, f"{folder.name} lacks {', '.join(missing)}", mend)]
    try:
        json.loads((folder / "config.json").read_text(encoding="utf-8"))
        parameters = count_parameters(folder / "model.safetensors")
        if is_ours:
            parameters += count_parameters(folder / "fusion.safetensors")
    except (OSError, ValueError) as error:
        return [Finding("encoder", Health.FAIL, f"{folder.name} is damaged: {first_line(error)}", mend)]
    kind = "with its own fusion" if is_ours else "a plain CLIP"
    return [Finding("encoder", Health.OK, f"{folder.name}, {parameters / 1e6:.1f} million parameters, {kind}")]


def check_gallery(gallery: Path | str | None) -> list[Finding]:
    """Check a gallery: it can be read, how much is in it, and whether it is indexed.

    Args:
        gallery: as ``Searcher.open`` takes it.
    """
    from retrieval.gallery.demo import is_demo
    from retrieval.index.folder.store import is_index_folder

    try:
        if is_demo(gallery):
            return [_check_demo()]
        assert gallery is not None
        if is_index_folder(Path(gallery)):
            return [_check_index(Path(gallery))]
        return [_check_pictures(Path(gallery))]
    except RetrievalError as error:
        advice = "; ".join(filter(None, (error.remedy.rstrip("."), "--gallery DIR names another folder")))
        return [Finding("gallery", Health.FAIL, error.what, advice)]


def check_cache() -> list[Finding]:
    """Tell where indexes and the demo gallery lie, and whether that can be written."""
    folder = cache_folder()
    if not why_not_writable(folder):
        return [Finding("gallery cache", Health.OK, str(folder))]
    advice = "Set AIR_SKETCH_CACHE to a folder that can be written"
    return [Finding("gallery cache", Health.FAIL, f"{folder} cannot be written", advice)]


def count_parameters(path: Path) -> int:
    """Read a safetensors header and check the file's length against it.

    Raises:
        ValueError: if the file is cut off or no safetensors file.
        OSError: if it cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 2 <= length <= min(size - 8, 100_000_000):
            raise ValueError(f"{path.name} is no safetensors file")
        header: dict[str, Any] = json.loads(file.read(length))
    tensors = [entry for key, entry in header.items() if key != "__metadata__"]
    expected = 8 + length + max((entry["data_offsets"][1] for entry in tensors), default=0)
    if size != expected:
        raise ValueError(f"{path.name} has {size:,} bytes, expected {expected:,}")
    return sum(_product(entry["shape"]) for entry in tensors)


def _product(shape: list[int]) -> int:
    count = 1
    for side in shape:
        count *= side
    return count


def _check_demo() -> Finding:
    from retrieval.gallery.catalog import Catalog

    folder = demo_folder()
    if not folder.is_dir():
        return Finding("gallery", Health.OK, "demo gallery, unpacked when it is first used")
    count = len(Catalog.open(folder).items)
    return Finding("gallery", Health.OK, f"demo gallery, {count:,} items, {_index_words(folder)}")


def _check_index(folder: Path) -> Finding:
    from retrieval.index.folder.store import load_index

    index = load_index(folder)
    if not index.images.is_dir():
        detail = f"{folder}, {len(index.items):,} items; their pictures are not at {index.images}"
        return Finding("gallery", Health.WARN, detail, f"Run: python -m retrieval index --images DIR --out {folder}")
    return Finding("gallery", Health.OK, f"{folder}, {len(index.items):,} items indexed")


def _check_pictures(folder: Path) -> Finding:
    from retrieval.gallery.catalog import Catalog

    catalog = Catalog.open(folder)
    lost = sum(catalog.stamp(item) == (0, 0) for item in catalog.items)
    detail = f"{folder}, {len(catalog.items):,} items, {_index_words(folder)}"
    if lost:
        return Finding("gallery", Health.WARN, f"{detail}; {lost:,} pictures are missing", "Mend its metadata.csv")
    return Finding("gallery", Health.OK, detail)


def _index_words(images: Path) -> str:
    """Say whether the cache holds an index of a folder, whatever encoder made it."""
    from retrieval.index.folder.store import INDEX_FILE

    start = index_folder(images, "").name
    folders = cache_folder() / "indexes"
    counts = []
    for folder in folders.iterdir() if folders.is_dir() else ():
        try:
            if folder.name.startswith(start):
                counts.append(int(json.loads((folder / INDEX_FILE).read_text(encoding="utf-8"))["count"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return f"{max(counts):,} indexed" if counts else "indexed when it is first used"
