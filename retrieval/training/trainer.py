"""Train the fused encoder with InfoNCE on photo / drawing / words triples (``python -m retrieval train``)."""

from __future__ import annotations

import copy
import json
import logging
import math
import time
import zlib
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader

from retrieval.encoder.checkpoints import Checkpoint, open_checkpoint, save_checkpoint
from retrieval.encoder.fused_encoder import FusedEncoder
from retrieval.encoder.model.devices import best_device, working_precision
from retrieval.encoder.model.fused import FusedClip
from retrieval.encoder.model.imagenet import imagenet_weights
from retrieval.encoder.model.vision import build_small_clip
from retrieval.encoder.model.vocabulary import train_tokenizer
from retrieval.evaluation.metrics import ranks_of_answers
from retrieval.files import write_json
from retrieval.sketches.kind_sketches import KindSketches
from retrieval.sketches.preprocessing import black_drawing, resize_square
from retrieval.training.data.examples import Examples, TrainingBatches
from retrieval.training.data.pairs import Pairs
from retrieval.training.data.wishes import Wishes
from retrieval.training.fine_tuning import HEAD_RATE, choose_trained, parameter_groups
from retrieval.training.fusion_tuning import tune_fusion
from retrieval.training.learning_curves import write_curves
from retrieval.training.losses.objective import PhotoMemory, TrainingModel, step_loss
from retrieval.training.losses.targets import WishTargets
from retrieval.training.run_state import RunState
from retrieval.values.datatypes import ProgressCallback
from retrieval.values.errors import TrainingError
from retrieval.words.captions import normalize_caption, short_caption
from retrieval.words.korean_captions import korean_words

log = logging.getLogger(__name__)

LOG_EVERY, CHECKPOINT_EVERY, VALIDATE_EVERY = 20, 100, 200  # steps
WARMUP_STEPS = 100
VOCABULARY = 8192
MAX_TOKENS = 24
VALIDATION_ROWS, VALIDATION_VARIANT = 2054, 1


@dataclass(frozen=True)
class TrainOptions:
    """Everything that decides a training run.

    Attributes:
        data: folder that ``dataset build`` filled: pairs in ``photos``, perhaps a bank of drawings ``kinds.npz``.
        out: run folder: checkpoint, log, and the finished encoder under ``encoder/``.
        steps: optimiser steps; may be changed when a run is resumed, the schedule then bends to the new end.
        batch: examples a step.
        learning_rate: peak of the cosine schedule.
        seed: of everything.
        workers: data processes.
        start: published encoder (hub name or folder) that is fine-tuned; None trains the small one.
        train_layers: ``all`` or ``last:N`` of each tower; only with ``start``.
    """

    data: Path
    out: Path
    steps: int = 1200
    batch: int = 192
    learning_rate: float = 1.5e-3
    seed: int = 0
    workers: int = 1
    start: str | None = None
    train_layers: str = "all"

    def learning_rate_at(self, step: int) -> float:
        """Learning rate of an optimiser step, counted from 0."""
        if step < WARMUP_STEPS:
            return self.learning_rate * (step + 1) / WARMUP_STEPS
        done = (step - WARMUP_STEPS) / max(self.steps - WARMUP_STEPS, 1)
        return self.learning_rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))


