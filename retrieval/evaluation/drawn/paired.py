"""Drawings by people of one product each, paired with that product's edge map (QMUL Sketch; Yu et al., CVPR 2016)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from retrieval.evaluation.baselines import hog_of_lines
from retrieval.evaluation.gallery import Gallery, encode_photos
from retrieval.evaluation.metrics import HITS, estimate, precision_at
from retrieval.evaluation.recall import row_of, values_of
from retrieval.evaluation.report import Row, Section
from retrieval.sketches.people_drawings import read_pack, tell_left_out
from retrieval.sketches.preprocessing import extract_lines
from retrieval.values.datatypes import UInt8Array
from retrieval.values.errors import TrainingError
from retrieval.values.ports import Encoder

DRAWN, EDGES = "sketch", "photo_edge"
FOUND_COLUMNS = ("R@1", "R@10", "median rank")

PAIRED_KINDS: Mapping[str, frozenset[str]] = {
    "shoe": frozenset({"Casual Shoes", "Sports Shoes", "Formal Shoes", "Heels", "Flats", "Boots"}),
    "handbag": frozenset({"Handbags", "Clutches"}),
}
"""Word in the tar's name -> what it may be called in the catalogue."""

Pairs = list[tuple[UInt8Array, UInt8Array]]
"""Drawings, each with the edge map of the product that it shows."""


def read_paired(path: Path) -> Pairs:
    """Read ``sketch/NAME.png`` and ``photo_edge/NAME.png`` of a tar, names in order; one without the other is told.

    Raises:
        TrainingError: if the tar cannot be read or holds no pair.
    """
    drawn, edge_maps = read_pack(path, (DRAWN, EDGES))
    names = sorted(drawn.keys() & edge_maps.keys())
    if not names:
        raise TrainingError(f"Drawings {path} hold no pair: expected {DRAWN}/NAME.png and {EDGES}/NAME.png.")
    tell_left_out(f"pictures of {path}, whose partner is missing", sorted(drawn.keys() ^ edge_maps.keys()))
    return [(drawn[name], edge_maps[name]) for name in names]


def paired_section(encoder: Encoder, gallery: Gallery, packs: Mapping[str, Pairs]) -> Section:
    """Find each drawing's own product among all edge maps of its pack, and its kind in the catalogue.

    An edge map is neither a photo nor a person's drawing, so it is embedded both ways. The packs come by name.
    """
    rows: dict[str, Row] = {}
    for pack, pairs in packs.items():
        drawn, edge_maps = zip(*pairs, strict=True)
        lines, edge_lines = ([extract_lines(picture) for picture in several] for several in (drawn, edge_maps))
        sketches = encoder.encode_drawings(lines)
        hog, edge_hog = (hog_of_lines([drawing.lines for drawing in part]) for part in (lines, edge_lines))
        scores = {
            "edge maps as drawings": sketches @ encoder.encode_drawings(edge_lines).T,
            "edge maps as photos": sketches @ encode_photos(encoder, edge_maps).T,
            "HOG": hog @ edge_hog.T,
        }
        label = f"{pack} ({len(lines)})"
        nothing = np.zeros((len(lines), len(lines)), bool)
        for name, found in scores.items():
            values = values_of(found, nothing)
            rows[f"{label}: {name}"] = row_of({column: values[column] for column in FOUND_COLUMNS})
        word = next((word for word in PAIRED_KINDS if word in pack.lower()), "")
        of_kind = np.isin(gallery.kinds, list(PAIRED_KINDS.get(word, ())))
        if of_kind.any():
            relevant = np.tile(of_kind, (len(lines), 1))
            words = encoder.encode_words([word] * len(lines))
            for name, found in {
                "in the catalogue, drawing alone": sketches @ gallery.vectors.T,
                "in the catalogue, drawing + word": encoder.fuse(sketches, words) @ gallery.vectors.T,
                "in the catalogue, HOG": hog @ gallery.hog.T,
            }.items():
                rows[f"{label}: {name}"] = {"kind P@10": estimate(precision_at(found, relevant, HITS))}
    return Section("Drawings by people of one product each", (*FOUND_COLUMNS, "kind P@10"), rows)
