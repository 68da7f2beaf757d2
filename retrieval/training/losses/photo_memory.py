"""Photos of earlier steps, among which wishes are searched beside those of the batch."""

from __future__ import annotations

from collections.abc import Mapping

import torch


class PhotoMemory:
    """The last photo vectors with their labels, so that rare kinds and colours are always among the candidates.

    A cross-batch memory (Wang et al., CVPR 2020): the vectors are a few steps old, which at these learning rates
    changes little, and carry no gradient.

    Args:
        rows: how many are kept.
        width: of a vector.
        device: where they are kept.
    """

    def __init__(self, rows: int, width: int, device: torch.device) -> None:
        self.vectors = torch.zeros(rows, width, device=device)
        self.kind = torch.full((rows,), -1, device=device)
        self.colour = torch.full((rows,), -1, device=device)
        self.filled = 0
        self.place = 0

    def with_batch(
        self, photos: torch.Tensor, kind: torch.Tensor, colour: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return the batch followed by everything remembered, then remember the batch."""
        known = (self.vectors[: self.filled], self.kind[: self.filled], self.colour[: self.filled])
        both = [torch.cat([new, old]) for new, old in zip((photos, kind, colour), known, strict=True)]
        rows = len(self.vectors)
        count = min(len(photos), rows)
        where = (torch.arange(count, device=photos.device) + self.place) % max(rows, 1)
        with torch.no_grad():
            self.vectors[where] = photos[:count].detach().to(self.vectors.dtype)
            self.kind[where], self.colour[where] = kind[:count], colour[:count]
        self.place = (self.place + count) % max(rows, 1)
        self.filled = min(self.filled + count, rows)
        return both[0], both[1], both[2]

    def state(self) -> dict[str, torch.Tensor | int]:
        """For a checkpoint."""
        return {
            "vectors": self.vectors, "kind": self.kind, "colour": self.colour,
            "filled": self.filled, "place": self.place,
        }  # fmt: skip

    def load(self, state: Mapping[str, torch.Tensor | int]) -> None:
        """Take over a checkpoint's ``state``."""
        for name, value in state.items():
            setattr(self, name, value)
