"""A quick look at the held-out rows during training: recall@10 with drawings that are not augmented."""

from __future__ import annotations

import numpy as np

from retrieval.encoder.fused_encoder import FusedEncoder
from retrieval.evaluation.metrics import ranks_of_answers
from retrieval.sketches.preprocessing import black_drawing, resize_square
from retrieval.training.data.pairs import Pairs
from retrieval.words.captions import short_caption

VALIDATION_ROWS = 2054
VALIDATION_VARIANT = 1


def validate(encoder: FusedEncoder, pairs: Pairs) -> dict[str, float]:
    """Recall@10 over the rows with split ``val``.

    Returns:
        ``val_sketch``, ``val_title``, ``val_fused_title``, ``val_fused_short``; empty when there are no such rows.
    """
    numbers = pairs.indices("val")[:VALIDATION_ROWS]
    if not numbers:
        return {}
    rows = [pairs.rows[i] for i in numbers]
    photos = encoder.encode_prepared_photos([resize_square(pairs.photos[i], encoder.size_px) for i in numbers])
    sketches = encoder.encode_drawings([black_drawing(pairs.lines(i, VALIDATION_VARIANT)) for i in numbers])
    titles = encoder.encode_words([row["title"] for row in rows])
    queries = {
        "val_sketch": sketches,
        "val_title": titles,
        "val_fused_title": encoder.fuse(sketches, titles),
        "val_fused_short": encoder.fuse(sketches, encoder.encode_words([short_caption(row) for row in rows])),
    }
    answers = np.arange(len(rows))
    return {
        name: round(float((ranks_of_answers(vectors @ photos.T, answers) <= 10).mean()), 4)
        for name, vectors in queries.items()
    }
