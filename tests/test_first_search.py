"""The first search of a new user: the shipped encoder on the demo gallery, which is drawn and indexed on the way."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
SHIPPED = REPOSITORY / "checkpoints" / "air-sketch-mini"
REDS = {"Red", "Maroon"}
BLUES = {"Blue", "Navy Blue", "Turquoise Blue", "Teal"}
FAMILIES = {"red": REDS, "blue": BLUES, "black": {"Black"}, "pink": {"Pink"}, "green": {"Green", "Olive", "Teal"}}


@pytest.fixture(scope="module")
def searcher(tmp_path_factory):
    from retrieval import Searcher

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIR_SKETCH_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("AIR_SKETCH_ENCODER", raising=False)
        yield Searcher.open("galleries/demo")


@pytest.fixture(scope="module")
def dress_drawing(tmp_path_factory):
    picture = tmp_path_factory.mktemp("drawing") / "dress.png"
    run_main("replay", "samples/dress.jsonl", "--save", str(picture))
    return cv2.cvtColor(cv2.imread(str(picture)), cv2.COLOR_BGR2RGB)


def run_main(*arguments, module=("main.py",)):
    done = subprocess.run(
        [sys.executable, *module, *arguments], cwd=REPOSITORY, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def in_black(drawing):
    """The same drawing in black ink."""
    ink = (drawing.min(axis=2) < 200)[:, :, None]
    return np.where(ink, 0, 255).astype(np.uint8).repeat(3, axis=2)


def share(hits, column, wanted):
    return sum(hit.item.fields[column] in wanted for hit in hits) / len(hits)


def test_the_demo_gallery_is_there_with_everything_that_cards_show(searcher):
    assert len(searcher) >= 1000
    kinds = {item.kind for item in searcher.items}
    assert len(kinds) >= 20
    with (searcher.images / "metadata.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(searcher)
    assert all(row["title"] and row["brand"] and float(row["price"]) > 0 and row["url"] for row in rows)


def test_red_dress_puts_red_dresses_first(searcher):
    red_dresses = {i.id for i in searcher.items if i.kind == "Dresses" and i.colour == "Red"}
    hits = searcher.search(caption="red dress", k=10)
    assert all(hit.item.kind == "Dresses" and hit.item.colour in REDS for hit in hits[:3])
    assert len(red_dresses & {hit.item.id for hit in hits}) >= 0.6 * min(len(red_dresses), 10)


@pytest.mark.parametrize(
    ("caption", "kinds"),
    [
        ("sunglasses", {"Sunglasses"}),
        ("a wristwatch", {"Watches"}),
        ("umbrella", {"Umbrellas"}),
        ("backpack", {"Backpacks"}),
        ("blue jeans", {"Jeans"}),
        ("a red handbag", {"Handbags", "Clutches"}),
        ("black formal shoes", {"Formal Shoes"}),
    ],
)
def test_words_alone_find_their_kind(searcher, caption, kinds):
    assert share(searcher.search(caption=caption, k=5), "articleType", kinds) >= 0.8


def test_another_colour_word_changes_the_colour_of_the_hits_for_the_same_drawing(searcher, dress_drawing):
    drawing = in_black(dress_drawing)
    best = {}
    for colour, family in FAMILIES.items():
        hits = searcher.search(sketch=drawing, caption=f"a {colour} dress", k=5)
        assert share(hits, "articleType", {"Dresses", "Skirts"}) >= 0.6, colour
        assert share(hits, "baseColour", family) >= 0.4, colour
        best[colour] = hits[0].item.id
    assert len(set(best.values())) >= 4


def test_a_drawing_alone_finds_its_kind(searcher, dress_drawing):
    assert share(searcher.search(sketch=in_black(dress_drawing), k=10), "articleType", {"Dresses"}) >= 0.5


def test_each_demo_item_is_found_by_its_own_title(searcher):
    rng = np.random.default_rng(0)
    chosen = [searcher.items[int(i)] for i in rng.choice(len(searcher), 60, replace=False)]
    found = [item.id in {hit.item.id for hit in searcher.search(caption=item.title, k=10)} for item in chosen]
    assert np.mean(found) >= 0.8


def test_replay_goes_the_whole_way_from_landmarks_to_hits(searcher, tmp_path):
    picture = tmp_path / "out.png"
    printed = run_main(
        *("replay", "samples/handbag.jsonl", "--caption", "a handbag", "--json", "--save", str(picture)),
        *("--gallery", str(searcher.images), "--k", "5"),
    )
    hits = json.loads(printed)["hits"]
    assert [hit["rank"] for hit in hits] == [1, 2, 3, 4, 5]
    assert sum("bag" in hit["title"].lower() or "tote" in hit["title"].lower() for hit in hits) >= 3
    assert picture.is_file()


def test_the_shipped_encoder_is_small_complete_and_half_precision():
    from safetensors import safe_open

    names = {path.name for path in SHIPPED.iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json", "preprocessor_config.json", "fusion.json"} <= names
    assert "README.md" in names
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) <= 40_000_000
    with safe_open(SHIPPED / "model.safetensors", "pt") as weights:
        assert all(weights.get_slice(name).get_dtype() == "F16" for name in weights.keys())  # noqa: SIM118


def test_the_windows_seam_hands_over_filter_page_balance_and_picked_card(searcher):
    from air_sketch.values.datatypes import SearchRequest
    from air_sketch.values.errors import SearchError
    from bridge.search import GallerySearch

    search = GallerySearch(searcher, None)
    first = search.search(SearchRequest(None, "red dress", 9, where="price<100")).cards
    second = search.search(SearchRequest(None, "red dress", 9, where="price<100", page=1)).cards
    assert [card.rank for card in first + second] == list(range(1, 19))
    assert len({card.id for card in first + second}) == 18
    assert all(float(card.record["price"]) < 100 for card in first + second)
    again = search.search(SearchRequest(None, "red dress", 9, where="price<100")).cards
    assert all(a.thumbnail_rgb is b.thumbnail_rgb for a, b in zip(first, again, strict=True))
    liked = search.search(SearchRequest(None, "blue", 9, like=(first[0].id,), sketch_weight=0.4)).cards
    assert first[0].id not in {card.id for card in liked}
    assert all(card.words_score is not None and card.like_score is not None for card in liked)
    with pytest.raises(SearchError, match="character 6: expected one of"):
        search.search(SearchRequest(None, "red dress", 9, where="price"))


@pytest.mark.parametrize(("colour", "caption"), [("Red", "red"), ("Blue", "blue"), ("Black", "black")])
def test_a_picked_picture_and_a_colour_word_find_its_kind_in_that_colour(searcher, colour, caption):
    kinds = ("Handbags", "Tshirts", "Heels", "Dresses")
    others = FAMILIES[caption] | {colour}
    picked = [next(i for i in searcher.items if i.kind == kind and i.colour not in others) for kind in kinds]
    found = [searcher.search(like=item.id, caption=caption, k=5) for item in picked]
    assert np.mean([share(hits, "articleType", {item.kind}) for item, hits in zip(picked, found, strict=True)]) >= 0.5
    assert np.mean([share(hits, "baseColour", FAMILIES[caption] | {colour}) for hits in found]) >= 0.4


def test_copies_of_pictures_are_folded_and_different_items_are_not(searcher, tmp_path):
    from retrieval import Searcher

    for item in searcher.items[:120:10]:
        photo = cv2.imread(item.image)
        cv2.imwrite(str(tmp_path / f"{item.id}.png"), photo)
        cv2.imwrite(str(tmp_path / f"{item.id}-poor.jpg"), photo, [cv2.IMWRITE_JPEG_QUALITY, 40])
        half = cv2.resize(photo, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(tmp_path / f"{item.id}-half.png"), half)
    copies = Searcher.open(tmp_path)
    apart, folded = copies.search(caption="red bag", k=50), copies.search(caption="red bag", k=50, fold=True)
    assert len(apart) == 36
    assert 12 <= len(folded) <= 14  # a copy in another format may stay apart now and then
    assert all(
        len({hit.item.id.split(".")[0][:10], *(i.id.split(".")[0][:10] for i in hit.alike)}) == 1 for hit in folded
    )
    whole = searcher.search(caption="bag", k=100, fold=True)
    assert sum(len(hit.alike) for hit in whole) <= 2
