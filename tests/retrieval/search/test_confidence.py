from __future__ import annotations

import numpy as np
import pytest

from retrieval.search.confidence import gather, judge, share_known
from retrieval.search.understanding import Understood
from retrieval.values.confidence import EVIDENCE, HIT_EVIDENCE, MODES, Chance, Confidence, GarmentProbe

VECTORS = np.eye(4, dtype=np.float32)[:3]
NEARNESS = np.array([0.9, 0.6, 0.3], np.float32)


def confidence(**weights: float) -> Confidence:
    """One that looks at what is named."""
    of_answers = np.array([weights.get(name, 0.0) for name in EVIDENCE], np.float32)
    of_hits = np.array([weights.get(name, 0.0) for name in HIT_EVIDENCE], np.float32)
    probe = GarmentProbe(np.ones((2, 1), np.float32), np.zeros(1, np.float32), np.ones(1, np.float32), 0.0)
    return Confidence(probe, dict.fromkeys(MODES, Chance(of_answers, 0.0)), dict.fromkeys(MODES, Chance(of_hits, 0.0)))


@pytest.mark.parametrize(
    ("parts", "texts", "mode"),
    [
        ({"sketch"}, None, "sketch"),
        ({"words"}, None, "words"),
        (set(), NEARNESS, "words"),
        ({"sketch"}, NEARNESS, "both"),
        ({"sketch", "words"}, None, "both"),
        ({"sketch", "like"}, None, ""),
        (set(), None, "filters"),
    ],
)
def test_the_mode_is_what_the_query_was_made_of(parts: set[str], texts: np.ndarray | None, mode: str) -> None:
    assert gather(parts, 1.0, NEARNESS, VECTORS, texts, 1.0).mode == mode


def test_a_drawing_of_no_garment_makes_an_answer_doubted() -> None:
    sure = [
        judge(confidence(garment=1.0), gather({"sketch"}, odds, NEARNESS, VECTORS, None, 1.0), NEARNESS, None)[0]
        for odds in (-3.0, 3.0)
    ]
    assert sure == pytest.approx([1 / (1 + np.exp(3)), 1 / (1 + np.exp(-3))])


def test_a_hit_that_lies_further_behind_matches_less() -> None:
    _, matches = judge(confidence(behind=-4.0), gather({"words"}, None, NEARNESS, VECTORS, None, 1.0), NEARNESS, None)
    assert matches == sorted(matches, reverse=True) and matches[0] == pytest.approx(0.5) and matches[2] < 0.1


def test_what_nobody_can_tell_is_none() -> None:
    evidence = gather({"sketch"}, None, NEARNESS, VECTORS, None, 1.0)
    assert judge(None, evidence, NEARNESS, None) == (None, [None] * 3)
    picked = gather({"like"}, None, NEARNESS, VECTORS, None, 1.0)
    assert judge(confidence(), picked, NEARNESS, None) == (None, [None] * 3)


def test_unknown_words_are_doubted_whatever_the_encoder() -> None:
    evidence = gather({"words"}, None, NEARNESS, VECTORS, None, share_known(Understood(unknown=("xylophone",)), False))
    for of_encoder in (None, confidence()):
        assert judge(of_encoder, evidence, NEARNESS, None) == (0.0, [0.0] * 3)


@pytest.mark.parametrize(
    ("caption", "has_sketch", "share"),
    [
        (Understood("a red dress"), False, 1.0),
        (Understood("a red", unknown=("xylophone",)), False, 0.5),
        (Understood("a", unknown=("xylophone",)), False, 0.0),
        (Understood("", unknown=("xylophone",)), True, 0.5),
        (Understood("red", unknown=("zzz",), filters=("price<50",)), False, 2 / 3),
        (Understood(), True, 1.0),
        (Understood(), False, 1.0),
    ],
)
def test_the_share_known_counts_words_filters_and_the_drawing(
    caption: Understood, has_sketch: bool, share: float
) -> None:
    assert share_known(caption, has_sketch) == pytest.approx(share)


def test_an_answer_without_hits_holds_nothing() -> None:
    nothing = np.zeros(0, np.float32)
    evidence = gather({"sketch"}, 3.0, nothing, np.zeros((0, 4), np.float32), None, 1.0)
    assert judge(confidence(), evidence, nothing, None) == (0.0, [])


def test_a_filter_alone_holds_what_it_lets_through() -> None:
    assert judge(confidence(), gather(set(), None, NEARNESS, VECTORS, None, 1.0), NEARNESS, None) == (1.0, [1.0] * 3)
