from __future__ import annotations

import pytest
import torch
from torch import nn

from retrieval.training.losses.chunks import CHUNK, in_chunks


@pytest.fixture(params=[1, 2], ids=["one thread", "two threads"])
def threads(request: pytest.FixtureRequest) -> object:
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("count", [1, CHUNK, 3 * CHUNK + 5])
def test_chunks_give_the_vectors_and_gradients_of_the_whole(count: int) -> None:
    torch.manual_seed(0)
    tower = nn.Sequential(nn.Linear(6, 12), nn.GELU(), nn.Linear(12, 4)).double()
    batch, wanted = torch.randn(count, 6, dtype=torch.double), torch.randn(count, 4, dtype=torch.double)
    gradients = []
    for run in (lambda rows: in_chunks(tower, rows), tower):
        tower.zero_grad()
        vectors = run(batch)
        ((vectors - wanted) ** 2).sum().backward()
        gradients.append([vectors.detach(), *(value.grad.clone() for value in tower.parameters())])
    for one, other in zip(*gradients, strict=True):
        assert torch.allclose(one, other, rtol=1e-9)


def test_an_error_in_a_chunk_is_told() -> None:
    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        in_chunks(nn.Linear(3, 2), torch.randn(40, 5))
