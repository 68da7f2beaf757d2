"""What changes while a run goes on; saved now and then, so that an interrupted run goes on where it was."""

from __future__ import annotations

import copy
import logging
from pathlib import Path

import torch
from torch import nn

from retrieval.files import replacing
from retrieval.training.losses.objective import PhotoMemory, TrainingModel
from retrieval.values.errors import TrainingError

log = logging.getLogger(__name__)

STATE_FILE = "state.pt"  # in the run folder
LARGEST_GRADIENT = 1.0
EMA_DECAY = 0.99


class RunState:
    """The weights and all else that an optimiser step changes.

    Attributes:
        model: that is trained.
        optimizer: of its weights; each of its groups learns ``rate`` times as fast as a step says.
        memory: photos of earlier steps.
        averaged: the model with its weights averaged over the last steps: what is validated and saved as an encoder.
        step: optimiser steps done.
    """

    def __init__(self, model: TrainingModel, optimizer: torch.optim.Optimizer, memory: PhotoMemory) -> None:
        self.model, self.optimizer, self.memory = model, optimizer, memory
        self.averaged = copy.deepcopy(model).eval()
        self.step = 0

    def take_step(self, loss: torch.Tensor, learning_rate: float) -> None:
        """Take one optimiser step down a loss; the average forgets its start faster in the beginning."""
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate * group["rate"]
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), LARGEST_GRADIENT)
        self.optimizer.step()
        decay = min(EMA_DECAY, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for averaged, value in zip(self.averaged.parameters(), self.model.parameters(), strict=True):
                averaged.lerp_(value, 1 - decay)
        self.step += 1

    def save(self, run: Path, key: str) -> None:
        """Replace the run's saved state; ``key`` says of which settings it is."""
        state = {
            "step": self.step,
            "key": key,
            "model": self.model.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "memory": vars(self.memory),
        }
        with replacing(run / STATE_FILE) as temporary:
            torch.save(state, temporary)

    def resume(self, run: Path, key: str) -> None:
        """Go on from the run's saved state, where there is one.

        Raises:
            TrainingError: if it is damaged or of other settings.
        """
        path = run / STATE_FILE
        if not path.is_file():
            return
        try:
            state = torch.load(path, weights_only=True, map_location=self.memory.vectors.device)
        except Exception as error:
            raise TrainingError(f"Training state {path} is damaged. Delete {path.parent} to start afresh.") from error
        if state["key"] != key:
            raise TrainingError(
                f"Training state {path} belongs to other settings. Name another folder with --out, or delete it."
            )
        self.model.load_state_dict(state["model"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimizer.load_state_dict(state["optimizer"])
        vars(self.memory).update(state["memory"])
        self.step = state["step"]
        log.info("resuming %s at step %d", run, self.step)
