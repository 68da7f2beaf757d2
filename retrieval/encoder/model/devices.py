"""Where and how fast the encoder runs: GPU or CPU, bf16 where it pays, and how many threads.

``benchmarks/encoder_speed.py`` measures what is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

from retrieval.values.datatypes import Float32Array, UInt8Array

SMALL_PARAMETERS = 30_000_000
"""Encoders of fewer parameters run on one CPU thread.

They gain little from a second one, and lose much when the cores are busy with a camera or with decoding pictures:
threads that wait for each other in every layer made a query twenty times slower on a machine with other work.
"""


def best_device() -> torch.device:
    """A CUDA GPU when there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def cpu_multiplies_bf16() -> bool:
    """Whether this CPU has bf16 instructions (AMX or AVX-512), with which pictures are encoded 2 to 5 times faster."""
    return bool(torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())


def batch_size(device: torch.device) -> int:
    """How many pictures or captions are encoded at a time; the maps of more fall out of a CPU's caches."""
    return 16 if device.type == "cpu" else 64


def working_precision(device: torch.device) -> torch.autocast:
    """Context in which encoders work and learn: bf16 where the device multiplies it fast, else plain float32."""
    enabled = device.type != "cpu" or cpu_multiplies_bf16()
    return torch.autocast(device.type, torch.bfloat16, enabled=enabled)


def usual_threads(model: nn.Module) -> int | None:
    """CPU threads for a model: one for a small one, None (as many as torch uses anyway) for a large one."""
    return 1 if sum(value.numel() for value in model.parameters()) < SMALL_PARAMETERS else None


@contextmanager
def cpu_threads(count: int | None) -> Iterator[None]:
    """Let torch use ``count`` threads inside, and as many as before afterwards; None changes nothing."""
    before = torch.get_num_threads()
    if count is None or before == count:
        yield
        return
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def in_batches(
    pictures: Sequence[UInt8Array],
    encode: Callable[[torch.Tensor], torch.Tensor],
    device: torch.device,
    threads: int | None,
    width: int,
) -> Float32Array:
    """Embed pictures, uint8 (S, S, 3) each, as fast as it goes: float32 (N, width), (0, width) for none.

    Args:
        pictures: of one size.
        encode: uint8 (B, S, S, 3) -> (B, width).
        device: where it works.
        threads: CPU threads that it gets, see ``cpu_threads``.
        width: of the vectors.
    """
    size = batch_size(device)
    parts = [np.zeros((0, width), np.float32)]
    with torch.inference_mode(), working_precision(device), cpu_threads(threads):
        for start in range(0, len(pictures), size):
            pixels = torch.from_numpy(np.stack(pictures[start : start + size])).to(device)
            parts.append(encode(pixels).float().cpu().numpy())
    return np.concatenate(parts)
