"""Open the encoder that a name means."""

from __future__ import annotations

from pathlib import Path

from retrieval.encoder.checkpoints import open_checkpoint
from retrieval.encoder.dinov2 import open_dinov2
from retrieval.encoder.fused_encoder import FusedEncoder
from retrieval.files import default_encoder
from retrieval.values.ports import Encoder, Look


def open_encoder(name: Path | str | None = None) -> Encoder:
    """Open an encoder folder or hub name; the default one when None.

    Raises:
        CheckpointError: if it is missing, damaged, of a kind that we cannot use, or cannot be fetched.
    """
    return FusedEncoder(open_checkpoint(default_encoder() if name is None else str(name)))


def open_look(name: Path | str) -> Look:
    """Open what compares pictures with pictures: a DINOv2, or any encoder; a folder or hub name.

    Raises:
        CheckpointError: if it is missing, damaged, of a kind that we cannot use, or cannot be fetched.
    """
    return open_dinov2(str(name)) or open_encoder(name)
