"""When a caption begins and ends, from loudness alone; pure, so that recorded levels replay exactly."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

PAUSE_S = 0.9
"""Silence that ends a caption: longer than the pause before "with gold chain", shorter than patience."""

LONGEST_S = 8.0
NOTHING_SAID_S = 5.0
"""Silence from the start on after which listening ends."""

ABOVE_ROOM_DB = 9.0
QUIETEST_SPEECH_DBFS = -50.0
LEAST_SPEECH_S = 0.12
ROOM_FOLLOWS_UP_DB_PER_S = 3.0
"""How fast the estimate of the room's noise rises; it falls at once."""

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
    _room_dbfs: float = 0.0
    _quiet_s: float = 0.0

    def take(self, level_dbfs: float, length_s: float) -> Ending | None:
        """Take one block.

        Args:
            level_dbfs: its loudness.
            length_s: its length.
        Returns:
            Why listening ends now, None to go on.
        """
        self._room_dbfs = min(level_dbfs, self._room_dbfs + ROOM_FOLLOWS_UP_DB_PER_S * length_s)
        self.heard_s += length_s
        # The first block alone cannot tell the room from a voice, so a loud one is taken for a voice.
        is_speech = level_dbfs > max(QUIETEST_SPEECH_DBFS, min(self._room_dbfs + ABOVE_ROOM_DB, -25.0))
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
