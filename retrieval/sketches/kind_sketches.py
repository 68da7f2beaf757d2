"""A bank of clumsy drawings by kind: what people draw when they mean a kind, not one product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from retrieval.files import open_regular, replacing
from retrieval.sketches.preprocessing import LINE_GRID_PX, LINE_MARGIN_PX, PACKED_BYTES, pack_lines, unpack_lines
from retrieval.values.datatypes import BoolArray, Float32Array
from retrieval.values.errors import TrainingError, first_line

DRAWN_AS: Mapping[str, tuple[str, ...]] = {
    "Backpacks": ("backpack",), "Rucksacks": ("backpack",),
    "Bangle": ("bracelet",), "Bracelet": ("bracelet",),
    "Belts": ("belt",), "Blazers": ("jacket",), "Boots": ("boot", "shoe"),
    "Boxers": ("shorts", "underwear"), "Briefs": ("underwear",), "Trunk": ("underwear", "shorts"),
    "Caps": ("cap", "hat"), "Hat": ("hat",), "Casual Shoes": ("sneaker", "shoe"), "Sports Shoes": ("sneaker", "shoe"),
    "Formal Shoes": ("formal shoe", "shoe"), "Flats": ("flat", "shoe"), "Heels": ("heel", "high heels", "shoe"),
    "Clutches": ("clutch", "purse"), "Handbags": ("handbag", "purse"), "Coats": ("coat",),
    "Dresses": ("dress",), "Nightdress": ("dress",), "Tunics": ("top", "dress"), "Kurtas": ("shirt", "dress"),
    "Earrings": ("earring",), "Flip Flops": ("flip flops",), "Sandals": ("sandal",), "Sports Sandals": ("sandal",),
    "Jackets": ("jacket",), "Rain Jacket": ("jacket",), "Nehru Jackets": ("waistcoat",), "Waistcoat": ("waistcoat",),
    "Jeans": ("jeans", "pants"), "Jeggings": ("jeans", "pants"), "Trousers": ("pants",), "Track Pants": ("pants",),
    "Leggings": ("pants",), "Lounge Pants": ("pants",), "Capris": ("pants", "shorts"), "Churidar": ("pants",),
    "Duffel Bag": ("suitcase", "purse"), "Laptop Bag": ("suitcase", "purse"), "Trolley Bag": ("suitcase",),
    "Necklace and Chains": ("necklace",), "Pendant": ("necklace",), "Ring": ("ring",),
    "Scarves": ("scarf",), "Mufflers": ("scarf",), "Stoles": ("scarf",), "Ties": ("tie",),
    "Shirts": ("shirt",), "Shorts": ("shorts",), "Lounge Shorts": ("shorts",), "Skirts": ("skirt",),
    "Socks": ("sock",), "Sunglasses": ("sunglasses", "eyeglasses"), "Sweaters": ("sweater",),
    "Sweatshirts": ("hoodie", "sweater"), "Tops": ("top", "t-shirt"), "Tshirts": ("t-shirt",),
    "Umbrellas": ("umbrella",), "Watches": ("wristwatch",), "Innerwear Vests": ("top",),
}  # fmt: skip
"""Catalogue kind -> what a person draws when asked for it."""


PEOPLE_SHARE = 0.35
"""Share of a word's drawings that are by people, where there are any."""


MAX_BANK_BYTES = 1 << 30


