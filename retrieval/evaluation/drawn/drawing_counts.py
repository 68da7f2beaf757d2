"""Does the drawing count beside a word? Two drawings of the same kind, the same word, and what the hits make of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from retrieval.evaluation.gallery import Gallery, Subject
from retrieval.evaluation.metrics import HITS, estimate
from retrieval.evaluation.report import Row, Section
from retrieval.values.ports import Encoder

LEAST_OF_KIND = 2 * HITS
"""Kinds of which the gallery holds fewer items leave no choice of shapes."""

COLUMNS = ("hits exchanged", "hits nearer in shape", "own item first")


def drawing_counts_section(encoder: Encoder, gallery: Gallery, subjects: Sequence[Subject]) -> Section | None:
    """Query with the drawing of one item, then with that of another of its kind, the word staying the same.

    How alike two items are in shape is told by HOG on their photos' edges, which no encoder had a part in. None when
    no kind has enough items.
    """
    of_kind: dict[str, list[Subject]] = defaultdict(list)
    for subject in subjects:
        if int((gallery.kinds == subject.item.kind).sum()) >= LEAST_OF_KIND:
            of_kind[subject.item.kind].append(subject)
    pairs = [pair for several in of_kind.values() for pair in zip(several[::2], several[1::2], strict=False)]
    if not pairs:
        return None
    words = encoder.encode_words([one.kind for one, _ in pairs])
    sides = [encoder.encode_drawings([pair[side].drawing for pair in pairs]) for side in (0, 1)]
    numbers = [np.array([pair[side].number for pair in pairs]) for side in (0, 1)]
    ways = {
        "drawing + word": [encoder.fuse(side, words) for side in sides],
        "drawing alone": sides,
        "word alone": [words, words],
    }
    rows: dict[str, Row] = {}
    for name, queries in ways.items():
        hits = [gallery.first_hits(vectors) for vectors in queries]
        exchanged = [1.0 - len(set(a) & set(b)) / HITS for a, b in zip(*hits, strict=True)]
        nearer, first = [], []
        for own, other in ((0, 1), (1, 0)):
            shape = gallery.hog[numbers[own]]
            likeness = [np.einsum("qd,qhd->q", shape, gallery.hog[found]) for found in (hits[own], hits[other])]
            nearer += list(0.5 * (1.0 + np.sign(likeness[0] - likeness[1])))
            scores = [np.einsum("qd,qd->q", queries[own], gallery.vectors[numbers[side]]) for side in (own, other)]
            first += list(0.5 * (1.0 + np.sign(scores[0] - scores[1])))
        figures = (exchanged, nearer, first)
        rows[name] = {column: estimate(list(map(float, each))) for column, each in zip(COLUMNS, figures, strict=True)}
    note = f"{len(pairs)} pairs of drawings of one kind; .5 is what a drawing that is not heard gives."
    return Section("Does the drawing count", COLUMNS, rows, note)
