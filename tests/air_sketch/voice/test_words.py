"""Pronunciations and the model of captions."""

import math
from collections import defaultdict

import pytest

from air_sketch.voice.words.language_model import END, START, UNKNOWN, count_grams, language_model
from air_sketch.voice.words.letter_rules import spell_out
from air_sketch.voice.words.pronunciation import pronounce
from air_sketch.voice.words.vocabulary import OWN_PRONUNCIATIONS, read_dictionary, speech_vocabulary

LINES = """
lark L AA R K
hollow HH AA L OW
pleat P L IY T
fringe F R IH N JH
strap S T R AE P
color K AH L ER
neck N EH K
read R IY D
read(2) R EH D
man M AE N
hoo HH UW
die D AY
"""
DICTIONARY = read_dictionary(LINES.splitlines())
PHONEMES = frozenset(
    ("AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH", "IH", "IY", "JH")
    + ("K", "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH", "UH", "UW", "V", "W", "Y", "Z", "ZH")
)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("hollow", "HH AA L OW"),
        ("larkhollow", "L AA R K HH AA L OW"),
        ("pleated", "P L IY T IH D"),
        ("fringed", "F R IH N JH D"),
        ("fringes", "F R IH N JH IH Z"),
        ("straps", "S T R AE P S"),
        ("strappy", "S T R AE P IY"),
        ("colour", "K AH L ER"),
        ("v-neck", "V IY N EH K"),
        ("man's", "M AE N Z"),
        ("dvd", "D IY V IY D IY"),
        ("nike", "N AY K"),
        ("zaltuna", "Z AO L T AH N AH"),
    ],
)
def test_words_are_looked_up_put_together_or_spelt_out(word, said):
    assert " ".join(pronounce(word, DICTIONARY)[0]) == said


def test_a_word_keeps_all_its_ways_and_short_words_are_no_compounds():
    assert pronounce("read", DICTIONARY) == [("R", "IY", "D"), ("R", "EH", "D")]
    assert pronounce("hoodie", DICTIONARY) != [("HH", "UW", "D", "AY")]


@pytest.mark.parametrize("word", ["22l", "4/4", "-", "'", "", "...", "日本"])
def test_what_cannot_be_said_has_no_pronunciation(word):
    assert pronounce(word, DICTIONARY) == []


def test_every_word_of_letters_gets_phonemes_and_only_those():
    for word in (
        "brambury",
        "zephyrin",
        "wexley",
        "xylograph",
        "psychqz",
        "aeiou",
        "yyy",
        "queue",
        "tchghsh",
        "é" * 3 + "t",
    ):
        for phones in pronounce(word, {}):
            assert phones and set(phones) <= PHONEMES, word
    assert spell_out("") == ()


def test_our_own_pronunciations_are_well_formed():
    own = read_dictionary(OWN_PRONUNCIATIONS.read_text().splitlines())
    lines = [line for line in OWN_PRONUNCIATIONS.read_text().splitlines() if line.strip()]
    assert sum(len(ways) for ways in own.values()) == len(lines)
    assert all(set(phones) <= PHONEMES for ways in own.values() for phones in ways)


def read_arpa(text):
    """(gram -> probability, gram -> back-off weight) of an ARPA file."""
    chances, weights = {}, {}
    for line in text.splitlines():
        parts = line.split()
        if parts and (parts[0].startswith("-") or parts[0][0].isdigit()) and "\\" not in line:
            number = float(parts[0])
            rest = parts[1:]
            if len(rest) > 1 and rest[-1].lstrip("-").replace(".", "", 1).isdigit():
                weights[tuple(rest[:-1])] = 10 ** float(rest[-1])
                rest = rest[:-1]
            chances[tuple(rest)] = 10**number
    return chances, weights


def chance(gram, chances, weights):
    if gram in chances:
        return chances[gram]
    return weights.get(gram[:-1], 1.0) * chance(gram[1:], chances, weights)


CAPTIONS = [["a", "red", "dress"], ["red", "dress"], ["blue", "dress"], ["a", "blue", "hat", "with", "buttons"]]


def test_the_model_is_a_probability_after_every_history():
    chances, weights = read_arpa(
        language_model(count_grams(CAPTIONS), {"hello": 0.6, "you": 0.4, "red": 9.0}, 0.2).arpa_text()
    )
    words = {gram[0] for gram in chances if len(gram) == 1} - {START}
    assert {"hello", "you", END} <= words
    histories = [(), (START,), ("red",), ("hello",), (START, "a"), ("a", "red"), ("dress", "with"), ("you", "hello")]
    for history in histories:
        total = sum(chance((*history, word), chances, weights) for word in words)
        assert math.isclose(total, 1.0, abs_tol=0.01), (history, total)


def test_words_in_their_usual_order_are_likely_and_any_other_order_is_possible():
    chances, weights = read_arpa(language_model(count_grams(CAPTIONS), {}, 0.2).arpa_text())

    def caption(*words):
        marked = (START, *words, END)
        return math.prod(chance(marked[max(0, i - 2) : i + 1], chances, weights) for i in range(1, len(marked)))

    assert caption("a", "red", "dress") > 5 * caption("dress", "red", "a") > 0
    assert caption("blue", "dress", "with", "buttons") > 0


def test_the_model_tells_the_same_chances_as_its_file():
    model = language_model(count_grams(CAPTIONS), {"hello": 0.6, "you": 0.4}, 0.2)
    chances, weights = read_arpa(model.arpa_text())
    words = {gram[0] for gram in chances if len(gram) == 1} - {START}
    for history in [(), (START,), ("hello",), (START, "a"), ("a", "red"), ("with", "a", "red"), ("you", "hello")]:
        for word in words:
            told = math.exp(model.log_chance(history, word))
            assert math.isclose(told, chance((*history[-2:], word), chances, weights), rel_tol=1e-3), (history, word)
    assert model.log_chance(("a", "red"), "quux") <= UNKNOWN
    whole = model.log_chance((START,), "red") + model.log_chance((START, "red"), "dress")
    assert math.isclose(model.log_chance_of(["red", "dress"]), whole + model.log_chance(("red", "dress"), END))


def test_everyday_words_that_captions_use_are_caption_words():
    vocabulary = speech_vocabulary(
        ["man hollow", "22l hollow", "lark"], DICTIONARY, defaultdict(float, {"read": 0.5, "man": 0.9}).__getitem__, 1
    )
    assert vocabulary.caption_words == {"man", "hollow", "lark"}
    assert "read(2) R EH D" in vocabulary.dictionary_text
    talk, captions = vocabulary.talk_model.arpa_text(), vocabulary.caption_model.arpa_text()
    assert " read " in talk and " read " not in captions
    assert " 22l" not in talk + captions
