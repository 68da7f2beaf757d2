"""Loudness, sampling rates, and what is cut away."""

import numpy as np
import pytest

from air_sketch.voice.endpoint import LONGEST_S, NOTHING_SAID_S, PAUSE_S, Ending, Endpoint, meter
from air_sketch.voice.sound.detector import spoken_span
from air_sketch.voice.sound.levels import SPEECH_RATE_HZ, cut, level_dbfs, prepare, resample


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


@pytest.mark.parametrize("noise", [0.0, 1e-3, 0.03])
def test_silence_around_speech_is_cut_and_a_margin_stays(noise):
    quiet = np.zeros(SPEECH_RATE_HZ, np.float32)
    sound = np.concatenate([quiet, tone(0.5), quiet])
    sound = sound + np.random.default_rng(0).normal(0, noise, len(sound)).astype(np.float32)
    start, end = spoken_span(sound)
    assert 0.9 < (end - start) / SPEECH_RATE_HZ < 1.1 and start / SPEECH_RATE_HZ == pytest.approx(0.75, abs=0.05)


def test_speech_without_any_pause_is_kept_whole_and_gets_one():
    rng = np.random.default_rng(0)
    sound = tone(1.0) * rng.uniform(0.7, 1.0, SPEECH_RATE_HZ).astype(np.float32)
    part, margin = cut(sound, *spoken_span(sound)), SPEECH_RATE_HZ // 4
    assert np.array_equal(part[margin:-margin], sound)
    assert not part[:margin].any() and not part[-margin:].any()


@pytest.mark.parametrize("level", [0.0, 0.2, -1.0])
def test_silence_a_constant_and_a_click_hold_no_speech(level):
    sound = np.full(16000, level, np.float32)
    assert spoken_span(sound) is None
    sound[8000:8010] += 0.5
    assert spoken_span(sound) is None


def test_a_steady_hiss_is_no_speech_however_it_starts():
    hiss = np.random.default_rng(0).normal(0, 1e-3, 16000).astype(np.float32)
    assert spoken_span(hiss) is None


def test_preparing_raises_quiet_speech_dithers_and_stays_in_range():
    quiet, clipped = prepare(tone(0.5, loud=0.01)), prepare(np.sign(tone(0.5)))
    assert level_dbfs(quiet) == pytest.approx(-20, abs=1.5)
    assert np.abs(clipped).max() <= 1.0
    assert prepare(np.zeros(4000, np.float32)).std() > 0
    assert np.array_equal(prepare(tone(0.1)), prepare(tone(0.1)))


def endings(levels, length_s=0.05):
    endpoint = Endpoint()
    for level in levels:
        ending = endpoint.take(level, length_s)
        if ending is not None:
            return ending, endpoint.heard_s
    return None, endpoint.heard_s


def test_a_pause_after_speech_ends_listening():
    ending, heard_s = endings([-60] * 20 + [-20] * 20 + [-60] * 100)
    assert ending is Ending.PAUSE and heard_s == pytest.approx(2.0 + PAUSE_S, abs=0.11)


def test_a_short_pause_between_words_does_not():
    assert endings(([-20] * 10 + [-60] * 10) * 3)[0] is None


def test_speech_that_begins_at_once_is_heard():
    assert endings([-20] * 20 + [-60] * 30)[0] is Ending.PAUSE


def test_a_noisy_room_is_told_from_a_voice_over_it():
    ending, heard_s = endings([-38] * 20 + [-20] * 20 + [-38] * 40)
    assert ending is Ending.PAUSE and heard_s < 3.2


def test_a_microphone_that_begins_with_zeros_does_not_make_its_noise_a_voice():
    assert endings([-120] * 3 + [-45] * 20 + [-20] * 20 + [-45] * 40)[0] is Ending.PAUSE


def test_silence_and_endless_talk_end_by_time():
    assert endings([-70] * 500) == (Ending.SILENCE, pytest.approx(NOTHING_SAID_S, abs=0.06))
    assert endings([-15] * 500) == (Ending.TIME, pytest.approx(LONGEST_S, abs=0.06))


def test_the_meter_goes_from_nothing_to_full():
    assert [meter(level) for level in (-120, -60, -35, -10, 0)] == [0.0, 0.0, 0.5, 1.0, 1.0]
