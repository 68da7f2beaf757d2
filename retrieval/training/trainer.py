"""Train the fused encoder with InfoNCE on photo / drawing / words triples (``python -m retrieval train``)."""

from __future__ import annotations

import copy
import json
import logging
import math
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader

from retrieval.encoder.checkpoints import open_checkpoint, save_checkpoint
from retrieval.encoder.model.devices import best_device
from retrieval.encoder.model.fused import FusedClip
from retrieval.encoder.model.small import build_small_clip
from retrieval.files import replacing, write_json
from retrieval.sketches.kind_sketches import KindSketches
from retrieval.training.data.examples import Examples, TrainingSteps
from retrieval.training.data.pairs import Pairs
from retrieval.training.data.wishes import Wishes
from retrieval.training.fine_tuning import HEAD_RATE, choose_trained, parameter_groups
from retrieval.training.fusion_tuning import embed, tune_fusion
from retrieval.training.labels import TOKENIZER_FOLDER, LabelNumbers, learn_vocabulary, vocabulary_of_run
from retrieval.training.learning_curves import write_curves
from retrieval.training.objective import TrainingModel, WishEmphasis, batch_loss, wish_loss
from retrieval.training.options import EpochBatches, StepKeys, TrainOptions
from retrieval.training.targets import PhotoMemory, WishTargets
from retrieval.training.validation import validate
from retrieval.values.datatypes import ProgressCallback
from retrieval.values.errors import TrainingError, first_line

log = logging.getLogger(__name__)


