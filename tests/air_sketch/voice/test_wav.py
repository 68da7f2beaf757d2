"""WAV files of every kind, sound and damaged."""

import struct

import numpy as np
import pytest

from air_sketch.values.errors import SpeechError
from air_sketch.voice.sound.wav import EXTENSIBLE, FLOAT, LONGEST_FILE_S, PCM, decode_wav, read_wav

TONE = (0.5 * np.sin(2 * np.pi * 440 * np.arange(800) / 8000)).astype(np.float64)


def wav(samples, bits=16, rate_hz=8000, channels=1, tag=PCM, extensible=False, extra=b"", claimed=None):
    """The bytes of a WAV file; ``extra`` chunks stand before the data, ``claimed`` is a wrong data length."""
    frames = np.repeat(samples[:, None], channels, axis=1).reshape(-1)
    if tag == FLOAT:
        raw = frames.astype("<f4" if bits == 32 else "<f8").tobytes()
    elif bits == 8:
        raw = (np.round(frames * 127) + 128).astype(np.uint8).tobytes()
    elif bits == 24:
        whole = np.round(frames * (2**23 - 1)).astype("<i4")
        raw = whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    else:
        raw = np.round(frames * (2 ** (bits - 1) - 1)).astype(f"<i{bits // 8}").tobytes()
    size = channels * bits // 8
    layout = struct.pack("<HHIIHH", EXTENSIBLE if extensible else tag, channels, rate_hz, rate_hz * size, size, bits)
    if extensible:
        guid = bytes.fromhex("000000001000800000aa00389b71")
        layout += struct.pack("<HHIH", 22, bits, 0, tag) + guid
    body = b"WAVEfmt " + struct.pack("<I", len(layout)) + layout + extra
    body += b"data" + struct.pack("<I", len(raw) if claimed is None else claimed) + raw
    return b"RIFF" + struct.pack("<I", len(body)) + body


KINDS = [(8, PCM), (16, PCM), (24, PCM), (32, PCM), (32, FLOAT), (64, FLOAT)]


@pytest.mark.parametrize(("bits", "tag"), KINDS)
@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("extensible", [False, True])
def test_every_kind_of_sample_is_read_as_the_same_sound(bits, tag, channels, extensible):
    sound = decode_wav(wav(TONE, bits, 8000, channels, tag, extensible), "x")
    assert sound.rate_hz == 8000 and sound.samples.dtype == np.float32
    assert np.abs(sound.samples - TONE).max() < (0.01 if bits == 8 else 1e-4)
    assert sound.duration_s == pytest.approx(0.1)


@pytest.mark.parametrize("rate_hz", [8000, 11025, 16000, 22050, 44100, 48000, 96000])
def test_every_sampling_rate_is_told(rate_hz):
    assert decode_wav(wav(TONE, rate_hz=rate_hz), "x").rate_hz == rate_hz


def test_stereo_is_mixed():
    left_only = np.stack([TONE, np.zeros_like(TONE)], axis=1).reshape(-1)
    data = wav(left_only, channels=1)
    data = data.replace(struct.pack("<HHI", PCM, 1, 8000), struct.pack("<HHI", PCM, 2, 8000))
    data = data.replace(struct.pack("<IHH", 16000, 2, 16), struct.pack("<IHH", 32000, 4, 16))
    assert np.abs(decode_wav(data, "x").samples - TONE / 2).max() < 1e-4


def test_a_truncated_file_is_read_as_far_as_it_goes():
    data = wav(TONE)
    sound = decode_wav(data[: len(data) // 2 + 1], "x")
    assert 300 < len(sound.samples) < 400
    assert np.abs(sound.samples - TONE[: len(sound.samples)]).max() < 1e-4


@pytest.mark.parametrize("claimed", [0xFFFFFFFF, 0x7FFFF000])
def test_a_length_that_a_pipe_could_not_know_means_to_the_end(claimed):
    assert len(decode_wav(wav(TONE, claimed=claimed), "x").samples) == len(TONE)


def test_other_chunks_are_passed_over_with_their_padding():
    extra = b"LIST" + struct.pack("<I", 3) + b"abc\0" + b"junk" + struct.pack("<I", 0)
    assert len(decode_wav(wav(TONE, extra=extra), "x").samples) == len(TONE)


def test_floats_beyond_full_scale_and_not_numbers_are_clipped():
    samples = np.array([0.0, 2.0, -3.0, np.nan, np.inf])
    assert decode_wav(wav(samples, 32, tag=FLOAT), "x").samples.tolist() == [0.0, 1.0, -1.0, 0.0, 1.0]


GOOD = wav(TONE)
DAMAGED = {
    "empty": (b"", "is empty"),
    "text": (b"hello, this is no sound at all", "not a WAV file"),
    "a header alone": (GOOD[:12], "no"),
    "half a format": (GOOD[:20], "damaged"),
    "no samples": (wav(TONE[:0]), "holds no sound"),
    "mu-law": (GOOD.replace(struct.pack("<HHI", PCM, 1, 8000), struct.pack("<HHI", 7, 1, 8000)), "code 7"),
    "no channels": (GOOD.replace(struct.pack("<HHI", PCM, 1, 8000), struct.pack("<HHI", PCM, 0, 8000)), "0 channels"),
    "no rate": (GOOD.replace(struct.pack("<HHI", PCM, 1, 8000), struct.pack("<HHI", PCM, 1, 0)), "0 Hz"),
    "too long": (wav(np.zeros(int(LONGEST_FILE_S * 1000) + 2000), 8, 1000), "too long"),
}


@pytest.mark.parametrize("case", list(DAMAGED))
def test_a_damaged_file_is_one_line_that_names_it(case):
    data, said = DAMAGED[case]
    with pytest.raises(SpeechError) as error:
        decode_wav(data, "caption.wav")
    assert said in str(error.value) and "caption.wav" in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_random_bytes_after_a_good_header_never_crash():
    rng = np.random.default_rng(0)
    for _ in range(200):
        data = bytearray(GOOD[:200])
        for place in rng.integers(12, 60, 4):
            data[place] = rng.integers(256)
        try:
            sound = decode_wav(bytes(data), "x")
        except SpeechError:
            continue
        assert np.isfinite(sound.samples).all() and np.abs(sound.samples).max() <= 1.0


def test_missing_files_and_folders_are_one_line(tmp_path):
    for path in (tmp_path / "gone.wav", tmp_path):
        with pytest.raises(SpeechError, match=path.name):
            read_wav(path)
