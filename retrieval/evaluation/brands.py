"""Do brands in words come back in the first hits?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.evaluation.gallery import Gallery, Subject
from retrieval.evaluation.metrics import HITS, estimate
from retrieval.evaluation.report import Row, Section
from retrieval.values.ports import Encoder

LEAST_OF_BRAND = 3
"""Brands of which the gallery holds fewer items of a kind are not asked for with that kind."""

COLUMNS = ("brand P@10", "brand and kind P@10", "of those available")


def brand_section(encoder: Encoder, gallery: Gallery, subjects: Sequence[Subject]) -> Section | None:
    """Captions "{brand} {kind}", alone and with a drawing of such an item: the share of hits of that brand.

    None when no brand has enough items of one kind.
    """
    brands, kinds = gallery.brands, gallery.kinds
    asked: dict[tuple[str, str], Subject] = {}
    for subject in subjects:
        brand, kind = str(brands[subject.number]), subject.item.kind
        if brand and int(((brands == brand) & (kinds == kind)).sum()) >= LEAST_OF_BRAND:
            asked.setdefault((brand, kind), subject)
    if not asked:
        return None
    words = encoder.encode_words([f"{brand} {subject.kind}" for (brand, _), subject in asked.items()])
    drawn = encoder.encode_drawings([subject.drawing for subject in asked.values()])
    queries = {
        "'{brand} {kind}' alone": words,
        "drawing + '{brand} {kind}'": encoder.fuse(drawn, words),
        "drawing alone": drawn,
    }
    available = [min(HITS, int(((brands == brand) & (kinds == kind)).sum())) for brand, kind in asked]
    rows: dict[str, Row] = {}
    for name, vectors in queries.items():
        hits = gallery.first_hits(vectors)
        of_brand = [brands[found] == brand for found, (brand, _) in zip(hits, asked, strict=True)]
        exact = [b & (kinds[found] == kind) for b, found, (_, kind) in zip(of_brand, hits, asked, strict=True)]
        rows[name] = {
            "brand P@10": estimate([float(found.mean()) for found in of_brand]),
            "brand and kind P@10": estimate([float(found.mean()) for found in exact]),
            "of those available": estimate([found.sum() / n for found, n in zip(exact, available, strict=True)]),
        }
    rows["best possible"] = {"brand and kind P@10": float(np.mean(available)) / HITS, "of those available": 1.0}
    rows["chance"] = {"brand P@10": float(np.mean([(brands == brand).mean() for brand, _ in asked]))}
    note = f"{len(asked)} pairs of brand and kind with at least {LEAST_OF_BRAND} items in the gallery."
    return Section("Brand test", COLUMNS, rows, note)
