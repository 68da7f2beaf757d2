"""Drawings by people in the Quick, Draw! format (Ha & Eck, ICLR 2018), and what they mean in a catalogue."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path, PurePosixPath

import numpy as np

from retrieval.files import open_regular
from retrieval.gallery.lists.table import MAX_LINE_LETTERS
from retrieval.gallery.packs import members_of
from retrieval.gallery.picture_files import load_file
from retrieval.gallery.pictures import read_picture
from retrieval.sketches.kind_sketches import rasterize
from retrieval.sketches.preprocessing import black_drawing, extract_lines
from retrieval.values.datatypes import BoolArray, Float32Array, LineDrawing, UInt8Array
from retrieval.values.errors import CatalogError, TrainingError, first_line

WORD_KINDS: Mapping[str, frozenset[str]] = {
    "backpack": frozenset({"Backpacks", "Rucksacks"}),
    "belt": frozenset({"Belts"}),
    "bracelet": frozenset({"Bracelet", "Bangle"}),
    "eyeglasses": frozenset({"Sunglasses"}),
    "flip flops": frozenset({"Flip Flops"}),
    "hat": frozenset({"Hat", "Caps"}),
    "jacket": frozenset({"Jackets", "Blazers", "Rain Jacket", "Nehru Jackets", "Coats"}),
    "necklace": frozenset({"Necklace and Chains", "Pendant", "Jewellery Set"}),
    "pants": frozenset({"Trousers", "Jeans", "Track Pants", "Lounge Pants", "Leggings", "Jeggings", "Capris"}),
    "purse": frozenset({"Handbags", "Clutches", "Wallets"}),
    "shoe": frozenset({"Casual Shoes", "Sports Shoes", "Formal Shoes", "Heels", "Flats"}),
    "shorts": frozenset({"Shorts", "Lounge Shorts"}),
    "sock": frozenset({"Socks"}),
    "sweater": frozenset({"Sweaters", "Sweatshirts"}),
    "t-shirt": frozenset({"Tshirts", "Lounge Tshirts"}),
    "underwear": frozenset({"Briefs", "Trunk", "Boxers"}),
    "wristwatch": frozenset({"Watches"}),
}
"""What a drawn word may be called in the catalogue."""


@dataclass(frozen=True)
class PersonDrawing:
    """One drawing: the word that the person was asked for, and strokes as float32 (N, 2) arrays."""

    word: str
    strokes: tuple[Float32Array, ...]
    key: str = ""

    @property
    def split(self) -> str:
        """``val`` for about a third of all drawings, by their key; training takes the others."""
        return "val" if zlib.crc32(self.key.encode()) % 3 == 0 else "train"

    def lines(self) -> LineDrawing:
        """Thin black lines on the line grid."""
        return black_drawing(rasterize(self.strokes))


def read_drawings(path: Path) -> list[PersonDrawing]:
    """Read an ``.ndjson`` of drawings; words that ``WORD_KINDS`` does not know are left out.

    Raises:
        TrainingError: if the file cannot be read or holds no such drawing.
    """
    drawings = []
    try:
        with TextIOWrapper(open_regular(path), "utf-8") as stream:
            while line := stream.readline(MAX_LINE_LETTERS):
                record = json.loads(line)
                if record["word"] in WORD_KINDS:
                    strokes = tuple(np.array(stroke[:2], np.float32).reshape(2, -1).T for stroke in record["drawing"])
                    if not np.isfinite(np.concatenate(strokes)).all():
                        raise ValueError("expected finite numbers")
                    drawings.append(PersonDrawing(record["word"], strokes, str(record.get("key_id", line))))
    except Exception as error:  # what damaged lines raise depends on where the damage is
        raise TrainingError(
            f"Drawings {path} cannot be read: {first_line(error)}", "Expected one Quick, Draw! object a line."
        ) from error
    if not drawings:
        raise TrainingError(f"Drawings {path} hold none of the known words: {', '.join(WORD_KINDS)}.")
    return drawings


def read_pack(pack: Path, folder: str = "sketch") -> dict[str, UInt8Array]:
    """Read the pictures ``FOLDER/NAME.png`` of a tar (the layout of QMUL Sketch, Yu et al., CVPR 2016) by name.

    Raises:
        TrainingError: if the pack cannot be read or holds no such picture.
        CatalogError: if a picture cannot be read.
    """
    try:
        members = {member.name: member for member, reason in members_of(pack, pack) if not reason}
    except (OSError, CatalogError) as error:
        expected = f"Expected a .tar with {folder}/*.png."
        raise TrainingError(f"Drawings {pack} cannot be read: {first_line(error)}", expected) from error
    names = sorted(name for name in members if PurePosixPath(name).parent.name == folder)
    if not names:
        raise TrainingError(f"Drawings {pack} hold no {folder}/*.png.")
    files = (load_file(pack, f"{pack}/{name}", members[name].offset, members[name].size) for name in names)
    return {PurePosixPath(name).stem: read_picture(one.data, one.name) for name, one in zip(names, files, strict=True)}


def training_drawings(drawings: list[PersonDrawing], packs: Mapping[str, Path]) -> dict[str, list[BoolArray]]:
    """Collect people's drawings for training, by word.

    Args:
        drawings: of which those with split ``train`` are taken.
        packs: word -> pack of further drawings, all taken.
    """
    found: dict[str, list[BoolArray]] = {}
    for drawing in drawings:
        if drawing.split == "train":
            found.setdefault(drawing.word, []).append(drawing.lines().lines)
    for word, pack in packs.items():
        several = (extract_lines(picture) for picture in read_pack(pack).values())
        found.setdefault(word, []).extend(drawing.lines for drawing in several if not drawing.is_empty)
    return found
