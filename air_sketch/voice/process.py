"""The recogniser in a process of its own.

The search for a caption is Python: on a thread of the window's process it would take turns with the drawing, and a lag
is felt from a twentieth of a second on.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import Connection

import numpy as np

from air_sketch.files import isolate_children
from air_sketch.values.datatypes import Float32Array, Transcript
from air_sketch.values.errors import AirSketchError, SpeechError, first_line
from air_sketch.values.ports import RecognizerLoader
from air_sketch.values.scheduling import BACKGROUND_NICENESS

LOG = logging.getLogger(__name__)

STOPPED = ("the speech recogniser stopped", "V starts it again.")


class RecognizerProcess:
    """A ``SpeechRecognizer`` that works elsewhere; started again when it has died."""

    def __init__(self, load: RecognizerLoader) -> None:
        """Start the process and wait until it can recognise.

        Args:
            load: builds the recogniser over there: a function of a module, or a ``partial`` of one.
        Raises:
            AirSketchError: what ``load`` raises.
            SpeechError: if it dies meanwhile.
        """
        self._load = load
        self._one_at_a_time = threading.Lock()
        self._start()

    def transcribe(self, speech: Float32Array) -> Transcript:
        """Recognise one caption (see ``SpeechRecognizer``)."""
        with self._one_at_a_time:
            if not self._process.is_alive():
                self._start()
            try:
                self._connection.send(speech)
            except OSError:
                raise SpeechError(*STOPPED) from None
            transcript = self._answer()
            assert isinstance(transcript, Transcript)
            return transcript

    def close(self) -> None:
        """End the process; it also ends by itself when this one does."""
        self._connection.close()
        self._process.join()

    def _start(self) -> None:
        isolate_children()
        context = multiprocessing.get_context("spawn")  # a fork would copy threads' locks as they are held
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(self._load, theirs), name="speech", daemon=True)
        self._process.start()
        theirs.close()
        self._answer()

    def _answer(self) -> Transcript | None:
        try:
            answer = self._connection.recv()
        except (EOFError, OSError):
            self._process.join()
            LOG.warning("speech: the recogniser's process ended with %s", self._process.exitcode)
            raise SpeechError(*STOPPED) from None
        if isinstance(answer, AirSketchError):
            raise answer
        return answer


def _serve(load: RecognizerLoader, connection: Connection[object, object]) -> None:
    """Load, then recognise until the other end is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the window, which ends this too
    if hasattr(os, "nice"):
        os.nice(BACKGROUND_NICENESS)
    try:
        try:
            recognizer = load()
        except AirSketchError as error:
            connection.send(error)
            return
        except Exception as error:
            connection.send(SpeechError(f"the speech recogniser cannot start: {first_line(error)}"))
            return
        connection.send(None)
        while True:
            speech = connection.recv()
            assert isinstance(speech, np.ndarray)
            try:
                connection.send(recognizer.transcribe(speech))
            except AirSketchError as error:
                connection.send(error)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass
