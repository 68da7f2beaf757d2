"""What is seen: a frame with the hand in it, or that there is none any more."""

from __future__ import annotations

from dataclasses import dataclass

from air_sketch.hands.recording import RecordedPointer
from air_sketch.values.datatypes import Frame
from air_sketch.values.errors import AirSketchError
from air_sketch.values.hand import HandObservation


@dataclass(frozen=True)
class Sighting:
    """A frame and the hand in it.

    Attributes:
        frame: the picture.
        observation: the hand, None when there is none.
        tracked: False while the hand model is still loading.
        keys: drawing keys of a recording ("clear", "undo", ...), pressed before this frame.
        pointer: when a recorded mouse drew instead of a hand.
        low_light: it is too dark to find hands well.
    """

    frame: Frame
    observation: HandObservation | None
    tracked: bool = True
    keys: tuple[str, ...] = ()
    pointer: RecordedPointer | None = None
    low_light: bool = False


@dataclass(frozen=True)
class CameraStopped:
    """The camera fails; it is tried again."""

    reason: str


@dataclass(frozen=True)
class CameraEnded:
    """The video or recording has come to its end."""


@dataclass(frozen=True)
class TrackerFailed:
    """There is no hand tracking; the error says how to mend it."""

    error: AirSketchError


VisionEvent = Sighting | CameraStopped | CameraEnded | TrackerFailed
