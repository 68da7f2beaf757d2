"""Ids that several rows of a list share: every card shows its own picture, and an id stands for all of its rows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bridge.search import GallerySearch
from retrieval import Searcher
from retrieval.commands.parser import main
from retrieval.gallery.catalog import Catalog
from retrieval.index.engines.milvus import key_of
from retrieval.index.folder.store import load_index
from retrieval.index.update import update_index
from tests.retrieval.making import INKS, product_photo, save_picture, silent, write_manifest
from tests.retrieval.mean_colours import MeanColours

COLOURS = ("red", "green", "blue", "yellow")


def shop(folder: Path) -> Path:
    for name in COLOURS:
        save_picture(folder / f"{name}.png", product_photo(color=INKS[name]))
    write_manifest(folder, [{"id": f"{i // 2}", "file": f"{c}.png", "title": c} for i, c in enumerate(COLOURS)])
    return folder


def opened(folder: Path) -> Searcher:
    return Searcher(MeanColours(), update_index(Catalog.open(folder), folder.parent / "i", MeanColours(), silent)[0])


def test_every_card_shows_its_own_picture(tmp_path: Path) -> None:
    search = GallerySearch(searcher := opened(shop(tmp_path / "shop")), None)
    cards = [search._card(hit) for hit in searcher.search(like="0", k=4) + searcher.search(like="1", k=4)]
    assert sorted(card.title for card in cards) == sorted(COLOURS)
    for card in cards:
        assert card.thumbnail_rgb is not None
        coloured = card.thumbnail_rgb[card.thumbnail_rgb.min(axis=2) < 200]
        assert np.abs(np.median(coloured, axis=0) - INKS[card.title]).max() < 30


def test_like_means_all_rows_of_an_id_and_answers_with_none_of_them(tmp_path: Path) -> None:
    searcher = opened(shop(tmp_path / "shop"))
    assert {hit.item.title for hit in searcher.search(like="0", k=10)} == {"blue", "yellow"}
    assert searcher.search(like=["0", "1"], k=10) == []
    best = searcher.search(like="0", k=1)[0]
    vectors = load_index(tmp_path / "i").vectors
    middle = vectors[:2].mean(axis=0)
    assert best.score == pytest.approx(float((vectors[2:] @ (middle / np.linalg.norm(middle))).max()), abs=1e-5)


def test_rows_that_share_id_and_picture_are_items_of_their_own(tmp_path: Path) -> None:
    folder = shop(tmp_path / "shop")
    rows = [{"id": "7", "file": "red.png", "title": f"size {size}"} for size in ("S", "M", "L")]
    write_manifest(folder, [*rows, rows[0], {"id": "8", "file": "blue.png", "title": "x"}])
    for outcome in ("encoded", "kept"):
        index, report = update_index(Catalog.open(folder), tmp_path / "i", MeanColours(), silent)
        assert [stored.item.title for stored in index.items] == ["size S", "size M", "size L", "x"]
        assert sorted(getattr(report, outcome)) == ["blue.png", "red.png"]
        assert report.record([])["count"] == 4
    item, vector = index.items[0].item, index.vectors[0]
    assert key_of(item, vector) == key_of(item, vector, 0) != key_of(item, vector, 1)


def test_new_pictures_join_a_gallery_with_a_list_unless_only_listed_ones_are_wanted(
    tmp_path: Path, encoder_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shop(tmp_path / "shop")
    arguments = ["index", "--images", str(folder), "--out", str(tmp_path / "i"), "--encoder", str(encoder_folder)]

    def run(*options: str) -> tuple[int, int, int]:
        assert main([*arguments, *options, "--json"]) == 0
        record = json.loads(capsys.readouterr().out)
        return record["count"], record["encoded"], record["kept"]

    assert run() == (4, 4, 0)
    save_picture(folder / "new" / "black-dress.png", product_photo(color=INKS["black"]))
    assert run() == (5, 1, 4)
    assert load_index(tmp_path / "i").items[4].item.title == "black dress"
    assert run("--listed-only") == (4, 0, 4)
    assert run() == (5, 1, 4)
