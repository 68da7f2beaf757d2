"""The offline recogniser on a Moonshine that is made of numbers."""

import sys

import numpy as np
import pytest

from air_sketch.values.errors import SpeechError
from air_sketch.voice.recognizers.offline import LONGEST_S, OfflineRecognizer, confidence_of, spellings
from air_sketch.voice.words.caption_search import FoundCaption
from air_sketch.voice.words.word_pieces import END

CAPTIONS = [["a", "red", "dress"], ["a", "red", "hat"], ["larkhollow", "red", "dress"], ["a", "green", "vest"]]
SOUND = np.full(16000, 0.1, np.float32)


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


def transcribe(moonshine, captions=CAPTIONS):
    return OfflineRecognizer([" ".join(words) for words in captions], str.upper, moonshine).transcribe(SOUND)


def test_what_is_heard_clearly_and_is_a_caption_is_understood():
    heard = transcribe(FakeMoonshine("a red dress"))
    assert heard.text == "A RED DRESS" and heard.confidence > 0.9


def test_other_talk_is_not_understood():
    heard = transcribe(FakeMoonshine("what time is it", -6.0))
    assert heard.text == "" and heard.confidence < 0.5


def test_without_words_nothing_is_understood():
    heard = transcribe(FakeMoonshine("what time is it"), [[]])
    assert heard.text == "" and heard.confidence == 0.0


def test_a_sound_longer_than_any_caption_is_not_even_heard():
    recognizer = OfflineRecognizer(["a red dress"], str.upper, FakeMoonshine("a red dress"))
    assert recognizer.transcribe(np.full(round(LONGEST_S * 16000) + 1, 0.1, np.float32)).text == ""


def test_a_network_that_fails_is_one_line():
    class Broken(FakeMoonshine):
        def hear(self, samples):
            raise RuntimeError("bad\nin two lines")

    with pytest.raises(SpeechError, match="failed") as raised:
        transcribe(Broken(""))
    assert "\n" not in str(raised.value)


def found(evidence, words=("a", "red", "dress")):
    return FoundCaption(words, (evidence / (len(words) + 1),) * (len(words) + 1), 0.0)


def test_confidence_falls_with_every_sign_of_other_talk_and_stays_a_number():
    good = confidence_of(found(8.0), -12.0, -4.0)
    assert good > 0.9
    assert confidence_of(found(-4.0), -12.0, -4.0) < good
    assert confidence_of(found(8.0), -30.0, -4.0) < good
    assert confidence_of(found(8.0), -12.0, -0.1) < good
    assert confidence_of(found(-1e3), -1e4, -0.1) == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("t-shirt", {"t-shirt", "T-shirt", "tshirt", "t shirt"}),
        ("men's", {"men's", "mens", "Men's"}),
        ("grey", {"grey", "gray", "Grey", "Gray"}),
    ],
)
def test_a_word_is_known_however_it_is_written(word, written):
    assert written <= spellings(word)


def test_without_moonshine_one_line_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "moonshine_voice", None)
    with pytest.raises(SpeechError, match="--speech") as raised:
        OfflineRecognizer(["a red dress"])
    assert "\n" not in str(raised.value) and "pip install moonshine-voice" in str(raised.value)
