"""Photos of earlier steps, among which wishes are searched beside those of the batch."""

from __future__ import annotations

import torch

ROWS = 2048


class PhotoMemory:
    """The last photo vectors with their labels, so that rare kinds and colours are always among the candidates.

    A cross-batch memory (Wang et al., CVPR 2020): the vectors are a few steps old, which at these learning rates
    changes little, and carry no gradient. ``vars`` of it are plain values and tensors, for a checkpoint.

    Args:
        width: of a vector.
        device: where they are kept.
    """

    def __init__(self, width: int, device: torch.device) -> None:
        self.vectors = torch.zeros(ROWS, width, device=device)
        self.kind = torch.full((ROWS,), -1, device=device)
        self.colour = torch.full((ROWS,), -1, device=device)
        self.filled = 0
        self.place = 0

    def with_batch(
        self, photos: torch.Tensor, kind: torch.Tensor, colour: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return the batch followed by everything remembered, then remember the batch."""
        together = (
            torch.cat([photos, self.vectors[: self.filled]]),
            torch.cat([kind, self.kind[: self.filled]]),
            torch.cat([colour, self.colour[: self.filled]]),
        )
        count = min(len(photos), ROWS)
        where = (torch.arange(count, device=photos.device) + self.place) % ROWS
        self.vectors[where] = photos[:count].detach().to(self.vectors.dtype)
        self.kind[where], self.colour[where] = kind[:count], colour[:count]
        self.place = (self.place + count) % ROWS
        self.filled = min(self.filled + count, ROWS)
        return together
