"""What search does without any learning: word counts on titles, and histograms of line directions.

A model that does not beat these two on careful drawings and plain words has learnt nothing useful.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

import cv2
import numpy as np

from retrieval.values.datatypes import BoolArray, Float32Array
from retrieval.words.captions import normalize_caption

_TOKEN = re.compile(r"[^\W_]+(?:-[^\W_]+)*")

HOG_SIDE_PX = 128
HOG_CELL_PX = 16
TIE_BREAK = 1e-6
"""Titles tie by the dozen on a short caption; equal scores are ordered by a seeded draw this small."""


def words_of(text: str) -> list[str]:
    """Split a caption or title into words of one spelling; a plural loses its s."""
    tokens = _TOKEN.findall(normalize_caption(text))
    return [t[:-1] if len(t) > 3 and t.endswith("s") and not t.endswith("ss") else t for t in tokens]


class TitleSearch:
    """TF-IDF with cosine similarity (Salton & Buckley, 1988) over the titles of a gallery, one per item."""

    def __init__(self, titles: Sequence[str]) -> None:
        self.count = len(titles)
        counted = [Counter(words_of(title)) for title in titles]
        seen = Counter(word for words in counted for word in words)
        self._idf = {word: math.log((1 + self.count) / (1 + documents)) + 1 for word, documents in seen.items()}
        postings: dict[str, list[tuple[int, float]]] = {word: [] for word in seen}
        for number, words in enumerate(counted):
            for word, weight in self._weights(words).items():
                postings[word].append((number, weight))
        self._titles = {word: np.array([number for number, _ in found]) for word, found in postings.items()}
        self._shares = {word: np.array([w for _, w in found], np.float32) for word, found in postings.items()}

    def _weights(self, words: Counter[str]) -> dict[str, float]:
        """The known words of a text, weighted to length one."""
        weights = {word: times * self._idf[word] for word, times in words.items() if word in self._idf}
        length = math.sqrt(sum(weight**2 for weight in weights.values())) or 1.0
        return {word: weight / length for word, weight in weights.items()}

    def scores(self, captions: Sequence[str]) -> Float32Array:
        """Cosine of each caption with each title, float32 (captions, titles); unknown words count nothing."""
        scores = np.zeros((len(captions), self.count), np.float32)
        for row, caption in zip(scores, captions, strict=True):
            for word, weight in self._weights(Counter(words_of(caption))).items():
                row[self._titles[word]] += np.float32(weight) * self._shares[word]
        return scores

    def ranking_scores(self, captions: Sequence[str]) -> Float32Array:
        """``scores`` with ties broken by a seeded draw, so that neither first nor last titles are favoured."""
        draw = np.random.default_rng(0).random((len(captions), self.count), dtype=np.float32)
        return self.scores(captions) + np.float32(TIE_BREAK) * draw


def hog_of_lines(lines: Sequence[BoolArray]) -> Float32Array:
    """Histograms of oriented gradients (Dalal & Triggs, CVPR 2005) of thin lines on the line grid.

    bool (grid, grid) each -> float32 (N, D) unit vectors; zero where there is no line.
    """
    cell = (HOG_CELL_PX, HOG_CELL_PX)
    hog = cv2.HOGDescriptor((HOG_SIDE_PX, HOG_SIDE_PX), (2 * HOG_CELL_PX, 2 * HOG_CELL_PX), cell, cell, 9)
    vectors = np.zeros((len(lines), hog.getDescriptorSize()), np.float32)
    for number, drawing in enumerate(lines):
        if not drawing.any():
            continue
        soft = cv2.GaussianBlur(drawing.astype(np.uint8) * 255, (0, 0), 1.0)
        small = cv2.resize(soft, (HOG_SIDE_PX, HOG_SIDE_PX), interpolation=cv2.INTER_AREA)
        described = np.asarray(hog.compute(small)).reshape(-1)
        vectors[number] = described / max(float(np.linalg.norm(described)), 1e-6)
    return vectors
