"""RNNoise (Valin, "A hybrid DSP/deep learning approach to real-time full-band speech enhancement", MMSP 2018).

Its weights come with the package ``pyrnnoise``. It has learnt what speech is, so it takes out loud noise that the
estimator of ``noise`` cannot; without noise it harms the speech, so it is only asked in noise.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from air_sketch.values.datatypes import Float32Array
from air_sketch.voice.sound.levels import SPEECH_RATE_HZ

LEARNING_S = 0.25
"""So much of the beginning it hears twice, backwards first: it has to learn the noise before the words come."""

DELAY_S = 0.02
"""It works on overlapping frames and answers so much later."""

HEADROOM = 0.5
"""The package's numbers wrap around where cleaned speech is a little louder than full scale."""


@lru_cache(maxsize=1)
def find_rnnoise() -> Callable[[int], Any] | None:
    """Return the package's class; None if it is not installed or cannot be loaded."""
    try:
        from pyrnnoise import RNNoise
    except (ImportError, OSError, AttributeError):  # a missing package, a missing library, one of the wrong kind
        return None
    return RNNoise


def reduce_loud_noise(samples: Float32Array) -> Float32Array | None:
    """Take noise out.

    Args:
        samples: float32 (N,) at ``SPEECH_RATE_HZ``, not empty.
    Returns:
        float32 (N,); None if RNNoise is not installed.
    """
    rnnoise = find_rnnoise()
    if rnnoise is None:
        return None
    start = samples[: round(LEARNING_S * SPEECH_RATE_HZ)][::-1]
    end = np.zeros(round(3 * DELAY_S * SPEECH_RATE_HZ), dtype=np.float32)
    heard = np.concatenate([start, samples, end]).clip(-1.0, 1.0) * HEADROOM
    frames = [frame for _, frame in rnnoise(SPEECH_RATE_HZ).process_chunk(heard, last=True)]
    answer = np.concatenate(frames)[:, 0][len(start) + round(DELAY_S * SPEECH_RATE_HZ) :][: len(samples)]
    answer = (answer / HEADROOM).clip(-1.0, 1.0)
    return np.pad(answer, (0, len(samples) - len(answer))).astype(np.float32)