class Trainer:
    """One run: builds or resumes, trains, saves the averaged weights as an encoder folder."""

    def __init__(self, options: TrainOptions, progress: ProgressCallback) -> None:
        self.options = options
        self.progress = progress
        torch.manual_seed(options.seed)
        self.device = best_device()
        start = open_checkpoint(options.start) if options.start is not None else None
        self.start_hash = start.weights_hash if start else ""
        sources = [(Pairs(folder), times) for folder, times in options.data]
        bank = KindSketches.load(options.kind_sketches) if options.kind_sketches else KindSketches({})
        self.examples = Examples(
            sources, "train", options.examples, bank, options.seed, start.size_px if start else None
        )
        self.wishes = Wishes(
            self.examples.sources, "train", options.wishes, options.examples.sketch, bank, options.seed,
            self.examples.size_px,
        )  # fmt: skip
        self.validation_pairs = sources[0][0]
        if len(self.examples) < options.batch:
            raise TrainingError(
                f"Training data are too few: expected at least one batch of {options.batch} rows with split 'train', "
                f"got {len(self.examples)}. Lower --batch or add pictures."
            )
        rows = [row for pairs, _ in sources for row in pairs.rows if row["split"] == "train"]
        self.labels = LabelNumbers(rows, self.device)
        if start is not None:
            self.tokenizer, self.max_tokens, encoder = start.tokenizer, start.max_tokens, start.model
            trained = choose_trained(encoder, options.train_layers)
            log.info("fine-tuning %s: %d parameters, %s layers", options.start, trained, options.train_layers)
        else:
            self.max_tokens = options.max_tokens
            known = vocabulary_of_run(options.out)
            self.tokenizer = known or learn_vocabulary(rows, options.vocabulary, self.max_tokens)
            encoder = build_small_clip(len(self.tokenizer), self.max_tokens, self.examples.size_px)
        if (
            self.device.type == "cpu"
        ):  # on a few tokens the fused attention's backward is far slower than plain products
            encoder.clip.set_attn_implementation("eager")
        self.model = TrainingModel(encoder, len(self.labels.kinds), len(self.labels.colours)).to(self.device)
        self.averaged = {key: value.detach().clone() for key, value in self.model.state_dict().items()}
        head_rate = HEAD_RATE if start is not None else 1.0
        groups = parameter_groups(self.model, encoder.clip, options.weight_decay, head_rate)
        self.optimizer = torch.optim.AdamW(groups, lr=1.0, betas=(0.9, 0.98))
        self.targets = WishTargets(self.labels.kinds, self.labels.colours, self.labels.groups, self.device)
        self.memory = PhotoMemory(options.memory, encoder.width, self.device)
        self.step = 0
        self._resume()

    def run(self) -> Path:
        """Train to the end.

        Returns:
            The encoder folder.
        """
        options = self.options
        try:
            options.out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TrainingError(
                f"Run folder {options.out} cannot be made: {first_line(error)}. Choose another --out."
            ) from error
        batches = EpochBatches(len(self.examples), options.batch, self.step, options.steps, options.seed)
        loader = DataLoader(
            TrainingSteps(self.examples, self.wishes),
            batch_size=None,
            sampler=StepKeys(batches),
            num_workers=options.workers,
            prefetch_factor=4 if options.workers else None,
        )
        began, first = time.monotonic(), self.step
        for batch in loader:
            terms = self._train_step(batch)
            self.step += 1
            rate = (self.step - first) / (time.monotonic() - began)
            self.progress(f"Training, loss {terms['gated']:.3f}, {rate:.2f} steps/s", self.step / options.steps)
            last = self.step == options.steps
            if self.step % 20 == 0 or last:
                self._log({"step": self.step, "steps_per_s": round(rate, 3), **terms})
            if self.step % options.validate_every == 0 or last:
                self._log({"step": self.step, **self._validate(self._averaged_encoder())})
                write_curves(options.out / "metrics.jsonl", options.out / "curves.png")
            if self.step % options.checkpoint_every == 0 or last:
                self._save_state()
        encoder = self._averaged_encoder()
        if self.wishes and options.tuning.steps:
            self._tune_fusion(encoder)
        folder = options.out / "encoder"
        save_checkpoint(folder, encoder.cpu(), self.tokenizer, self.examples.size_px, options.fusion)
        return folder

    def _tune_fusion(self, encoder: FusedClip) -> None:
        """Let the fusion learn alone; it takes a minute or two and begins afresh when it was interrupted."""
        options = self.options

        def embed_words(captions: list[str]) -> torch.Tensor:
            tokens = self._on_device({"caption": captions})["tokens"]
            return encoder.word_vectors(tokens["input_ids"], tokens["attention_mask"])

        material = embed(
            encoder,
            self.examples,
            self.wishes,
            embed_words,
            self.labels.of,
            options.tuning,
            options.seed,
            self.progress,
        )
        tune_fusion(encoder, material, self.targets, options.tuning, options.seed, self.progress)
        self._log({"step": self.step, "tuned": True, **self._validate(encoder)})

    def _train_step(self, batch: dict[str, Any]) -> dict[str, float]:
        for group in self.optimizer.param_groups:
            group["lr"] = self._learning_rate() * group.get("rate", 1.0)
        batch = self._on_device(batch)
        wishes = batch.pop("wishes")
        kind, colour = self.labels.of(batch["kind"], batch["colour"])
        with torch.autocast(self.device.type, torch.bfloat16):
            photos = self.model.encoder.photo_vectors(batch["photo"])
            loss, terms = batch_loss(self.model, batch, photos, {"kind": kind, "colour": colour})
            candidates = self.memory.with_batch(photos, kind, colour)
            if wishes is not None:
                emphasis = WishEmphasis.at(self.step / self.options.steps)
                wished, wish_terms = wish_loss(self.model, self._on_device(wishes), candidates, self.targets, emphasis)
                loss, terms = loss + wished, terms | wish_terms
        if not math.isfinite(float(loss.detach())):
            raise TrainingError(f"Training diverged at step {self.step}: loss is {loss}. Lower --learning-rate.")
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self._update_average()
        return terms

    def _on_device(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Tensors moved to the device, captions tokenised under ``tokens``."""
        tokens = self.tokenizer(
            batch["caption"],
            padding=True,
            truncation=True,
            max_length=self.max_tokens,
            return_tensors="pt",
        )
        moved = {key: value.to(self.device) if torch.is_tensor(value) else value for key, value in batch.items()}
        return moved | {"tokens": tokens.to(self.device)}

    def _learning_rate(self) -> float:
        options = self.options
        if self.step < options.warmup_steps:
            return options.learning_rate * (self.step + 1) / options.warmup_steps
        done = (self.step - options.warmup_steps) / max(options.steps - options.warmup_steps, 1)
        return options.learning_rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))

    def _update_average(self) -> None:
        decay = min(self.options.ema_decay, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for key, value in self.model.state_dict().items():
                if value.dtype.is_floating_point:
                    self.averaged[key].lerp_(value, 1 - decay)

    def _averaged_encoder(self) -> FusedClip:
        encoder = copy.deepcopy(self.model.encoder)
        prefix = "encoder."
        state = {key.removeprefix(prefix): v for key, v in self.averaged.items() if key.startswith(prefix)}
        encoder.load_state_dict(state)
        return encoder.eval()

    def _validate(self, encoder: FusedClip) -> dict[str, float]:
        pairs, size_px = self.validation_pairs, self.examples.size_px
        return validate(encoder, self.tokenizer, pairs, self.max_tokens, size_px, self.options.fusion)

    def _log(self, record: dict[str, Any]) -> None:
        with (self.options.out / "metrics.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(record) + "\n")
        log.info("%s", record)

    def _save_state(self) -> None:
        state = {
            "step": self.step,
            "key": self._key(),
            "model": self.model.state_dict(),
            "averaged": self.averaged,
            "optimizer": self.optimizer.state_dict(),
            "memory": self.memory.state(),
        }
        self.tokenizer.save_pretrained(self.options.out / TOKENIZER_FOLDER)
        with replacing(self.options.out / "state.pt") as temporary:
            torch.save(state, temporary)
        write_json(self.options.out / "options.json", json.loads(json.dumps(asdict(self.options), default=str)))

    def _resume(self) -> None:
        path = self.options.out / "state.pt"
        if not path.is_file():
            return
        try:
            state = torch.load(path, weights_only=True, map_location=self.device)
        except Exception as error:
            raise TrainingError(f"Training state {path} is damaged. Delete {path.parent} to start afresh.") from error
        if state["key"] != self._key():
            raise TrainingError(
                f"Training state {path} belongs to other settings. Name another folder with --out, or delete it."
            )
        self.model.load_state_dict(state["model"])
        self.averaged = state["averaged"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.memory.load(state["memory"])
        self.step = state["step"]
        log.info("resuming %s at step %d", self.options.out, self.step)

    def _key(self) -> str:
        options = self.options
        wishes = [options.wishes.per_step if self.wishes else 0, options.memory]
        numbers = [options.batch, options.seed, len(self.examples), len(self.tokenizer), *wishes]
        start = [self.start_hash, options.train_layers] if self.start_hash else []
        return json.dumps([*numbers, options.vocabulary, options.max_tokens, *start])
