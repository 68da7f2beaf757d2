"""What the drawing half needs from the outside world, as protocols.

The core and the loop know only these; recognisers, microphones and the gallery search are plugged in by the assembly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

from air_sketch.values.datatypes import Float32Array, SearchAnswer, SearchRequest, Transcript, UInt8Array


class SketchSearch(Protocol):
    """The one seam to the gallery: a picture and words in, cards out."""

    @property
    def description(self) -> str:
        """One short line for the status bar, e.g. "demo gallery, 1,200 items"."""

    def search(self, request: SearchRequest) -> SearchAnswer:
        """Find one page of the best items.

        Raises:
            SearchError: if the query cannot be answered, or its filter is not understood; the text says why.
        """

    def suggest(self, typed: str) -> tuple[str, ...]:
        """Continue a caption that is being typed, with words and titles of the gallery, in milliseconds."""


SearchLoader = Callable[[Callable[[str, "float | None"], None]], SketchSearch]
"""Builds the search on a background thread, reporting what is being done and how far it is, 0..1 or None when unknown;
raises SearchError with a one-line reason."""


class SpeechRecognizer(Protocol):
    """Turns speech into a caption."""

    def transcribe(self, speech: Float32Array) -> Transcript:
        """Recognise one caption.

        Args:
            speech: float32 (N,) at 16 kHz, full scale -1..1, the spoken part of a recording.
        Raises:
            SpeechError: if the recogniser fails; not understanding is a transcript without text.
        """


class Microphone(Protocol):
    """Delivers sound in short blocks; open from the start."""

    @property
    def rate_hz(self) -> int:
        """Samples a second."""

    def read(self) -> Float32Array:
        """Wait for the next block and return it, float32 (N,), N at least 1.

        Raises:
            SpeechError: if the device stops.
        """

    def close(self) -> None:
        """Release the device; safe to call twice."""


MicrophoneOpener = Callable[[], Microphone]
"""Opens the microphone anew; raises SpeechError with a one-line reason."""

RecognizerLoader = Callable[[], SpeechRecognizer]
"""Builds the recogniser, in seconds; raises SpeechError with a one-line reason."""

PictureReader = Callable[[Iterable[Path], int], Iterator["tuple[str, UInt8Array | str]"]]
"""Reads pictures, folders and packs of them, the longer side reduced to at most so many pixels; gives their names, and
uint8 (H, W, 3) BGR or why there is no picture."""
