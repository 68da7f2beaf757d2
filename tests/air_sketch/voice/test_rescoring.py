"""Two recognisers that disagree, made of numbers; and what happens where one of them is missing."""

import logging

import numpy as np
import pytest

from air_sketch.values.datatypes import Speech
from air_sketch.values.errors import SpeechError
from air_sketch.voice.recognizers import moonshine, offline
from air_sketch.voice.recognizers.offline import offline_recognizer
from air_sketch.voice.recognizers.rescoring import LEAST_LOG_CHANCE, Candidate, RescoringRecognizer, confidence_of
from air_sketch.voice.recognizers.sphinx import SphinxRecognizer
from air_sketch.voice.words.language_model import count_grams, language_model
from air_sketch.voice.words.word_pieces import END

CAPTIONS = [["a", "red", "dress"], ["a", "red", "hat"], ["larkhollow", "red", "dress"], ["a", "green", "vest"]]
SOUND = Speech(np.full(16000, 0.1, np.float32), np.full(16000, 0.1, np.float32))


class FakeSphinx:
    """Finds captions in a given order; each word it was not told about is half as good a fit."""

    def __init__(self, found, fits):
        self.found, self.fits = [tuple(text.split()) for text in found], fits
        self.vocabulary = self
        self.caption_words = frozenset(word for caption in CAPTIONS for word in caption)
        self.caption_model = language_model(count_grams(CAPTIONS))

    def captions(self, samples, most):
        return self.found[:most]

    def agreement(self, samples, words):
        return self.fits.get(" ".join(words))


class FakePieces:
    full_stop = ord(".")

    def of_word(self, word):
        return tuple(ord(letter) for letter in "_" + word)


class FakeMoonshine:
    """Writes one text down, sure of each letter; every other letter has ``doubt`` as its log chance."""

    def __init__(self, text, doubt=-3.0):
        self.text, self.doubt = text, doubt
        self.pieces = FakePieces()

    def hear(self, samples):
        self.said = [""]
        return self

    def begin(self):
        return self._rows()

    def extend(self, parents, pieces):
        self.said = [self.said[parent] + chr(piece) for parent, piece in zip(parents, pieces, strict=True)]
        return self._rows()

    def _rows(self):
        rows = np.full((len(self.said), 128), self.doubt, np.float32)
        wanted = "".join("_" + word for word in self.text.split()) + chr(END)
        for row, said in enumerate(self.said):
            if wanted.startswith(said) and said != wanted:
                rows[row, ord(wanted[len(said)])] = -0.01
        return rows

    def write_down(self):
        return self.text, -0.01 * len(self.text)

    def log_chances(self, captions):
        heard = self.text.split()

        def chances(words):
            matching = [place < len(heard) and heard[place] == word for place, word in enumerate(words)]
            end = -0.1 if len(words) == len(heard) and all(matching) else self.doubt
            return (*(-0.01 if matches else 5 * self.doubt for matches in matching), end)

        return [chances(words) for words in captions]


def transcribe(moonshine, found, fits):
    return RescoringRecognizer(FakeSphinx(found, fits), moonshine, str.upper).transcribe(SOUND)


def test_where_both_hear_the_same_it_is_sure():
    heard = transcribe(
        FakeMoonshine("a red dress"), ["a red dress", "a red hat"], {"a red dress": -0.2, "a red hat": -0.3}
    )
    assert heard.text == "A RED DRESS" and heard.confidence > 0.9


def test_each_can_outvote_the_other():
    fits = {"a red dress": -0.2, "a green vest": -0.25, "larkhollow red dress": -0.15}
    by_moonshine = transcribe(FakeMoonshine("a green vest"), ["a red dress"], fits)
    assert by_moonshine.text == "A GREEN VEST"
    by_sphinx = transcribe(FakeMoonshine("a red dress", -2.0), ["a red dress"], {"a red hat": -0.1})
    assert by_sphinx.text == "A RED HAT"


def test_a_name_that_moonshine_never_met_is_found_through_pocketsphinx():
    fits = {"larkhollow red dress": -0.15, "a red dress": -0.7}
    assert transcribe(FakeMoonshine("lark red dress"), ["larkhollow red dress"], fits).text == "LARKHOLLOW RED DRESS"


def test_other_talk_is_not_understood():
    heard = transcribe(FakeMoonshine("what time is it", -6.0), ["a red hat"], {"a red hat": -0.6})
    assert heard.text == "" and heard.confidence < 0.5


def test_nothing_found_is_not_understood():
    sphinx = FakeSphinx([], {})
    sphinx.caption_words = frozenset()
    heard = RescoringRecognizer(sphinx, FakeMoonshine("what time is it")).transcribe(SOUND)
    assert heard.text == "" and heard.confidence == 0.0


def test_confidence_falls_with_every_sign_of_other_talk_and_stays_a_number():
    words = ("a", "red", "dress")
    good = confidence_of(Candidate(words, -1.0, -9.0, -0.2), -1.0, 1.5)
    assert good > 0.9
    assert confidence_of(Candidate(words, -8.0, -9.0, -0.2), -1.0, 1.5) < good
    assert confidence_of(Candidate(words, -1.0, -19.0, -0.2), -1.0, 1.5) < good
    assert confidence_of(Candidate(words, -1.0, -9.0, -0.7), -1.0, 1.5) < good
    worst = Candidate(words, len(words) * LEAST_LOG_CHANCE, -1e4, -1.0)
    assert confidence_of(worst, 0.0, 1.5) == pytest.approx(0.0)


def test_a_longer_caption_is_no_less_sure():
    short = confidence_of(Candidate(("red", "hat"), -3.0, -9.0, -0.25), -1.0, 1.2)
    long = confidence_of(Candidate(("red", "hat") * 4 + ("red",), -10.0, -30.0, -1.25), -10.0 / 3, 6.0)
    assert long == pytest.approx(short, abs=0.02)


def test_without_moonshine_pocketsphinx_listens_alone_and_a_line_says_so(monkeypatch, caplog):
    def missing():
        raise SpeechError("moonshine-voice is not installed", "Run: pip install -r requirements.txt")

    monkeypatch.setattr(moonshine, "find_model", missing)
    with caplog.at_level(logging.WARNING, offline.__name__):
        assert isinstance(offline_recognizer(["a red dress"], str.lower), SphinxRecognizer)
    (line,) = caplog.messages
    assert "moonshine-voice is not installed" in line and "\n" not in line
    caplog.clear()
    assert isinstance(offline_recognizer(["a red dress"], str.lower, sphinx_alone=True), SphinxRecognizer)
    assert not caplog.messages
