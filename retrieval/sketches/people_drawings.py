"""Drawings by people in the Quick, Draw! format (Ha & Eck, ICLR 2018), and what they mean in a catalogue."""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import TextIOWrapper
from pathlib import Path, PurePosixPath

import numpy as np

from retrieval.files import open_regular
from retrieval.gallery.lists.names import is_picture_name
from retrieval.gallery.lists.table import MAX_LINE_LETTERS
from retrieval.gallery.packs import members_of
from retrieval.gallery.picture_files import load_file
from retrieval.gallery.pictures import read_picture
from retrieval.sketches.kind_sketches import KindSketches, rasterize
from retrieval.sketches.preprocessing import black_drawing, extract_lines
from retrieval.sketches.scribbles import scribbles
from retrieval.values.datatypes import BoolArray, Float32Array, LineDrawing, UInt8Array
from retrieval.values.errors import CatalogError, TrainingError, first_line, like_it, one_line

log = logging.getLogger(__name__)

LARGEST_PLACE = 1_000_000
"""Of a point, in whatever unit; farther out, lines and dots could no longer be told apart."""

TOLD = 10

SCRIBBLES, SCRIBBLE_SEED = 240, 7
"""Of each kind for training; those that are measured with have another seed."""

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
        return "val" if zlib.crc32(self.key.encode("utf-8", "surrogatepass")) % 3 == 0 else "train"

    def lines(self) -> LineDrawing:
        """Thin black lines on the line grid."""
        return black_drawing(rasterize(self.strokes))


def read_drawings(path: Path, any_word: bool = False) -> list[PersonDrawing]:
    """Read an ``.ndjson`` of drawings; words that ``WORD_KINDS`` does not know are left out, unless any is wanted.

    A line that holds no drawing costs itself, and is told.

    Raises:
        TrainingError: if the file cannot be read or holds no such drawing.
    """
    drawings, faults = list[PersonDrawing](), list[str]()
    try:
        with TextIOWrapper(open_regular(path), "utf-8-sig", "surrogateescape") as stream:
            for number, line in enumerate(iter(partial(stream.readline, MAX_LINE_LETTERS), ""), 1):
                if line.strip():
                    try:
                        drawings += _drawing_of(line, any_word)
                    except Exception as error:  # what damaged lines raise depends on where the damage is
                        faults.append(f"line {number}: {first_line(error)}")
    except (OSError, ValueError) as error:
        raise TrainingError(f"Drawings {path} cannot be read: {first_line(error)}", "Check the path.") from error
    if not drawings:
        what = f"Drawings {path} hold none of the known words: {', '.join(WORD_KINDS)}"
        what = f"Drawings {path} cannot be read: {faults[0]}{like_it(len(faults))}" if faults else what
        raise TrainingError(what, "Expected one Quick, Draw! object a line.")
    tell_left_out(f"drawings of {path}", faults)
    return drawings


def _drawing_of(line: str, any_word: bool = False) -> list[PersonDrawing]:
    """The drawing of a line of JSON; none when its word is not known."""
    record = json.loads(line)
    if record["word"] not in WORD_KINDS and not (any_word and isinstance(record["word"], str)):
        return []
    several = [[np.array(values, np.float64) for values in stroke[:2]] for stroke in record["drawing"]]
    if not several or any([values.shape for values in stroke] != 2 * [(len(stroke[0]),)] for stroke in several):
        raise ValueError("expected strokes of as many x as y")
    strokes = tuple(np.stack(stroke, axis=1).astype(np.float32) for stroke in several if len(stroke[0]))
    if (
        not strokes
        or not np.abs(points := np.concatenate(strokes)).max() <= LARGEST_PLACE
        or not np.ptp(points, 0).any()
    ):
        raise ValueError(f"expected a line of points within {LARGEST_PLACE:,}")
    return [PersonDrawing(record["word"], strokes, str(record.get("key_id", line)))]


