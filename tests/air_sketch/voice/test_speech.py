"""Speech is told from every other sound, at any rate and loudness, and cut out of its recording."""

import shutil

import numpy as np
import pytest

from air_sketch.voice.sound.gate import CHUNK, SpeechGate, chances_of_speech
from air_sketch.voice.sound.levels import SPEECH_RATE_HZ
from air_sketch.voice.speech import MARGIN_S, speech_in
from benchmarks.spoken_captions import add_noise, speak

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
T = np.arange(3 * SPEECH_RATE_HZ) / SPEECH_RATE_HZ


def sounds():
    rng = np.random.default_rng(0)
    white = rng.normal(0, 1, len(T))
    yield "white noise", white
    yield "brown noise", np.cumsum(white) - np.cumsum(white).mean()
    yield "a hum", sum(np.sin(2 * np.pi * 50 * k * T) / k for k in (1, 2, 3, 5))
    yield "a siren", np.sin(2 * np.pi * (700 * T + 150 * np.cos(2 * np.pi * 0.5 * T)))
    yield "a melody", np.sin(2 * np.pi * np.repeat([262, 330, 392, 523, 392, 330], len(T) // 6) * T[: len(T) // 6 * 6])
    yield "a phone", np.sin(2 * np.pi * 440 * T) * (np.sin(2 * np.pi * 20 * T) > 0) * (T % 2 < 1)
    yield "gusts", white * (1 + np.sin(2 * np.pi * 0.7 * T)) ** 2
    yield "silence", np.zeros(len(T))
    yield "an offset", np.full(len(T), 0.7)


@pytest.mark.parametrize("loud", [1e-3, 0.05, 0.9])
@pytest.mark.parametrize("case", range(9))
def test_nobody_speaks_in_other_sounds(case, loud):
    name, sound = list(sounds())[case]
    scaled = loud * sound / max(float(np.abs(sound).max()), 1e-9)
    assert speech_in(scaled.astype(np.float32), SPEECH_RATE_HZ) is None, name


def test_no_sound_and_a_moment_of_sound_hold_no_speech():
    for length in (0, 1, 100, CHUNK):
        assert speech_in(np.full(length, 0.5, np.float32), 44_100) is None


@needs_espeak
@pytest.mark.parametrize("loud", [0.01, 1.0])
@pytest.mark.parametrize("noise_db", [None, 10.0])
def test_a_caption_is_cut_out_with_a_margin_whatever_its_loudness(noise_db, loud):
    said = add_noise(speak("a long red dress", ("en-us", 150)), noise_db, 0)
    second = np.zeros(said.rate_hz, np.float32)
    sound = np.concatenate([second, loud * said.samples, second])
    found = speech_in(sound, said.rate_hz)
    assert 0.8 + 2 * MARGIN_S < len(found) / SPEECH_RATE_HZ < said.duration_s + 2 * MARGIN_S
    assert found.dtype == np.float32 and np.abs(found).max() > 0.1


@needs_espeak
def test_a_microphone_with_an_offset_hears_the_words():
    said = speak("a long red dress", ("en-us", 150))
    assert speech_in(said.samples + np.float32(0.3), said.rate_hz) is not None


@needs_espeak
@pytest.mark.parametrize("rate_hz", [8000, 16_000, 44_100, 48_000])
def test_block_by_block_is_judged_as_at_once(rate_hz):
    import soxr

    said = speak("black leather handbag", ("en-us", 150))
    sound = soxr.resample(said.samples, said.rate_hz, rate_hz).astype(np.float32)
    gate, chances = SpeechGate(rate_hz), []
    for start in range(0, len(sound), 1000):
        chances += gate.hear(sound[start : start + 1000])
    at_once = chances_of_speech(soxr.resample(sound, rate_hz, SPEECH_RATE_HZ).astype(np.float32))
    assert (np.array(chances) > 0.5).sum() == pytest.approx((at_once > 0.5).sum(), abs=4)
