"""Where sound comes from: a microphone, or a WAV file in its place."""

from __future__ import annotations

import importlib
import queue
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from air_sketch.values.datatypes import Float32Array
from air_sketch.values.errors import SpeechError, first_line
from air_sketch.values.ports import MicrophoneOpener
from air_sketch.voice.sound.files import Sound, read_sound

BLOCK_S = 0.05
"""The level meter moves at twenty steps a second."""

SILENT_DEVICE_S = 2.0
SOUND_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")
TYPE_INSTEAD = "T types the words"


def microphone_opener(name: str | None) -> MicrophoneOpener:
    """Return what opens a microphone.

    Args:
        name: a sound file, a device's number or a part of its name; None for the system's own choice.
    """
    if name is not None and Path(name).suffix.lower() in SOUND_SUFFIXES:
        return lambda: FileMicrophone(read_sound(Path(name)))
    return lambda: DeviceMicrophone(int(name) if name is not None and name.isdigit() else name)


class FileMicrophone:
    """Plays a file at its own pace, then silence, as if somebody had spoken."""

    def __init__(self, sound: Sound, sleep: Callable[[float], None] = time.sleep) -> None:
        """Args: sound: what is heard; sleep: waits for a block to pass."""
        self._sound = sound
        self._sleep = sleep
        self._place = 0

    @property
    def rate_hz(self) -> int:
        """Samples a second."""
        return self._sound.rate_hz

    def read(self) -> Float32Array:
        """Wait for the next block and return it."""
        size = max(1, round(BLOCK_S * self.rate_hz))
        self._sleep(size / self.rate_hz)
        block = self._sound.samples[self._place : self._place + size]
        self._place += size
        return np.pad(block, (0, size - len(block))).astype(np.float32)

    def close(self) -> None:
        """Nothing to release."""


class DeviceMicrophone:
    """A microphone through PortAudio."""

    def __init__(self, device: int | str | None = None) -> None:
        """Open it.

        Args:
            device: number or a part of the name; None for the system's own choice.
        Raises:
            SpeechError: if there is no PortAudio, no microphone, or no permission.
        """
        sounddevice = import_sounddevice()
        self._blocks: queue.SimpleQueue[Float32Array] = queue.SimpleQueue()
        try:
            found = sounddevice.query_devices(device, "input")
            self.name = str(found["name"])
            self._rate_hz = round(float(found["default_samplerate"]))
            self._stream = sounddevice.InputStream(
                device=device,
                channels=1,
                samplerate=self._rate_hz,
                blocksize=round(BLOCK_S * self._rate_hz),
                dtype="float32",
                callback=self._take,
            )
            self._stream.start()
        except Exception as error:  # PortAudio raises its own types, and ValueError
            raise SpeechError(f"the microphone cannot be opened ({first_line(error)})", _mend()) from None

    @property
    def rate_hz(self) -> int:
        """Samples a second."""
        return self._rate_hz

    def read(self) -> Float32Array:
        """Wait for the next block and return it."""
        try:
            return self._blocks.get(timeout=SILENT_DEVICE_S)
        except queue.Empty:
            raise SpeechError("the microphone has stopped", f"Plug it in again; {TYPE_INSTEAD}.") from None

    def close(self) -> None:
        """Release the device."""
        self._stream.close()

    def _take(self, block: Float32Array, _frames: int, _time: Any, _status: Any) -> None:
        """Keep a block; runs on PortAudio's own thread, whose buffer is used again."""
        self._blocks.put(block[:, 0].copy())


def import_sounddevice() -> Any:
    """Import sounddevice, late: without PortAudio its import fails.

    Raises:
        SpeechError: if it, or PortAudio, is missing.
    """
    try:
        return importlib.import_module("sounddevice")
    except ImportError:
        raise SpeechError("sounddevice is not installed", f"Run: pip install sounddevice; {TYPE_INSTEAD}.") from None
    except OSError:
        mend = "sudo apt install libportaudio2" if sys.platform.startswith("linux") else "pip install -U sounddevice"
        raise SpeechError("PortAudio is missing", f"Run: {mend}; {TYPE_INSTEAD}.") from None


def _mend() -> str:
    if sys.platform == "darwin":
        allow = "allow this terminal in System Settings, Privacy, Microphone"
    elif sys.platform == "win32":
        allow = "allow desktop apps in Settings, Privacy, Microphone"
    else:
        allow = "choose one in the system's sound settings"
    return f"Plug one in, or {allow}; {TYPE_INSTEAD}."
