"""Do colours in words come back in the first hits?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from retrieval.evaluation.gallery import Gallery, Names, Subject
from retrieval.evaluation.metrics import HITS, estimate, share_of_hits
from retrieval.evaluation.report import Row, Section
from retrieval.values.datatypes import BoolArray
from retrieval.values.ports import Encoder
from retrieval.words.captions import article

TESTED_COLOURS = ("black", "white", "blue", "brown", "grey", "green", "red", "pink")
"""The eight colours that are asked for: the most frequent families of clothing catalogues."""

COLUMNS = ("colour P@10", "kind P@10", "both P@10")
FUSED, WORDS, DRAWN = "drawing + 'a {colour} {kind}'", "'a {colour} {kind}' alone", "drawing alone"


def colour_section(encoder: Encoder, gallery: Gallery, subjects: Sequence[Subject]) -> Section:
    """The same drawing with eight colours in words: the share of the first ten hits in the colour named."""
    families, kinds = gallery.families, gallery.kinds
    drawn = encoder.encode_drawings([subject.drawing for subject in subjects])
    own_kind = np.array([subject.item.kind for subject in subjects])
    hits = {DRAWN: gallery.first_hits(drawn)}
    shares: dict[str, dict[str, list[npt.NDArray[Any]]]] = {
        name: {column: [] for column in COLUMNS} for name in (FUSED, WORDS, DRAWN)
    }
    for colour in TESTED_COLOURS:
        words = encoder.encode_words([article(f"{colour} {subject.kind}") for subject in subjects])
        hits[FUSED] = gallery.first_hits(encoder.fuse(drawn, words))
        hits[WORDS] = gallery.first_hits(words)
        for name, found in hits.items():
            of_kind = kinds[found] == own_kind[:, None]
            shares[name]["colour P@10"].append(share_of_hits(families == colour, found))
            shares[name]["kind P@10"].append(of_kind.mean(axis=1))
            shares[name]["both P@10"].append((of_kind & (families[found] == colour)).mean(axis=1))
    rows: dict[str, Row] = {
        name: {column: estimate(np.mean(values, axis=0)) for column, values in columns.items()}
        for name, columns in shares.items()
    }
    rows["best possible"] = _best_possible(families, kinds, own_kind)
    rows["chance"] = {"colour P@10": float(np.mean([(families == colour).mean() for colour in TESTED_COLOURS]))}
    for i, colour in enumerate(TESTED_COLOURS):
        rows[f"drawing + 'a {colour} {{kind}}'"] = {column: estimate(v[i]) for column, v in shares[FUSED].items()}
    note = f"{len(subjects)} drawings, each with {len(TESTED_COLOURS)} colours; intervals over drawings."
    return Section("Colour test", COLUMNS, rows, note)


def _best_possible(families: Names, kinds: Names, own_kind: Names) -> Row:
    """What a perfect order would reach: some colours and kinds have fewer than ten items."""
    of_kind = {kind: kinds == kind for kind in set(own_kind.tolist())}

    def over_kinds(among: BoolArray) -> float:
        share = {kind: _found_at_best(wanted & among) for kind, wanted in of_kind.items()}
        return float(np.mean([share[kind] for kind in own_kind.tolist()]))

    of_colour = [families == colour for colour in TESTED_COLOURS]
    return {
        "colour P@10": float(np.mean([_found_at_best(wanted) for wanted in of_colour])),
        "kind P@10": over_kinds(np.ones(len(kinds), bool)),
        "both P@10": float(np.mean([over_kinds(wanted) for wanted in of_colour])),
    }


def _found_at_best(wanted: BoolArray) -> float:
    return min(int(wanted.sum()), HITS) / HITS
