"""When a caption begins and ends, from the chance of speech alone; pure, so that recorded chances replay exactly."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from air_sketch.voice.sound.gate import LEAST_SPEECH_S, SPEECH_CHANCE

PAUSE_S = 0.9
"""Silence that ends a caption: longer than the pause before "with gold chain", shorter than patience."""

LONGEST_S = 8.0
NOTHING_SAID_S = 5.0
"""Silence from the start on after which listening ends."""

METER_RANGE_DBFS = (-60.0, -10.0)


class Ending(str, Enum):
    """Why listening has ended."""

    PAUSE = "pause"
    TIME = "time"
    SILENCE = "silence"


@dataclass
class Endpoint:
    """Follows the chance of speech in what the microphone hears.

    Attributes:
        heard_s: how long it has listened.
        spoken_s: how much of it was speech.
    """

    heard_s: float = 0.0
    spoken_s: float = 0.0
    _quiet_s: float = 0.0

    def take(self, chance: float, length_s: float) -> Ending | None:
        """Take one chunk: its chance of speech, 0..1, and its length; return why listening ends now, None to go on."""
        is_speech = chance > SPEECH_CHANCE
        self.heard_s += length_s
        self.spoken_s += length_s * is_speech
        self._quiet_s = 0.0 if is_speech else self._quiet_s + length_s
        if self.heard_s >= LONGEST_S:
            return Ending.TIME
        has_spoken = self.spoken_s >= LEAST_SPEECH_S
        if has_spoken and self._quiet_s >= PAUSE_S:
            return Ending.PAUSE
        return Ending.SILENCE if not has_spoken and self.heard_s >= NOTHING_SAID_S else None


def meter(level_dbfs: float) -> float:
    """Show a loudness as a share of the level meter, 0..1."""
    low, high = METER_RANGE_DBFS
    return min(1.0, max(0.0, (level_dbfs - low) / (high - low)))
