"""Kinds and colours of training rows as numbers: what the losses count with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch


class LabelNumbers:
    """Numbers the kinds and colours of a run.

    Attributes:
        kinds: catalogue kind -> number.
        colours: catalogue colour -> number.
        groups: catalogue kind -> group of kinds (footwear, ...), where the rows tell.

    Args:
        rows: of the training pairs.
        device: of the results.
    """

    def __init__(self, rows: Sequence[dict[str, Any]], device: torch.device) -> None:
        self.kinds = _numbering(row.get("articleType", "") for row in rows)
        self.colours = _numbering(row.get("baseColour", "") for row in rows)
        self.groups = {row["articleType"]: row["masterCategory"] for row in rows if row.get("masterCategory")}
        self._device = device

    def of(self, kinds: Sequence[str], colours: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the numbers of N kinds and of N colours, int64 (N,) each; -1 for one that is unknown."""
        return (
            torch.tensor([self.kinds.get(kind, -1) for kind in kinds], device=self._device),
            torch.tensor([self.colours.get(colour, -1) for colour in colours], device=self._device),
        )


def _numbering(values: Iterable[str]) -> dict[str, int]:
    names = sorted(set(values) - {"", "NA"})
    return {name: number for number, name in enumerate(names)}