def tell_left_out(what: str, faults: Sequence[str]) -> None:
    """Log how many of something are left out, and why, of many only the first."""
    if faults:
        more = f", and {len(faults) - TOLD:,} more" if len(faults) > TOLD else ""
        log.warning("%s", one_line(f"{what}: {len(faults):,} left out: {'; '.join(faults[:TOLD])}{more}"))


def read_pack(pack: Path, folders: Sequence[str] = ("sketch",)) -> list[dict[str, UInt8Array]]:
    """Read the pictures ``FOLDER/NAME.png`` of a tar (the layout of QMUL Sketch, Yu et al., CVPR 2016) by name.

    One that cannot be read costs itself, and is told; what systems put beside pictures is passed over.

    Raises:
        TrainingError: if the pack cannot be read or holds no such picture of a folder.
    """
    try:
        members = {member.name: (member, reason) for member, reason in members_of(pack, pack)}
    except (OSError, ValueError, CatalogError) as error:
        expected = f"Expected a .tar with {folders[0]}/*.png."
        raise TrainingError(f"Drawings {pack} cannot be read: {first_line(error)}", expected) from error
    faults = [reason for name, (_, reason) in members.items() if not name]
    found: dict[str, dict[str, UInt8Array]] = {folder: {} for folder in folders}
    for name, (member, reason) in sorted(members.items()):
        path = PurePosixPath(name)
        if path.parent.name in found and is_picture_name(name) and not _is_of_a_system(path):
            try:
                if reason:
                    raise CatalogError(f"{name}: {reason}")
                picture = read_picture(load_file(pack, name, member.offset, member.size).data, name)
                found[path.parent.name][path.stem] = picture
            except CatalogError as error:
                faults.append(error.what)
    for folder, pictures in found.items():
        if not pictures:
            why = f" that can be read: {faults[0]}" if faults else ""
            raise TrainingError(f"Drawings {pack} hold no {folder}/*.png{why}.")
    tell_left_out(f"pictures of {pack}", faults)
    return list(found.values())


def _is_of_a_system(path: PurePosixPath) -> bool:
    """Whether a file is none of the person's, such as macOS's ``._1.png``."""
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)


def training_drawings(drawings: list[PersonDrawing], packs: Mapping[str, Path]) -> dict[str, list[BoolArray]]:
    """Collect people's drawings for training, by word.

    Args:
        drawings: of which those with split ``train`` are taken.
        packs: word -> pack of further drawings, all taken; one that cannot be read costs itself, and is told.
    Raises:
        TrainingError: if none of the packs can be read.
    """
    found: dict[str, list[BoolArray]] = {}
    for drawing in drawings:
        if drawing.split == "train":
            found.setdefault(drawing.word, []).append(drawing.lines().lines)
    faults = list[str]()
    for word, pack in packs.items():
        try:
            several = (extract_lines(picture) for picture in read_pack(pack)[0].values())
            found.setdefault(word, []).extend(drawing.lines for drawing in several if not drawing.is_empty)
        except TrainingError as error:
            faults.append(error.what)
            if len(faults) == len(packs):
                raise
    tell_left_out("packs of drawings", faults)
    return found


def other_things(drawings: Sequence[PersonDrawing]) -> KindSketches:
    """Gather drawings of what is no garment, by word, and as many scribbles as belong to one word in four.

    Every fourth word is left out, by its name, so that what is made of them can be measured on things never seen.
    """
    by_word: dict[str, list[BoolArray]] = {}
    for drawing in drawings:
        if is_other_for_training(drawing.word):
            by_word.setdefault(drawing.word, []).append(drawing.lines().lines)
    marks = scribbles(SCRIBBLES, SCRIBBLE_SEED)
    repeated = max(1, round(len(by_word) / 3 / len(marks)))  # words are picked evenly
    for name, several in marks.items():
        for number in range(repeated):
            by_word[f"{name} {number}"] = [drawing.lines for drawing in several[number::repeated]]
    return KindSketches(by_word)


def is_other_for_training(word: str) -> bool:
    """Whether drawings of another thing than a garment may be trained on; every fourth word is for measuring."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass")) // 3 % 4 != 0
