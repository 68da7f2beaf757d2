from __future__ import annotations

import random
import re

import pytest

from retrieval.gallery.demo import packed_demo_items
from retrieval.words.captions import (
    COLOUR_WORDS,
    GENDER_WORDS,
    KIND_WORDS,
    article,
    colour_words,
    compose,
    drop_words,
    kind_words,
    normalize_caption,
    short_caption,
)
from retrieval.words.inks import COLOUR_RGB, INKABLE


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("  Grey Tee-Shirt ", "grey t-shirt"),
        ("T Shirt", "t-shirt"),
        ("tshirt", "t-shirt"),
        ("TEE", "t-shirt"),
        ("two t shirts", "two t-shirts"),
        ("tees", "t-shirts"),
        ("gray", "grey"),
        ("grayish top", "grey top"),
        ("multi colored", "multi coloured"),
        ("color blocks", "colour blocks"),
        ("colors", "colours"),
        ("jewelry", "jewellery"),
        ("pajamas", "pyjamas"),
        ("flip-flop", "flip flops"),
        ("flipflops", "flip flops"),
        ("hand bag", "handbag"),
        ("back pack", "backpack"),
        ("men\u2019s", "men's"),
        ("men`s", "men's"),
        ("rouge\u00a0\n\t fonc\u00e9", "rouge fonc\u00e9"),
        ("\uff32\uff25\uff24", "red"),
        ("show me a red dress please", "a red dress"),
        ("I'm looking for Black Boots", "black boots"),
        ("dark-blue hand-bag", "dark blue handbag"),
        ("woman's long-sleeved chequered shirt", "women's long sleeved checked shirt"),
        ("sun glasses", "sunglasses"),
        ("waist coat", "waistcoat"),
        ("a T shirt for men", "a t-shirt for men"),
        ("steel", "steel"),
        ("committee", "committee"),
        ("\ube68\uac04 \ub4dc\ub808\uc2a4", "\ube68\uac04 \ub4dc\ub808\uc2a4"),
        ("\U0001f457", "\U0001f457"),
        (" \t\n", ""),
        ("", ""),
    ],
)
def test_spellings_become_one(typed: str, read: str) -> None:
    assert normalize_caption(typed) == read
    assert normalize_caption(read) == read


@pytest.mark.parametrize("word", ["trousers", "trouser", "pants", "track pants", "saree", "sari", "ear rings"])
def test_words_that_the_encoder_learnt_apart_stay_apart(word: str) -> None:
    assert normalize_caption(word) == word
    assert normalize_caption(f"a {word}") == f"a {word}"


def test_no_caption_that_the_encoder_learnt_from_reads_otherwise_than_then() -> None:
    """New spellings are only for what training never held; half of its captions begin with an article."""
    for words in [*KIND_WORDS.values(), *COLOUR_WORDS.values(), *GENDER_WORDS.values()]:
        for word in words:
            assert normalize_caption(word) == _as_in_training(word), word
    for item in packed_demo_items()[:300]:
        assert normalize_caption(item.title) == _as_in_training(item.title)


def _as_in_training(text: str) -> str:
    """The spelling that the shipped encoder was trained on, for text without unusual letters."""
    plain = " ".join(text.lower().split())
    for pattern, spelling in (
        (r"\btee[- ]?shirts?\b|\bt[- ]?shirt\b|\btee\b", "t-shirt"),
        (r"\bt[- ]?shirts\b|\btees\b", "t-shirts"),
        (r"\bgray\b", "grey"),
        (r"\bjewelry\b", "jewellery"),
        (r"\bpajamas\b", "pyjamas"),
        (r"\b(hand|back) (bag|pack)\b", r"\1\2"),
    ):
        plain = re.sub(pattern, spelling, plain)
    return plain


def test_normalising_twice_changes_nothing() -> None:
    rng = random.Random(0)
    words = (
        "tee",
        "t",
        "shirt",
        "shirts",
        "tees",
        "gray",
        "hand",
        "bag",
        "back",
        "pack",
        "color",
        "jewelry",
        "flip-flop",
    )
    for _ in range(300):
        text = " ".join(rng.choices(words, k=rng.randint(1, 6)))
        once = normalize_caption(text)
        assert normalize_caption(once) == once, text


@pytest.mark.parametrize(
    ("words", "read"),
    [("dress", "a dress"), ("orange dress", "an orange dress"), ("jeans", "jeans"), ("blue socks", "blue socks")],
)
def test_articles_fit_the_words(words: str, read: str) -> None:
    assert article(words) == read


@pytest.mark.parametrize(
    ("fields", "read"),
    [
        ({"baseColour": "Red", "articleType": "Dresses"}, "a red dress"),
        ({"baseColour": "Navy Blue", "articleType": "Jeans"}, "navy blue jeans"),
        ({"articleType": "Umbrellas"}, "an umbrella"),
        ({"baseColour": "NA", "articleType": "Tshirts"}, "a t-shirt"),
        ({"baseColour": "Orange"}, "an orange"),
        ({"articleType": "Space Suit"}, "a space suit"),
        ({"title": "Gray  Thing"}, "grey thing"),
        ({}, ""),
    ],
)
def test_a_short_caption_is_colour_and_kind(fields: dict[str, str], read: str) -> None:
    assert short_caption(fields) == read


def test_composed_captions_always_say_the_kind_and_never_nothing() -> None:
    rng = random.Random(1)
    columns = {
        "baseColour": ["", "NA", "Red", *COLOUR_WORDS, *COLOUR_RGB],
        "gender": ["", "NA", "Alien", *GENDER_WORDS],
        "brand": ["", "Nike", "H&M"],
        "pattern": ["", "Solid", "NA", "Striped"],
        "material": ["", "Denim"],
        "usage": ["", "NA", "Casual", "Sports"],
    }
    for kind in [*KIND_WORDS, "Space Suit"]:
        for _ in range(25):
            fields = {"articleType": kind} | {name: rng.choice(values) for name, values in columns.items()}
            caption = compose(fields, rng).text
            assert any(normalize_caption(word) in caption for word in kind_words(kind)), caption
            assert caption == normalize_caption(caption)
            assert not {"nan", "na", "none", "alien"} & set(caption.split()), caption


def test_composing_is_deterministic_and_varied() -> None:
    fields = {"articleType": "Dresses", "baseColour": "Maroon", "gender": "Women", "title": "x"}
    captions = [compose(fields, random.Random(seed)).text for seed in range(60)]
    assert captions == [compose(fields, random.Random(seed)).text for seed in range(60)]
    assert len(set(captions)) > 8


def test_without_a_kind_the_title_is_the_caption() -> None:
    assert compose({"title": "Some  GRAY thing"}, random.Random(0)).text == "some grey thing"
    assert compose({}, random.Random(0)).text == ""


def test_dropping_words_leaves_at_least_one() -> None:
    rng = random.Random(3)
    for _ in range(200):
        title = "red summer dress with lace"
        kept = drop_words(title, rng)
        assert kept
        assert [word for word in title.split() if word in kept.split()] == kept.split()
    assert all(drop_words("dress", rng) == "dress" for _ in range(20))
    assert drop_words("", rng) == ""


def test_every_listed_word_reads_as_it_is_listed() -> None:
    for words in [*KIND_WORDS.values(), *COLOUR_WORDS.values()]:
        assert words
        assert all(word == word.strip().lower() and word for word in words)
    assert set(COLOUR_RGB) >= INKABLE
    assert colour_words("Red") == ("red",)
    assert kind_words("") == colour_words("") == colour_words("NA") == ()
