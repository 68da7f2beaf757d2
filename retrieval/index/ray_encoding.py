"""Encode pictures with Ray Data (https://docs.ray.io/en/latest/data/data.html), on this machine or on a cluster.

Every machine must see the gallery folder and the encoder under the same paths (a shared disk). Each actor holds one
encoder and takes chunks of items through the same steps as this machine would; whoever started them writes the
journal and the index.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.gallery.catalog import Catalog
from retrieval.index.encoding import CHUNK, ChunkEncoder, EncodedChunk
from retrieval.values.datatypes import CatalogItem
from retrieval.values.errors import RetrievalError, first_line
from retrieval.values.ports import Look


def encode_on_ray(
    encoder_name: str,
    address: str,
    catalog: Catalog,
    items: Sequence[CatalogItem],
    known: Collection[str],
    look: Look | None = None,
    looked: Collection[str] = (),
) -> Iterator[EncodedChunk]:
    """Encode on Ray; with its first two arguments bound, an ``EncodePictures``.

    Args:
        encoder_name: folder or hub name, as every machine sees it.
        address: ``local`` starts Ray here; ``auto`` or an address joins a cluster.
        catalog: the gallery.
        items: to encode.
        known: digests that need no encoding.
        look: the second view, opened again by its name on every machine; None for none.
        looked: digests that need no second look.
    Yields:
        Chunks as they are finished, in any order.
    Raises:
        RetrievalError: if Ray is not installed, cannot be reached, or fails.
    """
    try:
        import ray
        from ray.data import ActorPoolStrategy, DataContext
    except ImportError as error:
        raise RetrievalError(
            "Ray is not installed: expected the package ray", "Run: pip install -r requirements-ray.txt"
        ) from error
    alone = {"include_dashboard": False} if address == "local" else {}
    try:
        ray.init(address=address, logging_level=logging.ERROR, log_to_driver=False, configure_logging=False, **alone)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise RetrievalError(
            f"Ray cannot be reached at {address}: {first_line(error).rstrip('.')}", "Start it, or use --ray local."
        ) from error
    names = [str(Path(name).resolve()) if Path(name).is_dir() else name for name in (encoder_name, *_name_of(look))]
    try:
        DataContext.get_current().enable_progress_bars = False
        workers = max(1, int(ray.cluster_resources().get("CPU", 1)))
        shared = ray.put((catalog, tuple(items), frozenset(known), frozenset(looked)))
        blocks = max(1, -(-len(items) // CHUNK))
        dataset = ray.data.range(len(items), override_num_blocks=blocks).map_batches(
            _EncodeItems,
            fn_constructor_kwargs={"names": names, "shared": [shared]},
            batch_size=CHUNK,
            concurrency=None,
            compute=ActorPoolStrategy(size=min(workers, blocks)),
            num_cpus=1,
        )
        for row in dataset.iter_rows():
            yield row["chunk"]
    except ray.exceptions.RayError as error:
        raise RetrievalError(f"Ray cannot encode: {str(error).strip().splitlines()[-1]}", "See its logs.") from error
    finally:
        ray.shutdown()


def _name_of(look: Look | None) -> list[str]:
    return [] if look is None else [look.name]


class _EncodeItems:
    """One actor: holds the encoder of each view and turns batches of row numbers into chunks."""

    def __init__(self, names: list[str], shared: list[Any]) -> None:
        import ray

        from retrieval.encoder.opening import open_encoder, open_look

        catalog, self._items, known, looked = ray.get(shared[0])
        encoder, *looks = names
        look = open_look(looks[0]) if looks else None
        self._encode = ChunkEncoder(open_encoder(encoder), catalog, known, look, looked)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        column = np.empty(1, object)
        column[0] = self._encode([self._items[int(row)] for row in batch["id"]])
        return {"chunk": column}
