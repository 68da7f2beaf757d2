"""Do colours in words come back in the first hits?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.evaluation.gallery import Gallery, Names
from retrieval.evaluation.metrics import HITS, estimate, share_of_hits, top_hits
from retrieval.evaluation.report import Row, Section
from retrieval.evaluation.subjects import Subject
from retrieval.values.datatypes import Float32Array
from retrieval.values.ports import Encoder
from retrieval.words.captions import article

TESTED_COLOURS = ("black", "white", "blue", "brown", "grey", "green", "red", "pink")
"""The eight colours that are asked for: the most frequent families of clothing catalogues."""

COLUMNS = ("colour P@10", "kind P@10", "both P@10")


def colour_section(
    encoder: Encoder, gallery: Gallery, subjects: Sequence[Subject], fusion: str | None = None
) -> Section:
    """The same drawing with eight colours in words: the share of the first ten hits in the colour named."""
    families, kinds = gallery.families, gallery.kinds
    drawn = encoder.encode_drawings([subject.drawing for subject in subjects])
    own_kind = np.array([subject.item.kind for subject in subjects])
    plain = top_hits(drawn @ gallery.vectors.T, HITS)
    shares: dict[str, dict[str, Float32Array]] = {}
    for colour in TESTED_COLOURS:
        words = encoder.encode_words([article(f"{colour} {subject.kind}") for subject in subjects])
        searched = {
            "drawing + 'a {colour} {kind}'": encoder.fuse(drawn, words, fusion=fusion),
            "'a {colour} {kind}' alone": words,
        }
        hits = {name: top_hits(v @ gallery.vectors.T, HITS) for name, v in searched.items()}
        for name, found in {**hits, "drawing alone": plain}.items():
            columns = shares.setdefault(name, {})
            columns[f"colour P@10 {colour}"] = share_of_hits(families == colour, found)
            of_kind = kinds[found] == own_kind[:, None]
            columns[f"kind P@10 {colour}"] = of_kind.mean(axis=1)
            columns[f"both P@10 {colour}"] = (of_kind & (families[found] == colour)).mean(axis=1)
    rows: dict[str, Row] = {}
    for name, columns in shares.items():
        rows[name] = {
            column: estimate(np.mean([columns[f"{column} {colour}"] for colour in TESTED_COLOURS], axis=0))
            for column in COLUMNS
        }
    rows["best possible"] = _best_possible(gallery, own_kind)
    rows["chance"] = {"colour P@10": float(np.mean([(families == colour).mean() for colour in TESTED_COLOURS]))}
    fused = shares["drawing + 'a {colour} {kind}'"]
    for colour in TESTED_COLOURS:
        rows[f"drawing + 'a {colour} {{kind}}'"] = {column: estimate(fused[f"{column} {colour}"]) for column in COLUMNS}
    note = f"{len(subjects)} drawings, each with {len(TESTED_COLOURS)} colours; intervals over drawings."
    return Section("Colour test", COLUMNS, rows, note)


def _best_possible(gallery: Gallery, own_kind: Names) -> Row:
    """What a perfect order would reach: some colours and kinds have fewer than ten items."""
    families, kinds = gallery.families, gallery.kinds
    best: dict[str, list[float]] = {column: [] for column in COLUMNS}
    for colour in TESTED_COLOURS:
        of_colour = families == colour
        best["colour P@10"].append(min(int(of_colour.sum()), HITS) / HITS)
        both = {kind: min(int((of_colour & (kinds == kind)).sum()), HITS) / HITS for kind in set(own_kind.tolist())}
        best["both P@10"].append(float(np.mean([both[kind] for kind in own_kind.tolist()])))
    counts = {kind: min(int((kinds == kind).sum()), HITS) / HITS for kind in set(own_kind.tolist())}
    best["kind P@10"].append(float(np.mean([counts[kind] for kind in own_kind.tolist()])))
    return {column: float(np.mean(values)) for column, values in best.items()}
