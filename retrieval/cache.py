"""Where the program keeps what it can make again: the demo gallery and the indexes of picture folders."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

CACHE_VARIABLE = "AIR_SKETCH_CACHE"
SHIPPED_ENCODER = Path(__file__).resolve().parent.parent / "checkpoints" / "air-sketch-mini"
"""The one thing beside the cache that the program needs at hand; it comes with the code."""


def cache_folder() -> Path:
    """``$AIR_SKETCH_CACHE``, or the platform's cache folder for this program."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "air-sketch"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "air-sketch"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "air-sketch"


def demo_folder() -> Path:
    """Where the demo gallery's pictures lie."""
    return cache_folder() / "demo-gallery"


def index_folder(images: Path, weights_hash: str) -> Path:
    """Where the index of a picture folder lies; each encoder has its own, so switching costs nothing."""
    name = hashlib.sha256(str(images.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return cache_folder() / "indexes" / f"{images.resolve().name or 'pictures'}-{name}-{weights_hash}"


def phone_folder(device: str, path: str) -> Path:
    """Where pictures copied from a folder of a phone lie."""
    name = hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    safe = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in device)
    return cache_folder() / "phones" / (safe.strip(".") or "phone") / f"{path.rstrip('/').rpartition('/')[2]}-{name}"
