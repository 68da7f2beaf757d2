"""The words of a gallery beside its vectors: which items have which word, and how much it says about them (BM25).

Where its pictures are tagged, the tags' words belong to them, by their probability; they weigh less than own words.

One file of the index folder: NumPy arrays, one after the other. It is made of the items, so a file that is missing,
damaged or a stranger's is made anew. Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond",
2009; the weight of a word is computed when the file is written, as in Lù, "BM25S", 2024.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import repeat, tee
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from retrieval.files import replacing
from retrieval.index.folder.store import StoredIndex
from retrieval.index.folder.tags import read_tags
from retrieval.values.datatypes import CatalogItem, Float32Array, ProgressCallback
from retrieval.words.terms import terms, terms_of

SATURATION = 0.6
"""BM25's k1: how much a word gains that stands in a column of more weight."""

LENGTH_SHARE = 0.35
"""BM25's b: how much long texts lose."""

COLUMN_WEIGHTS: Mapping[str, float] = {"title": 1.0, "brand": 1.0, "articleType": 0.8, "baseColour": 0.8}
OTHER_WEIGHT = 0.5
TAG_WEIGHT = 0.5
"""Of what a picture certainly shows: less than its title says."""

NO_WORDS = frozenset({"file", "file_hi", "url", "image", "split", "sketch", "price"})
"""Columns that hold no words."""

MOST_TERMS, MOST_LETTERS = 400, 4_000
"""Of one item, and of one of its columns; what comes after them is not looked up."""


@dataclass(frozen=True)
class TermIndex:
    """Which items have which term.

    Attributes:
        count: of the items.
        vocabulary: every term, sorted.
        starts: int64 (T + 1,), where each term's rows start.
        rows: int32 (P,), ascending for each term.
        weights: float16 (P,), how much the term says about the item; about 1 in a title of usual length.
    """

    count: int
    vocabulary: Sequence[str]
    starts: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float16]

    @classmethod
    def of_items(cls, items: Iterable[CatalogItem], shown: Iterable[Mapping[str, float]] = repeat({})) -> TermIndex:
        """Look through every title and column that holds words.

        Args:
            items: of the gallery.
            shown: for each of them, words for what its picture shows, and how probable each is.
        """
        numbers: dict[str, int] = {}
        ids: list[int] = []
        amounts: list[float] = []
        lengths: list[int] = []
        tagged: list[tuple[int, str, float]] = []
        for row, (item, words) in enumerate(zip(items, shown, strict=False)):
            found = weighted_terms(item)
            tagged += ((row, term, amount) for term, amount in tag_terms(words).items() if term not in found)
            ids += [numbers.setdefault(term, len(numbers)) for term in found]
            amounts += found.values()
            lengths.append(len(found))
        ids += [numbers.setdefault(term, len(numbers)) for _, term, _ in tagged]
        amounts += [amount for _, _, amount in tagged]
        term_of, amount = np.array(ids, np.int32), np.array(amounts, np.float32)
        length = np.array(lengths, np.int64)
        row_of = np.repeat(np.arange(len(length), dtype=np.int32), length)
        row_of = np.concatenate([row_of, np.array([row for row, _, _ in tagged], np.int32)])
        scale = 1 - LENGTH_SHARE + LENGTH_SHARE * length / max(1.0, length.mean() if len(length) else 1.0)
        weight = amount * (1 + SATURATION) / (amount + SATURATION * scale[row_of])
        vocabulary = sorted(numbers)
        place = np.empty(len(vocabulary), np.int32)
        place[[numbers[term] for term in vocabulary]] = np.arange(len(vocabulary), dtype=np.int32)
        order = np.lexsort((row_of, place[term_of]))
        starts = np.searchsorted(place[term_of][order], np.arange(len(vocabulary) + 1)).astype(np.int64)
        return cls(len(length), vocabulary, starts, row_of[order], weight[order].astype(np.float16))

    def save(self, stream: BinaryIO, tags: int = 0) -> None:
        """Write it; ``tags`` tells of which state of the pictures' tags it is made, 0 for none."""
        letters = np.frombuffer("\n".join(self.vocabulary).encode(), np.uint8)
        arrays = (letters, self.starts, self.rows, self.weights)
        for array in (np.array([self.count, _checksum(arrays), *([tags] if tags else [])]), *arrays):
            np.save(stream, array, allow_pickle=False)

    @classmethod
    def load(cls, path: Path, count: int, tags: int = 0) -> TermIndex:
        """Read what ``save`` wrote.

        Raises:
            Exception: of many kinds, if it is not like that, or of another number of items or other tags.
        """
        with path.open("rb") as stream:
            said, *arrays = (np.load(stream, allow_pickle=False) for _ in range(5))
        if said.tolist() != [count, _checksum(arrays), *([tags] if tags else [])]:
            raise ValueError("it is damaged or of other tags")
        letters, starts, rows, weights = arrays
        return cls(count, letters.tobytes().decode().split("\n") if len(letters) else [], starts, rows, weights)

    def postings(self, term: str) -> slice:
        """Where a term's rows and weights lie; empty when no item has it."""
        at = bisect_left(self.vocabulary, term)
        if at == len(self.vocabulary) or self.vocabulary[at] != term:
            return slice(0, 0)
        return slice(int(self.starts[at]), int(self.starts[at + 1]))

    def frequency(self, term: str) -> int:
        """How many items have a term."""
        span = self.postings(term)
        return span.stop - span.start

    @cached_property
    def frequencies(self) -> npt.NDArray[np.int64]:
        """How many items have each term of the vocabulary."""
        return np.diff(self.starts)

    def informativeness(self, frequency: int) -> float:
        """BM25's inverse document frequency; never negative."""
        return float(np.log1p((self.count - frequency + 0.5) / (frequency + 0.5)))

    def scores(self, words: Sequence[Sequence[str]]) -> Float32Array:
        """Tell how much of a query's words each item has.

        Args:
            words: of the query, each as the terms any of which stands for it.
        Returns:
            float32 (N,): 0 for none, about 1 for an item that has all of them in its title; rare words count more.
        """
        total, most = np.zeros(self.count, np.float32), 0.0
        for alternatives in words:
            spans = [span for term in dict.fromkeys(alternatives) if (span := self.postings(term)).stop > span.start]
            if not spans:
                continue
            frequency = max(span.stop - span.start for span in spans)
            weight = self.informativeness(frequency)
            most += weight
            if len(spans) == 1:
                total[self.rows[spans[0]]] += weight * self.weights[spans[0]].astype(np.float32)
                continue
            best = np.zeros(self.count, np.float32)
            for span in spans:
                rows = self.rows[span]
                best[rows] = np.maximum(best[rows], self.weights[span])
            total += weight * best
        return total / most if most else total


