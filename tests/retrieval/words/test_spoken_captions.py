"""Captions for a speech recogniser to learn from."""

from __future__ import annotations

from retrieval.values.datatypes import CatalogItem
from retrieval.words.captions import normalize_caption
from retrieval.words.spoken_captions import spoken_captions


def item(title: str, **fields: str) -> CatalogItem:
    return CatalogItem(title, f"{title}.jpg", title, f"{title}.jpg", fields)


ITEMS = (
    item(
        "Quux & Co Women Teal 22L Crossover Bodice Dress", brand="Quux & Co", articleType="Dresses", baseColour="Teal"
    ),
    item("Zib Men Gray Space Suit", brand="Zib", articleType="Space Suit", baseColour="NA", gender="Men"),
)


def test_the_gallerys_words_and_the_general_ones_are_both_there() -> None:
    captions = spoken_captions(ITEMS)
    words = {word for caption in captions for word in caption.split()}
    assert {"quux", "and", "co", "zib", "space", "suit", "teal", "crossover", "bodice"} <= words
    assert {"nike", "dress", "t-shirt", "with", "chain", "velvet", "polka", "women's", "for"} <= words


def test_captions_are_in_spoken_form_and_always_the_same() -> None:
    captions = spoken_captions(ITEMS)
    assert captions == spoken_captions(ITEMS)
    assert len(set(captions)) > 5000
    for caption in captions:
        assert caption == caption.strip() and caption
        assert not any(sign.isdigit() or sign in "&,()/" for sign in caption), caption
        assert "gray" not in caption.split() and "na" not in caption.split()
    assert sum(normalize_caption(caption) == caption for caption in captions) > 0.99 * len(captions)


def test_an_empty_gallery_leaves_the_general_words() -> None:
    assert len(spoken_captions(())) > 5000


def test_words_of_few_titles_are_left_out_of_a_large_gallery() -> None:
    items = [
        item(f"Red Shirt Model{chr(97 + i // 26 % 26)}{chr(97 + i % 26)}{chr(97 + i // 676)}") for i in range(4000)
    ]
    words = {word for caption in spoken_captions(items) for word in caption.split()}
    assert "shirt" in words and not any(word.startswith("model") for word in words)
