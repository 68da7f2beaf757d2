"""Queries by pictures: by the encoder's own vectors, or by the second view of a gallery that has one."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retrieval import Searcher
from retrieval.files import CACHE_VARIABLE
from retrieval.gallery.catalog import Catalog
from retrieval.gallery.pictures import read_picture
from retrieval.index.folder.store import load_index
from retrieval.index.update import update_index
from retrieval.search import fused_ranking, pictures
from retrieval.search.searcher import Hits
from retrieval.values.errors import GalleryIndexError, QueryError
from tests.retrieval.index.hostile_files import png_that_says
from tests.retrieval.making import pen_drawing, run_retrieval, save_picture, silent, write_gallery
from tests.retrieval.mean_colours import MeanColours, Quarters, Wordless

COUNT = 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gallery(tmp_path_factory.mktemp("pictures") / "gallery", COUNT)


@pytest.fixture(scope="module")
def indexes(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("indexes")
    update_index(Catalog.open(folder), out / "plain", MeanColours(), silent)
    update_index(Catalog.open(folder), out / "seen", MeanColours(), silent, look=Quarters())
    return {name: out / name for name in ("plain", "seen")}


@pytest.fixture
def plain(indexes: dict[str, Path]) -> Searcher:
    return Searcher.open(indexes["plain"], MeanColours())


@pytest.fixture
def seen(indexes: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> Searcher:
    monkeypatch.setattr(pictures, "open_look", lambda name: {"quarters": Quarters()}[name])
    return Searcher.open(indexes["seen"], MeanColours())


def ids(hits: Hits) -> list[str]:
    return [hit.item.id for hit in hits]


def best_first(scores: np.ndarray) -> list[str]:
    return [f"item-{row}" for row in np.argsort(-scores, kind="stable")]


def looks_of(searcher: Searcher, file: Path) -> np.ndarray:
    """How much the second view finds every picture like one, float (N,)."""
    look = Quarters()
    photo = read_picture(file, max_side_px=4 * look.size_px)  # as the gallery's own are read
    return searcher._pictures.index.vectors @ look.encode_prepared_photos([look.prepare_photo(photo)])[0]


def test_without_a_second_view_a_picture_joins_as_a_picked_one_does(plain: Searcher, folder: Path) -> None:
    by_file = plain.search(picture=folder / "003.png", k=COUNT)
    assert np.allclose(
        [hit.score for hit in by_file], np.sort(plain._index.vectors @ plain._index.vectors[3])[::-1], atol=1e-5
    )
    for query in ({}, {"caption": "blue"}, {"sketch": pen_drawing(), "sketch_weight": 0.3}):
        joined: Any = {"k": COUNT, **query}
        by_id, by_file = plain.search(like="item-3", **joined), plain.search(picture=folder / "003.png", **joined)
        assert [one for one in ids(by_file) if one != "item-3"] == ids(by_id)
        assert [hit.like_score is not None for hit in by_file] == [True] * COUNT


def test_pictures_alone_are_compared_by_the_second_view(seen: Searcher, folder: Path) -> None:
    expected = looks_of(seen, folder / "003.png")
    hits = seen.search(picture=folder / "003.png", k=COUNT)
    assert ids(hits) == best_first(expected) and ids(hits)[0] == "item-3"
    assert np.allclose([hit.score for hit in hits], np.sort(expected)[::-1], atol=1e-5)
    assert all(hit.score == pytest.approx(hit.like_score, abs=1e-5) and hit.sketch_score is None for hit in hits)
    vectors = seen._pictures.index.vectors
    assert ids(seen.search(like="item-3", k=COUNT)) == best_first(vectors @ vectors[3])[1:]
    data = base64.b64encode((folder / "003.png").read_bytes()).decode()
    assert ids(seen.search(picture=f"data:image/png;base64,{data}", k=COUNT)) == ids(hits)


def test_a_second_view_and_the_encoder_see_different_things(seen: Searcher, plain: Searcher, folder: Path) -> None:
    assert ids(seen.search(picture=folder / "003.png", k=COUNT)) != ids(
        plain.search(picture=folder / "003.png", k=COUNT)
    )


def reciprocal(*orders: np.ndarray, depth: int = 1000) -> np.ndarray:
    """The slow way: every item's rank in every order."""
    total = np.zeros(len(orders[0]))
    for scores in orders:
        for row, score in enumerate(scores):
            before = np.sum(scores > score) + np.sum(scores[:row] == score)
            total[row] += 1 / (60 + (before + 1 if score > 0 else depth + 1))
    return total


