"""The beam search over captions, on pieces that are letters and chances that are written by hand."""

import math

import numpy as np
import pytest

from air_sketch.voice.words.caption_search import CaptionSearch, piece_tree
from air_sketch.voice.words.language_model import count_grams, language_model

LETTERS = "\0$.abcdefghijklmnopqrstuvwxyz_"  # nothing, the end, a full stop, letters, the start of a word
END, FULL_STOP = 1, 2
CAPTIONS = [["a", "red", "dress"], ["red", "dress"], ["a", "blue", "dress"], ["blue", "hat"], ["red", "hat"]]
NEVER = -50.0


def spelt(word):
    return [LETTERS.index(letter) for letter in "_" + word]


class Heard:
    """Hears a row of letters: at each place some letters are likely, all others nearly never."""

    def __init__(self, *places):
        self.places = places
        self.said = [[]]

    def begin(self):
        return self._rows()

    def extend(self, parents, pieces):
        self.said = [[*self.said[parent], piece] for parent, piece in zip(parents, pieces, strict=True)]
        return self._rows()

    def _rows(self):
        rows = np.full((len(self.said), len(LETTERS)), NEVER, np.float32)
        for row, said in enumerate(self.said):
            place = self.places[len(said)] if len(said) < len(self.places) else {"$": 1.0}
            for letter, chance in place.items():
                rows[row, LETTERS.index(letter)] = math.log(chance)
        return rows


def letters(text):
    return [{letter: 1.0} for letter in text]


def search(model_weight=0.0, word_bonus=0.0, beam=8, captions=CAPTIONS):
    words = sorted({word for caption in captions for word in caption})
    tree = piece_tree((word, spelt(word)) for word in words)
    model = language_model(count_grams(captions))
    return CaptionSearch(model, tree, END, FULL_STOP, model_weight, word_bonus, beam)


def texts(found):
    return [" ".join(caption.words) for caption in found]


@pytest.mark.parametrize("end", ["$", ".$"])
def test_what_is_heard_clearly_is_found_with_a_chance_for_each_word_and_the_end(end):
    heard = Heard(*letters("_red_"), {"d": 0.5, "h": 0.1}, *letters("ress" + end))
    best = search().find(heard)[0]
    assert best.words == ("red", "dress")
    assert best.log_chances == pytest.approx((0.0, math.log(0.5), 0.0), abs=1e-5)
    assert best.score == pytest.approx(math.log(0.5), abs=1e-5)


def test_only_known_words_are_found_however_clear_another_is():
    heard = Heard(*letters("_"), {"z": 0.9, "r": 0.1}, *letters("ed$"))
    assert texts(search().find(heard))[0] == "red"


def test_the_language_model_decides_where_the_sound_does_not():
    def heard():  # "a hat" a little more likely than "a red", which captions go on from
        unsure = [{"r": 0.4, "h": 0.6}, {"e": 0.4, "a": 0.6}, {"d": 0.4, "t": 0.6}]
        return Heard(*letters("_a_"), *unsure, {"_": 0.5, "$": 0.5}, *letters("dress$"))

    assert texts(search().find(heard()))[0] == "a hat"
    assert texts(search(model_weight=3.0).find(heard()))[0] == "a red dress"


def test_each_caption_is_found_once_with_or_without_its_full_stop():
    found = search().find(Heard(*letters("_red"), {".": 0.5, "$": 0.5}, *letters("$")))
    assert texts(found).count("red") == 1


def test_a_bonus_for_words_favours_the_longer_caption():
    def heard():
        return Heard(*letters("_red"), {"$": 0.6, "_": 0.4}, *letters("hat$"))

    assert texts(search().find(heard()))[0] == "red"
    assert texts(search(word_bonus=1.0).find(heard()))[0] == "red hat"


def test_words_that_begin_alike_stay_apart():
    captions = [["hat"], ["hats"], ["hat", "stand"]]
    assert texts(search(captions=captions).find(Heard(*letters("_hat$"))))[0] == "hat"
    assert texts(search(captions=captions).find(Heard(*letters("_hats$"))))[0] == "hats"
    assert texts(search(captions=captions).find(Heard(*letters("_hat_stand$"))))[0] == "hat stand"


@pytest.mark.parametrize("beam", [1, 2, 50])
def test_any_beam_gives_whole_captions_in_order_and_it_always_ends(beam):
    rng = np.random.default_rng(beam)

    class Noise:
        def begin(self):
            return self.extend([0], [0])

        def extend(self, parents, pieces):
            assert len(parents) == len(pieces) <= beam
            return np.log(rng.dirichlet(np.ones(len(LETTERS)), len(pieces))).astype(np.float32)

    found = search(0.5, 1.0, beam).find(Noise())
    assert [caption.score for caption in found] == sorted((c.score for c in found), reverse=True)
    assert all(len(caption.log_chances) == len(caption.words) + 1 and caption.words for caption in found)


def test_without_words_there_is_nothing_to_find():
    assert search(captions=[[]]).find(Heard(*letters("_red$"))) == []
