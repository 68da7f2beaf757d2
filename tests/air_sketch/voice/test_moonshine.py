"""Moonshine's word pieces, on a vocabulary made here, and its weights as their package carries them."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from air_sketch.values.errors import SpeechError
from air_sketch.voice.recognizers.moonshine import INSTALL, Moonshine, find_model, log_softmax
from air_sketch.voice.speech import speech_in
from air_sketch.voice.words.word_pieces import WordPieces
from benchmarks.spoken_captions import speak

JOINED = ["\u2581r", "ed", "\u2581red", "\u2581t", "sh", "ir", "shir", "shirt", "x" * 200]


def vocabulary(joined=JOINED):
    pieces = [b"<unk>", b"<s>", b"</s>", *(bytes([byte]) for byte in range(256))]
    pieces += ["\u2581".encode(), *(piece.encode() for piece in joined)]
    return b"".join(
        (bytes([len(piece)]) if len(piece) < 128 else bytes([len(piece) % 128 + 128, len(piece) // 128])) + piece
        for piece in pieces
    )


@pytest.fixture(scope="module")
def moonshine():
    try:
        return Moonshine(find_model())
    except SpeechError as error:
        pytest.skip(str(error))


def test_words_are_joined_from_pieces_and_read_back():
    pieces = WordPieces(vocabulary())
    assert len(pieces) == 260 + len(JOINED)
    assert [pieces.text([number]) for number in pieces.of_word("red")] == ["red"]
    assert [pieces.text([number]) for number in pieces.of_word("t-shirt")] == ["t", "-", "shirt"]
    for word in ("red", "t-shirt", "men's", "caf\u00e9", "\uad6c\ub450", "x" * 200, "blue"):
        assert pieces.text(pieces.of_word(word)) == word


@pytest.mark.parametrize("content", [b"", b"\x05<unk", vocabulary()[:-1], b"\xff", b"\x02hi" * 300])
def test_a_damaged_vocabulary_is_refused(content):
    with pytest.raises(ValueError, match="vocabulary"):
        WordPieces(content)


def test_log_chances_sum_to_one():
    logits = np.array([[1.0, 2.0, 3.0], [1000.0, -1000.0, 0.0]], np.float32)
    assert np.exp(log_softmax(logits)).sum(axis=-1) == pytest.approx([1.0, 1.0])


def test_weights_that_cannot_be_had_are_one_line(tmp_path, monkeypatch):
    with pytest.raises(SpeechError) as damaged:
        Moonshine(tmp_path)
    monkeypatch.setitem(sys.modules, "moonshine_voice", None)
    with pytest.raises(SpeechError) as missing:
        find_model()
    assert all("nstall" in str(error.value) and "\n" not in str(error.value) for error in (damaged, missing))


def test_the_advice_names_the_pinned_version():
    requirements = Path(__file__).parents[3] / "requirements.txt"
    assert INSTALL.removeprefix("pip install ") + ";" in requirements.read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_it_writes_down_what_is_said(moonshine):
    sound = speak("what time is it", ("en-us", 150))
    hearing = moonshine.hear(speech_in(sound.samples, sound.rate_hz))
    text, log_chance = hearing.write_down()
    assert text.lower().strip("?") == "what time is it"
    assert -10 < log_chance < 0


def test_several_beginnings_are_followed_as_one_by_one(moonshine):
    sound = np.random.default_rng(0).normal(0, 0.05, 16000).astype(np.float32)
    hearing = moonshine.hear(sound)
    pieces = moonshine.pieces.of_word("Red")
    assert hearing.begin().shape == (1, len(moonshine.pieces))
    both = hearing.extend([0, 0], [pieces[0], pieces[0]])
    assert both.shape == (2, len(moonshine.pieces)) and np.allclose(both[0], both[1], atol=1e-3)
