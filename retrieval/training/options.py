"""Everything that decides a training run."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

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

    def learning_rate_at(self, step: int) -> float:
        """Learning rate of an optimiser step, counted from 0."""
        if step < self.warmup_steps:
            return self.learning_rate * (step + 1) / self.warmup_steps
        done = (step - self.warmup_steps) / max(self.steps - self.warmup_steps, 1)
        return self.learning_rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
