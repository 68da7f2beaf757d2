"""Train the fused encoder with InfoNCE on photo / drawing / words triples (``python -m retrieval train``)."""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, Sampler
from transformers import CLIPTokenizer

from retrieval.captions import normalize_caption
from retrieval.checkpoints import save_checkpoint
from retrieval.datatypes import ProgressCallback
from retrieval.errors import TrainingError, first_line
from retrieval.files import replacing, write_json
from retrieval.kind_sketches import KindSketches
from retrieval.model.fused import FusedClip
from retrieval.model.losses import info_nce
from retrieval.model.small import build_small_clip
from retrieval.pairs import Pairs
from retrieval.quick_validation import validate
from retrieval.training_data import Examples, ExampleSettings, collate
from retrieval.vocabulary import train_tokenizer

log = logging.getLogger(__name__)

TOKENIZER_FOLDER = "tokenizer"  # in the run folder


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
    """

    data: tuple[tuple[Path, int], ...]
    out: Path
    kind_sketches: Path | None = None
    fusion: str = "gated"
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
    examples: ExampleSettings = field(default_factory=ExampleSettings)


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


class TrainingModel(nn.Module):
    """The encoder plus two small heads that name kind and colour during training only."""

    def __init__(self, encoder: FusedClip, kinds: int, colours: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.kind_head = nn.Linear(encoder.width, max(kinds, 1))  # pictures may come without any label
        self.colour_head = nn.Linear(encoder.width, max(colours, 1))


def batch_loss(
    model: TrainingModel, batch: dict[str, Any], ids: torch.Tensor, mask: torch.Tensor, labels: dict[str, torch.Tensor]
) -> tuple[torch.Tensor, dict[str, float]]:
    """All loss terms of one batch.

    Returns:
        The weighted sum and the single terms as floats.
    """
    encoder = model.encoder
    photos = encoder.photo_vectors(batch["photo"])
    sketches = encoder.sketch_vectors(batch["sketch"])
    words = encoder.word_vectors(ids, mask)
    scale = encoder.clip.logit_scale.exp().clamp(max=100.0)

    same_item = _same(batch["title"])
    same_kind = labels["kind"][:, None] == labels["kind"][None, :]
    same_look = same_kind & (labels["colour"][:, None] == labels["colour"][None, :])
    short, generic = batch["short"], batch["generic"]
    own = torch.eye(len(photos), dtype=torch.bool)
    vague_words = same_item | (same_look & short[:, None])
    vague_sketch = same_item | (same_kind & generic[:, None])
    vague_both = same_item | (same_look & short[:, None] & generic[:, None])
    sketch_answers = own | (same_kind & generic[:, None])

    terms = {
        kind: info_nce(encoder.fusion(sketches, words, kind), photos, scale, own, vague_both)
        for kind in ("gated", "concat", "average")
    }
    terms["words"] = info_nce(words, photos, scale, own, vague_words)
    terms["sketch"] = info_nce(sketches, photos, scale, sketch_answers, vague_sketch, label_smoothing=0.1)
    terms["labels"] = _label_loss(model, photos, sketches, words, labels)
    weights = {"gated": 0.5, "concat": 0.25, "average": 0.25, "words": 0.5, "sketch": 0.5, "labels": 0.1}
    total = torch.stack([weights[name] * value for name, value in terms.items()]).sum()
    return total, {name: round(float(value.detach()), 4) for name, value in terms.items()}


def _same(values: list[str]) -> torch.Tensor:
    numbers = {value: number for number, value in enumerate(dict.fromkeys(values))}
    column = torch.tensor([numbers[value] for value in values])
    return column[:, None] == column[None, :]


def _label_loss(
    model: TrainingModel, photos: torch.Tensor, sketches: torch.Tensor, words: torch.Tensor, labels: dict[str, Any]
) -> torch.Tensor:
    sharp = 10.0  # unit vectors need a scale before a softmax
    total = torch.zeros(())
    if (labels["kind"] >= 0).any():  # the mean over no label is not a number
        for vectors in (photos, sketches, words):
            total = total + functional.cross_entropy(model.kind_head(sharp * vectors), labels["kind"], ignore_index=-1)
    if (labels["colour"] >= 0).any():
        total = total + functional.cross_entropy(model.colour_head(sharp * photos), labels["colour"], ignore_index=-1)
    return total


class Trainer:
    """One run: builds or resumes, trains, saves the averaged weights as an encoder folder."""

    def __init__(self, options: TrainOptions, progress: ProgressCallback) -> None:
        self.options = options
        self.progress = progress
        torch.manual_seed(options.seed)
        sources = [(Pairs(folder), times) for folder, times in options.data]
        bank = KindSketches.load(options.kind_sketches) if options.kind_sketches else KindSketches({})
        self.examples = Examples(sources, "train", options.examples, bank, options.seed)
        self.validation_pairs = sources[0][0]
        if len(self.examples) < options.batch:
            raise TrainingError(
                f"Training data are too few: expected at least one batch of {options.batch} rows with split 'train', "
                f"got {len(self.examples)}. Lower --batch or add pictures."
            )
        rows = [row for pairs, _ in sources for row in pairs.rows if row["split"] == "train"]
        self.kinds = _numbering(rows, "articleType")
        self.colours = _numbering(rows, "baseColour")
        texts = [normalize_caption(row["title"]) for row in rows]
        extra = [c for row in rows for c in (row.get("articleType", "").lower(), row.get("baseColour", "").lower())]
        self.tokenizer = self._open_tokenizer() or train_tokenizer(
            texts + extra, options.vocabulary, options.max_tokens
        )
        encoder = build_small_clip(len(self.tokenizer), options.max_tokens, self.examples.size_px)
        self.model = TrainingModel(encoder, len(self.kinds), len(self.colours))
        self.averaged = {key: value.detach().clone() for key, value in self.model.state_dict().items()}
        groups = _parameter_groups(self.model, options.weight_decay)
        self.optimizer = torch.optim.AdamW(groups, lr=1.0, betas=(0.9, 0.98))
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
            self.examples,
            batch_sampler=batches,
            num_workers=options.workers,
            collate_fn=collate,
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
                self._log({"step": self.step, **self._validate()})
            if self.step % options.checkpoint_every == 0 or last:
                self._save_state()
        folder = options.out / "encoder"
        save_checkpoint(folder, self._averaged_encoder(), self.tokenizer, self.examples.size_px, options.fusion)
        return folder

    def _train_step(self, batch: dict[str, Any]) -> dict[str, float]:
        for group in self.optimizer.param_groups:
            group["lr"] = self._learning_rate()
        tokens = self.tokenizer(
            batch["caption"],
            padding=True,
            truncation=True,
            max_length=self.options.max_tokens,
            return_tensors="pt",
        )
        labels = {
            "kind": torch.tensor([self.kinds.get(kind, -1) for kind in batch["kind"]]),
            "colour": torch.tensor([self.colours.get(colour, -1) for colour in batch["colour"]]),
        }
        with torch.autocast("cpu", torch.bfloat16):
            loss, terms = batch_loss(self.model, batch, tokens["input_ids"], tokens["attention_mask"], labels)
        if not math.isfinite(float(loss.detach())):
            raise TrainingError(f"Training diverged at step {self.step}: loss is {loss}. Lower --learning-rate.")
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self._update_average()
        return terms

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
        encoder = build_small_clip(len(self.tokenizer), self.options.max_tokens, self.examples.size_px)
        prefix = "encoder."
        state = {key.removeprefix(prefix): v for key, v in self.averaged.items() if key.startswith(prefix)}
        encoder.load_state_dict(state)
        return encoder.eval()

    def _validate(self) -> dict[str, float]:
        return validate(self._averaged_encoder(), self.tokenizer, self.validation_pairs, self.options.max_tokens)

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
        }
        self.tokenizer.save_pretrained(self.options.out / TOKENIZER_FOLDER)
        with replacing(self.options.out / "state.pt") as temporary:
            torch.save(state, temporary)
        write_json(self.options.out / "options.json", json.loads(json.dumps(asdict(self.options), default=str)))

    def _open_tokenizer(self) -> Any:
        """The vocabulary of the run to go on with: its numbers are what the saved weights know words by."""
        out = self.options.out
        if not (out / "state.pt").is_file():
            return None
        try:
            return CLIPTokenizer.from_pretrained(out / TOKENIZER_FOLDER)
        except Exception as error:  # transformers raises many types here
            raise TrainingError(
                f"Training state {out / 'state.pt'} has no vocabulary beside it ({out / TOKENIZER_FOLDER}), so the "
                f"run cannot go on. Name another folder with --out, or delete {out}."
            ) from error

    def _resume(self) -> None:
        path = self.options.out / "state.pt"
        if not path.is_file():
            return
        try:
            state = torch.load(path, weights_only=True)
        except Exception as error:
            raise TrainingError(f"Training state {path} is damaged. Delete {path.parent} to start afresh.") from error
        if state["key"] != self._key():
            raise TrainingError(
                f"Training state {path} belongs to other settings. Name another folder with --out, or delete it."
            )
        self.model.load_state_dict(state["model"])
        self.averaged = state["averaged"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]
        log.info("resuming %s at step %d", self.options.out, self.step)

    def _key(self) -> str:
        options = self.options
        numbers = [options.batch, options.seed, len(self.examples), len(self.tokenizer)]
        return json.dumps([*numbers, options.vocabulary, options.max_tokens])


def _numbering(rows: list[dict[str, Any]], column: str) -> dict[str, int]:
    names = sorted({row.get(column, "") for row in rows} - {"", "NA"})
    return {name: number for number, name in enumerate(names)}


def _parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    matrices = [value for value in model.parameters() if value.ndim >= 2]
    others = [value for value in model.parameters() if value.ndim < 2]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
