"""Listening, as the window sees it: what can happen, and what it changes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class VoicePhase(str, Enum):
    """What is being done about a spoken caption."""

    LISTENING = "listening"
    THINKING = "thinking"


@dataclass(frozen=True)
class Voice:
    """A spoken caption under way.

    Attributes:
        phase: listening to it, or finding its words.
        level: 0..1, loudness of what the microphone hears now.
        left_s: seconds until listening ends by itself.
    """

    phase: VoicePhase
    level: float = 0.0
    left_s: float = 0.0


@dataclass(frozen=True)
class VoiceChanged:
    """Listening goes on, thinking begins, or both are over (None)."""

    voice: Voice | None


@dataclass(frozen=True)
class CaptionHeard:
    """Words were understood."""

    text: str


@dataclass(frozen=True)
class NothingUnderstood:
    """No words were understood, or none can be; the reason says why."""

    reason: str
    is_error: bool = False


VoiceEvent = VoiceChanged | CaptionHeard | NothingUnderstood
