"""Words as the pieces that Moonshine writes: byte-pair encoding (Sennrich et al., ACL 2016) with its own vocabulary."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

BEGIN, END = 1, 2
"""Numbers of the marks around a sentence."""

MOST_PIECES = 48
"""Nobody says more in the eight seconds that are listened to."""

_FIRST_BYTE = 3
_WORD_START = "\u2581"
_RUNS = re.compile(r"\w+|[^\w]")


class WordPieces:
    """Moonshine's vocabulary."""

    def __init__(self, content: bytes) -> None:
        """Read ``tokenizer.bin``: each piece's length, in one byte or two, and its bytes.

        Raises:
            ValueError: if it is cut short or is something else.
        """
        self._pieces: list[bytes] = []
        place = 0
        while place < len(content):
            length = content[place]
            place += 1
            if length >= 128:
                if place == len(content):
                    raise ValueError("the vocabulary is cut short")
                length = content[place] * 128 + length - 128
                place += 1
            if place + length > len(content):
                raise ValueError("the vocabulary is cut short")
            self._pieces.append(content[place : place + length])
            place += length
        self._numbers: dict[bytes, int] = {}
        for number, piece in enumerate(self._pieces):
            self._numbers.setdefault(piece, number)
        if self._pieces[BEGIN : END + 1] != [b"<s>", b"</s>"] or b"." not in self._numbers:
            raise ValueError("this is not a vocabulary of Moonshine")
        self.full_stop = self._numbers[b"."]

    def __len__(self) -> int:
        return len(self._pieces)

    def of_word(self, word: str) -> tuple[int, ...]:
        """Return the numbers of a word's pieces; runs of letters and signs are never joined to one piece."""
        runs = _RUNS.findall(word)
        return tuple(
            number for place, run in enumerate(runs) for number in self._joined(run if place else _WORD_START + run)
        )

    def text(self, numbers: Sequence[int]) -> str:
        """Return what a row of pieces says."""
        said = b"".join(self._pieces[number] for number in numbers if number > END)
        return said.decode("utf-8", "replace").replace(_WORD_START, " ").strip()

    def _joined(self, run: str) -> list[int]:
        """Join neighbours, the pair with the lowest number first, until no pair is a piece."""
        parts = [letter.encode() for letter in run]
        while True:
            pairs = ((self._numbers.get(a + b), place) for place, (a, b) in enumerate(pairwise(parts)))
            known = [(number, place) for number, place in pairs if number is not None]
            if not known:
                break
            place = min(known)[1]
            parts[place : place + 2] = [parts[place] + parts[place + 1]]
        return [
            number
            for part in parts
            for number in ([self._numbers[part]] if part in self._numbers else [_FIRST_BYTE + byte for byte in part])
        ]
