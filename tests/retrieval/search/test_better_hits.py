"""Filters, pages, more like this one, near-duplicates and the parts of a score, through the searcher."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from retrieval import Searcher
from retrieval.commands.parser import main
from retrieval.gallery.catalog import Catalog
from retrieval.gallery.filters import parse_where
from retrieval.gallery.near_duplicates import fold, grid_of, nearly_same
from retrieval.index.engines.exact import ExactIndex
from retrieval.index.folder.store import load_index
from retrieval.index.update import update_index
from retrieval.search.ranking import Ranking
from retrieval.values.datatypes import Hit
from retrieval.values.errors import FilterError, QueryError
from retrieval.values.ports import Encoder
from tests.retrieval.making import INKS, pen_drawing, product_photo, save_picture, silent, write_gallery, write_manifest

COUNT = 25


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gallery(tmp_path_factory.mktemp("better") / "gallery", COUNT)


@pytest.fixture(scope="module")
def index_dir(shop: Path, encoder: Encoder) -> Path:
    update_index(Catalog.open(shop), shop.parent / "index", encoder, silent)
    return shop.parent / "index"


@pytest.fixture(scope="module")
def searcher(index_dir: Path) -> Searcher:
    return Searcher.open(index_dir)


def ids(hits: list[Hit]) -> list[str]:
    return [hit.item.id for hit in hits]


# --- filters


@pytest.mark.parametrize(
    "where", ["baseColour=Red", "price<20", "baseColour=red|blue,price>=12", "title~bag", "id=item-3", "split!=val"]
)
def test_a_filtered_search_is_the_whole_one_without_what_does_not_pass(searcher: Searcher, where: str) -> None:
    everything = searcher.search(pen_drawing(), "red bag", COUNT)
    allowed = searcher.columns.rows(parse_where(where))
    passing = {item.id for item, passes in zip(searcher.items, allowed, strict=True) if passes}
    hits = searcher.search(pen_drawing(), "red bag", COUNT, where=where)
    assert ids(hits) == [hit.item.id for hit in everything if hit.item.id in passing]
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert len(hits) == len(passing)


def test_every_column_of_the_manifest_can_be_asked_for(searcher: Searcher, shop: Path) -> None:
    with (shop / "metadata.csv").open(encoding="utf-8") as stream:
        columns = next(csv.reader(stream))
    assert set(columns) == set(searcher.columns.names)
    for column in columns:
        assert len(searcher.search(caption="red", k=COUNT, where=f'{column}!=""')) == COUNT


def test_an_empty_filter_is_none_and_a_wrong_one_is_told(searcher: Searcher) -> None:
    assert searcher.search(caption="red", where=" ") == searcher.search(caption="red")
    with pytest.raises(FilterError, match="character 6"):
        searcher.search(caption="red", where="price")
    with pytest.raises(FilterError, match="'size' is unknown: expected one of articleType, baseColour, file"):
        searcher.search(caption="red", where="size=L")


# --- pages


@pytest.mark.parametrize("extra", [{}, {"where": "price>=12"}, {"fold": True}, {"like": "item-1"}])
def test_pages_put_together_are_the_long_list(searcher: Searcher, extra: dict[str, object]) -> None:
    whole = searcher.search(pen_drawing(), "red bag", 100, **extra)  # type: ignore[arg-type]
    pages: list[Hit] = []
    for page in range(9):
        hits = searcher.search(pen_drawing(), "red bag", 4, offset=4 * page, **extra)  # type: ignore[arg-type]
        if hits:
            assert hits[0].rank == 4 * page + 1
        pages += hits
    assert [(hit.rank, hit.item.id) for hit in pages] == [(hit.rank, hit.item.id) for hit in whole]


def test_equal_scores_stand_in_the_order_of_the_gallery_on_every_page() -> None:
    rng = np.random.default_rng(0)
    vector = rng.normal(size=16)
    vectors = np.repeat((vector / np.linalg.norm(vector))[None], 120, axis=0).astype(np.float32)
    vectors[::7] = -vectors[0]
    without = np.array([5], np.int64)
    best = [row for row in range(120) if row % 7 and row != 5]
    for wanted in (1, 10, 50, 100):
        rows, _ = Ranking(ExactIndex(vectors), vectors[1], None, without).first(wanted)
        assert rows.tolist() == best[:wanted]


def test_the_exact_index_finds_allowed_rows_only() -> None:
    vectors = np.random.default_rng(1).normal(size=(50, 8)).astype(np.float32)
    index = ExactIndex(vectors)
    for rows in (np.arange(50) % 3 == 0, np.zeros(50, np.bool_), np.ones(50, np.bool_)):
        scores, found = index.search(vectors[:2], 30, rows)
        assert found.shape == (2, min(30, int(rows.sum())))
        assert rows[found].all()
        best = -np.sort(-(vectors[:2] @ vectors[rows].T), axis=1)[:, :30]
        assert np.allclose(scores, best, atol=1e-5)
    assert np.array_equal(index.vectors[np.array([3, 1], np.int64)], vectors[[3, 1]])


def test_numbers_out_of_range_are_refused(searcher: Searcher) -> None:
    with pytest.raises(QueryError, match="Offset"):
        searcher.search(caption="red", offset=-1)
    assert searcher.search(caption="red", offset=1000) == []


# --- the parts of a score


@pytest.mark.parametrize("fusion", ["average", "gated"])
@pytest.mark.parametrize("weight", [0.0, 0.3, 0.5, 0.9, 1.0])
def test_the_parts_add_up_to_the_score(searcher: Searcher, fusion: str, weight: float) -> None:
    for like in (None, "item-4", ["item-4", "item-9"]):
        for hit in searcher.search(pen_drawing(), "red bag", 5, weight, fusion, like=like):
            parts = [hit.sketch_score, hit.words_score, hit.lexical_score, *([hit.like_score] if like else [])]
            assert sum(part or 0.0 for part in parts) == pytest.approx(hit.score, abs=1e-4)
            assert (hit.like_score is None) == (like is None)


def test_a_part_that_was_not_asked_for_is_none(searcher: Searcher) -> None:
    (words,) = searcher.search(caption="red", k=1)
    assert (words.sketch_score, words.like_score) == (None, None)
    assert words.words_score + words.lexical_score == pytest.approx(words.score, abs=1e-5)
    (sketch,) = searcher.search(pen_drawing(), k=1)
    assert (sketch.words_score, sketch.like_score, sketch.lexical_score) == (None, None, None)
    blank = np.full((50, 50, 3), 255, np.uint8)
    assert searcher.search(blank, "red", 3) == searcher.search(caption="red", k=3)


def test_the_balance_moves_the_parts(searcher: Searcher) -> None:
    shares = []
    for weight in (0.1, 0.5, 0.9):
        hits = searcher.search(pen_drawing(), "red bag", COUNT, weight, "average")
        shares.append(np.mean([abs(hit.sketch_score or 0.0) for hit in hits]))
    assert shares == sorted(shares)
    assert shares[0] < shares[-1]


# --- more like this one


def test_more_like_one_is_what_lies_nearest_to_it_but_not_itself(searcher: Searcher, index_dir: Path) -> None:
    stored = load_index(index_dir)
    scores = stored.vectors @ stored.vectors[6]
    order = [int(row) for row in np.argsort(-scores, kind="stable") if row != 6]
    hits = searcher.search(like="item-6", k=5)
    assert [hit.score for hit in hits] == pytest.approx([float(scores[row]) for row in order[:5]], abs=1e-5)
    assert "item-6" not in ids(hits)
    assert all(hit.like_score == pytest.approx(hit.score, abs=1e-5) for hit in hits)
    assert len(searcher.search(like=["item-6", "item-7"], k=100)) == COUNT - 2


def test_a_picked_picture_joins_the_words_as_far_as_it_is_told(searcher: Searcher) -> None:
    leaning = [searcher.search(caption="blue shirt", like="item-2", k=9, sketch_weight=w) for w in (0.0, 0.5, 1.0)]
    parts = [np.mean([hit.like_score or 0.0 for hit in hits]) for hits in leaning]
    assert parts == sorted(parts)


def test_an_item_that_is_not_there_is_told(searcher: Searcher) -> None:
    with pytest.raises(QueryError, match=r"Item 'nope' is not in this gallery: expected .* 'item-0'") as caught:
        searcher.search(like="nope")
    assert "\n" not in str(caught.value)
    with pytest.raises(QueryError, match="empty"):
        searcher.search(like=[])


# --- near-duplicates


def test_copies_of_a_picture_are_nearly_the_same_and_other_pictures_are_not() -> None:
    photo = product_photo("shirt", INKS["red"], 240)
    first = grid_of(photo)
    small = np.asarray(Image.fromarray(photo).resize((90, 90)))
    noisy = np.clip(photo + np.random.default_rng(0).normal(0, 4, photo.shape), 0, 255).astype(np.uint8)
    darker = (photo * 0.95).astype(np.uint8)
    for copy in (photo, small, noisy, darker):
        assert nearly_same(first, grid_of(copy))
    others = [product_photo("bag", INKS["red"], 240), product_photo("shirt", INKS["blue"], 240), photo[:, 60:]]
    for other in others:
        assert not nearly_same(first, grid_of(np.ascontiguousarray(other)))
    flat = [np.full((40, 30, 3), value, np.uint8) for value in (10, 11, 200)]
    assert nearly_same(grid_of(flat[0]), grid_of(flat[1]))
    assert not nearly_same(grid_of(flat[0]), grid_of(flat[2]))


@pytest.mark.parametrize("shape", [(16, 16), (17, 40), (400, 70)])
def test_a_grid_holds_the_mean_of_any_picture(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(2).integers(0, 256, (*shape, 3)).astype(np.uint8)
    grid = grid_of(picture)
    assert grid.shape == (16, 16, 3)
    assert np.allclose(grid.mean((0, 1)), picture.mean((0, 1)), atol=0.01)


def test_folding_a_longer_list_folds_its_beginning_alike() -> None:
    vectors = np.random.default_rng(3).normal(size=(60, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)

    def same(first: int, second: int) -> bool:
        return (first + second) % 2 == 0

    whole = fold(range(60), vectors, same)
    assert sum(len(group) for group in whole) == 60
    for count in (1, 10, 30):
        leaders = [group[0] for group in fold(range(count), vectors[:count], same)]
        assert leaders == [group[0] for group in whole][: len(leaders)]


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Searcher:
    """Four pictures, three of them once more as JPEG and once more smaller."""
    folder = tmp_path_factory.mktemp("copies") / "g"
    rows = []
    for number, (shape, ink) in enumerate([("shirt", "red"), ("bag", "blue"), ("shirt", "green"), ("bag", "black")]):
        photo = product_photo(shape, INKS[ink], 200)
        cv2.circle(photo, (50 + 20 * number, 60), 12, (10, 10, 10), -1)
        save_picture(folder / f"{number}.png", photo)
        rows.append({"id": f"{number}", "file": f"{number}.png", "title": f"{ink} {shape}"})
        if number < 3:
            Image.fromarray(photo).save(folder / f"{number}-copy.jpg", quality=80)
            save_picture(folder / f"{number}-small.png", np.asarray(Image.fromarray(photo).resize((120, 120))))
            rows += [
                {"id": f"{number}{kind[0]}", "file": f"{number}-{kind}", "title": ""}
                for kind in ("copy.jpg", "small.png")
            ]
    write_manifest(folder, rows)
    index, _ = update_index(Catalog.open(folder), folder.parent / "index", encoder, silent)
    return Searcher(encoder, index)


def test_near_duplicates_are_folded_into_their_best_one_and_can_be_left_apart(
    copies: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.gallery.near_duplicates.LEAST_COSINE", 0.5)  # weights drawn by chance spread copies
    apart = copies.search(caption="red shirt", k=100)
    assert len(apart) == 10
    folded = copies.search(caption="red shirt", k=100, fold=True)
    assert [hit.rank for hit in folded] == [1, 2, 3, 4]
    assert sorted(len(hit.alike) for hit in folded) == [0, 2, 2, 2]
    for hit in folded:
        group = {hit.item.id, *(item.id for item in hit.alike)}
        assert group in ({"0", "0c", "0s"}, {"1", "1c", "1s"}, {"2", "2c", "2s"}, {"3"})
        assert hit.item.id == next(one.item.id for one in apart if one.item.id in group)
    assert ids(copies.search(caption="red shirt", k=2, fold=True)) == ids(folded)[:2]
    assert ids(copies.search(caption="red shirt", k=2, offset=2, fold=True)) == ids(folded)[2:]


# --- the command


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_command_filters_pages_and_picks(
    capsys: pytest.CaptureFixture[str], index_dir: Path, searcher: Searcher
) -> None:
    asked = ("search", "--gallery", index_dir, "--caption", "red bag", "--k", 3, "--json")
    code, out, _ = run(capsys, *asked, "--where", "price<20", "--page", 2, "--like", "item-1", "--like", "item-2")
    assert code == 0
    hits = json.loads(out)["hits"]
    expected = searcher.search(caption="red bag", k=3, where="price<20", like=["item-1", "item-2"], offset=3)
    assert [(hit["rank"], hit["id"]) for hit in hits] == [(hit.rank, hit.item.id) for hit in expected]
    assert [hit["rank"] for hit in hits] == [4, 5, 6]
    assert hits[0]["sketch_score"] is None
    parts = sum(hits[0][name] for name in ("words_score", "like_score", "lexical_score"))
    assert parts == pytest.approx(hits[0]["score"], abs=1e-4)
    assert hits[0]["alike"] == []
    code, out, _ = run(capsys, *asked[:-1], "--like", "item-1", "--fold")
    assert code == 0
    assert "words 0." in out or "words -0." in out


def test_a_line_of_queries_may_state_its_own_options(
    capsys: pytest.CaptureFixture[str], index_dir: Path, tmp_path: Path
) -> None:
    queries = [
        {"id": 1, "caption": "red", "where": "price<13", "k": 9},
        {"id": 2, "caption": "red", "page": 2, "k": 4},
        {"id": 3, "like": "item-3"},
        {"id": 4, "caption": "red", "where": "nope=1"},
        {"id": 5, "caption": "red", "page": 0},
        {"id": 6, "caption": "red", "fold": 1},
        {"id": 7, "caption": "red", "like": [3]},
        {"id": 8, "caption": "red", "sketch_weight": 7},
        {"id": 9, "caption": "red", "where": None, "like": ["item-3", "item-4"]},
    ]
    path = tmp_path / "q.jsonl"
    path.write_text("\n".join(json.dumps(query) for query in queries))
    code, out, err = run(capsys, "search", "--gallery", index_dir, "--queries", path, "--k", 2, "--where", "price<20")
    assert code == 0
    answers = [json.loads(line) for line in out.splitlines()]
    assert [len(answer["hits"]) for answer in answers] == [3, 4, 2, 0, 0, 0, 0, 0, 2]
    assert [hit["rank"] for hit in answers[1]["hits"]] == [5, 6, 7, 8]
    assert "expected one of articleType" in answers[3]["error"]
    assert err.count("error: query") == 5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--where", "price"), "character 6"),
        (("--where", "size=L"), "unknown"),
        (("--like", "nope"), "not in this gallery"),
    ],
)
def test_a_wrong_option_is_one_line(
    capsys: pytest.CaptureFixture[str], index_dir: Path, arguments: tuple[str, ...], said: str
) -> None:
    code, out, err = run(capsys, "search", "--gallery", index_dir, "--caption", "x", *arguments)
    assert (code, out) == (1, "")
    last = err.rstrip("\n").split("\n")[-1]
    assert last.startswith("error: ") and said in last


LINES = (
    b'{"id": "d", "caption": ' + b"[" * 100_000,
    b'{"id": ' + b"[" * 900 + b"]" * 900 + b', "caption": "red"}',
    b'{"id": "cut", "caption": "unclo',
    b"[1, 2]",
    b"7",
    b'{"id": "not utf-8", "caption": "\xff"}',
    b'{"id": "half", "caption": "dress \\ud83d"}',
    b'{"id": "pixels", "sketch": "' + b"iVBORw0KGgo" * 2000 + b'"}',
    b'{"id": "nul", "sketch": "a\\u0000b"}',
    b'{"id": "half a name", "sketch": "\\ud83d.png"}',
    b'{"id": "endless", "caption": "red", "sketch_weight": 1' + b"0" * 400 + b"}",
    b'{"id": "infinite", "caption": "red", "sketch_weight": 1e999}',
    b'{"id": "none", "caption": "red", "sketch_weight": NaN}',
    b'{"id": "negative", "caption": "red", "k": -1}',
    b'{"id": "too long", "caption": "red", "k": 1' + b"0" * 5000 + b"}",
    b'{"id": "page", "caption": "red", "page": -1' + b"0" * 30 + b"}",
    b'{"id": "fusion", "caption": "red", "fusion": "\\ud83d\\u001b[2J"}',
    b'{"id": "like", "like": ["\\ud83d"]}',
    b'{"id": "where", "caption": "red", "where": "\\ud83d=1"}',
    b'{"id": "wide", "caption": {"a": 1}}',
)


def test_a_hostile_line_gets_its_error_and_the_others_are_answered(
    capsys: pytest.CaptureFixture[str], index_dir: Path, tmp_path: Path
) -> None:
    path = tmp_path / "q.jsonl"
    good = [
        b'\xef\xbb\xbf{"id": "first", "caption": "red"}',
        b'{"id": "last", "caption": "blue bag", "k": 1' + b"0" * 30,
    ]
    path.write_bytes(b"\n".join([good[0], *LINES, good[1] + b"}"]))
    code, out, err = run(capsys, "search", "--gallery", index_dir, "--queries", path, "--k", 2)
    answers = [json.loads(line) for line in out.splitlines()]
    assert (code, len(answers)) == (0, len(LINES) + 2)
    assert [answer["id"] for answer in answers[:: len(answers) - 1]] == ["first", "last"]
    assert [len(answer["hits"]) for answer in answers] == [2, *[0] * len(LINES), len(answers[-1]["hits"])]
    assert len(answers[-1]["hits"]) > 2
    told = [line for line in err.splitlines() if line.startswith("error: ")]
    assert len(told) == len(LINES) and "Traceback" not in err and "\x1b" not in err
    path.write_bytes(b"\n".join(LINES))
    assert run(capsys, "search", "--gallery", index_dir, "--queries", path)[0] == 1
