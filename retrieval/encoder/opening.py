"""Open the encoder that a name means."""

from __future__ import annotations

from pathlib import Path

from retrieval.encoder.checkpoints import open_checkpoint
from retrieval.encoder.confidence_file import load_confidence
from retrieval.encoder.fused_encoder import FusedEncoder
from retrieval.files import default_encoder
from retrieval.values.ports import Encoder


def open_encoder(name: Path | str | None = None) -> Encoder:
    """Open an encoder folder or hub name; the default one when None.

    Raises:
        CheckpointError: if it is missing, damaged, of a kind that we cannot use, or cannot be fetched.
    """
    checkpoint = open_checkpoint(default_encoder() if name is None else str(name))
    width = checkpoint.model.width
    return FusedEncoder(checkpoint, load_confidence(Path(checkpoint.name), checkpoint.weights_hash, width))
