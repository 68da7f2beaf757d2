"""WAV files of every common kind, read by ourselves: the standard library's reader knows integer PCM only.

Format: Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0" (1991), and Microsoft's
WAVEFORMATEXTENSIBLE. A file that was cut off is read as far as it goes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from air_sketch.values.datatypes import Float32Array
from air_sketch.values.errors import SpeechError

PCM, FLOAT, EXTENSIBLE = 0x0001, 0x0003, 0xFFFE
RATES_HZ = (1_000, 768_000)
MOST_CHANNELS = 64
LONGEST_FILE_S = 120.0
"""A caption takes seconds; an hour of speech is a mistake that should not fill the memory."""

_WANTED = "expected a WAV file with 8, 16, 24 or 32 bit integers, or 32 or 64 bit floats"
_MEND = "Convert it: ffmpeg -i FILE -ac 1 -ar 16000 speech.wav"


@dataclass(frozen=True)
class Sound:
    """Sampled sound.

    Attributes:
        samples: float32 (N,), one channel, full scale is -1..1.
        rate_hz: samples a second.
    """

    samples: Float32Array
    rate_hz: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate_hz


@dataclass(frozen=True)
class _Format:
    tag: int
    channels: int
    rate_hz: int
    bits: int

    @property
    def frame_bytes(self) -> int:
        return self.channels * self.bits // 8


def read_wav(path: Path) -> Sound:
    """Read a WAV file as one channel.

    Raises:
        SpeechError: if it cannot be read, is no WAV file, or holds no sound; one line that says so.
    """
    try:
        if path.is_dir():
            raise SpeechError(f"{path} is a folder: {_WANTED}.")
        data = path.read_bytes()
    except OSError as error:
        raise SpeechError(f"{path} cannot be read: {error.strerror or error}", "Check the path.") from None
    return decode_wav(data, str(path))


def decode_wav(data: bytes, name: str) -> Sound:
    """Read the bytes of a WAV file as one channel, the mean of all; ``name`` is for error messages.

    Raises:
        SpeechError: as ``read_wav``.
    """
    if not data:
        raise SpeechError(f"{name} is empty: {_WANTED}.")
    if len(data) < 12 or data[:4] not in (b"RIFF", b"RF64") or data[8:12] != b"WAVE":
        raise SpeechError(f"{name} is not a WAV file: {_WANTED}", _MEND)
    chunks = _chunks(data)
    if b"fmt " not in chunks:
        raise SpeechError(f"{name} is damaged: expected a format chunk, got none", "Record it again.")
    layout = _format(chunks[b"fmt "], name)
    raw = chunks.get(b"data", b"")
    frames = len(raw) // layout.frame_bytes
    if frames == 0:
        raise SpeechError(f"{name} holds no sound: expected at least one sample, got none", "Record it again.")
    if frames / layout.rate_hz > LONGEST_FILE_S:
        raise SpeechError(
            f"{name} is too long: expected a caption of at most {LONGEST_FILE_S:.0f} s, "
            f"got {frames / layout.rate_hz:.0f} s",
            "Cut it.",
        )
    samples = _samples(raw[: frames * layout.frame_bytes], layout).reshape(frames, layout.channels)
    mono = np.nan_to_num(samples.mean(axis=1, dtype=np.float64), nan=0.0, posinf=1.0, neginf=-1.0)
    return Sound(np.clip(mono, -1.0, 1.0).astype(np.float32), layout.rate_hz)


def _chunks(data: bytes) -> dict[bytes, bytes]:
    """The first chunk of each name; one whose length runs past the end, or is unknown, goes to the end."""
    found: dict[bytes, bytes] = {}
    place = 12
    while place + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, place)
        found.setdefault(name, data[place + 8 : place + 8 + length])
        place += 8 + length + length % 2
    return found


def _format(chunk: bytes, name: str) -> _Format:
    if len(chunk) < 16:
        raise SpeechError(
            f"{name} is damaged: expected a format chunk of 16 bytes, got {len(chunk)}", "Record it again."
        )
    tag, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", chunk)
    if tag == EXTENSIBLE and len(chunk) >= 26:
        tag = struct.unpack_from("<H", chunk, 24)[0]
    known = {PCM: (8, 16, 24, 32), FLOAT: (32, 64)}
    if tag not in known or bits not in known[tag]:
        raise SpeechError(f"{name} is coded in a way that is not read: {_WANTED}, got code {tag}, {bits} bit", _MEND)
    if not 1 <= channels <= MOST_CHANNELS or not RATES_HZ[0] <= rate_hz <= RATES_HZ[1]:
        raise SpeechError(f"{name} is damaged: got {channels} channels at {rate_hz} Hz", "Record it again.")
    return _Format(tag, channels, rate_hz, bits)


def _samples(raw: bytes, layout: _Format) -> Float32Array:
    """Decode interleaved samples to float32 in -1..1."""
    if layout.tag == FLOAT:
        with np.errstate(over="ignore", invalid="ignore"):
            return np.frombuffer(raw, "<f4" if layout.bits == 32 else "<f8").astype(np.float32)
    if layout.bits == 8:  # the one unsigned kind
        return (np.frombuffer(raw, np.uint8).astype(np.float32) - 128.0) / 128.0
    if layout.bits == 24:
        low, middle, high = np.frombuffer(raw, np.uint8).reshape(-1, 3).astype(np.int32).T
        return (((low << 8) | (middle << 16) | (high << 24)) >> 8).astype(np.float32) / np.float32(2**23)
    whole = np.frombuffer(raw, "<i2" if layout.bits == 16 else "<i4")
    return (whole / np.float64(2 ** (layout.bits - 1))).astype(np.float32)