MIXED: list[dict[str, Any]] = [
    {"caption": "blue"},
    {"caption": "green bag number 7"},
    {"sketch": pen_drawing(ink=(215, 25, 35))},
    {"sketch": pen_drawing("bag", ink=(30, 140, 60)), "caption": "red shirt", "sketch_weight": 0.4},
]


@pytest.mark.parametrize("query", MIXED, ids=lambda query: query.get("caption", "drawing"))
def test_mixed_queries_fuse_the_ranks_of_both_orders(query: dict[str, Any], seen: Searcher, folder: Path) -> None:
    if "sketch" not in query:
        query = query | {"sketch_weight": 0.5}
    others = {hit.item.id: hit.score for hit in seen.search(**query, k=COUNT)}
    first = np.array([others[f"item-{row}"] for row in range(COUNT)], np.float32)
    total = reciprocal(first, looks_of(seen, folder / "006.png"))
    hits = seen.search(**query, picture=folder / "006.png", k=COUNT)
    assert ids(hits) == best_first(np.round(total, 9))
    assert np.allclose([hit.score for hit in hits], np.sort(total)[::-1], atol=1e-6)
    assert all(hit.like_score is not None for hit in hits)
    assert ids(seen.search(**query, like="item-6", k=COUNT))[:2] != ["item-6"]


def test_the_slider_sets_pictures_against_words(seen: Searcher, folder: Path) -> None:
    def found(weight: float) -> list[str]:
        return ids(seen.search(caption="blue shirt", picture=folder / "005.png", sketch_weight=weight, k=4))

    assert found(0.0) == ids(seen.search(caption="blue shirt", k=4))
    assert found(1.0) == ids(seen.search(picture=folder / "005.png", k=4))


@pytest.mark.parametrize(
    "query", [{}, *MIXED], ids=lambda query: query.get("caption", "drawing" if query else "picture")
)
@pytest.mark.parametrize("depth", [2, 3, 1000])
def test_pages_stay_the_same_however_much_is_asked_for(
    query: dict[str, Any], depth: int, seen: Searcher, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fused_ranking, "DEPTH", depth)
    query = query | {"picture": folder / "006.png"}
    whole = seen.search(**query, k=COUNT)
    assert sorted(ids(whole)) == sorted(f"item-{row}" for row in range(COUNT))
    scores = [hit.score for hit in whole]
    assert scores == sorted(scores, reverse=True)
    for k in (1, 3, 7):
        pages = [seen.search(**query, k=k, offset=offset) for offset in range(0, COUNT, k)]
        assert [one for page in pages for one in ids(page)] == ids(whole)
        assert [hit.rank for page in pages for hit in page] == list(range(1, COUNT + 1))


def test_filters_hold_in_both_orders(seen: Searcher, folder: Path) -> None:
    for query in ({}, {"caption": "blue shirt"}, {"sketch": pen_drawing()}):
        joined: Any = {"picture": folder / "006.png", "k": COUNT, "where": "articleType=Handbags,price<20", **query}
        hits = seen.search(**joined)
        assert sorted(ids(hits)) == ["item-1", "item-3", "item-5", "item-7", "item-9"]
    asked = seen.search(caption="under 15", picture=folder / "006.png", k=COUNT)
    assert ids(asked) == [one for one in best_first(looks_of(seen, folder / "006.png")) if int(one[5:]) + 10 < 15]


def test_words_that_nobody_knows_leave_the_picture(seen: Searcher, plain: Searcher, folder: Path) -> None:
    for searcher in (seen, plain):
        hits = searcher.search(caption="pizza", picture=folder / "006.png", k=COUNT)
        assert hits.unknown == ("pizza",) and ids(hits) == ids(searcher.search(picture=folder / "006.png", k=COUNT))


def test_words_of_the_gallery_count_beside_an_encoder_without_words(
    indexes: dict[str, Path], seen: Searcher, folder: Path
) -> None:
    wordless = Searcher.open(indexes["seen"], Wordless())
    query: Any = {"picture": folder / "002.png", "k": COUNT}
    both, alone = (ids(wordless.search(caption=caption, **query)) for caption in ("number 11", ""))
    assert both.index("item-11") < alone.index("item-11") and sorted(both) == sorted(alone)


