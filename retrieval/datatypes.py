"""The values that travel between the rooms of the retrieval half."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

UInt8Array = npt.NDArray[np.uint8]
Float32Array = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]

ProgressCallback = Callable[[str, "float | None"], None]
"""Called with a short message and a fraction 0..1 (None when unknown)."""


@dataclass(frozen=True)
class CatalogItem:
    """One picture of a gallery with what its manifest says about it.

    Attributes:
        id: unique within the gallery.
        file: the manifest's file name, relative to the gallery folder or a member of a ``.tar`` pack in it.
        title: shown to the user; from the file name when there is no manifest.
        image: where the picture lies: a path, or ``<pack>.tar/<member>``.
        fields: every further manifest column as it stands.
    """

    id: str
    file: str
    title: str
    image: str
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Product page, "" when there is none."""
        return self.fields.get("url", "")

    @property
    def kind(self) -> str:
        """Catalogue kind (``articleType``), "" when unknown."""
        return self.fields.get("articleType", "")

    @property
    def colour(self) -> str:
        """Catalogue colour (``baseColour``), "" when unknown."""
        return self.fields.get("baseColour", "")


@dataclass(frozen=True)
class Hit:
    """One answer to a query: rank 1 is the best, score is the inner product of unit vectors."""

    item: CatalogItem
    score: float
    rank: int
