from __future__ import annotations

import random
import unicodedata

from retrieval.words.korean_captions import in_korean, korean_words
from retrieval.words.lexicon import translate


def is_hangul(word: str) -> bool:
    return any(unicodedata.name(letter, "").startswith("HANGUL") for letter in word)


def test_captions_are_said_in_korean_word_by_word() -> None:
    said = {in_korean("a red dress for women", random.Random(seed)) for seed in range(60)}
    assert any(all(map(is_hangul, caption.split())) for caption in said)
    assert any("dress" in caption and is_hangul(caption) for caption in said)  # mixed, as people type
    assert len(said) > 20


def test_korean_captions_mean_what_the_english_ones_say() -> None:
    for seed in range(30):
        english = " ".join(
            piece.english or piece.source for piece in translate(in_korean("red t-shirt", random.Random(seed)))
        )
        assert "red" in english
        assert "t-shirt" in english


def test_words_without_korean_stay() -> None:
    assert in_korean("zzyzx", random.Random(0)) == "zzyzx"
    assert in_korean("", random.Random(0)) == ""


def test_the_vocabulary_of_korean_captions_is_korean() -> None:
    words = korean_words()
    assert "원피스" in words
    assert len(words) == len(set(words)) > 500
