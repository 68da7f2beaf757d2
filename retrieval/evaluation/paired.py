"""Drawings by people of one product each, paired with that product's edge map (QMUL Sketch; Yu et al., CVPR 2016)."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from retrieval.evaluation.baselines import hog_of_lines
from retrieval.evaluation.gallery import Gallery, encode_photos
from retrieval.evaluation.metrics import HITS, estimate, precision_at
from retrieval.evaluation.recall import row_of, values_of
from retrieval.evaluation.report import Row, Section
from retrieval.gallery.pictures import read_picture
from retrieval.sketches.preprocessing import extract_lines
from retrieval.values.datatypes import UInt8Array
from retrieval.values.errors import CatalogError, TrainingError, first_line
from retrieval.values.ports import Encoder

DRAWN, EDGES = "sketch", "photo_edge"
COLUMNS = ("R@1", "R@10", "median rank", "kind P@10")

PAIRED_KINDS: Mapping[str, frozenset[str]] = {
    "shoe": frozenset({"Casual Shoes", "Sports Shoes", "Formal Shoes", "Heels", "Flats", "Boots"}),
    "handbag": frozenset({"Handbags", "Clutches"}),
}
"""Word in the tar's name -> what it may be called in the catalogue."""


@dataclass(frozen=True)
class PairedDrawings:
    """What one tar holds: drawing i shows the product of edge map i.

    Attributes:
        name: of the tar, without suffix.
        drawings: uint8 (H, W, 3) each.
        edge_maps: uint8 (H, W, 3) each.
    """

    name: str
    drawings: tuple[UInt8Array, ...]
    edge_maps: tuple[UInt8Array, ...]

    @property
    def word(self) -> str:
        """The word of ``PAIRED_KINDS`` in the name, "" when there is none."""
        return next((word for word in PAIRED_KINDS if word in self.name.lower()), "")


def read_paired(path: Path) -> PairedDrawings:
    """Read ``sketch/NAME.png`` and ``photo_edge/NAME.png`` of a tar, names in order.

    Raises:
        TrainingError: if the tar cannot be read or holds no pair.
    """
    found: dict[str, dict[str, UInt8Array]] = {DRAWN: {}, EDGES: {}}
    try:
        with tarfile.open(path) as pack:
            for member in pack:
                place = PurePosixPath(member.name)
                stream = pack.extractfile(member) if place.parent.name in found else None
                if stream is not None:
                    found[place.parent.name][place.stem] = read_picture(stream.read(), f"{path}/{member.name}")
    except (OSError, tarfile.TarError, CatalogError) as error:
        raise TrainingError(f"Paired drawings {path} cannot be read: {first_line(error)} Expected a tar.") from error
    names = sorted(set(found[DRAWN]) & set(found[EDGES]))
    if not names:
        raise TrainingError(f"Paired drawings {path} hold no pair: expected {DRAWN}/NAME.png and {EDGES}/NAME.png.")
    return PairedDrawings(
        path.stem, tuple(found[DRAWN][name] for name in names), tuple(found[EDGES][name] for name in names)
    )


def paired_section(encoder: Encoder, gallery: Gallery, pairs: list[PairedDrawings]) -> Section:
    """Find each drawing's own product among all edge maps of its tar, and its kind in the catalogue.

    An edge map is neither a photo nor a person's drawing, so it is embedded both ways.
    """
    rows: dict[str, Row] = {}
    for several in pairs:
        lines = [extract_lines(picture) for picture in several.drawings]
        edge_lines = [extract_lines(picture) for picture in several.edge_maps]
        sketches = encoder.encode_drawings(lines)
        hog, edge_hog = (hog_of_lines([drawing.lines for drawing in part]) for part in (lines, edge_lines))
        scores = {
            "edge maps as drawings": sketches @ encoder.encode_drawings(edge_lines).T,
            "edge maps as photos": sketches @ encode_photos(encoder, several.edge_maps).T,
            "HOG": hog @ edge_hog.T,
        }
        label = f"{several.name} ({len(lines)})"
        nothing = np.zeros((len(lines), len(lines)), bool)
        for name, found in scores.items():
            values = row_of(values_of(found, nothing))
            rows[f"{label}: {name}"] = {column: values[column] for column in ("R@1", "R@10", "median rank")}
        of_kind = np.isin(gallery.kinds, list(PAIRED_KINDS.get(several.word, ())))
        if of_kind.any():
            relevant = np.tile(of_kind, (len(lines), 1))
            words = encoder.encode_words([several.word] * len(lines))
            for name, found in {
                "in the catalogue, drawing alone": sketches @ gallery.vectors.T,
                "in the catalogue, drawing + word": encoder.fuse(sketches, words) @ gallery.vectors.T,
                "in the catalogue, HOG": hog @ gallery.hog.T,
            }.items():
                rows[f"{label}: {name}"] = {"kind P@10": estimate(precision_at(found, relevant, HITS))}
    return Section("Drawings by people of one product each", COLUMNS, rows)
