"""Sound files of every kind, sound and damaged."""

import io
import os
import struct

import numpy as np
import pytest
import soundfile

from air_sketch.values.errors import SpeechError
from air_sketch.voice.sound.files import LONGEST_FILE_S, decode_sound, read_sound

PCM, FLOAT, EXTENSIBLE = 0x0001, 0x0003, 0xFFFE
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


def decoded(data, name="x"):
    return decode_sound(io.BytesIO(data), name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_and_an_error_names_no_object_of_the_program(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(SpeechError, match="it is no regular file"):
        read_sound(tmp_path / "pipe.wav")
    (tmp_path / "page.wav").write_bytes(b"<html>" * 9)
    with pytest.raises(SpeechError, match=r"page.wav is not a sound file that is read \(Format not recognised\)"):
        read_sound(tmp_path / "page.wav")


KINDS = [(8, PCM), (16, PCM), (24, PCM), (32, PCM), (32, FLOAT), (64, FLOAT)]


@pytest.mark.parametrize(("bits", "tag"), KINDS)
@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("extensible", [False, True])
def test_every_kind_of_sample_is_read_as_the_same_sound(bits, tag, channels, extensible):
    sound = decoded(wav(TONE, bits, 8000, channels, tag, extensible))
    assert sound.rate_hz == 8000 and sound.samples.dtype == np.float32
    assert np.abs(sound.samples - TONE).max() < (0.01 if bits == 8 else 1e-4)
    assert sound.duration_s == pytest.approx(0.1)


@pytest.mark.parametrize("rate_hz", [8000, 11025, 16000, 22050, 44100, 48000, 96000])
def test_every_sampling_rate_is_told(rate_hz):
    assert decoded(wav(TONE, rate_hz=rate_hz)).rate_hz == rate_hz


def test_stereo_is_mixed():
    left_only = np.stack([TONE, np.zeros_like(TONE)], axis=1).reshape(-1)
    data = wav(left_only, channels=1)
    data = data.replace(struct.pack("<HHI", PCM, 1, 8000), struct.pack("<HHI", PCM, 2, 8000))
    data = data.replace(struct.pack("<IHH", 16000, 2, 16), struct.pack("<IHH", 32000, 4, 16))
    assert np.abs(decoded(data).samples - TONE / 2).max() < 1e-4


def test_a_truncated_file_is_read_as_far_as_it_goes():
    data = wav(TONE)
    sound = decoded(data[: len(data) // 2 + 1])
    assert 300 < len(sound.samples) < 400
    assert np.abs(sound.samples - TONE[: len(sound.samples)]).max() < 1e-4


@pytest.mark.parametrize("claimed", [0xFFFFFFFF, 0x7FFFF000])
def test_a_length_that_a_pipe_could_not_know_means_to_the_end(claimed):
    assert len(decoded(wav(TONE, claimed=claimed)).samples) == len(TONE)


def test_other_chunks_are_passed_over_with_their_padding():
    extra = b"LIST" + struct.pack("<I", 3) + b"abc\0" + b"junk" + struct.pack("<I", 0)
    assert len(decoded(wav(TONE, extra=extra)).samples) == len(TONE)


@pytest.mark.parametrize("name", [b"LIST", b"JUNK", b"bext", b"id3 "])
def test_an_odd_chunk_without_its_padding_is_passed_over(name):
    extra = name + struct.pack("<I", 17) + b"INFOISFT\5\0\0\0Lavf1"
    assert len(decoded(wav(TONE, extra=extra)).samples) == len(TONE)


def test_an_empty_data_chunk_before_the_real_one_is_passed_over():
    assert len(decoded(wav(TONE, extra=b"data" + struct.pack("<I", 0))).samples) == len(TONE)


def test_a_stream_without_a_length_is_read_to_its_end():
    assert len(decoded(wav(TONE, claimed=0)).samples) == len(TONE)


@pytest.mark.parametrize("bits", [20, 24])
@pytest.mark.parametrize("at_the_upper_end", [False, True])
def test_few_bits_in_four_bytes_are_as_loud_as_they_were(bits, at_the_upper_end):
    whole = np.round(TONE * (2 ** (bits - 1) - 1)).astype("<i4") << ((32 - bits) if at_the_upper_end else 0)
    layout = struct.pack("<HHIIHH", PCM, 1, 8000, 32000, 4, bits)
    body = b"WAVEfmt " + struct.pack("<I", 16) + layout + b"data" + struct.pack("<I", 4 * len(whole)) + whole.tobytes()
    sound = decoded(b"RIFF" + struct.pack("<I", len(body)) + body)
    assert np.abs(sound.samples - TONE).max() < 1e-4


@pytest.mark.parametrize("full_scale", [2**15, 2**31])
def test_floats_that_hold_whole_numbers_are_brought_to_full_scale(full_scale):
    assert np.abs(decoded(wav(np.round(TONE * full_scale), 32, tag=FLOAT)).samples - TONE).max() < 1e-4


def test_channels_that_cancel_each_other_out_are_heard():
    both = np.stack([TONE, -TONE], axis=1).astype(np.float32)
    file = io.BytesIO()
    soundfile.write(file, both, 8000, format="WAV", subtype="FLOAT")
    assert np.abs(np.abs(decoded(file.getvalue()).samples) - np.abs(TONE)).max() < 1e-4


@pytest.mark.parametrize(("kind", "coding"), [("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III")])
def test_compressed_files_are_read(kind, coding):
    second, file = np.tile(TONE, 10), io.BytesIO()
    soundfile.write(file, second, 8000, format=kind, subtype=coding)
    sound = decoded(file.getvalue())
    assert sound.rate_hz == 8000 and sound.duration_s == pytest.approx(1.0, abs=0.2)
    assert np.sqrt(np.mean(sound.samples**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.1)


def test_floats_beyond_full_scale_and_not_numbers_are_clipped():
    samples = np.array([0.0, 2.0, -3.0, np.nan, np.inf])
    assert decoded(wav(samples, 32, tag=FLOAT)).samples.tolist() == [0.0, 1.0, -1.0, 0.0, 1.0]


GOOD = wav(TONE)
DAMAGED = {
    "empty": (b"", "is empty"),
    "text": (b"hello, this is no sound at all", "not a sound file"),
    "a header alone": (GOOD[:12], "no"),
    "half a format": (GOOD[:20], "damaged"),
    "no samples": (wav(TONE[:0]), "holds no sound"),
    "an unknown coding": (GOOD.replace(struct.pack("<HHI", PCM, 1, 8000), struct.pack("<HHI", 99, 1, 8000)), "code 99"),
    "no channels": (GOOD.replace(struct.pack("<HHI", PCM, 1, 8000), struct.pack("<HHI", PCM, 0, 8000)), "0 channels"),
    "no rate": (GOOD.replace(struct.pack("<HHI", PCM, 1, 8000), struct.pack("<HHI", PCM, 1, 0)), "0 Hz"),
    "too long": (wav(np.zeros(int(LONGEST_FILE_S * 1000) + 2000), 8, 1000), "too long"),
}


@pytest.mark.parametrize("case", list(DAMAGED))
def test_a_damaged_file_is_one_line_that_names_it(case):
    data, said = DAMAGED[case]
    with pytest.raises(SpeechError) as error:
        decoded(data, "caption.wav")
    assert said in str(error.value) and "caption.wav" in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_random_bytes_after_a_good_header_never_crash():
    rng = np.random.default_rng(0)
    for _ in range(200):
        data = bytearray(GOOD[:200])
        for place in rng.integers(12, 60, 4):
            data[place] = rng.integers(256)
        try:
            sound = decoded(bytes(data))
        except SpeechError:
            continue
        assert np.isfinite(sound.samples).all() and np.abs(sound.samples).max() <= 1.0


def test_missing_files_and_folders_are_one_line(tmp_path):
    for path in (tmp_path / "gone.wav", tmp_path):
        with pytest.raises(SpeechError, match=path.name):
            read_sound(path)
