"""What is speech and what is only the room: one rule for files, and for the microphone while it listens."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from air_sketch.values.datatypes import Float32Array
from air_sketch.voice.sound.levels import SPEECH_RATE_HZ, WINDOW_S, loudness_dbfs

SILENCE_DBFS = -55.0
"""What a quiet room gives; nothing below it is ever called speech."""

ABOVE_ROOM_DB = 9.0
"""Speech stands at least so far above the room's own noise."""

LEAST_SPEECH_S = 0.15
"""The shortest caption ("hat") takes longer; a click takes less."""

MARGIN_S = 0.25
"""Kept before and after the speech: soft consonants at its edges, and the room for the recogniser to learn."""


def room_dbfs(loudness: Float32Array) -> float:
    """The room's own loudness: what a tenth of the moments stay below, and at least ``SILENCE_DBFS`` less the step."""
    floor = float(np.percentile(loudness, 10)) if len(loudness) else -120.0
    return max(floor, SILENCE_DBFS - ABOVE_ROOM_DB)


def is_speech(loudness: Float32Array, loud_dbfs: float) -> npt.NDArray[np.bool_]:
    """Tell for each moment whether it may be speech: well above the room, or loud.

    Args:
        loudness: float32 (N,), dB of full scale, of moments of one length.
        loud_dbfs: what is louder is speech, whatever the room seems to be: where nobody pauses, the quietest tenth is
            speech itself.
    """
    threshold = min(room_dbfs(loudness) + ABOVE_ROOM_DB, max(SILENCE_DBFS, loud_dbfs))
    return np.asarray(loudness > threshold, dtype=np.bool_)


def spoken_span(samples: Float32Array) -> tuple[int, int] | None:
    """Find the speech in a recording.

    Args:
        samples: float32 (N,) at ``SPEECH_RATE_HZ``.
    Returns:
        From which sample to which, with ``MARGIN_S`` at both ends, which may lie outside the recording; None when
        there is no speech.
    """
    loudness = loudness_dbfs(samples)
    spoken = is_speech(loudness, float(loudness.max(initial=-120.0)) - ABOVE_ROOM_DB)
    if int(spoken.sum()) * WINDOW_S < LEAST_SPEECH_S:
        return None
    size, margin = round(WINDOW_S * SPEECH_RATE_HZ), round(MARGIN_S * SPEECH_RATE_HZ)
    where = np.flatnonzero(spoken)
    return int(where[0]) * size - margin, (int(where[-1]) + 1) * size + margin
