"""When a caption begins and ends, from loudness alone; pure, so that recorded levels replay exactly."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from air_sketch.voice.sound.detector import LEAST_SPEECH_S, is_speech

PAUSE_S = 0.9
"""Silence that ends a caption: longer than the pause before "with gold chain", shorter than patience."""

LONGEST_S = 8.0
NOTHING_SAID_S = 5.0
"""Silence from the start on after which listening ends."""

LOUD_DBFS = -25.0
"""As loud as only a voice is: the first moments alone cannot tell the room from somebody who speaks at once."""

METER_RANGE_DBFS = (-60.0, -10.0)


class Ending(str, Enum):
    """Why listening has ended."""

    PAUSE = "pause"
    TIME = "time"
    SILENCE = "silence"


@dataclass
class Endpoint:
    """Follows the loudness of what the microphone hears.

    Attributes:
        heard_s: how long it has listened.
        spoken_s: how much of it was speech.
    """

    heard_s: float = 0.0
    spoken_s: float = 0.0
    _levels_dbfs: list[float] = field(default_factory=list)
    _lengths_s: list[float] = field(default_factory=list)

    def take(self, level_dbfs: float, length_s: float) -> Ending | None:
        """Take one block.

        Args:
            level_dbfs: its loudness.
            length_s: its length.
        Returns:
            Why listening ends now, None to go on.
        """
        self._levels_dbfs.append(level_dbfs)
        self._lengths_s.append(length_s)
        self.heard_s += length_s
        # All of it is judged anew: the more of the room has been heard, the better it is told from the voice.
        spoken = np.flatnonzero(is_speech(np.array(self._levels_dbfs, dtype=np.float32), LOUD_DBFS))
        self.spoken_s = sum(self._lengths_s[block] for block in spoken)
        if self.heard_s >= LONGEST_S:
            return Ending.TIME
        has_spoken = self.spoken_s >= LEAST_SPEECH_S
        if has_spoken and sum(self._lengths_s[spoken[-1] + 1 :]) >= PAUSE_S:
            return Ending.PAUSE
        return Ending.SILENCE if not has_spoken and self.heard_s >= NOTHING_SAID_S else None


def meter(level_dbfs: float) -> float:
    """Show a loudness as a share of the level meter, 0..1."""
    low, high = METER_RANGE_DBFS
    return min(1.0, max(0.0, (level_dbfs - low) / (high - low)))
