"""Fit an encoder's ``Confidence``, and measure it on what each part of the fit did not see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from retrieval.evaluation.gallery import Names
from retrieval.evaluation.metrics import IntArray, auc, calibration_error
from retrieval.sketches.people_drawings import WORD_KINDS
from retrieval.training.doubt.drawings import FOLDS, Drawings, Drawn
from retrieval.training.doubt.garment_probe import fit_probe
from retrieval.training.doubt.logistic import fit_chance
from retrieval.training.doubt.queries import SHARES, Answer, Query
from retrieval.values.confidence import DOUBTED_BELOW, MODES, Chance, GarmentProbe, chance_of
from retrieval.values.datatypes import BoolArray, Float32Array

GARMENT_SHARE, DERIVED_SHARE, OTHER_SHARE, SCRIBBLE_SHARE = 1.0, 0.3, 1.0, 0.4
"""How much each kind of drawings counts for the probe."""


@dataclass(frozen=True)
class Probes:
    """The probe of all drawings, and those that each left out one fold of other things and of scribbles."""

    whole: GarmentProbe
    folds: tuple[GarmentProbe, ...]

    def log_odds(self, drawn: Drawn) -> Float32Array:
        """By the probe that left out each drawing's fold, float32 (N,)."""
        each = np.stack([probe.log_odds(drawn.about) for probe in self.folds])
        return np.asarray(each[drawn.folds, np.arange(len(drawn.folds))], np.float32)


def fit_probes(drawings: Drawings) -> Probes:
    """Fit a probe without each fold, and one of everything; people's held-out drawings are in none."""

    def fitted(left_out: int) -> GarmentProbe:
        kept = [drawn.about[drawn.folds != left_out] for drawn in (drawings.other, drawings.scribbles)]
        return fit_probe(
            [
                (drawings.garments.about, True, GARMENT_SHARE),
                (drawings.derived, True, DERIVED_SHARE),
                (kept[0], False, OTHER_SHARE),
                (kept[1], False, SCRIBBLE_SHARE),
            ]
        )

    return Probes(fitted(-1), tuple(fitted(fold) for fold in range(FOLDS)))


@dataclass(frozen=True)
class Asked:
    """The queries of one mode that were answered, N of them.

    Attributes:
        numbers: float32 (N, len(EVIDENCE)).
        holds: bool (N,), whether the first page holds what was meant.
        weights: float32 (N,), how much each counts.
        halves, sources: of each.
        hits: float32 (N, hits, 3), nearness, how far behind the first, texts; of_kind: bool (N, hits).
    """

    numbers: Float32Array
    holds: BoolArray
    weights: Float32Array
    halves: IntArray
    sources: Names
    hits: Float32Array
    of_kind: BoolArray

    @classmethod
    def of(cls, answered: Sequence[tuple[Query, Answer]]) -> Asked:
        """Put answers into arrays; shorter first pages are left out."""
        hits = max(len(answer.hits) for _, answer in answered)
        answered = [(query, answer) for query, answer in answered if len(answer.hits) == hits]
        sources = np.array([query.source for query, _ in answered])
        counts = {source: int((sources == source).sum()) for source in set(sources.tolist())}
        numbers = np.stack([answer.numbers for _, answer in answered])
        numbers[:, 0] = [query.garment for query, _ in answered]
        top = [answer.nearness.max() - answer.nearness for _, answer in answered]
        return cls(
            numbers,
            np.array([query.wanted[answer.hits].sum() >= query.needed for query, answer in answered]),
            np.array([SHARES[source] / counts[source] for source in sources.tolist()], np.float32),
            np.array([query.half for query, _ in answered]),
            sources,
            np.stack([np.stack([a.nearness, far, a.texts], 1) for (_, a), far in zip(answered, top, strict=True)]),
            np.stack([query.of_kind[answer.hits] for query, answer in answered]),
        )

    def fit(self, kept: BoolArray) -> tuple[Chance, Chance]:
        """The chances of answers and of single hits, of the queries that are kept."""
        answers = fit_chance(self.numbers[kept], self.holds[kept], self.weights[kept])
        hits = self.of_hits(answers)[kept]
        weights = np.repeat(self.weights[kept], hits.shape[1])
        return answers, fit_chance(hits.reshape(-1, hits.shape[2]), self.of_kind[kept].ravel(), weights)

    def of_hits(self, answers: Chance) -> Float32Array:
        """Float32 (N, hits, len(HIT_EVIDENCE))."""
        sure = np.broadcast_to(answers.log_odds(self.numbers)[:, None, None], (*self.hits.shape[:2], 1))
        return np.concatenate([sure, self.hits], axis=2).astype(np.float32)


def fit_modes(
    answered: Sequence[tuple[Query, Answer]],
) -> tuple[dict[str, Chance], dict[str, Chance], dict[str, Any]]:
    """Fit the chances of each mode on all queries, and measure them half by half; answers, matches, figures."""
    answers, matches, figures = dict[str, Chance](), dict[str, Chance](), dict[str, Any]()
    for mode in MODES:
        asked = Asked.of([pair for pair in answered if pair[1].mode == mode])
        answers[mode], matches[mode] = asked.fit(np.ones(len(asked.holds), bool))
        figures[mode] = _measure(asked)
    return answers, matches, figures


def _measure(asked: Asked) -> dict[str, Any]:
    """Each half by what was fitted on the other."""
    sure, match = np.zeros(len(asked.holds)), np.zeros(asked.of_kind.shape)
    for half in (0, 1):
        there = asked.halves == half
        answers, matches = asked.fit(~there)
        sure[there] = chance_of(answers.log_odds(asked.numbers[there]))
        match[there] = chance_of(matches.log_odds(asked.of_hits(answers)[there]))
    weights = np.repeat(asked.weights, asked.of_kind.shape[1])
    return {
        "queries": len(sure),
        "calibration error": calibration_error(sure, asked.holds, asked.weights),
        "AUC": auc(sure, asked.holds, asked.weights),
        "match calibration error": calibration_error(match.ravel(), asked.of_kind.ravel(), weights),
        "match AUC": auc(match.ravel(), asked.of_kind.ravel(), weights),
        "sources": {
            source: {
                "queries": int(there.sum()),
                "held": round(float(asked.holds[there].mean()), 4),
                "mean sure": round(float(sure[there].mean()), 4),
                "doubted": round(float((sure[there] < DOUBTED_BELOW).mean()), 4),
            }
            for source in dict.fromkeys(asked.sources.tolist())
            if (there := asked.sources == source).any()
        },
    }


def measure_probes(probes: Probes, drawings: Drawings, xdog: Float32Array) -> dict[str, Any]:
    """How well the probes tell garments from words and kinds of scribbles that they did not see."""
    held_out, other, marks = drawings.held_out, probes.log_odds(drawings.other), probes.log_odds(drawings.scribbles)
    people = probes.whole.log_odds(held_out.about)
    known = people[np.isin(held_out.words, list(WORD_KINDS))]

    def against(garments: Float32Array, others: Float32Array) -> float:
        both = np.concatenate([garments, others])
        return auc(both, np.arange(len(both)) < len(garments), np.ones(len(both)))

    by_fold = [against(known, other[drawings.other.folds == fold]) for fold in range(FOLDS)]
    return {
        "AUC people against other things": against(known, other),
        "by fold of words": by_fold,
        "AUC people against scribbles": against(known, marks),
        "AUC XDoG against other things": against(xdog, other),
        "words": len(set(drawings.other.words)),
    }
