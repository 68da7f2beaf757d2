"""In which order a run sees its examples, and what each optimiser step is given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset, Sampler

from retrieval.training.data.examples import Examples
from retrieval.training.data.wishes import Wishes


def collate(examples: list[dict[str, Any]]) -> dict[str, Any]:
    """Stack pictures, keep words as lists."""
    batch: dict[str, Any] = {key: [example[key] for example in examples] for key in examples[0]}
    for key in ("photo", "sketch"):
        batch[key] = torch.stack(batch[key])
    return batch


class EpochBatches(Sampler[list[tuple[int, int]]]):
    """Batches of ``(epoch, index)`` keys, shuffled per epoch, from any step on; the same at every resume."""

    def __init__(self, rows: int, batch: int, first_step: int, steps: int, seed: int) -> None:
        self.rows, self.batch, self.first_step, self.steps, self.seed = rows, batch, first_step, steps, seed
        self.per_epoch = rows // batch

    def __len__(self) -> int:
        return self.steps - self.first_step

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        order: np.ndarray[Any, Any] = np.empty(0)
        current = -1
        for step in range(self.first_step, self.steps):
            epoch, place = divmod(step, self.per_epoch)
            if epoch != current:
                order = np.random.default_rng((self.seed, epoch)).permutation(self.rows)
                current = epoch
            yield [(epoch, int(i)) for i in order[place * self.batch : (place + 1) * self.batch]]


class NumberedBatches(Sampler[tuple[int, list[tuple[int, int]]]]):
    """Batches with the number of the step that they are for: what ``TrainingBatches`` is asked for."""

    def __init__(self, batches: EpochBatches) -> None:
        self.batches = batches

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator[tuple[int, list[tuple[int, int]]]]:
        return enumerate(self.batches, self.batches.first_step)


class TrainingBatches(Dataset[dict[str, Any]]):
    """Batches of examples, each with the wishes of its number under ``wishes``; keys as ``NumberedBatches`` gives."""

    def __init__(self, examples: Examples, wishes: Wishes) -> None:
        self.examples, self.wishes = examples, wishes

    def __getitem__(self, key: tuple[int, list[tuple[int, int]]]) -> dict[str, Any]:
        number, places = key
        batch = collate([self.examples[place] for place in places])
        batch["wishes"] = self.wishes.batch(number) if self.wishes else None
        return batch
