"""Train the fused encoder with InfoNCE on photo / drawing / words triples (``python -m retrieval train``)."""

from __future__ import annotations

import json
import logging
import math
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader

from retrieval.encoder.checkpoints import Checkpoint, open_checkpoint, save_checkpoint
from retrieval.encoder.model.devices import best_device, working_precision
from retrieval.encoder.model.fused import FusedClip
from retrieval.encoder.model.small import build_small_clip
from retrieval.files import write_json
from retrieval.training.data.batches import EpochBatches, NumberedBatches, TrainingBatches
from retrieval.training.data.labels import LabelNumbers
from retrieval.training.data.material import open_material
from retrieval.training.fine_tuning import HEAD_RATE, choose_trained, parameter_groups
from retrieval.training.fusion_tuning import embed, tune_fusion
from retrieval.training.learning_curves import write_curves
from retrieval.training.losses.objective import TrainingModel, WishEmphasis, batch_loss, wish_loss
from retrieval.training.losses.photo_memory import PhotoMemory
from retrieval.training.losses.targets import WishTargets
from retrieval.training.options import TrainOptions
from retrieval.training.run_state import RunState
from retrieval.training.validation import validate
from retrieval.training.vocabulary import Vocabulary, learn_vocabulary, vocabulary_of_run
from retrieval.values.datatypes import ProgressCallback
from retrieval.values.errors import TrainingError, first_line

log = logging.getLogger(__name__)

LOG_EVERY = 20  # steps


