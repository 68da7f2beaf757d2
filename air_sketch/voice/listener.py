"""Listens and recognises on threads of its own, so that drawing never waits for it."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future

import numpy as np

from air_sketch.values.datatypes import Float32Array
from air_sketch.values.errors import AirSketchError, first_line
from air_sketch.values.ports import MicrophoneOpener, RecognizerLoader, SpeechRecognizer
from air_sketch.voice.endpoint import LONGEST_S, Ending, Endpoint, meter
from air_sketch.voice.events import CaptionHeard, NothingUnderstood, Voice, VoiceChanged, VoiceEvent, VoicePhase
from air_sketch.voice.sound.gate import CHUNK_S, SpeechGate
from air_sketch.voice.sound.levels import level_dbfs
from air_sketch.voice.speech import speech_in

LOG = logging.getLogger(__name__)

_TellPhase = Callable[[Voice], None]

NOT_UNDERSTOOD = "Not understood. V listens again, T types the words"
NOTHING_HEARD = "Nothing was heard. Is the right microphone chosen? V listens again, T types the words"


class Listener:
    """Takes spoken captions, one at a time."""

    def __init__(self, open_microphone: MicrophoneOpener, load_recognizer: RecognizerLoader) -> None:
        """Args: open_microphone: called for each caption; load_recognizer: called once, for the first."""
        self._open_microphone = open_microphone
        self._load_recognizer = load_recognizer
        self._recognizer: Future[SpeechRecognizer] | None = None
        self._events: queue.SimpleQueue[tuple[int, VoiceEvent]] = queue.SimpleQueue()
        self._take_number = 0
        self._enough = threading.Event()

    def start(self) -> None:
        """Begin to listen; what was under way is dropped."""
        self.cancel()
        self._enough = threading.Event()
        self._warm_up()
        arguments = (self._take_number, self._enough)
        threading.Thread(target=self._run, args=arguments, name="microphone", daemon=True).start()

    def stop(self) -> None:
        """Listen no longer, and find the words of what was said so far."""
        self._enough.set()

    def cancel(self) -> None:
        """Listen no longer, and forget what was said."""
        self._take_number += 1
        self._enough.set()

    def poll(self) -> list[VoiceEvent]:
        """Return what has happened since the last call, without what was cancelled; never waits."""
        news: list[VoiceEvent] = []
        while True:
            try:
                number, event = self._events.get_nowait()
            except queue.Empty:
                return news
            if number == self._take_number:
                news.append(event)

    def _warm_up(self) -> None:
        """Load the recogniser while the first caption is spoken; try again after a failure."""
        if self._recognizer is not None and not (self._recognizer.done() and self._recognizer.exception()):
            return
        future: Future[SpeechRecognizer] = Future()

        def load() -> None:
            try:
                future.set_result(self._load_recognizer())
            except BaseException as error:  # told to the user when the words are wanted
                future.set_exception(error)

        self._recognizer = future
        threading.Thread(target=load, name="speech recogniser", daemon=True).start()

    def _run(self, number: int, enough: threading.Event) -> None:
        def tell(event: VoiceEvent) -> None:
            self._events.put((number, event))

        try:
            tell(self._caption(number, enough, tell_phase=lambda voice: tell(VoiceChanged(voice))))
        except AirSketchError as error:
            LOG.warning("speech: %s", error)
            tell(NothingUnderstood(str(error), is_error=True))
        except BaseException as error:
            LOG.exception("speech failed")
            tell(NothingUnderstood(f"Listening failed: {first_line(error)}", is_error=True))
        tell(VoiceChanged(None))

    def _caption(self, number: int, enough: threading.Event, tell_phase: _TellPhase) -> VoiceEvent:
        tell_phase(Voice(VoicePhase.LISTENING, 0.0, LONGEST_S))
        sound, rate_hz = self._record(enough, tell_phase)
        if number != self._take_number:
            return VoiceChanged(None)
        tell_phase(Voice(VoicePhase.THINKING))
        speech = speech_in(sound, rate_hz)
        if speech is None:
            LOG.info("nothing heard")
            return NothingUnderstood(NOTHING_HEARD)
        assert self._recognizer is not None
        recognizer = self._recognizer.result()
        if number != self._take_number:  # cancelled while it loaded
            return VoiceChanged(None)
        transcript = recognizer.transcribe(speech)
        LOG.info("heard %r, confidence %.2f", transcript.text, transcript.confidence)
        return CaptionHeard(transcript.text) if transcript.text else NothingUnderstood(NOT_UNDERSTOOD)

    def _record(self, enough: threading.Event, tell_phase: _TellPhase) -> tuple[Float32Array, int]:
        microphone = self._open_microphone()
        endpoint, gate, blocks = Endpoint(), SpeechGate(microphone.rate_hz), list[Float32Array]()
        try:
            ending: Ending | None = None
            while ending is None and not enough.is_set():
                block = microphone.read()
                blocks.append(block)
                level = level_dbfs(block)
                for chance in gate.hear(block):
                    ending = ending or endpoint.take(chance, CHUNK_S)
                tell_phase(Voice(VoicePhase.LISTENING, meter(level), max(0.0, LONGEST_S - endpoint.heard_s)))
        finally:
            microphone.close()
        sound = np.concatenate(blocks) if blocks else np.zeros(0, dtype=np.float32)
        return sound, microphone.rate_hz
