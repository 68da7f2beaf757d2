"""Errors that a person can mend; commands print them in one line and exit with 1.

Form: what ``<subject> <what failed>: expected <X>, got <Y>``, remedy ``<What mends it>.``
"""

from __future__ import annotations

BAD_INPUT = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError, MemoryError)
"""What reading text of somebody else may raise when it is not what it should be."""


class AirSketchError(Exception):
    """Base of every error with a known cause; its text is one line for the user."""

    def __init__(self, what: str, remedy: str = "") -> None:
        """Args: what: is wrong, without a full stop where a remedy follows. remedy: mends it; "" for none."""
        super().__init__(what, remedy)  # both, because an error is sent between processes as its arguments
        self.what, self.remedy = what, remedy

    def __str__(self) -> str:
        return f"{self.what}. {self.remedy}" if self.remedy else self.what


def printable(text: str) -> str:
    """Put a question mark for what would steer a terminal: texts from files are somebody else's."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says, or its type when it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def counted(count: int, one: str) -> str:
    """Return how many there are of something: ``1 stroke``, ``2 strokes``."""
    return f"{count} {one}{'' if count == 1 else 's'}"


class CameraError(AirSketchError):
    """A camera or video cannot be opened or stops delivering frames."""


class DisplayError(AirSketchError):
    """There is no display to open a window on."""


class HandModelError(AirSketchError):
    """The hand landmarker model is missing, damaged or cannot be assembled."""


class CalibrationError(AirSketchError):
    """A calibration file is missing, damaged or out of range."""


class RecordingError(AirSketchError):
    """A recorded session cannot be read or written."""


class StorageError(AirSketchError):
    """A drawing cannot be saved."""


class SearchError(AirSketchError):
    """The gallery search behind the window failed or could not be started."""


class SpeechError(AirSketchError):
    """A sound cannot be read, the microphone cannot be opened, or no recogniser can be had."""