class KindSketches:
    """Drawings by the word that was drawn, kept bit-packed."""

    def __init__(self, drawings: Mapping[str, Sequence[BoolArray]]) -> None:
        self._bank = {word: np.stack([pack_lines(lines) for lines in several]) for word, several in drawings.items()}

    @classmethod
    def load(cls, path: Path) -> KindSketches:
        """Read a bank written by ``save``.

        Raises:
            TrainingError: if it is missing or damaged.
        """
        try:
            with open_regular(path) as stream, np.load(stream) as archive:
                if sum(member.file_size for member in archive.zip.infolist()) > MAX_BANK_BYTES:
                    raise ValueError(f"expected at most {MAX_BANK_BYTES:,} bytes of drawings")
                bank = cls({})
                bank._bank = {word: archive[word] for word in archive.files}
                if any(
                    d.dtype != np.uint8 or d.shape[1:] != (PACKED_BYTES,) or not len(d) for d in bank._bank.values()
                ):
                    raise ValueError("expected packed lines by word")
                return bank
        except Exception as error:  # what damaged bytes raise depends on where the damage is
            raise TrainingError(
                f"Kind drawings {path} cannot be read: {first_line(error)}", "Delete the file and build again."
            ) from error

    def save(self, path: Path) -> None:
        """Write the bank as one ``.npz``, atomically."""
        with replacing(path) as temporary, temporary.open("wb") as stream:
            np.savez(stream, **self._bank)

    def knows(self, kind: str) -> bool:
        """Whether there is any drawing of this catalogue kind."""
        return any(word in self._bank for word in DRAWN_AS.get(kind, ()))

    @property
    def words(self) -> tuple[str, ...]:
        """All words in the bank."""
        return tuple(self._bank)

    def pick(self, kind: str, rng: np.random.Generator) -> tuple[BoolArray, str]:
        """Return one random drawing of a catalogue kind, bool (grid, grid), and the word that it shows."""
        words = [word for word in DRAWN_AS[kind] if word in self._bank]
        word = words[int(rng.integers(len(words)))]
        return self.drawing(word, rng), word

    def drawing(self, word: str, rng: np.random.Generator) -> BoolArray:
        """Return one random drawing of a word of the bank, bool (grid, grid)."""
        drawings = self._bank[word]
        return unpack_lines(drawings[int(rng.integers(len(drawings)))])


def kinds_drawn_as(word: str) -> frozenset[str]:
    """Every catalogue kind that a drawing of a word may mean."""
    return frozenset(kind for kind, words in DRAWN_AS.items() if word in words)


def rasterize(strokes: Iterable[Float32Array]) -> BoolArray:
    """Draw polylines as thin lines, fitted to the line grid: bool (grid, grid).

    Strokes are float (N, 2) arrays in any common unit, x right, y down.
    """
    lines = [np.asarray(stroke, np.float32).reshape(-1, 2) for stroke in strokes]
    points = np.concatenate(lines)
    low, high = points.min(axis=0), points.max(axis=0)
    room = LINE_GRID_PX - 2 * LINE_MARGIN_PX - 1
    scale = room / max(float((high - low).max()), 1e-6)
    offset = LINE_GRID_PX / 2 - scale * (low + high) / 2
    canvas = np.zeros((LINE_GRID_PX, LINE_GRID_PX), np.uint8)
    for line in lines:
        dot = len(line) == 1  # a line of one point draws nothing
        placed = np.round((np.repeat(line, 2, axis=0) if dot else line) * scale * 16 + offset * 16).astype(np.int32)
        cv2.polylines(canvas, [placed.reshape(-1, 1, 2)], False, 1, 1, cv2.LINE_8, 4)
    return canvas > 0


def mixed_bank(drawn: Mapping[str, list[BoolArray]], people: Mapping[str, list[BoolArray]]) -> KindSketches:
    """Gather the drawings of all words that mean a catalogue kind.

    Args:
        drawn: by a program, by word.
        people: by people, by word; they are repeated to make up ``PEOPLE_SHARE`` of their word.
    """
    mixed = {}
    for word in sorted({word for several in DRAWN_AS.values() for word in several}):
        own, theirs = drawn.get(word, []), people.get(word, [])
        wanted = PEOPLE_SHARE / (1 - PEOPLE_SHARE) * len(own)
        several = own + theirs * max(1, round(wanted / max(1, len(theirs))))
        if several:
            mixed[word] = several
    return KindSketches(mixed)