class Trainer:
    """One run: builds or resumes, trains, saves the averaged weights as an encoder folder.

    Raises:
        CheckpointError: if the encoder to start from cannot be opened.
        TrainingError: if the data are missing or too few, or the run folder holds a run of other settings.
    """

    def __init__(self, options: TrainOptions, progress: ProgressCallback) -> None:
        self.options, self.progress = options, progress
        torch.manual_seed(options.seed)
        self.device = best_device()
        published = open_checkpoint(options.start) if options.start is not None else None
        self.pairs = Pairs(options.data / "photos")
        size_px = published.size_px if published else self.pairs.size_px
        kinds = options.data / "kinds.npz"
        bank = KindSketches.load(kinds) if kinds.is_file() else KindSketches({})
        self.examples = Examples(self.pairs, bank, options.seed, size_px)
        others = options.data / "others.npz"
        other_things = KindSketches.load(others) if others.is_file() else None
        self.wishes = Wishes(self.pairs, bank, options.seed, size_px, other_things)
        if len(self.examples) < options.batch:
            raise TrainingError(
                f"Training data are too few: expected at least one batch of {options.batch} rows with split 'train', "
                f"got {len(self.examples)}. Lower --batch or add pictures."
            )
        rows = [self.pairs.rows[i] for i in self.examples.places]
        self.targets = WishTargets(rows, self.device)
        self.checkpoint = published or _untrained(rows, size_px)
        choose_trained(self.checkpoint.model, options.train_layers)
        self.state = self._first_state(self.checkpoint.model, HEAD_RATE if published else 1.0)
        self.state.resume(options.out, self._key())

    def _first_state(self, encoder: FusedClip, head_rate: float) -> RunState:
        """The state of a run that has not taken a step."""
        if self.device.type == "cpu":  # on few tokens the fused attention's backward is far slower than plain products
            encoder.clip.set_attn_implementation("eager")
        model = TrainingModel(encoder, len(self.targets.kinds), len(self.targets.colours)).to(self.device)
        groups = parameter_groups(model, encoder.clip, head_rate)
        optimizer = torch.optim.AdamW(groups, lr=1.0, betas=(0.9, 0.98))
        return RunState(model, optimizer, PhotoMemory(encoder.width, self.device))

    def _key(self) -> str:
        """What must not change when a run is resumed; weights know words by their numbers in the vocabulary."""
        options = self.options
        words = zlib.crc32(json.dumps(self.checkpoint.tokenizer.get_vocab(), sort_keys=True).encode())
        start = [self.checkpoint.weights_hash, options.train_layers]
        return json.dumps([options.batch, options.seed, len(self.examples), words, *start])

    def run(self) -> Path:
        """Train to the end.

        Returns:
            The encoder folder.
        """
        options, state = self.options, self.state
        options.out.mkdir(parents=True, exist_ok=True)
        batches = DataLoader(
            TrainingBatches(self.examples, self.wishes, options.batch),
            batch_size=None,
            sampler=range(state.step, options.steps),
            num_workers=options.workers,
            prefetch_factor=4 if options.workers else None,
        )
        began, first = time.monotonic(), state.step
        for batch in batches:
            terms = self._take_step(batch)
            rate = (state.step - first) / (time.monotonic() - began)
            self.progress(f"Training, loss {terms['gated']:.3f}, {rate:.2f} steps/s", state.step / options.steps)
            self._look_back(terms, rate)
        trained = self._averaged()
        if self.wishes:  # takes a minute or two and begins afresh when it was interrupted
            tune_fusion(trained, self.examples, self.wishes, self.targets, self.progress)
            self._log({"step": state.step, "tuned": True, **validate(FusedEncoder(trained), self.pairs)})
        folder = options.out / "encoder"
        save_checkpoint(folder, trained.model.cpu(), trained.tokenizer, trained.size_px, trained.fusion)
        return folder

    def _take_step(self, batch: dict[str, Any]) -> dict[str, float]:
        """Take one optimiser step and return the terms of its loss."""
        state, options = self.state, self.options
        batch = self._on_device(batch)
        if batch["wishes"] is not None:
            batch["wishes"] = self._on_device(batch["wishes"])
        with working_precision(self.device):
            loss, terms = step_loss(state.model, batch, state.memory, self.targets, state.step / options.steps)
        if not math.isfinite(float(loss.detach())):
            raise TrainingError(f"Training diverged at step {state.step}: loss is {loss}. Lower --learning-rate.")
        state.take_step(loss, options.learning_rate_at(state.step))
        return terms

    def _on_device(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Tensors moved to the device, captions tokenised under ``tokens``."""
        moved = {key: value.to(self.device) if torch.is_tensor(value) else value for key, value in batch.items()}
        return moved | {"tokens": self.checkpoint.tokens(batch["caption"], self.device)}

    def _look_back(self, terms: dict[str, float], rate: float) -> None:
        """After a step: log, validate and save when it is time to."""
        options, step = self.options, self.state.step
        last = step == options.steps
        if step % LOG_EVERY == 0 or last:
            self._log({"step": step, "steps_per_s": round(rate, 3), **terms})
        if step % VALIDATE_EVERY == 0 or last:
            self._log({"step": step, **validate(FusedEncoder(self._averaged()), self.pairs)})
            write_curves(options.out / "metrics.jsonl", options.out / "curves.png")
        if step % CHECKPOINT_EVERY == 0 or last:
            self.state.save(options.out, self._key())
            write_json(options.out / "options.json", json.loads(json.dumps(asdict(options), default=str)))

    def _averaged(self) -> Checkpoint:
        """A copy of the encoder with the averaged weights, for use."""
        encoder = copy.deepcopy(self.state.averaged.encoder)
        return replace(self.checkpoint, model=encoder, fusion="mixed")

    def _log(self, record: dict[str, Any]) -> None:
        with (self.options.out / "metrics.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(record) + "\n")
        log.info("%s", record)


def _untrained(rows: list[dict[str, Any]], size_px: int) -> Checkpoint:
    """A small encoder that starts from ImageNet and knows the words of titles, kinds and colours."""
    titles = [normalize_caption(row["title"]) for row in rows]
    labels = [row.get(column, "").lower() for row in rows for column in ("articleType", "baseColour")]
    tokenizer = train_tokenizer([*titles, *labels, *2 * korean_words()], VOCABULARY, MAX_TOKENS)
    model = build_small_clip(len(tokenizer), MAX_TOKENS, size_px, imagenet_weights())
    return Checkpoint("", model, tokenizer, size_px, "mixed", MAX_TOKENS, "")


def validate(encoder: FusedEncoder, pairs: Pairs) -> dict[str, float]:
    """Take a quick look at the held-out rows: recall@10 over those with split ``val``, drawings not augmented.

    Returns:
        ``val_sketch``, ``val_title``, ``val_fused_title``, ``val_fused_short``; empty when there are no such rows.
    """
    numbers = pairs.indices("val")[:VALIDATION_ROWS]
    if not numbers:
        return {}
    rows = [pairs.rows[i] for i in numbers]
    photos = encoder.encode_prepared_photos([resize_square(pairs.photos[i], encoder.size_px) for i in numbers])
    sketches = encoder.encode_drawings([black_drawing(pairs.lines(i, VALIDATION_VARIANT)) for i in numbers])
    titles = encoder.encode_words([row["title"] for row in rows])
    queries = {
        "val_sketch": sketches,
        "val_title": titles,
        "val_fused_title": encoder.fuse(sketches, titles),
        "val_fused_short": encoder.fuse(sketches, encoder.encode_words([short_caption(row) for row in rows])),
    }
    return {
        name: round(float((ranks_of_answers(vectors @ photos.T) <= 10).mean()), 4) for name, vectors in queries.items()
    }
