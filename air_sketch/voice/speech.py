"""What a recogniser is to listen to: the speech in a recording, brought to one rate and loudness."""

from __future__ import annotations

import numpy as np

from air_sketch.values.datatypes import Float32Array
from air_sketch.voice.sound.gate import CHUNK, CHUNK_S, LEAST_SPEECH_S, SPEECH_CHANCE, chances_of_speech
from air_sketch.voice.sound.levels import SPEECH_RATE_HZ, even_loudness, resample

MARGIN_S = 0.3
"""Kept before and after the speech: soft consonants at its edges."""


def speech_in(samples: Float32Array, rate_hz: int) -> Float32Array | None:
    """Find the spoken part of a recording.

    Args:
        samples: float32 (N,) of any recording.
        rate_hz: of the samples.
    Returns:
        float32 (M,) at ``SPEECH_RATE_HZ``, with ``MARGIN_S`` at both ends; None when nobody speaks.
    """
    heard = resample(samples, rate_hz)
    if len(heard) == 0:
        return None
    heard = even_loudness(heard)
    spoken = np.flatnonzero(chances_of_speech(heard) > SPEECH_CHANCE)
    if len(spoken) * CHUNK_S < LEAST_SPEECH_S:
        return None
    margin = round(MARGIN_S * SPEECH_RATE_HZ)
    start, end = int(spoken[0]) * CHUNK - margin, (int(spoken[-1]) + 1) * CHUNK + margin
    # Where the recording has no pause it gets one of silence: a word without any pause is misheard.
    return np.pad(heard[max(0, start) : end], (max(0, -start), max(0, end - len(heard))))
