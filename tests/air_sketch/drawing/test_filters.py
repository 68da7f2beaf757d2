"""The fingertip filter's promises: steady at rest, quick in motion, blind to single spikes."""

import numpy as np
import pytest

from air_sketch.drawing.filters import OneEuroFilter, SpikeGate
from air_sketch.drawing.keeping.calibrations import load_calibration

SETTINGS = load_calibration().filter


def filtered(points, fps=30.0, width_px=640.0):
    one_euro = OneEuroFilter(SETTINGS, width_px)
    return np.array([one_euro.smooth((float(x), float(y)), i / fps) for i, (x, y) in enumerate(points)])


def test_rest_is_steady_to_nine_tenths_of_a_pixel():
    noise = np.random.default_rng(0).normal(0.0, 1.5, (3000, 2))
    rest = filtered(noise)[60:]
    assert np.sqrt((rest**2).sum(axis=1).mean()) <= 0.9


def test_motion_lags_less_than_ten_milliseconds():
    t_s = np.arange(300) / 30.0
    path = np.stack([570.0 * t_s, np.zeros_like(t_s)], axis=1)
    seen = filtered(path + np.random.default_rng(1).normal(0.0, 1.5, path.shape))
    lag_s = (path[60:, 0] - seen[60:, 0]).mean() / 570.0
    assert 0.0 <= lag_s <= 0.010


def test_the_same_gesture_is_smoothed_alike_on_a_larger_canvas():
    path = np.cumsum(np.random.default_rng(2).normal(0.0, 6.0, (100, 2)), axis=0)
    assert filtered(path * 2.0, width_px=1280.0) == pytest.approx(filtered(path) * 2.0)


def test_time_zero_is_a_valid_time_and_standing_time_changes_nothing():
    one_euro = OneEuroFilter(SETTINGS)
    assert one_euro.smooth((3.0, 4.0), 0.0) == (3.0, 4.0)
    assert one_euro.smooth((90.0, 90.0), 0.0) == (3.0, 4.0)
    assert one_euro.smooth((3.0, 4.0), 0.1) == (3.0, 4.0)


def test_a_reset_filter_passes_the_next_point_unchanged():
    one_euro = OneEuroFilter(SETTINGS)
    one_euro.smooth((0.0, 0.0), 0.0)
    one_euro.reset()
    assert one_euro.smooth((50.0, 60.0), 0.01) == (50.0, 60.0)


def test_the_gate_holds_a_spike_and_lets_the_next_point_pass():
    gate = SpikeGate()
    passed = [gate.admit(p, 10.0) for p in [(0.0, 0.0), (2.0, 0.0), (99.0, 0.0), (4.0, 0.0)]]
    assert passed == [True, True, False, True]
    assert not gate.broke


def test_the_gate_confirms_a_jump_on_its_second_point_and_says_so():
    gate = SpikeGate()
    for p in [(0.0, 0.0), (99.0, 0.0)]:
        gate.admit(p, 10.0)
    assert gate.admit((101.0, 0.0), 10.0)
    assert gate.broke
    gate.admit((102.0, 0.0), 10.0)
    assert not gate.broke
