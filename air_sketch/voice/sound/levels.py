"""Sound as numbers: level, sampling rate, loudness."""

from __future__ import annotations

import numpy as np

from air_sketch.values.datatypes import Float32Array

SPEECH_RATE_HZ = 16_000
"""What the recognisers listen to."""

WINDOW_S = 0.02
"""Length of one loudness window; a syllable has about ten."""

TARGET_RMS = 0.1
"""Loudness (-20 dBFS) that quiet recordings are raised to."""

MOST_GAIN = 30.0
DITHER = 3e-3
"""A faint hiss, 30 dB below the speech. Digital silence has no spectrum: between sounds it pulls the recogniser's mean
spectrum far away from all that it has learnt from, and the word beside the pause is lost: with a thirtieth of it,
captions had 1.6 times the errors."""


def resample(samples: Float32Array, rate_hz: int, wanted_hz: int = SPEECH_RATE_HZ) -> Float32Array:
    """Change the sampling rate, band-limited, through the spectrum.

    Args:
        samples: float32 (N,).
        rate_hz: of the samples.
        wanted_hz: of the result.
    Returns:
        float32 (about N * wanted / rate,).
    """
    if rate_hz == wanted_hz or len(samples) == 0:
        return np.asarray(samples, dtype=np.float32)
    count = max(1, round(len(samples) * wanted_hz / rate_hz))
    # Zeros at both ends keep the one end from ringing into the other; whole seconds keep the ratio exact.
    before = rate_hz
    seconds = -(-len(samples) // rate_hz) + 2
    padded = np.zeros(seconds * rate_hz, dtype=np.float64)
    padded[before : before + len(samples)] = samples
    spectrum = np.fft.rfft(padded)
    wanted = np.zeros(seconds * wanted_hz // 2 + 1, dtype=np.complex128)
    shared = min(len(spectrum), len(wanted))
    wanted[:shared] = spectrum[:shared]
    changed = np.fft.irfft(wanted, seconds * wanted_hz) * (wanted_hz / rate_hz)
    return np.asarray(changed[wanted_hz : wanted_hz + count], dtype=np.float32)


def level_dbfs(samples: Float32Array) -> float:
    """Loudness in dB of full scale (root mean square); -120 for silence."""
    if len(samples) == 0:
        return -120.0
    rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
    return 20.0 * float(np.log10(max(rms, 1e-6)))


def loudness_dbfs(samples: Float32Array, rate_hz: int = SPEECH_RATE_HZ) -> Float32Array:
    """Loudness of each window of ``WINDOW_S``, float32 (windows,); a rest shorter than a window is left out."""
    size = max(1, round(WINDOW_S * rate_hz))
    windows = np.asarray(samples[: len(samples) // size * size], dtype=np.float64).reshape(-1, size)
    windows = windows - windows.mean(axis=1, keepdims=True)  # a constant offset is no sound
    rms = np.sqrt(np.square(windows).mean(axis=1))
    return np.asarray(20.0 * np.log10(np.maximum(rms, 1e-6)), dtype=np.float32)


def cut(samples: Float32Array, start: int, end: int) -> Float32Array:
    """Cut a part out; where the recording has no more it is digital silence: a word without any pause is misheard."""
    return np.pad(samples[max(0, start) : end], (max(0, -start), max(0, end - len(samples))))


def prepare(samples: Float32Array, seed: int = 0) -> Float32Array:
    """Bring speech to one loudness and add dither.

    Args:
        samples: float32 (N,), not empty.
        seed: of the dither; the same sound gives the same words every time.
    Returns:
        float32 (N,) within -1..1.
    """
    dither = np.random.default_rng(seed).normal(0.0, DITHER, len(samples))
    return np.clip(even_loudness(samples) + dither, -1.0, 1.0).astype(np.float32)


def even_loudness(samples: Float32Array) -> Float32Array:
    """Bring speech, float32 (N,), not empty, to one loudness, and its mean to zero."""
    centred = samples - samples.mean(dtype=np.float64)
    loud = loudness_dbfs(np.asarray(centred, dtype=np.float32))
    spoken = loud[loud > loud.max() - 25.0] if len(loud) else loud
    rms = 10.0 ** (float(spoken.mean()) / 20.0) if len(spoken) else TARGET_RMS
    gain = min(TARGET_RMS / max(rms, 1e-6), MOST_GAIN)
    return np.asarray(centred * gain, dtype=np.float32)
