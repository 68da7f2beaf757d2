"""Sound as numbers: level, sampling rate, loudness."""

from __future__ import annotations

import numpy as np
import soxr

from air_sketch.values.datatypes import Float32Array

SPEECH_RATE_HZ = 16_000
"""What the recognisers listen to."""

WINDOW_S = 0.02
"""Length of one loudness window; a syllable has about ten."""

TARGET_RMS = 0.1
"""Loudness (-20 dBFS) that quiet recordings are raised to."""

MOST_GAIN = 30.0


def resample(samples: Float32Array, rate_hz: float, wanted_hz: float = SPEECH_RATE_HZ) -> Float32Array:
    """Change the sampling rate: float32 (N,) -> float32 (about N * wanted / rate,)."""
    if rate_hz == wanted_hz or len(samples) == 0:
        return np.asarray(samples, dtype=np.float32)
    return np.asarray(soxr.resample(samples, rate_hz, wanted_hz), dtype=np.float32)


def level_dbfs(samples: Float32Array) -> float:
    """Loudness in dB of full scale (root mean square); -120 for silence."""
    if len(samples) == 0:
        return -120.0
    rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
    return 20.0 * float(np.log10(max(rms, 1e-6)))


def even_loudness(samples: Float32Array) -> Float32Array:
    """Bring speech, float32 (N,) at ``SPEECH_RATE_HZ``, not empty, to one loudness, and its mean to zero."""
    centred = samples - samples.mean(dtype=np.float64)
    size = round(WINDOW_S * SPEECH_RATE_HZ)
    windows = np.asarray(centred[: len(centred) // size * size]).reshape(-1, size)
    loud = np.array([level_dbfs(window) for window in windows])
    spoken = loud[loud > loud.max() - 25.0] if len(loud) else loud
    rms = 10.0 ** (float(spoken.mean()) / 20.0) if len(spoken) else TARGET_RMS
    gain = min(TARGET_RMS / max(rms, 1e-6), MOST_GAIN)
    return np.asarray(centred * gain, dtype=np.float32)
