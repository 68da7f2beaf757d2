"""The likeliest captions under a model that spells them piece by piece: beam search in a tree of known words.

Shallow fusion (Gulcehre et al., arXiv:1503.03535, 2015): the pieces' log chances, which come from the sound, plus a
share of the language model's, plus a bonus for each word, because both favour short captions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from air_sketch.values.datatypes import Float32Array, Int64Array
from air_sketch.voice.words.language_model import END as SENTENCE_END
from air_sketch.voice.words.language_model import START as SENTENCE_START
from air_sketch.voice.words.language_model import LanguageModel
from air_sketch.voice.words.word_pieces import MOST_PIECES

SURE_LEAD = 2.0
"""The search ends when no open caption comes so near to the best whole one."""


WIDTH = 10.0
"""Beginnings that fall so far behind the best one are given up."""


class PieceScores(Protocol):
    """Says how likely each piece is to be the next one, for several beginnings at once."""

    def begin(self) -> Float32Array:
        """Scores of the first piece, float32 (1, pieces): log chances, or what takes their place."""

    def extend(self, parents: Sequence[int], pieces: Sequence[int]) -> Float32Array:
        """Scores of the next piece, float32 (N, pieces).

        Args:
            parents: for each of N new beginnings, the row of the last answer that it goes on from.
            pieces: what is added to it.
        """


@dataclass
class PieceNode:
    """A place in the tree of words.

    Attributes:
        pieces: int64 (K,), the pieces that lead on.
        following: the K places they lead to.
        words: the words that end here.
    """

    pieces: Int64Array = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    following: list[PieceNode] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def piece_tree(spellings: Iterable[tuple[str, Sequence[int]]]) -> PieceNode:
    """Build a tree of words from their pieces; a word may have several spellings."""
    root = PieceNode()
    ways: dict[int, dict[int, PieceNode]] = {}
    nodes = [root]
    for word, pieces in spellings:
        node = root
        for piece in pieces:
            following = ways.setdefault(id(node), {})
            if piece not in following:
                following[piece] = PieceNode()
                nodes.append(following[piece])
            node = following[piece]
        if word not in node.words:
            node.words.append(word)
    for node in nodes:
        following = ways.get(id(node), {})
        node.pieces = np.fromiter(following, dtype=np.int64, count=len(following))
        node.following = list(following.values())
    return root


@dataclass(frozen=True)
class FoundCaption:
    """A whole caption.

    Attributes:
        words: of the caption.
        log_chances: one for each word and one for its end, as the sound has them.
        score: what the search ranks by.
    """

    words: tuple[str, ...]
    log_chances: tuple[float, ...]
    score: float


@dataclass(frozen=True)
class _Beginning:
    """Whole words with their chances, and the pieces so far of the one that is being spelt, or of the end."""

    words: tuple[str, ...]
    log_chances: tuple[float, ...]
    language: float
    open_chance: float
    node: PieceNode | None  # None once the full stop is there


@dataclass(frozen=True)
class _Moves:
    """Pieces that may follow a beginning, and where each leads."""

    row: int
    start: _Beginning
    pieces: Int64Array
    following: Sequence[PieceNode | None]


@dataclass(frozen=True)
class CaptionSearch:
    """Settings of the search.

    Attributes:
        model: of captions.
        words: the tree of known words.
        end: the piece that ends a sentence.
        full_stop: the piece that may stand before it.
        model_weight: of the language model's log chances.
        word_bonus: added for each word.
        beam: how many beginnings are followed at once.
    """

    model: LanguageModel
    words: PieceNode
    end: int
    full_stop: int
    model_weight: float
    word_bonus: float
    beam: int

    def find(self, scores: PieceScores) -> list[FoundCaption]:
        """Return whole captions, the best first; none if no known word fits."""
        beginnings = [_Beginning((), (), 0.0, 0.0, self.words)]
        rows = scores.begin()
        whole: list[FoundCaption] = []
        for _ in range(MOST_PIECES):
            moves = [move for row, start in enumerate(beginnings) for move in self._moves(row, start)]
            parents, pieces, beginnings = [], [], []
            for score, move, place in self._best(moves, rows):
                piece = int(move.pieces[place])
                chance = move.start.open_chance + float(rows[move.row, piece])
                if piece == self.end:
                    whole.append(FoundCaption(move.start.words, (*move.start.log_chances, chance), score))
                    continue
                if len(beginnings) == self.beam:
                    continue
                if not beginnings and whole and score < max(found.score for found in whole) - SURE_LEAD:
                    break
                parents.append(move.row)
                pieces.append(piece)
                beginnings.append(replace(move.start, open_chance=chance, node=move.following[place]))
            if not beginnings:
                break
            rows = scores.extend(parents, pieces)
        whole.sort(key=lambda found: -found.score)
        best: dict[tuple[str, ...], FoundCaption] = {}
        for found in whole:  # one may end in two ways
            best.setdefault(found.words, found)
        return list(best.values())

    def _moves(self, row: int, start: _Beginning) -> Iterator[_Moves]:
        if start.node is None:
            yield _Moves(row, start, np.array([self.end]), [None])
            return
        if len(start.node.pieces):
            yield _Moves(row, start, start.node.pieces, start.node.following)
        for word in start.node.words:
            said = (SENTENCE_START, *start.words)
            words, chances = (*start.words, word), (*start.log_chances, start.open_chance)
            language = start.language + self.model.log_chance(said, word)
            yield _Moves(row, _Beginning(words, chances, language, 0.0, None), self.words.pieces, self.words.following)
            ended = language + self.model.log_chance((*said, word), SENTENCE_END)
            ends = np.array([self.end, self.full_stop])
            yield _Moves(row, _Beginning(words, chances, ended, 0.0, None), ends, [None, None])

    def _best(self, moves: Sequence[_Moves], rows: Float32Array) -> list[tuple[float, _Moves, int]]:
        """Return the best steps, the best first: score, moves, and which of these."""
        if not moves:
            return []
        scores = np.concatenate([rows[move.row, move.pieces] + self._score(move.start) for move in moves])
        owners = np.repeat(np.arange(len(moves)), [len(move.pieces) for move in moves])
        firsts = np.cumsum([0, *(len(move.pieces) for move in moves)])
        count = min(2 * self.beam, len(scores))  # ends go out of the beam: as many may still be followed
        best = np.argpartition(-scores, count - 1)[:count]
        best = best[np.argsort(-scores[best], kind="stable")]
        best = best[scores[best] > scores[best[0]] - WIDTH]
        return [(float(scores[i]), moves[owners[i]], int(i - firsts[owners[i]])) for i in best]

    def _score(self, start: _Beginning) -> float:
        heard = sum(start.log_chances) + start.open_chance
        return heard + self.model_weight * start.language + self.word_bonus * len(start.words)
