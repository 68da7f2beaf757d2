"""The speech in a recording is found, at any rate, and the noise around it taken out by what suits it."""

import shutil
import sys

import numpy as np
import pytest

from air_sketch.voice.sound.levels import SPEECH_RATE_HZ, level_dbfs, resample
from air_sketch.voice.sound.noise import reduce_noise
from air_sketch.voice.sound.rnnoise import find_rnnoise, reduce_loud_noise
from air_sketch.voice.speech import LOUD_NOISE_DB, speech_in, stands_out_db
from benchmarks.spoken_captions import add_noise, speak
from tests.air_sketch.voice.test_noise import noise, syllables

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
needs_rnnoise = pytest.mark.skipif(find_rnnoise() is None, reason="pyrnnoise is not installed")


@pytest.mark.parametrize("loud", [1e-4, 1e-3, 3e-3])
def test_nobody_speaks_in_a_steady_hiss(loud):
    hiss = np.random.default_rng(0).normal(0, loud, 2 * SPEECH_RATE_HZ).astype(np.float32)
    assert speech_in(hiss, SPEECH_RATE_HZ) is None


def test_the_words_are_cut_out_of_a_noisy_recording_at_any_rate():
    speech = syllables()
    noisy = speech + noise(speech, 10.0)
    at_48_khz = np.repeat(noisy, 3)
    for samples, rate_hz in ((noisy, SPEECH_RATE_HZ), (at_48_khz, 3 * SPEECH_RATE_HZ)):
        found = speech_in(samples, rate_hz)
        assert 1.3 < len(found.cleaned) / SPEECH_RATE_HZ < 2.0 and len(found.recorded) == len(found.cleaned)
        assert np.corrcoef(found.recorded, found.cleaned)[0, 1] > 0.8  # the same part of both


@pytest.mark.parametrize("ratio_db", [None, 35.0, 20.0, 10.0, 0.0])
def test_a_noisy_room_is_told_from_a_quiet_one(ratio_db):
    sound = syllables() if ratio_db is None else syllables() + noise(syllables(), ratio_db)
    assert (stands_out_db(sound) < LOUD_NOISE_DB) == (ratio_db is not None and ratio_db <= 20.0)
    assert stands_out_db(np.zeros(0, np.float32)) == 0.0


def test_rnnoise_is_asked_in_noise_only_and_is_done_without_where_it_is_missing(monkeypatch):
    asked = []
    monkeypatch.setattr("air_sketch.voice.speech.reduce_loud_noise", lambda samples: asked.append(len(samples)))
    quiet, noisy = syllables(), syllables() + noise(syllables(), 10.0)
    for sound in (quiet, noisy):
        found = speech_in(sound, SPEECH_RATE_HZ)
        wanted = reduce_noise(sound)
        assert np.isin(found.cleaned[found.cleaned != 0.0], wanted).all()
    assert asked == [len(noisy)]


@pytest.fixture
def forgotten():
    find_rnnoise.cache_clear()
    yield
    find_rnnoise.cache_clear()


@pytest.mark.parametrize("code", [None, "raise OSError('librnnoise.so: wrong ELF class')", "x = 1"])
def test_a_missing_package_and_a_missing_library_are_no_rnnoise(code, forgotten, tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "pyrnnoise", raising=False)
    if code is None:
        monkeypatch.setitem(sys.modules, "pyrnnoise", None)
    else:
        (tmp_path / "pyrnnoise.py").write_text(code)
        monkeypatch.syspath_prepend(tmp_path)
    assert reduce_loud_noise(syllables()) is None


@needs_rnnoise
@needs_espeak
@pytest.mark.parametrize("loud", [1.5, 3.0])
def test_overdriven_speech_does_not_wrap_around(loud):
    said = speak("a long red dress", ("en-us", 150))
    speech = resample(said.samples, said.rate_hz) / np.abs(said.samples).max()
    clipped = (speech * loud).clip(-1, 1)
    noisy = (clipped + noise(clipped, 20.0)).clip(-1, 1)
    assert np.corrcoef(reduce_loud_noise(noisy), clipped)[0, 1] > 0.95


@needs_rnnoise
@pytest.mark.parametrize("length", [1, 100, 4000, 20_001])
def test_any_length_comes_back_whole_and_finite(length):
    sound = np.random.default_rng(1).normal(0, 0.3, length).astype(np.float32)
    for samples in (sound, np.zeros_like(sound), np.full_like(sound, 2.0)):
        cleaned = reduce_loud_noise(samples)
        assert cleaned.shape == samples.shape and cleaned.dtype == np.float32 and np.isfinite(cleaned).all()


@needs_rnnoise
@needs_espeak
@pytest.mark.parametrize("ratio_db", [10.0, 5.0])
def test_rnnoise_keeps_the_words_in_place_and_takes_out_more_noise(ratio_db):
    said = speak("a long red dress", ("en-us", 150))
    speech, noisy = (resample(add_noise(said, db, 1).samples, said.rate_hz) for db in (None, ratio_db))
    by_rnnoise, by_estimate = reduce_loud_noise(noisy), reduce_noise(noisy)
    assert np.corrcoef(by_rnnoise, speech)[0, 1] > 0.9
    pause = slice(0, SPEECH_RATE_HZ // 5)
    assert level_dbfs(by_rnnoise[pause]) < level_dbfs(by_estimate[pause]) - 6
    assert np.array_equal(reduce_loud_noise(noisy), by_rnnoise)