class Trainer:
    """One run: builds or resumes, trains, saves the averaged weights as an encoder folder.

    Args:
        options: all that decides the run.
        progress: called after every step.
    Raises:
        CheckpointError: if the encoder to start from cannot be opened.
        TrainingError: if the data are missing or too few, or the run folder holds a run of other settings.
    """

    def __init__(self, options: TrainOptions, progress: ProgressCallback) -> None:
        self.options, self.progress = options, progress
        torch.manual_seed(options.seed)
        self.device = best_device()
        self._start = open_checkpoint(options.start) if options.start is not None else None
        self.material = open_material(
            options.data, options.kind_sketches, options.examples, options.wishes, options.seed,
            self._start.size_px if self._start else None,
        )  # fmt: skip
        self._check_there_is_a_batch()
        self.labels = LabelNumbers(self.material.rows, self.device)
        self.targets = WishTargets(self.labels.kinds, self.labels.colours, self.labels.groups, self.device)
        encoder, self.vocabulary = self._published(self._start) if self._start else self._untrained()
        self.state = self._first_state(encoder)
        self.state.resume(options.out, self._key())

    def _check_there_is_a_batch(self) -> None:
        count, batch = len(self.material.examples), self.options.batch
        if count < batch:
            raise TrainingError(
                f"Training data are too few: expected at least one batch of {batch} rows with split 'train', "
                f"got {count}. Lower --batch or add pictures."
            )

    def _published(self, start: Checkpoint) -> tuple[FusedClip, Vocabulary]:
        """The encoder that is fine-tuned, all but the chosen layers at rest."""
        trained = choose_trained(start.model, self.options.train_layers)
        log.info("fine-tuning %s: %d parameters, %s layers", self.options.start, trained, self.options.train_layers)
        return start.model, Vocabulary(start.tokenizer, start.max_tokens)

    def _untrained(self) -> tuple[FusedClip, Vocabulary]:
        """A small encoder with random weights, and the words that the run knows or is to know."""
        options = self.options
        vocabulary = vocabulary_of_run(options.out, options.max_tokens) or learn_vocabulary(
            self.material.rows, options.vocabulary, options.max_tokens
        )
        return build_small_clip(len(vocabulary), options.max_tokens, self.material.examples.size_px), vocabulary

    def _first_state(self, encoder: FusedClip) -> RunState:
        """The state of a run that has not taken a step."""
        if self.device.type == "cpu":  # on few tokens the fused attention's backward is far slower than plain products
            encoder.clip.set_attn_implementation("eager")
        model = TrainingModel(encoder, len(self.labels.kinds), len(self.labels.colours)).to(self.device)
        head_rate = HEAD_RATE if self._start else 1.0
        groups = parameter_groups(model, encoder.clip, self.options.weight_decay, head_rate)
        optimizer = torch.optim.AdamW(groups, lr=1.0, betas=(0.9, 0.98))
        return RunState(model, optimizer, PhotoMemory(self.options.memory, encoder.width, self.device))

    def _key(self) -> str:
        """What must not change when a run is resumed."""
        options = self.options
        wishes = [options.wishes.per_batch if self.material.wishes else 0, options.memory]
        numbers = [options.batch, options.seed, len(self.material.examples), len(self.vocabulary), *wishes]
        start = [self._start.weights_hash, options.train_layers] if self._start else []
        return json.dumps([*numbers, options.vocabulary, options.max_tokens, *start])

    def run(self) -> Path:
        """Train to the end.

        Returns:
            The encoder folder.
        """
        options, state = self.options, self.state
        try:
            options.out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TrainingError(
                f"Run folder {options.out} cannot be made: {first_line(error)}. Choose another --out."
            ) from error
        batches = self._batches()
        began, first = time.monotonic(), state.step
        for batch in batches:
            terms = self._take_step(batch)
            rate = (state.step - first) / (time.monotonic() - began)
            self.progress(f"Training, loss {terms['gated']:.3f}, {rate:.2f} steps/s", state.step / options.steps)
            self._look_back(terms, rate)
        encoder = state.averaged_encoder()
        if self.material.wishes and options.tuning.steps:
            self._tune_fusion(encoder)
        folder = options.out / "encoder"
        save_checkpoint(
            folder, encoder.cpu(), self.vocabulary.tokenizer, self.material.examples.size_px, options.fusion
        )
        return folder

    def _batches(self) -> DataLoader[dict[str, Any]]:
        """What is left to train on, made by other processes while a step is taken."""
        options, examples = self.options, self.material.examples
        order = EpochBatches(len(examples), options.batch, self.state.step, options.steps, options.seed)
        return DataLoader(
            TrainingBatches(examples, self.material.wishes),
            batch_size=None,
            sampler=NumberedBatches(order),
            num_workers=options.workers,
            prefetch_factor=4 if options.workers else None,
        )

    def _take_step(self, batch: dict[str, Any]) -> dict[str, float]:
        """Take one optimiser step and return the terms of its loss."""
        state, options = self.state, self.options
        batch = self._on_device(batch)
        wishes = batch.pop("wishes")
        kind, colour = self.labels.of(batch["kind"], batch["colour"])
        with working_precision(self.device):
            photos = state.model.encoder.photo_vectors(batch["photo"])
            loss, terms = batch_loss(state.model, batch, photos, {"kind": kind, "colour": colour})
            candidates = state.memory.with_batch(photos, kind, colour)
            if wishes is not None:
                emphasis = WishEmphasis.at(state.step / options.steps)
                wished, wish_terms = wish_loss(state.model, self._on_device(wishes), candidates, self.targets, emphasis)
                loss, terms = loss + wished, terms | wish_terms
        if not math.isfinite(float(loss.detach())):
            raise TrainingError(f"Training diverged at step {state.step}: loss is {loss}. Lower --learning-rate.")
        state.take_step(loss, options.learning_rate_at(state.step), options.ema_decay)
        return terms

    def _on_device(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Tensors moved to the device, captions tokenised under ``tokens``."""
        moved = {key: value.to(self.device) if torch.is_tensor(value) else value for key, value in batch.items()}
        return moved | {"tokens": self.vocabulary.tokens(batch["caption"], self.device)}

    def _look_back(self, terms: dict[str, float], rate: float) -> None:
        """After a step: log, validate and save when it is time to."""
        options, step = self.options, self.state.step
        last = step == options.steps
        if step % LOG_EVERY == 0 or last:
            self._log({"step": step, "steps_per_s": round(rate, 3), **terms})
        if step % options.validate_every == 0 or last:
            self._log({"step": step, **self._validate(self.state.averaged_encoder())})
            write_curves(options.out / "metrics.jsonl", options.out / "curves.png")
        if step % options.checkpoint_every == 0 or last:
            self.vocabulary.save(options.out)
            self.state.save(options.out, self._key())
            write_json(options.out / "options.json", json.loads(json.dumps(asdict(options), default=str)))

    def _tune_fusion(self, encoder: FusedClip) -> None:
        """Let the fusion learn alone; it takes a minute or two and begins afresh when it was interrupted."""
        tuning, seed = self.options.tuning, self.options.seed
        embedded = embed(encoder, self.material, self.vocabulary, self.labels, tuning, seed, self.progress)
        tune_fusion(encoder, embedded, self.targets, tuning, seed, self.progress)
        self._log({"step": self.state.step, "tuned": True, **self._validate(encoder)})

    def _validate(self, encoder: FusedClip) -> dict[str, float]:
        size_px = self.material.examples.size_px
        return validate(encoder, self.vocabulary, self.material.validated, size_px, self.options.fusion)

    def _log(self, record: dict[str, Any]) -> None:
        with (self.options.out / "metrics.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(record) + "\n")
        log.info("%s", record)
