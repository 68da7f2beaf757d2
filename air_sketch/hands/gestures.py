"""From finger measurements to a named pose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval

FingersUp = tuple[bool, bool, bool, bool, bool]
"""Thumb, index, middle, ring, pinky."""

COUNT_NAMES = ("fist", "one", "two", "three", "four", "five")


@dataclass(frozen=True)
class Band:
    """A pair of thresholds with room between them, so that a finger in between keeps its state.

    Attributes:
        on: the finger counts as up from here.
        off: it counts as down from here; below ``on``.
    """

    on: Annotated[float, Interval(ge=0.1, le=3)]
    off: Annotated[float, Interval(ge=0.1, le=3)]

    @property
    def middle(self) -> float:
        """The single threshold for still pictures, which have no earlier state."""
        return (self.on + self.off) / 2.0


@dataclass(frozen=True)
class FingerBands:
    """One band per finger, thumb first."""

    thumb: Band
    index: Band
    middle: Band
    ring: Band
    pinky: Band

    @property
    def in_order(self) -> tuple[Band, Band, Band, Band, Band]:
        """Thumb, index, middle, ring, pinky."""
        return (self.thumb, self.index, self.middle, self.ring, self.pinky)


@dataclass(frozen=True)
class Pose:
    """What the fingers show.

    Attributes:
        fingers_up: thumb, index, middle, ring, pinky.
        gesture: "fist", "one" ... "five", or "other" for poses that count nothing (thumb up, horns, call me).
        pointing: index up and the other fingers down, whatever the thumb does: a pen.
    """

    fingers_up: FingersUp
    gesture: str
    pointing: bool

    @property
    def fingers(self) -> int:
        """How many fingers are up, 0..5."""
        return sum(self.fingers_up)


class PoseTracker:
    """Name the pose in moving pictures: each finger keeps its state inside its band."""

    def __init__(self, bands: FingerBands) -> None:
        """Start with no history; the first hand is read like a still picture, at the middle of each band."""
        self._bands = bands
        self._last: FingersUp | None = None

    def reset(self) -> None:
        """Forget the hand that was seen."""
        self._last = None

    def read(self, extensions: Sequence[float]) -> Pose:
        """Read one frame."""
        bands = self._bands.in_order
        if self._last is None:
            thresholds = [band.middle for band in bands]
        else:
            thresholds = [band.off if was_up else band.on for was_up, band in zip(self._last, bands, strict=True)]
        thumb, index, middle, ring, pinky = (value > at for value, at in zip(extensions, thresholds, strict=True))
        self._last = (thumb, index, middle, ring, pinky)
        return name_pose(self._last)


def name_pose(fingers_up: FingersUp) -> Pose:
    """Count fingers and set aside the signs that only look like a count."""
    _, index, middle, ring, pinky = fingers_up
    pointing = index and not (middle or ring or pinky)
    horns = index and pinky and not (middle or ring)
    stray = not index and not (middle and ring)
    gesture = COUNT_NAMES[sum(fingers_up)]
    if horns or (stray and any(fingers_up)):
        gesture = "other"
    return Pose(fingers_up, gesture, pointing)
