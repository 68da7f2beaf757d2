"""Run a tower over a large batch in small chunks, one thread each.

A contrastive batch is hundreds of pictures; whole, every layer's maps are larger than a CPU's caches, and threads that
share one layer wait for each other in each. Chunks of a few pictures that go through the whole tower on one thread are
twice as fast, and other work on the machine costs what it takes and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import torch

from retrieval.encoder.model.devices import working_precision

CHUNK = 16

Run = Callable[[torch.Tensor], torch.Tensor]


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,))


class _Chunked(torch.autograd.Function):
    """Forward keeps the graph of every chunk; backward goes through them, adding to the weights' gradients itself."""

    @staticmethod
    def forward(ctx: Any, run: Run, chunks: Sequence[torch.Tensor], anchor: torch.Tensor) -> torch.Tensor:
        ctx.pool = _pool(torch.get_num_threads())
        ctx.outs = list(ctx.pool.map(run, chunks))
        return torch.cat([out.detach() for out in ctx.outs])

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        outs, ctx.outs = ctx.outs, None
        parts = grads[0].split([len(out) for out in outs])
        list(ctx.pool.map(torch.autograd.backward, outs, parts))  # torch locks where gradients are added
        return None, None, None


def in_chunks(run: Run, batch: torch.Tensor) -> torch.Tensor:
    """Call ``run`` on a batch, chunk by chunk on a CPU, whole on a GPU; gradients flow as if it were whole.

    Args:
        run: takes (n, ...) and gives (n, D), each row by itself; called on several threads at once.
        batch: (N, ...).
    Returns:
        float (N, D).
    """
    if batch.device.type != "cpu":
        return run(batch)

    def one(chunk: torch.Tensor) -> torch.Tensor:
        with working_precision(chunk.device):  # a thread does not know its caller's
            return run(chunk)

    apply: Any = _Chunked.apply
    vectors: torch.Tensor = apply(one, batch.split(CHUNK), torch.zeros(0, requires_grad=True))
    return vectors
