from __future__ import annotations

import math

import numpy as np
import pytest

from retrieval.evaluation.metrics import estimate, precision_at, ranks_of_answers
from retrieval.evaluation.recall import values_of
from retrieval.index.engines.exact import ExactIndex


def unit_rows(rng: np.random.Generator, count: int, width: int) -> np.ndarray:
    rows = rng.normal(size=(count, width)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_ranks_agree_with_counting_by_hand() -> None:
    rng = np.random.default_rng(0)
    for _ in range(40):
        queries, items = sorted(int(value) for value in rng.integers(1, 12, 2))
        scores = rng.integers(0, 5, (queries, items)).astype(np.float32)  # many ties
        by_hand = [sum(other >= row[own] for other in row) for own, row in enumerate(scores)]
        assert ranks_of_answers(scores).tolist() == by_hand


def test_a_tie_never_flatters() -> None:
    assert ranks_of_answers(np.zeros((1, 5), np.float32)).tolist() == [5]


def test_the_mean_reciprocal_rank_is_average_precision_of_one_answer() -> None:
    scores = np.random.default_rng(1).normal(size=(15, 15)).astype(np.float32)
    for own, value in enumerate(values_of(scores, np.zeros((15, 15), bool))["mAP"]):
        hits = np.argsort(-scores[own]) == own
        precision = np.cumsum(hits) / np.arange(1, 16)
        assert value == pytest.approx((precision * hits).sum())


def test_precision_agrees_with_sorting_by_hand() -> None:
    rng = np.random.default_rng(2)
    for _ in range(30):
        queries, items, k = int(rng.integers(1, 6)), int(rng.integers(1, 14)), int(rng.integers(1, 12))
        scores = rng.permutation(queries * items).reshape(queries, items).astype(np.float32)
        relevant = rng.random((queries, items)) < 0.4
        by_hand = []
        for row, good in zip(scores, relevant, strict=True):
            first = sorted(range(items), key=lambda i, row=row: -row[i])[:k]  # type: ignore[misc]
            by_hand.append(sum(good[i] for i in first) / len(first))
        assert precision_at(scores, relevant, k).tolist() == pytest.approx(by_hand)


def test_an_estimate_is_the_mean_within_its_interval() -> None:
    values = np.random.default_rng(3).random(400) < 0.3
    got = estimate(values)
    assert got.mean == pytest.approx(values.mean())
    assert got.low < got.mean < got.high
    assert got.high - got.low == pytest.approx(2 * 1.96 * values.std() / math.sqrt(400), rel=0.15)
    assert got == estimate(values)
    assert got.count == 400
    assert estimate([0.5] * 3).record() == {"mean": 0.5, "low": 0.5, "high": 0.5, "n": 3}


def test_the_index_agrees_with_an_exact_search() -> None:
    rng = np.random.default_rng(4)
    for count, width, k in [(1, 4, 1), (50, 8, 5), (700, 32, 20), (9, 16, 50)]:
        vectors, queries = unit_rows(rng, count, width), unit_rows(rng, 7, width)
        index = ExactIndex(vectors)
        scores, rows = index.search(queries, k)
        exact = queries @ vectors.T
        assert index.count == count
        assert scores.shape == rows.shape == (7, min(k, count))
        best = -np.sort(-exact, axis=1)[:, : min(k, count)]
        assert np.allclose(scores, best, atol=1e-5)
        assert np.allclose(np.take_along_axis(exact, rows, axis=1), scores, atol=1e-5)  # ties may come in any order
        assert all(len(set(row)) == len(row) for row in rows.tolist())


def test_equal_vectors_come_back_each_once() -> None:
    vectors = np.repeat(unit_rows(np.random.default_rng(5), 1, 8), 6, axis=0)
    scores, rows = ExactIndex(vectors).search(vectors[:1], 6)
    assert sorted(rows[0].tolist()) == list(range(6))
    assert np.allclose(scores, 1.0, atol=1e-6)


def test_an_empty_index_finds_nothing() -> None:
    scores, rows = ExactIndex(np.zeros((0, 8), np.float32)).search(np.zeros((2, 8), np.float32), 3)
    assert scores.shape == rows.shape == (2, 0)
