"""The search as a whole, measured: by titles, with typing errors, and by brands."""

import json
import random

import numpy as np
from rapidfuzz.distance import OSA

from retrieval.evaluation.gallery import Gallery, Subject
from retrieval.evaluation.whole.gallery_words import gallery_words_section, with_typing_errors
from retrieval.sketches.preprocessing import LINE_GRID_PX, black_drawing
from retrieval.values.datatypes import CatalogItem
from tests.retrieval.commands.test_commands import run

BRANDS = ["Nike"] * 3 + ["Puma"] * 3
ITEMS = tuple(
    CatalogItem(str(i), f"{i}.jpg", f"{brand} Runner {i}", f"/{i}.jpg", {"brand": brand, "articleType": "Flats"})
    for i, brand in enumerate(BRANDS)
)
NOTHING = np.zeros((6, 1), np.float32)
GALLERY = Gallery(ITEMS, (), NOTHING, NOTHING, queries=6)
DRAWN = [Subject(4, ITEMS[4], black_drawing(np.eye(LINE_GRID_PX, dtype=bool)))]


def test_each_row_asks_what_its_name_says():
    asked = []

    def find(drawing, caption):
        asked.append((drawing is not None, caption))
        brand = "Nike" if "nike" in caption.lower() else "Puma"
        own = [i for i in range(6) if BRANDS[i] == brand]
        return sorted(own, key=lambda i: ITEMS[i].title != caption)

    rows = gallery_words_section(find, GALLERY, DRAWN).rows
    assert (rows["title"]["R@1"].mean, rows["title"]["R@10"].mean) == (1.0, 1.0)
    assert rows["drawing + title"]["R@1"].mean == 1.0
    assert rows["'{brand} {kind}'"]["of those available"].mean == 1.0
    assert rows["drawing + another brand"]["brand P@10"].mean == 1.0
    assert (True, "nike") in asked and (False, "puma flats") in asked
    assert len([caption for drawn, caption in asked if not drawn]) == 3 * 6 + 2


def test_a_search_that_finds_nothing_and_a_gallery_without_brands_are_measured():
    rows = gallery_words_section(lambda drawing, caption: [], GALLERY, []).rows
    assert rows["title"]["R@10"].mean == 0.0 and rows["'{brand} {kind}'"]["of those available"].mean == 0.0
    bare = Gallery(tuple(CatalogItem(str(i), "", "a", "", {}) for i in range(3)), (), NOTHING, NOTHING, queries=3)
    rows = gallery_words_section(lambda drawing, caption: [0], bare, []).rows
    assert set(rows) == {"title", "title, typing errors in 1 word", "title, typing errors in 2 words"}


def test_typing_errors_are_seeded_and_one_a_word():
    title = "Puma Women Black Running Shoes 42"
    for seed in range(50):
        typed = with_typing_errors(title, 2, random.Random(seed))
        assert typed == with_typing_errors(title, 2, random.Random(seed))
        errors = [OSA.distance(*pair) for pair in zip(title.split(), typed.split(), strict=True)]
        assert max(errors) <= 1 and 1 <= sum(errors) <= 2
    assert with_typing_errors("a 1", 2, random.Random(0)) == "a 1"


def test_the_command_measures_the_search_itself(capsys, gallery, encoder_folder):
    code, out, _ = run(capsys, "evaluate", "--data", gallery, "--encoder", encoder_folder, "--json")
    assert code == 0
    title = json.loads(out)["sections"]["gallery_words"]["title"]
    assert title["R@10"]["mean"] == 1.0  # ten items: each is found by its words
