"""A quick look at the held-out rows during training: recall@10 with drawings that are not augmented."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from retrieval.captions import normalize_caption, short_caption
from retrieval.metrics import ranks_of_answers, recall_at
from retrieval.model.fused import FusedClip
from retrieval.pairs import Pairs, unpack_lines
from retrieval.preprocessing import LINE_GRID_PX, LineDrawing, render_lines

VALIDATION_ROWS = 2054
VALIDATION_VARIANT = 1
CHUNK = 256


@torch.inference_mode()
def validate(model: FusedClip, tokenizer: Any, pairs: Pairs, max_tokens: int) -> dict[str, float]:
    """Recall@10 over the rows with split ``val``.

    Returns:
        ``val_sketch``, ``val_title``, ``val_fused_title``, ``val_fused_short``; empty when there are no such rows.
    """
    indices = pairs.indices("val")[:VALIDATION_ROWS]
    if indices.size == 0:
        return {}
    black = np.zeros((LINE_GRID_PX, LINE_GRID_PX, 3), np.uint8)
    drawn = [
        render_lines(LineDrawing(unpack_lines(pairs.lines[i, VALIDATION_VARIANT]), black), pairs.info.size_px)
        for i in indices
    ]
    rows = [pairs.rows[i] for i in indices]
    with torch.autocast("cpu", torch.bfloat16):
        photos = _chunked(model.photo_vectors, torch.from_numpy(pairs.photos[indices]))
        sketches = _chunked(model.sketch_vectors, torch.from_numpy(np.stack(drawn)))
        words = {
            name: model.word_vectors(**_tokens(tokenizer, captions, max_tokens))
            for name, captions in {
                "title": [normalize_caption(row["title"]) for row in rows],
                "short": [short_caption(row) for row in rows],
            }.items()
        }
    queries = {
        "val_sketch": sketches,
        "val_title": words["title"],
        "val_fused_title": model.fusion(sketches, words["title"]),
        "val_fused_short": model.fusion(sketches, words["short"]),
    }
    answers = np.arange(len(indices))
    return {
        name: round(float(recall_at(ranks_of_answers((q @ photos.T).numpy(), answers), 10).mean()), 4)
        for name, q in queries.items()
    }


def _chunked(encode: Any, pixels: torch.Tensor) -> torch.Tensor:
    return torch.cat([encode(part) for part in pixels.split(CHUNK)])


def _tokens(tokenizer: Any, captions: list[str], max_tokens: int) -> dict[str, torch.Tensor]:
    tokens = tokenizer(captions, padding=True, truncation=True, max_length=max_tokens, return_tensors="pt")
    return {"input_ids": tokens["input_ids"], "attention_mask": tokens["attention_mask"]}
