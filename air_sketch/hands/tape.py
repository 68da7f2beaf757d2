"""Writes the running session to a recording, or to nowhere."""

from __future__ import annotations

import logging
from pathlib import Path

from air_sketch.hands.recording import RecordedFrame, RecordedPointer, RecordingHeader, RecordingWriter
from air_sketch.values.errors import RecordingError
from air_sketch.values.hand import HandObservation

LOG = logging.getLogger(__name__)


class Tape:
    """A recording that may be absent; a full disk stops it and nothing else."""

    def __init__(self, writer: RecordingWriter | None) -> None:
        """Args: writer: an open recording, None for none."""
        self._writer = writer
        self._keys: list[str] = []

    @classmethod
    def start(cls, path: Path | None, canvas_wh: tuple[int, int]) -> Tape:
        """Begin a recording where the path is given.

        Raises:
            RecordingError: if the file exists already or cannot be written.
        """
        return cls(None if path is None else RecordingWriter(path, RecordingHeader(canvas_wh, canvas_wh)))

    @property
    def is_running(self) -> bool:
        """Whether frames are being written."""
        return self._writer is not None

    def note_key(self, name: str) -> None:
        """Remember a key that changed the drawing; it goes with the next frame."""
        if self._writer is not None:
            self._keys.append(name)

    def write(
        self,
        t_s: float,
        observation: HandObservation | None,
        pointer: RecordedPointer | None = None,
    ) -> str:
        """Append one frame; return "" or, once, why recording has stopped."""
        if self._writer is None:
            return ""
        keys, self._keys = tuple(self._keys), []
        try:
            self._writer.write(RecordedFrame(t_s, observation, keys, pointer))
        except RecordingError as error:
            LOG.warning("%s", error)
            self._writer = None
            return f"Recording stopped: {error}"
        return ""

    def close(self, t_s: float) -> None:
        """Write the keys that no frame has followed, and close."""
        if self._keys:
            self.write(t_s, None)
        if self._writer is not None:
            self._writer.close()
            self._writer = None
