"""Fit the net that tells whether a drawing shows a garment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from retrieval.values.confidence import GarmentProbe
from retrieval.values.datatypes import Float32Array

HIDDEN = 64
NETS = 2
"""Nets of which the mean is taken; it is again one net of one hidden layer."""

STEPS, BATCH = 300, 384
LEARNING_RATE, DECAY, DROPPED = 2e-3, 0.3, 0.3


def fit_probe(groups: Sequence[tuple[Float32Array, bool, float]]) -> GarmentProbe:
    """Fit by AdamW on batches drawn by weight; the same groups give the same probe.

    Args:
        groups: float32 (N, F) of drawings each (see ``about``), whether these are garments, and how much the group
            counts as a whole.
    """
    numbers = np.concatenate([group for group, _, _ in groups])
    is_garment = np.concatenate([np.full(len(group), float(wanted)) for group, wanted, _ in groups])
    weights = np.concatenate([np.full(len(group), share / len(group)) for group, _, share in groups])
    mean, spread = numbers.mean(axis=0), numbers.std(axis=0) + 1e-6
    x = torch.from_numpy(((numbers - mean) / spread).astype(np.float32))
    y, w = torch.from_numpy(is_garment.astype(np.float32)), torch.from_numpy(weights)
    nets = [_fit_net(x, y, w, seed) for seed in range(NETS)]
    layers = [[value.detach().numpy() for value in net.parameters()] for net in nets]
    first = np.concatenate([weight.T for weight, _, _, _ in layers], axis=1) / spread[:, None]
    bias = np.concatenate([bias for _, bias, _, _ in layers]) - mean @ first
    second = np.concatenate([weight[0] for _, _, weight, _ in layers]) / NETS
    offset = float(np.mean([bias[0] for _, _, _, bias in layers]))
    return GarmentProbe(first.astype(np.float32), bias.astype(np.float32), second, offset)


def _fit_net(x: torch.Tensor, y: torch.Tensor, w: torch.Tensor, seed: int) -> nn.Sequential:
    dice = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = nn.Sequential(nn.Linear(x.shape[1], HIDDEN), nn.ReLU(), nn.Dropout(DROPPED), nn.Linear(HIDDEN, 1))
        optimiser = torch.optim.AdamW(net.parameters(), lr=LEARNING_RATE, weight_decay=DECAY)
        rates = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
        for _ in range(STEPS):
            picked = torch.multinomial(w, BATCH, replacement=True, generator=dice)
            loss = nn.functional.binary_cross_entropy_with_logits(net(x[picked])[:, 0], y[picked])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            rates.step()
    return net.eval()
