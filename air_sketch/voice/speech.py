"""What a recogniser is to listen to: the speech in a recording, as it is and without the noise."""

from __future__ import annotations

from air_sketch.values.datatypes import Float32Array, Speech
from air_sketch.voice.sound.detector import room_dbfs, spoken_span
from air_sketch.voice.sound.levels import cut, loudness_dbfs, resample
from air_sketch.voice.sound.noise import reduce_noise
from air_sketch.voice.sound.rnnoise import reduce_loud_noise

LOUD_NOISE_DB = 30.0
"""A room that the loudest moment of speech stands out from by less is noisy. Speech 20 dB above white noise stands out
by 25 to 30 dB, in a silent room by 40 and more; where a recording has no pause, speech itself counts as the room, which
does no harm."""


def speech_in(samples: Float32Array, rate_hz: int) -> Speech | None:
    """Find the spoken part of a recording.

    Args:
        samples: float32 (N,) of any recording.
        rate_hz: of the samples.
    Returns:
        None when nobody speaks.
    """
    recorded = resample(samples, rate_hz)
    cleaned = reduce_noise(recorded)
    span = spoken_span(cleaned)
    if span is None:
        return None
    if stands_out_db(recorded) < LOUD_NOISE_DB:
        # RNNoise takes out more, but harms speech that has no noise, and lets the room seem silent when nobody speaks.
        without_noise = reduce_loud_noise(recorded)
        cleaned = cleaned if without_noise is None else without_noise
    return Speech(cut(recorded, *span), cut(cleaned, *span))


def stands_out_db(samples: Float32Array) -> float:
    """How far the loudest moment of a recording, float32 (N,) at ``SPEECH_RATE_HZ``, stands out from its room."""
    loudness = loudness_dbfs(samples)
    return float(loudness.max()) - room_dbfs(loudness) if len(loudness) else 0.0
