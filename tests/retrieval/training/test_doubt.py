from __future__ import annotations

import numpy as np
import pytest

from retrieval.evaluation.metrics import auc, calibration_error
from retrieval.training.doubt.garment_probe import fit_probe
from retrieval.training.doubt.logistic import fit_chance
from retrieval.values.confidence import chance_of


def test_a_fitted_chance_finds_the_weights_that_made_the_answers() -> None:
    rng = np.random.default_rng(0)
    numbers = (rng.normal(size=(6000, 2)) * (1.0, 5.0) + (0.0, 20.0)).astype(np.float32)
    holds = rng.random(6000) < chance_of(2.0 * numbers[:, 0] - 0.3 * (numbers[:, 1] - 20.0))
    chance = fit_chance(numbers, holds, np.ones(6000, np.float32))
    assert chance.weights == pytest.approx([2.0, -0.3], rel=0.1)
    assert calibration_error(chance_of(chance.log_odds(numbers)), holds, np.ones(6000)) < 0.03


def test_weights_move_a_fitted_chance_to_what_counts() -> None:
    numbers, holds = np.zeros((4, 1), np.float32), np.array([True, False, False, False])
    chance = fit_chance(numbers, holds, np.array([3, 1, 1, 1], np.float32))
    assert chance_of(chance.log_odds(numbers))[0] == pytest.approx(0.5, abs=1e-3)


def test_auc_is_the_share_of_pairs_in_the_right_order() -> None:
    rng = np.random.default_rng(1)
    scores, holds, weights = rng.integers(0, 5, 40), rng.random(40) < 0.4, rng.random(40) + 0.1
    right = total = 0.0
    for i in np.flatnonzero(holds):
        for j in np.flatnonzero(~holds):
            pair = weights[i] * weights[j]
            right += pair * ((scores[i] > scores[j]) + (scores[i] == scores[j]) / 2)
            total += pair
    assert auc(scores, holds, weights) == pytest.approx(right / total, abs=1e-4)


def test_calibration_error_is_zero_for_true_chances_and_large_for_boasts() -> None:
    holds = np.array([True, False] * 50)
    assert calibration_error(np.full(100, 0.5), holds, np.ones(100)) == 0.0
    assert calibration_error(np.full(100, 0.9), holds, np.ones(100)) == pytest.approx(0.4)
    assert calibration_error(np.full(100, 0.9), holds, np.where(holds, 9.0, 1.0)) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.usefixtures("one_thread")
def test_a_probe_tells_apart_what_a_line_does_not_and_comes_again() -> None:
    rng = np.random.default_rng(2)
    numbers = rng.normal(size=(600, 4)).astype(np.float32)
    inside = np.linalg.norm(numbers[:, :2], axis=1) < 1.0
    groups = [(numbers[inside], True, 1.0), (numbers[~inside], False, 1.0)]
    probe, again = fit_probe(groups), fit_probe(groups)
    assert auc(probe.log_odds(numbers), inside, np.ones(600)) > 0.9
    assert np.array_equal(probe.first, again.first)
