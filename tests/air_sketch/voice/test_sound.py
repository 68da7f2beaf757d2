"""Loudness, sampling rates, and when a caption ends."""

import numpy as np
import pytest

from air_sketch.voice.endpoint import LONGEST_S, NOTHING_SAID_S, PAUSE_S, Ending, Endpoint, meter
from air_sketch.voice.sound.levels import SPEECH_RATE_HZ, even_loudness, level_dbfs, resample


def tone(seconds, rate_hz=SPEECH_RATE_HZ, hz=440.0, loud=0.3):
    return (loud * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [8000, 11025, 16000, 22050, 44100, 48000])
def test_resampling_keeps_pitch_loudness_and_length(rate_hz):
    changed = resample(tone(0.5, rate_hz), rate_hz)
    wanted = tone(0.5)
    assert len(changed) == pytest.approx(len(wanted), abs=1)
    middle = slice(1000, 7000)
    assert np.abs(changed[middle] - wanted[middle]).max() < 0.01


def test_resampling_folds_nothing_back():
    assert level_dbfs(resample(tone(0.5, 48000, hz=15000.0), 48000)[500:-500]) < -60


def test_resampling_nothing_gives_nothing():
    assert len(resample(np.zeros(0, np.float32), 44100)) == 0


def test_levels_are_in_decibels_of_full_scale():
    assert level_dbfs(tone(1.0, loud=1.0)) == pytest.approx(-3.0, abs=0.1)
    assert level_dbfs(np.zeros(10, np.float32)) == level_dbfs(np.zeros(0, np.float32)) == -120.0


def test_quiet_speech_is_raised_and_an_offset_taken_out():
    raised = even_loudness(tone(0.5, loud=0.01) + np.float32(0.2))
    assert level_dbfs(raised) == pytest.approx(-20, abs=1.5) and abs(float(raised.mean())) < 1e-4
    assert not even_loudness(np.zeros(4000, np.float32)).any()


def endings(*parts):
    """Chances of speech, each for so many seconds, until listening ends."""
    endpoint = Endpoint()
    for chance, seconds in parts:
        for _ in range(round(seconds / 0.032)):
            ending = endpoint.take(chance, 0.032)
            if ending is not None:
                return ending, endpoint.heard_s
    return None, endpoint.heard_s


def test_a_pause_after_speech_ends_listening():
    ending, heard_s = endings((0.01, 1.0), (0.9, 1.0), (0.1, 5.0))
    assert ending is Ending.PAUSE and heard_s == pytest.approx(2.0 + PAUSE_S, abs=0.11)


def test_a_short_pause_between_words_does_not():
    assert endings(*[(0.9, 0.5), (0.1, 0.5)] * 3)[0] is None


def test_a_moment_that_sounds_like_speech_is_no_caption():
    assert endings((0.1, 0.5), (0.9, 0.16), (0.1, 20.0)) == (Ending.SILENCE, pytest.approx(NOTHING_SAID_S, abs=0.06))


def test_silence_and_endless_talk_end_by_time():
    assert endings((0.0, 20.0)) == (Ending.SILENCE, pytest.approx(NOTHING_SAID_S, abs=0.06))
    assert endings((0.9, 20.0)) == (Ending.TIME, pytest.approx(LONGEST_S, abs=0.06))


def test_the_meter_goes_from_nothing_to_full():
    assert [meter(level) for level in (-120, -60, -35, -10, 0)] == [0.0, 0.0, 0.5, 1.0, 1.0]
