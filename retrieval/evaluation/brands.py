"""Do brands in words come back in the first hits?"""

from __future__ import annotations

import numpy as np

from retrieval.evaluation.gallery import Gallery
from retrieval.evaluation.metrics import HITS, estimate, top_hits
from retrieval.evaluation.report import Row, Section
from retrieval.values.datatypes import LineDrawing
from retrieval.values.ports import Encoder
from retrieval.words.captions import kind_words

LEAST_OF_BRAND = 3
"""Brands of which the gallery holds fewer items of a kind are not asked for with that kind."""


def brand_section(
    encoder: Encoder, gallery: Gallery, kept: dict[int, LineDrawing], fusion: str | None = None
) -> Section | None:
    """Captions "{brand} {kind}", alone and with a drawing of such an item: the share of hits of that brand.

    Returns:
        None when no brand has enough items of one kind.
    """
    brands, kinds = gallery.brands, gallery.kinds
    asked: dict[tuple[str, str], int] = {}
    for i in sorted(kept):
        pair = (str(brands[i]), str(kinds[i]))
        if all(pair) and int(((brands == pair[0]) & (kinds == pair[1])).sum()) >= LEAST_OF_BRAND:
            asked.setdefault(pair, i)
    if not asked:
        return None
    words = encoder.encode_words([f"{brand} {kind_words(kind)[0]}" for brand, kind in asked])
    drawn = encoder.encode_drawings([kept[i] for i in asked.values()])
    queries = {"'{brand} {kind}' alone": words, "drawing + '{brand} {kind}'": encoder.fuse(drawn, words, fusion=fusion)}
    rows: dict[str, Row] = {}
    for name, vectors in {**queries, "drawing alone": drawn}.items():
        hits = top_hits(vectors @ gallery.vectors.T, HITS)
        of_brand = [brands[found] == brand for found, (brand, _) in zip(hits, asked, strict=True)]
        exact = [b & (kinds[found] == kind) for b, found, (_, kind) in zip(of_brand, hits, asked, strict=True)]
        available = [min(HITS, int(((brands == brand) & (kinds == kind)).sum())) for brand, kind in asked]
        rows[name] = {
            "brand P@10": estimate([float(found.mean()) for found in of_brand]),
            "brand and kind P@10": estimate([float(found.mean()) for found in exact]),
            "of those available": estimate([found.sum() / n for found, n in zip(exact, available, strict=True)]),
        }
    rows["best possible"] = {"brand and kind P@10": float(np.mean(available)) / HITS, "of those available": 1.0}
    rows["chance"] = {"brand P@10": float(np.mean([(brands == brand).mean() for brand, _ in asked]))}
    columns = ("brand P@10", "brand and kind P@10", "of those available")
    note = f"{len(asked)} pairs of brand and kind with at least {LEAST_OF_BRAND} items in the gallery."
    return Section("Brand test", columns, rows, note)
