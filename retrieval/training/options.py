"""Everything that decides a training run, and the order in which it sees its examples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from torch.utils.data import Sampler

from retrieval.training.data.examples import ExampleSettings
from retrieval.training.data.wishes import WishSettings
from retrieval.training.fine_tuning import ALL_LAYERS
from retrieval.training.fusion_tuning import FusionTuning


@dataclass(frozen=True)
class TrainOptions:
    """Everything that decides a training run.

    Attributes:
        data: pairs folders, each with how often its rows count per epoch.
        out: run folder: checkpoint, log, and the finished encoder under ``encoder/``.
        kind_sketches: bank of drawings by kind, or None.
        fusion: fusion that the encoder uses unless told otherwise.
        steps: optimiser steps; may be changed when a run is resumed, the schedule then bends to the new end.
        batch: examples a step.
        learning_rate: peak of the cosine schedule.
        warmup_steps: linear warm-up.
        weight_decay: AdamW's, on matrices only.
        ema_decay: of the averaged weights that are saved.
        vocabulary: entries of the byte-pair vocabulary.
        max_tokens: longest caption.
        seed: of everything.
        workers: data processes.
        checkpoint_every: steps between checkpoints.
        validate_every: steps between quick validations.
        start: published encoder (hub name or folder) that is fine-tuned; None trains the small one from scratch.
        train_layers: ``all`` or ``last:N`` of each tower; only with ``start``.
        examples: how pairs become examples.
        wishes: queries that many items answer, beside every batch.
        memory: photo vectors of earlier steps that wishes may find.
        tuning: how the fusion learns alone in the end.
    """

    data: tuple[tuple[Path, int], ...]
    out: Path
    kind_sketches: Path | None = None
    fusion: str = "mixed"
    steps: int = 2400
    batch: int = 256
    learning_rate: float = 1.5e-3
    warmup_steps: int = 100
    weight_decay: float = 0.05
    ema_decay: float = 0.99
    vocabulary: int = 8192
    max_tokens: int = 24
    seed: int = 0
    workers: int = 1
    checkpoint_every: int = 100
    validate_every: int = 200
    start: str | None = None
    train_layers: str = ALL_LAYERS
    examples: ExampleSettings = field(default_factory=ExampleSettings)
    wishes: WishSettings = field(default_factory=WishSettings)
    memory: int = 2048
    tuning: FusionTuning = field(default_factory=FusionTuning)


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


class StepKeys(Sampler[tuple[int, list[tuple[int, int]]]]):
    """The steps of a run with the keys of their examples: what a ``TrainingSteps`` is asked for."""

    def __init__(self, batches: EpochBatches) -> None:
        self.batches = batches

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator[tuple[int, list[tuple[int, int]]]]:
        return enumerate(self.batches, self.batches.first_step)
