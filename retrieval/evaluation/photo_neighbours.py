"""Are the pictures nearest to a picture of its kind and of its colour? No drawing and no word takes part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import numpy as np

from retrieval.evaluation.gallery import Gallery, Names
from retrieval.evaluation.metrics import HITS, IntArray, estimate
from retrieval.evaluation.report import Row, Section
from retrieval.gallery.near_duplicates import grid_of, nearly_same
from retrieval.values.datatypes import Float32Array

GRID_PICTURE_SIDE_PX = 128
BLOCK = 256
COLUMNS = ("kind P@10", "colour P@10")
FOUND, BEST, CHANCE = "nearest photos", "best possible", "chance"
NOTE = (
    "Each photo looks for others by the vectors of photos alone, among all pictures; itself and near-identical copies "
    "with its title are left out."
)

SamePicture = Callable[[int, int], bool]
"""Whether the pictures of two items, by their numbers, are nearly the same."""


def photo_neighbours_section(gallery: Gallery, same_picture: SamePicture | None = None) -> Section | None:
    """Measure the nearest others of every photo that is looked for; None when kinds and colours are unknown.

    ``same_picture`` is by the pictures themselves when None, so that every encoder is asked for the same others.
    """
    nearest = nearest_others(gallery, same_picture or _by_grids(gallery))
    rows: dict[str, Row] = {FOUND: {}, BEST: {}, CHANCE: {}}
    for column, names in zip(COLUMNS, (gallery.kinds, gallery.families), strict=True):
        known = np.flatnonzero(names[: gallery.queries] != "")
        if not len(known) or nearest.shape[1] == 0:
            continue
        same = names[nearest[known]] == names[known][:, None]
        others = _others_like_it(names)[known]
        rows[FOUND][column] = estimate(same.mean(axis=1))
        rows[BEST][column] = float((np.minimum(others, nearest.shape[1]) / nearest.shape[1]).mean())
        rows[CHANCE][column] = float((others / (len(names) - 1)).mean())
    return Section("Photo neighbours", COLUMNS, rows, NOTE) if rows[FOUND] else None


def nearest_others(gallery: Gallery, same_picture: SamePicture) -> IntArray:
    """The numbers of each photo's nearest others, best first: int64 (queries, HITS or fewer).

    Every photo gets as many, the fewest that any of them has.
    """
    titles: dict[str, list[int]] = defaultdict(list)
    for number, item in enumerate(gallery.items):
        titles[item.title].append(number)
    found: list[IntArray] = []
    for start in range(0, gallery.queries, BLOCK):
        numbers = range(start, min(start + BLOCK, gallery.queries))
        scores = gallery.vectors[start : numbers.stop] @ gallery.vectors.T
        for row, number in zip(scores, numbers, strict=True):
            others = [other for other in titles[gallery.items[number].title] if other != number]
            row[[number, *(other for other in others if same_picture(number, other))]] = -np.inf
            order = np.argsort(-row, kind="stable")[:HITS]
            found.append(order[np.isfinite(row[order])])
    fewest = min(map(len, found), default=0)
    return np.array([order[:fewest] for order in found], np.int64).reshape(len(found), fewest)


def _by_grids(gallery: Gallery) -> SamePicture:
    grids: dict[int, Float32Array] = {}

    def grid(number: int) -> Float32Array:
        if number not in grids:
            picture = gallery.catalogs[number].read(gallery.items[number], GRID_PICTURE_SIDE_PX)
            grids[number] = grid_of(picture)
        return grids[number]

    return lambda first, second: nearly_same(grid(first), grid(second))


def _others_like_it(names: Names) -> IntArray:
    """For each item how many others have its name."""
    _, number, counts = np.unique(names, return_inverse=True, return_counts=True)
    return np.asarray(counts[number] - 1, np.int64)
