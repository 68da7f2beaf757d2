"""One form for the many in which the same word is written."""

import pytest

from retrieval.words.terms import stem, terms, tokens


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("T-Shirts", "tshirt"), ("dresses", "dress"), ("SHOES!!!", "shoe"), ("women's", "women"), ("cafés", "cafe"),
        ("ladies", "lady"), ("boxes", "box"), ("watches", "watch"), ("jeans", "jean"), ("O'Neill", "oneill"),
        ("briefs", "brief"), ("bus", "bus"), ("glass", "glass"), ("\uff2e\uff29\uff2b\uff25", "nike"),
    ],
)  # fmt: skip
def test_forms_of_a_word_meet(written, meant):
    assert terms(written)[0] == meant


def test_a_lone_letter_joins_the_next_word_and_hyphens_are_looked_through():
    assert {"vneck", "neck"} <= set(terms("Red V Neck")) & set(terms("v-neck"))
    assert {"tshirt", "shirt"} <= set(terms("t shirt")) & set(terms("t-shirt"))


def test_words_without_spaces_are_found_by_pairs_of_letters():
    assert set(terms("원피스")) & set(terms("롱원피스를")) == {"원피", "피스"}
    assert tokens("빨간 원피스!") == ["빨간", "원피스"]


def test_short_words_and_other_scripts_stay():
    assert [stem(word) for word in ("gas", "xs", "платья", "as")] == ["gas", "xs", "платья", "as"]
