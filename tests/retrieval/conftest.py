from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"  # before any import of the hub's client: no test waits for a network

from tests.retrieval.making import make_dinov2_folder, make_fused_folder, make_plain_clip_folder, write_gallery

if TYPE_CHECKING:
    from retrieval.values.ports import Encoder


MACHINE_KEY = b"one machine for every test. 32 b"


@pytest.fixture(scope="session", autouse=True)
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The cache of what tests share."""
    folder = tmp_path_factory.mktemp("shared-cache")
    (folder / "machine.key").write_bytes(MACHINE_KEY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIR_SKETCH_CACHE", str(folder))
        yield


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """No test reads or fills the cache of the person who runs it."""
    folder = tmp_path_factory.mktemp("cache")
    (folder / "machine.key").write_bytes(MACHINE_KEY)  # all on one machine, those included that share an index
    monkeypatch.setenv("AIR_SKETCH_CACHE", str(folder))
    monkeypatch.delenv("AIR_SKETCH_ENCODER", raising=False)
    yield folder


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_fused_folder(tmp_path_factory.mktemp("encoders") / "fused")


@pytest.fixture(scope="session")
def other_encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_fused_folder(tmp_path_factory.mktemp("encoders") / "other", seed=5)


@pytest.fixture(scope="session")
def plain_clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_plain_clip_folder(tmp_path_factory.mktemp("encoders") / "plain")


@pytest.fixture(scope="session")
def look_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_dinov2_folder(tmp_path_factory.mktemp("encoders") / "dinov2")


@pytest.fixture(scope="session")
def encoder(encoder_folder: Path) -> Encoder:
    from retrieval.encoder.opening import open_encoder

    return open_encoder(encoder_folder)


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """For training: small matrices only wait for further threads, and sums then come in one order."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def gallery(tmp_path: Path) -> Path:
    return write_gallery(tmp_path / "gallery")
