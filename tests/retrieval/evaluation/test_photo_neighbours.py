"""The nearest others of each photo, against a slow way to find them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.evaluation import photo_neighbours
from retrieval.evaluation.gallery import Gallery, encode_gallery
from retrieval.evaluation.photo_neighbours import nearest_others, photo_neighbours_section
from retrieval.gallery.catalog import Catalog
from retrieval.values.datatypes import CatalogItem
from retrieval.values.ports import Encoder
from tests.retrieval.making import silent, write_gallery, write_manifest

COPIES = {frozenset({0, 1})}
KINDS, COLOURS = ("Shirts", "Handbags", ""), ("Red", "Navy Blue", "Black", "")


def gallery_of(count: int, queries: int, seed: int = 0, width: int = 5) -> Gallery:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(count, width)).astype(np.float32)
    vectors[1] = vectors[0] + 0.01  # a copy of the first, and one that looks so but is called otherwise
    vectors[2] = vectors[0] + 0.02
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    items = []
    for number in range(count):
        title = "the same" if number in {0, 1, 5} else f"item {number}"
        fields = {"articleType": str(rng.choice(KINDS)), "baseColour": str(rng.choice(COLOURS))}
        items.append(CatalogItem(str(number), f"{number}.png", title, "", fields))
    return Gallery(tuple(items), (), vectors, vectors[:, :1], queries)


def same_picture(first: int, second: int) -> bool:
    return {first, second} in COPIES


def test_neighbours_are_those_of_a_slow_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo_neighbours, "BLOCK", 7)
    gallery = gallery_of(40, 30)
    found = nearest_others(gallery, same_picture)
    assert found.shape == (30, 10)
    for number in range(30):
        scores = gallery.vectors @ gallery.vectors[number]
        others = [row for row in np.argsort(-scores, kind="stable") if row != number and {row, number} not in COPIES]
        assert found[number].tolist() == others[:10]
    assert 1 not in found[0] and 0 not in found[1] and found[0][0] == 2


def test_shares_best_and_chance_are_those_counted_by_hand() -> None:
    gallery = gallery_of(40, 30)
    section = photo_neighbours_section(gallery, same_picture)
    assert section is not None
    for column, names in (("kind P@10", gallery.kinds), ("colour P@10", gallery.families)):
        known = [number for number in range(30) if names[number]]
        shares, best, chance = [], [], []
        for number, row in zip(known, nearest_others(gallery, same_picture)[known], strict=True):
            others = sum(names[number] == name for other, name in enumerate(names) if other != number)
            shares.append(np.mean([names[other] == names[number] for other in row]))
            best.append(min(others, 10) / 10)
            chance.append(others / 39)
        rows = section.rows
        assert rows["nearest photos"][column].mean == pytest.approx(np.mean(shares))  # type: ignore[union-attr]
        assert rows["nearest photos"][column].count == len(known)  # type: ignore[union-attr]
        assert rows["best possible"][column] == pytest.approx(np.mean(best))
        assert rows["chance"][column] == pytest.approx(np.mean(chance))


def test_small_galleries_and_those_without_kinds_are_measured_as_far_as_they_go() -> None:
    assert nearest_others(gallery_of(6, 6), same_picture).shape == (6, 4)  # one copy and itself are left out of six
    full = gallery_of(12, 12)
    items = tuple(CatalogItem(item.id, item.file, item.title, "") for item in full.items)
    assert photo_neighbours_section(Gallery(items, (), full.vectors, full.hog, 12), same_picture) is None
    alone = Gallery(full.items[:1], (), full.vectors[:1], full.hog[:1], 1)
    assert photo_neighbours_section(alone, same_picture) is None


def test_copies_are_told_by_their_pictures(tmp_path: Path, encoder: Encoder) -> None:
    folder = write_gallery(tmp_path / "shop", 12)
    rows = [{"file": "copy.png", "title": "red shirt number 0", "articleType": "Shirts", "baseColour": "Red"}]
    rows += [{"file": "000.png", "title": "red shirt number 0", "articleType": "Shirts", "baseColour": "Red"}]
    rows += [{"file": f"{n:03d}.png", "title": "red shirt number 0", "articleType": "Shirts"} for n in range(1, 12)]
    (folder / "copy.png").write_bytes((folder / "000.png").read_bytes())
    write_manifest(folder, rows)
    gallery, _, _ = encode_gallery(encoder, Catalog.open(folder), None, silent)
    nearest = nearest_others(gallery, photo_neighbours._by_grids(gallery))
    assert nearest.shape == (13, 10) and 1 not in nearest[0] and 0 not in nearest[1] and 0 in nearest[2]
