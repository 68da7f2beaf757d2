"""Checks the encoder's folder and the gallery without loading torch; for the program's ``doctor``."""

from __future__ import annotations

import json
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.files import SHIPPED_ENCODER, cache_folder, demo_folder, index_folder
from retrieval.gallery.demo import is_demo
from retrieval.values.errors import RetrievalError, first_line

RESTORE = "git checkout checkpoints"
_OWN_FILES = ("config.json", "model.safetensors", "tokenizer.json", "preprocessor_config.json", "fusion.safetensors")
_FOREIGN_FILES = ("config.json", "model.safetensors")


@dataclass(frozen=True)
class HealthFinding:
    """One thing that was checked; ``health`` is "ok", "warn" or "fail", ``advice`` mends it."""

    name: str
    health: str
    detail: str
    advice: str = ""


def check_encoder(name: str | None) -> list[HealthFinding]:
    """Check an encoder: its files are there, and its weights are as long as their header says.

    Args:
        name: folder or hub name; None for the shipped one.
    """
    chosen = name or os.environ.get("AIR_SKETCH_ENCODER") or str(SHIPPED_ENCODER)
    folder = Path(chosen)
    mend = RESTORE if folder == SHIPPED_ENCODER else f"Copy {chosen} again, or leave --encoder out"
    if not folder.is_dir():
        if chosen.count("/") == 1 and not chosen.startswith(("/", ".")):
            return [HealthFinding("encoder", "ok", f"{chosen}, fetched from the hub when it is first used")]
        return [HealthFinding("encoder", "fail", f"{chosen} is missing", mend)]
    is_ours = folder == SHIPPED_ENCODER or (folder / "fusion.json").is_file()
    missing = [file for file in (_OWN_FILES if is_ours else _FOREIGN_FILES) if not (folder / file).is_file()]
    if missing:
        return [HealthFinding("encoder", "fail", f"{folder.name} lacks {', '.join(missing)}", mend)]
    try:
        json.loads((folder / "config.json").read_text(encoding="utf-8"))
        parameters = count_parameters(folder / "model.safetensors")
        if is_ours:
            parameters += count_parameters(folder / "fusion.safetensors")
    except (OSError, ValueError) as error:
        return [HealthFinding("encoder", "fail", f"{folder.name} is damaged: {first_line(error)}", mend)]
    kind = "with its own fusion" if is_ours else "a plain CLIP"
    return [HealthFinding("encoder", "ok", f"{folder.name}, {parameters / 1e6:.1f} million parameters, {kind}")]


def check_gallery(gallery: Path | str | None) -> list[HealthFinding]:
    """Check a gallery: it can be read, how much is in it, and whether it is indexed.

    Args:
        gallery: as ``Searcher.open`` takes it.
    """
    from retrieval.index.folder.store import is_index_folder

    try:
        if is_demo(gallery):
            return [_check_demo()]
        assert gallery is not None
        if is_index_folder(Path(gallery)):
            return [_check_index(Path(gallery))]
        return [_check_pictures(Path(gallery))]
    except RetrievalError as error:
        return [HealthFinding("gallery", "fail", str(error), "Name a folder of pictures with --gallery DIR")]


def check_cache() -> list[HealthFinding]:
    """Tell where indexes and the demo gallery lie, and whether that can be written."""
    folder = cache_folder()
    existing = folder.absolute()
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    if os.access(existing, os.W_OK | os.X_OK) and existing.is_dir():
        return [HealthFinding("gallery cache", "ok", str(folder))]
    advice = "Set AIR_SKETCH_CACHE to a folder that can be written"
    return [HealthFinding("gallery cache", "fail", f"{folder} cannot be written", advice)]


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


def _check_demo() -> HealthFinding:
    from retrieval.gallery.catalog import Catalog

    folder = demo_folder()
    if not folder.is_dir():
        return HealthFinding("gallery", "ok", "demo gallery, drawn when it is first used")
    count = len(Catalog.open(folder).items)
    return HealthFinding("gallery", "ok", f"demo gallery, {count:,} items, {_index_words(folder)}")


def _check_index(folder: Path) -> HealthFinding:
    from retrieval.index.folder.store import load_index

    index = load_index(folder)
    if not index.images.is_dir():
        detail = f"{folder}, {len(index.items):,} items; their pictures are not at {index.images}"
        return HealthFinding("gallery", "warn", detail, f"Run: python -m retrieval index --images DIR --out {folder}")
    return HealthFinding("gallery", "ok", f"{folder}, {len(index.items):,} items indexed")


def _check_pictures(folder: Path) -> HealthFinding:
    from retrieval.gallery.catalog import Catalog

    catalog = Catalog.open(folder)
    lost = sum(catalog.stamp(item) == (0, 0) for item in catalog.items)
    detail = f"{folder}, {len(catalog.items):,} items, {_index_words(folder)}"
    if lost:
        return HealthFinding("gallery", "warn", f"{detail}; {lost:,} pictures are missing", "Mend its metadata.csv")
    return HealthFinding("gallery", "ok", detail)


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