def test_near_duplicates_are_folded_by_the_encoders_vectors(tmp_path: Path, seen: Searcher) -> None:
    folder = write_gallery(tmp_path / "copies", 6)
    (folder / "metadata.csv").unlink()
    for number in range(6):
        (folder / f"copy {number}.png").write_bytes((folder / f"00{number}.png").read_bytes())
    out = tmp_path / "index"
    update_index(Catalog.open(folder), out, MeanColours(), silent, look=Quarters())
    copies = Searcher.open(out, MeanColours())
    for query in ({}, {"caption": "red"}):
        joined: Any = {"picture": folder / "002.png", **query}
        folded = copies.search(**joined, k=50, fold=True)
        assert [hit.rank for hit in folded] == [1, 2, 3, 4, 5, 6] and [len(hit.alike) for hit in folded] == [1] * 6
        assert ids(copies.search(**joined, k=2, offset=2, fold=True)) == ids(folded)[2:4]


def test_a_picked_item_is_found_without_opening_what_sees_it(seen: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "open_look", lambda name: pytest.fail("opened"))
    assert ids(seen.search(like=["item-3", "item-4"], caption="red", k=COUNT)) and seen.search(like="item-3")


def test_a_second_view_by_other_weights_is_told_when_a_picture_is_asked_for(
    seen: Searcher, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Quarters, "weights_hash", "another")
    with pytest.raises(GalleryIndexError, match="second view by another encoder") as caught:
        seen.search(picture=folder / "003.png")
    assert "\n" not in str(caught.value) and len(seen.search(like="item-3")) == 10


def test_a_second_view_from_another_machine_is_passed_over(
    indexes: dict[str, Path],
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "another machine"))
    monkeypatch.setattr(pictures, "open_look", lambda name: pytest.fail("opened by a stranger's word"))
    assert load_index(indexes["seen"]).look is not None
    theirs = Searcher.open(indexes["seen"], MeanColours())
    (message,) = caplog.messages
    assert "second view is passed over" in message and "--look quarters" in message and "\n" not in message
    alone = Searcher.open(indexes["plain"], MeanColours())
    query: Any = {"picture": folder / "003.png", "k": COUNT}
    assert ids(theirs.search(**query)) == ids(alone.search(**query))


def hostile(tmp_path: Path) -> list[Any]:
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "bomb.png").write_bytes(png_that_says(50_000, 50_000))
    files = [tmp_path / name for name in ("none.png", "text.png", "bomb.png", ".")]
    return [*files, "x" * 5000, "data:image/png,abc", 7, [[1, 2]], np.zeros((4, 4)), np.zeros((0, 0, 3), np.uint8)]


def test_pictures_that_cannot_be_read_are_told_in_one_line(seen: Searcher, tmp_path: Path) -> None:
    for picture in hostile(tmp_path):
        with pytest.raises(QueryError, match="Picture") as caught:
            seen.search(picture=picture)
        assert "\n" not in str(caught.value)


def test_the_command_searches_by_pictures(
    folder: Path, tmp_path: Path, encoder_folder: Path, look_folder: Path
) -> None:
    out = tmp_path / "index"
    made = run_retrieval("index", "--images", folder, "--out", out, "--encoder", encoder_folder, "--look", look_folder)
    assert made.returncode == 0
    asked = run_retrieval("search", "--gallery", out, "--picture", folder / "004.png", "--k", "3", "--json")
    hits = json.loads(asked.stdout)["hits"]
    assert (hits[0]["id"], len(hits), hits[0]["sketch_score"]) == ("item-4", 3, None)
    assert hits[0]["score"] == pytest.approx(1.0, abs=0.01)
    save_picture(tmp_path / "mine" / "photo.png", np.full((40, 60, 3), 99, np.uint8))
    lines = [{"id": 1, "picture": "photo.png"}, {"id": 2, "picture": "none.png"}, {"id": 3, "picture": 7},
             {"id": 4, "picture": "photo.png", "caption": "red shirt", "like": "item-2"}, {"id": 5}]  # fmt: skip
    (tmp_path / "mine" / "queries.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    asked = run_retrieval("search", "--gallery", out, "--queries", tmp_path / "mine" / "queries.jsonl", "--k", "3")
    answers = [json.loads(line) for line in asked.stdout.splitlines()]
    assert [(one["id"], len(one["hits"]), "error" in one) for one in answers] == [
        *((1, 3, False), (2, 0, True), (3, 0, True), (4, 3, False), (5, 0, True))
    ]
    assert asked.returncode == 0 and "Traceback" not in asked.stderr