def open_terms(index: StoredIndex, progress: ProgressCallback = lambda *_: None) -> TermIndex:
    """Read the words of an index folder; made of its items, and kept there, where they are not there yet.

    The file is used only where this machine wrote the folder: a stranger's could name rows that are not there.
    """
    path = index.folder / index.words if index.folder is not None and index.words and index.is_ours else None
    tags = read_tags(index.folder)
    state = tags.stamp if tags is not None else 0
    if path is not None:
        with suppress(Exception):  # what damaged bytes raise depends on where the damage is
            return TermIndex.load(path, len(index.items), state)
    progress("Reading the gallery's words", None)
    items, same_items = tee(index.items)
    shown = repeat({}) if tags is None else (tags.words_of(stored.digest) for stored in same_items)
    made = TermIndex.of_items((stored.item for stored in items), shown)
    if path is not None:
        with suppress(OSError), replacing(path) as temporary, temporary.open("wb") as stream:
            made.save(stream, state)
    return made


def _checksum(arrays: Sequence[npt.NDArray[Any]]) -> int:
    return reduce(lambda crc, array: zlib.crc32(array.tobytes(), crc), arrays, 0)


def tag_terms(words: Mapping[str, float]) -> dict[str, float]:
    """The terms of what a picture shows and how much each counts: its probability, times what a tag counts."""
    found: dict[str, float] = {}
    for word, probability in words.items():
        for term in terms_of(word):
            found[term] = max(found.get(term, 0.0), TAG_WEIGHT * probability)
    return found


def weighted_terms(item: CatalogItem) -> dict[str, float]:
    """The terms of an item and how much each counts: the weight of the best column that has it."""
    found: dict[str, float] = {}
    for column, text in {"title": item.title, **item.fields}.items():
        if not text or column in NO_WORDS or "://" in text:
            continue
        weight = COLUMN_WEIGHTS.get(column, OTHER_WEIGHT)
        for term in terms(text[:MOST_LETTERS])[:MOST_TERMS]:
            found[term] = max(found.get(term, 0.0), weight)
        if len(found) >= MOST_TERMS:
            break
    return found
