"""Everything that a run learns from, opened at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.sketches.kind_sketches import KindSketches
from retrieval.training.data.examples import Examples, ExampleSettings
from retrieval.training.data.pairs import Pairs
from retrieval.training.data.wishes import Wishes, WishSettings

SPLIT = "train"


@dataclass(frozen=True)
class Material:
    """What a run learns from.

    Attributes:
        examples: of the rows with split ``train``.
        wishes: of the same rows; false when there are none.
        rows: manifest fields of these rows, each once.
        validated: pairs folder whose rows with split ``val`` are looked at during the run.
    """

    examples: Examples
    wishes: Wishes
    rows: list[dict[str, Any]]
    validated: Pairs


def open_material(
    folders: Sequence[tuple[Path, int]],
    kind_sketches: Path | None,
    examples: ExampleSettings,
    wishes: WishSettings,
    seed: int,
    size_px: int | None = None,
) -> Material:
    """Open pairs folders for training; the first one is also validated on.

    Args:
        folders: pairs folders, each with how often its rows count per epoch.
        kind_sketches: bank of drawings by kind, or None.
        examples: how examples are mixed.
        wishes: how wishes are mixed.
        seed: of all randomness.
        size_px: side of the pictures; that of the pairs' photos when None.
    Raises:
        TrainingError: if any of it cannot be read.
    """
    sources = [(Pairs(folder), times) for folder, times in folders]
    bank = KindSketches.load(kind_sketches) if kind_sketches else KindSketches({})
    mixed = Examples(sources, SPLIT, examples, bank, seed, size_px)
    return Material(
        mixed,
        Wishes(mixed.sources, SPLIT, wishes, examples.sketch, bank, seed, mixed.size_px),
        [row for pairs, _ in sources for row in pairs.rows if row["split"] == SPLIT],
        sources[0][0],
    )
