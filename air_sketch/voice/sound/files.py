"""Sound files: whatever libsndfile reads (WAV, FLAC, OGG, MP3 ...), and WAV files with a header that it refuses."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile

from air_sketch.files import open_regular
from air_sketch.values.datatypes import Float32Array
from air_sketch.values.errors import SpeechError, first_line

LONGEST_FILE_S = 120.0
"""A caption takes seconds; an hour of speech is a mistake that should not fill the memory."""

MOST_CHANNELS = 64
RATES_HZ = (1_000, 768_000)
_BLOCK_FRAMES = 1 << 18
_MOST_BYTES = 1 << 28
_MEND = "Convert it: ffmpeg -i FILE -ac 1 -ar 16000 speech.wav"
_NAMES = (b"fmt ", b"data", b"LIST", b"fact", b"PEAK", b"JUNK", b"junk", b"bext", b"cue ", b"smpl", b"id3 ", b"ID3 ")
_CODINGS = {(1, 1): "PCM_U8", (1, 2): "PCM_16", (1, 3): "PCM_24", (1, 4): "PCM_32", (3, 4): "FLOAT", (3, 8): "DOUBLE"}


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


def read_sound(path: Path) -> Sound:
    """Read a sound file as one channel.

    Raises:
        SpeechError: if it cannot be read, is of no known kind, too long, or holds no sound; one line that says so.
    """
    try:
        with open_regular(path) as file:
            return decode_sound(file, str(path))
    except OSError as error:
        raise SpeechError(f"{path} cannot be read: {error.strerror or error}", "Check the path.") from None


def decode_sound(file: BinaryIO, name: str) -> Sound:
    """Read an open sound file as one channel; ``name`` is for error messages.

    Raises:
        SpeechError: as ``read_sound``.
    """
    start = file.read(12)
    file.seek(0)
    if not start:
        raise SpeechError(f"{name} is empty: expected a sound file")
    is_wave = len(start) == 12 and start[:4] in (b"RIFF", b"RF64") and start[8:] == b"WAVE"
    try:
        with soundfile.SoundFile(file) as sound:
            frames, rate_hz, odd = (
                _read(sound, name),
                sound.samplerate,
                is_wave and sound.subtype in ("PCM_24", "PCM_32"),
            )
    except (soundfile.LibsndfileError, ValueError) as error:
        if not is_wave:
            reason = getattr(error, "error_string", first_line(error))
            raise SpeechError(f"{name} is not a sound file that is read ({reason.rstrip('.')})", _MEND) from None
        frames, rate_hz, odd = np.zeros((0, 1), np.float32), 1, True
    if is_wave and (odd or not len(frames)):
        file.seek(0)
        with _loose_wave(file.read(_MOST_BYTES), name) as sound:
            frames, rate_hz = _read(sound, name), sound.samplerate
    if not len(frames):
        raise SpeechError(f"{name} holds no sound: expected at least one sample, got none", "Record it again.")
    if not RATES_HZ[0] <= rate_hz <= RATES_HZ[1]:
        raise SpeechError(f"{name} is damaged: got a rate of {rate_hz} Hz", "Record it again.")
    return Sound(_one_channel(_in_range(frames)), rate_hz)


def _read(sound: soundfile.SoundFile, name: str) -> Float32Array:
    """Read all frames, float32 (N, channels), in blocks: a header may promise more or less than there is."""
    blocks, count, most = list[Float32Array](), 0, int(LONGEST_FILE_S * sound.samplerate)
    if sound.channels > MOST_CHANNELS:
        raise SpeechError(f"{name} is damaged: got {sound.channels} channels", "Record it again.")
    while len(block := sound.read(_BLOCK_FRAMES, dtype="float32", always_2d=True)):
        blocks.append(block)
        count += len(block)
        if count > most:
            told = max(count, sound.frames) / sound.samplerate
            wanted = f"expected a caption of at most {LONGEST_FILE_S:.0f} s"
            raise SpeechError(f"{name} is too long: {wanted}, got {told:.0f} s or more", "Cut it.")
    return np.concatenate(blocks) if blocks else np.zeros((0, sound.channels), np.float32)


def _loose_wave(data: bytes, name: str) -> soundfile.SoundFile:
    """Open a WAV file by its chunks as they are: odd ones without their pad byte, data of no or unknown length.

    Raises:
        SpeechError: if no format and no sound can be made out.
    """
    layout, raw = _chunks(data)
    if len(layout) < 16:
        raise SpeechError(f"{name} is damaged: expected a format chunk, got none", "Record it again.")
    tag, channels, rate_hz, _, frame_bytes, bits = struct.unpack_from("<HHIIHH", layout)
    if tag == 0xFFFE and len(layout) >= 26:  # WAVEFORMATEXTENSIBLE: the code stands further on
        valid_bits, tag = struct.unpack_from("<H", layout, 18)[0], struct.unpack_from("<H", layout, 24)[0]
        bits = valid_bits if 0 < valid_bits < bits else bits
    width = frame_bytes // channels if channels and frame_bytes % channels == 0 and frame_bytes else (bits + 7) // 8
    coding = _CODINGS.get((tag, width))
    if coding is None or not 1 <= channels <= MOST_CHANNELS or not RATES_HZ[0] <= rate_hz <= RATES_HZ[1]:
        what = f"code {tag}, {bits} bit, {channels} channels at {rate_hz} Hz"
        raise SpeechError(f"{name} is coded in a way that is not read: {what}", _MEND)
    if tag == 1 and width == 4 and bits < 32:
        raw = _left_justified(raw, bits)
    whole = io.BytesIO(raw[: len(raw) // (width * channels) * width * channels])
    return soundfile.SoundFile(
        whole, samplerate=rate_hz, channels=channels, format="RAW", subtype=coding, endian="LITTLE"
    )


def _chunks(data: bytes) -> tuple[bytes, bytes]:
    """The format and the sound: the longest data chunk; one that claims no length, or too much, goes to the end."""
    layout = raw = b""
    place = 12
    while place + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, place)
        body = data[place + 8 : place + 8 + length]
        if name == b"fmt " and not layout:
            layout = body
        elif name == b"data":
            rest = data[place + 8 :]
            is_open = length == 0 and not _is_chunk(rest)
            raw = max(raw, rest if is_open or length > len(rest) else body, key=len)
            if is_open:
                break
        place += 8 + length
        if length % 2 and data[place : place + 4] not in _NAMES:
            place += 1  # the pad byte, which some programs forget
    return layout, raw


def _is_chunk(data: bytes) -> bool:
    """Whether a chunk may begin here: a name of four printable letters, and a length that fits."""
    if len(data) < 8:
        return False
    name, length = struct.unpack_from("<4sI", data)
    return all(32 <= letter < 127 for letter in name) and length <= len(data) - 8


def _left_justified(raw: bytes, bits: int) -> bytes:
    """Bring samples of fewer bits in four bytes to the upper end, where WAV has them, if they lie at the lower one."""
    whole = np.frombuffer(raw[: len(raw) // 4 * 4], "<i4")
    fits = len(whole) > 0 and -(1 << (bits - 1)) <= int(whole.min()) and int(whole.max()) < 1 << (bits - 1)
    return (whole << (32 - bits)).astype("<i4").tobytes() if fits else raw


def _in_range(frames: Float32Array) -> Float32Array:
    """Clip to full scale; floats that hold whole numbers of 16 or 32 bits are brought back to it first."""
    finite = np.nan_to_num(frames, nan=0.0, posinf=1.0, neginf=-1.0)
    loud = float(np.percentile(np.abs(finite), 99.0))
    if loud > 16.0:  # no recording is so far beyond full scale
        finite = finite / np.float32(32768.0 if np.abs(finite).max() <= 32768.0 else 2.0**31)
    return np.clip(finite, -1.0, 1.0)


def _one_channel(frames: Float32Array) -> Float32Array:
    """The mean of all channels, or the loudest of them where they cancel each other out."""
    mean = frames.mean(axis=1, dtype=np.float64)
    loudness = np.square(frames, dtype=np.float64).mean(axis=0)
    if np.square(mean).mean() < 0.01 * loudness.max():
        mean = frames[:, int(loudness.argmax())]
    return np.asarray(mean, dtype=np.float32)
