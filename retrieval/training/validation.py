"""A quick look at the held-out rows during training: recall@10 with drawings that are not augmented."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from retrieval.encoder.model.devices import working_precision
from retrieval.encoder.model.fused import FusedClip
from retrieval.evaluation.metrics import ranks_of_answers, recall_at
from retrieval.sketches.packing import unpack_lines
from retrieval.sketches.preprocessing import LINE_GRID_PX, render_lines, resize_square
from retrieval.training.data.pairs import Pairs
from retrieval.training.vocabulary import Vocabulary
from retrieval.values.datatypes import LineDrawing, UInt8Array
from retrieval.words.captions import normalize_caption, short_caption

VALIDATION_ROWS = 2054
VALIDATION_VARIANT = 1
CHUNK = 256


@torch.inference_mode()
def validate(
    model: FusedClip,
    vocabulary: Vocabulary,
    pairs: Pairs,
    size_px: int | None = None,
    fusion: str = "mixed",
) -> dict[str, float]:
    """Recall@10 over the rows with split ``val``.

    Args:
        model: on any device.
        vocabulary: of its captions.
        pairs: photos and drawings.
        size_px: side of the model's pictures; that of the pairs' photos when None.
        fusion: the one that is measured.
    Returns:
        ``val_sketch``, ``val_title``, ``val_fused_title``, ``val_fused_short``; empty when there are no such rows.
    """
    indices = pairs.indices("val")[:VALIDATION_ROWS]
    if indices.size == 0:
        return {}
    black = np.zeros((LINE_GRID_PX, LINE_GRID_PX, 3), np.uint8)
    side = size_px or pairs.info.size_px
    device = next(model.parameters()).device

    def photo(i: int) -> UInt8Array:
        return resize_square(pairs.photos[i], side)

    def sketch(i: int) -> UInt8Array:
        return render_lines(LineDrawing(unpack_lines(pairs.lines[i, VALIDATION_VARIANT]), black), side)

    rows = [pairs.rows[i] for i in indices]
    with working_precision(device):
        photos = _chunked(model.photo_vectors, photo, indices, device)
        sketches = _chunked(model.sketch_vectors, sketch, indices, device)
        words = {
            name: model.word_vectors(**vocabulary.tokens(captions, device))
            for name, captions in {
                "title": [normalize_caption(row["title"]) for row in rows],
                "short": [short_caption(row) for row in rows],
            }.items()
        }
    queries = {
        "val_sketch": sketches,
        "val_title": words["title"],
        "val_fused_title": model.fusion(sketches, words["title"], fusion),
        "val_fused_short": model.fusion(sketches, words["short"], fusion),
    }
    answers = np.arange(len(indices))
    return {
        name: round(float(recall_at(ranks_of_answers((q @ photos.T).cpu().numpy(), answers), 10).mean()), 4)
        for name, q in queries.items()
    }


def _chunked(encode: Any, picture: Callable[[int], UInt8Array], indices: Any, device: torch.device) -> torch.Tensor:
    parts = [indices[start : start + CHUNK] for start in range(0, len(indices), CHUNK)]
    return torch.cat([encode(torch.from_numpy(np.stack([picture(i) for i in part])).to(device)) for part in parts])
