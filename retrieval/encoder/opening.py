"""Open the encoder that a name means."""

from __future__ import annotations

from pathlib import Path

from retrieval.encoder.checkpoints import open_checkpoint
from retrieval.encoder.confidence_file import load_confidence
from retrieval.encoder.dinov2 import open_dinov2
from retrieval.encoder.fused_encoder import FusedEncoder
from retrieval.encoder.openclip import is_open_clip, open_open_clip
from retrieval.files import default_encoder
from retrieval.values.ports import Encoder, Look


def open_encoder(name: Path | str | None = None) -> Encoder:
    """Open an encoder folder, a hub name, or a name of open_clip's; the default one when None.

    Raises:
        CheckpointError: if it is missing, damaged, of a kind that we cannot use, or cannot be fetched.
    """
    named = default_encoder() if name is None else str(name)
    checkpoint = open_open_clip(named) if is_open_clip(named) else open_checkpoint(named)
    width = checkpoint.model.width
    return FusedEncoder(checkpoint, load_confidence(Path(checkpoint.name), checkpoint.weights_hash, width))


def open_look(name: Path | str) -> Look:
    """Open what compares pictures with pictures: a DINOv2, or any encoder; a folder or hub name.

    Raises:
        CheckpointError: if it is missing, damaged, of a kind that we cannot use, or cannot be fetched.
    """
    return open_encoder(name) if is_open_clip(str(name)) else open_dinov2(str(name)) or open_encoder(name)
