"""The model of captions."""

import math

import pytest

from air_sketch.voice.words.language_model import END, START, UNKNOWN, count_grams, language_model

CAPTIONS = [["a", "red", "dress"], ["red", "dress"], ["blue", "dress"], ["a", "blue", "hat", "with", "buttons"]]


WORDS = {word for caption in CAPTIONS for word in caption} | {END}


@pytest.fixture(scope="module")
def model():
    return language_model(count_grams(CAPTIONS))


def test_the_model_is_a_probability_after_every_history(model):
    histories = [(), (START,), ("red",), ("quux",), (START, "a"), ("a", "red"), ("dress", "with"), ("hat", "a")]
    for history in histories:
        total = sum(math.exp(model.log_chance(history, word)) for word in WORDS)
        assert math.isclose(total, 1.0, abs_tol=0.01), (history, total)


def test_words_in_their_usual_order_are_likely_and_any_other_order_is_possible(model):
    usual, odd = model.log_chance_of(["a", "red", "dress"]), model.log_chance_of(["dress", "red", "a"])
    assert usual > odd + math.log(5) and odd > UNKNOWN
    assert model.log_chance_of(["blue", "dress", "with", "buttons"]) > UNKNOWN


def test_only_the_last_two_words_count_and_unknown_ones_are_rarest(model):
    assert model.log_chance(("with", "a", "red"), "dress") == model.log_chance(("a", "red"), "dress")
    assert model.log_chance(("a", "red"), "quux") <= UNKNOWN
    whole = model.log_chance((START,), "red") + model.log_chance((START, "red"), "dress")
    assert math.isclose(model.log_chance_of(["red", "dress"]), whole + model.log_chance(("red", "dress"), END))
