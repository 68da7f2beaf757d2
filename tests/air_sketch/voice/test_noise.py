"""Noise is lowered, speech stays, and nothing is heard in noise alone."""

import math

import numpy as np
import pytest

from air_sketch.voice.sound.levels import SPEECH_RATE_HZ, level_dbfs
from air_sketch.voice.sound.noise import exponential_integral, reduce_noise


def syllables(seconds=1.5):
    """Three buzzing sounds with gaps, between two pauses."""
    t = np.arange(round(seconds * SPEECH_RATE_HZ)) / SPEECH_RATE_HZ
    buzz = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 20))
    sound = 0.1 * buzz * (np.sin(2 * np.pi * t * 3 / seconds) > 0)
    pause = np.zeros(SPEECH_RATE_HZ // 4)
    return np.concatenate([pause, sound, pause]).astype(np.float32)


def noise(like, ratio_db, seed=0):
    power = float(np.mean(like[like != 0.0] ** 2)) / 10 ** (ratio_db / 10)
    return np.random.default_rng(seed).normal(0, math.sqrt(power), len(like)).astype(np.float32)


@pytest.mark.parametrize("ratio_db", [20.0, 10.0, 5.0])
def test_noise_goes_down_and_speech_stays(ratio_db):
    speech = syllables()
    noisy = speech + noise(speech, ratio_db)
    cleaned = reduce_noise(noisy)
    quiet = slice(0, SPEECH_RATE_HZ // 4 - 500)
    assert level_dbfs(cleaned[quiet]) < level_dbfs(noisy[quiet]) - 12
    assert level_dbfs(cleaned) == pytest.approx(level_dbfs(speech), abs=1.5)
    assert np.mean((cleaned - speech) ** 2) < 0.5 * np.mean((noisy - speech) ** 2)


def test_speech_without_noise_stays_as_it_is():
    speech = syllables()
    cleaned = reduce_noise(speech)
    assert cleaned.shape == speech.shape and cleaned.dtype == np.float32
    assert np.mean((cleaned - speech) ** 2) < 1e-4 * np.mean(speech**2)


@pytest.mark.parametrize("length", [0, 1, 511, 2047, 2048, 2049, 20_001])
def test_any_length_comes_back_whole_and_finite(length):
    sound = np.random.default_rng(1).normal(0, 0.1, length).astype(np.float32)
    for samples in (sound, np.zeros_like(sound), np.full_like(sound, 0.5)):
        cleaned = reduce_noise(samples)
        assert cleaned.shape == samples.shape and np.isfinite(cleaned).all()


def test_the_exponential_integral_agrees_with_numerical_integration():
    for x in (1e-6, 0.01, 0.3, 0.999, 1.001, 2.0, 7.0, 30.0):
        steps = np.linspace(math.log(x), math.log(x + 60), 200_001)
        heights = np.exp(-np.exp(steps))
        wanted = float(((heights[1:] + heights[:-1]) / 2 * np.diff(steps)).sum())
        assert float(exponential_integral(np.array([x]))[0]) == pytest.approx(wanted, rel=2e-4)
