"""Do colours in words, colours of ink, and brands come back in the first hits?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.evaluation.gallery import Gallery, Names
from retrieval.evaluation.metrics import IntArray, estimate, top_hits
from retrieval.evaluation.report import Row, Section
from retrieval.values.datatypes import CatalogItem, Float32Array, LineDrawing
from retrieval.values.ports import Encoder
from retrieval.words.captions import article, kind_words
from retrieval.words.colours import TESTED_COLOURS

HITS = 10
COLOUR_COLUMNS = ("colour P@10", "kind P@10", "both P@10")
LEAST_OF_BRAND = 3
"""Brands of which the gallery holds fewer items of a kind are not asked for with that kind."""

INKS_RGB: dict[str, tuple[int, int, int]] = {
    "black": (17, 17, 17),
    "grey": (120, 120, 120),
    "red": (214, 40, 40),
    "green": (22, 150, 72),
}
"""The program's pens, and grey: an ink that names no colour of its own."""

MISLEADING = (("red", "blue"), ("red", "green"), ("red", "black"), ("green", "red"), ("green", "blue"))
"""(ink, colour in words) that disagree; the words should win."""


@dataclass(frozen=True)
class Subject:
    """One drawing that is searched in several ways.

    Attributes:
        item: what it shows.
        drawing: its lines.
    """

    item: CatalogItem
    drawing: LineDrawing

    @property
    def kind(self) -> str:
        """What a person calls the kind."""
        return kind_words(self.item.kind)[0]

    def in_ink(self, rgb: tuple[int, int, int]) -> LineDrawing:
        """The same lines in one ink."""
        return LineDrawing(self.drawing.lines, np.full_like(self.drawing.color_rgb, rgb))


def subjects_of(gallery: Gallery, kept: dict[int, LineDrawing]) -> list[Subject]:
    """Drawings of items whose kind is known."""
    return [Subject(gallery.items[i], drawing) for i, drawing in sorted(kept.items()) if gallery.items[i].kind]


def colour_section(
    encoder: Encoder, gallery: Gallery, subjects: Sequence[Subject], fusion: str | None = None
) -> Section:
    """The same drawing with eight colours in words: the share of the first ten hits in the colour named."""
    families, kinds = gallery.families, gallery.kinds
    drawn = encoder.encode_drawings([subject.drawing for subject in subjects])
    own_kind = np.array([subject.item.kind for subject in subjects])
    plain = top_hits(drawn @ gallery.vectors.T, HITS)
    shares: dict[str, dict[str, Float32Array]] = {}
    for colour in TESTED_COLOURS:
        words = encoder.encode_words([article(f"{colour} {subject.kind}") for subject in subjects])
        searched = {
            "drawing + 'a {colour} {kind}'": encoder.fuse(drawn, words, fusion=fusion),
            "'a {colour} {kind}' alone": words,
        }
        hits = {name: top_hits(v @ gallery.vectors.T, HITS) for name, v in searched.items()}
        for name, found in {**hits, "drawing alone": plain}.items():
            columns = shares.setdefault(name, {})
            columns[f"colour P@10 {colour}"] = _share(families == colour, found)
            of_kind = kinds[found] == own_kind[:, None]
            columns[f"kind P@10 {colour}"] = of_kind.mean(axis=1)
            columns[f"both P@10 {colour}"] = (of_kind & (families[found] == colour)).mean(axis=1)
    rows: dict[str, Row] = {}
    for name, columns in shares.items():
        rows[name] = {
            column: estimate(np.mean([columns[f"{column} {colour}"] for colour in TESTED_COLOURS], axis=0))
            for column in COLOUR_COLUMNS
        }
    rows["best possible"] = _best_possible(gallery, own_kind)
    rows["chance"] = {"colour P@10": float(np.mean([(families == colour).mean() for colour in TESTED_COLOURS]))}
    fused = shares["drawing + 'a {colour} {kind}'"]
    for colour in TESTED_COLOURS:
        rows[f"drawing + 'a {colour} {{kind}}'"] = {
            column: estimate(fused[f"{column} {colour}"]) for column in COLOUR_COLUMNS
        }
    note = f"{len(subjects)} drawings, each with {len(TESTED_COLOURS)} colours; intervals over drawings."
    return Section("Colour test", COLOUR_COLUMNS, rows, note)


def _best_possible(gallery: Gallery, own_kind: Names) -> Row:
    """What a perfect order would reach: some colours and kinds have fewer than ten items."""
    families, kinds = gallery.families, gallery.kinds
    best: dict[str, list[float]] = {column: [] for column in COLOUR_COLUMNS}
    for colour in TESTED_COLOURS:
        of_colour = families == colour
        best["colour P@10"].append(min(int(of_colour.sum()), HITS) / HITS)
        both = {kind: min(int((of_colour & (kinds == kind)).sum()), HITS) / HITS for kind in set(own_kind.tolist())}
        best["both P@10"].append(float(np.mean([both[kind] for kind in own_kind.tolist()])))
    counts = {kind: min(int((kinds == kind).sum()), HITS) / HITS for kind in set(own_kind.tolist())}
    best["kind P@10"].append(float(np.mean([counts[kind] for kind in own_kind.tolist()])))
    return {column: float(np.mean(values)) for column, values in best.items()}


def ink_section(encoder: Encoder, gallery: Gallery, subjects: Sequence[Subject]) -> Section:
    """Drawings without words in several inks: which colours do the first ten hits have?

    Black ink is compared with two things: grey ink, and the share of black items among the kinds that were hit
    (a drawing of a shoe finds shoes, and shoes are often black whatever the ink).
    """
    families = gallery.families
    hits = {ink: _hits_in_ink(encoder, gallery, subjects, rgb) for ink, rgb in INKS_RGB.items()}
    rows: dict[str, Row] = {}
    for ink in ("red", "green"):
        of_ink = families == ink
        rows[f"{ink} ink: {ink} items"] = {
            "share of hits": estimate(_share(of_ink, hits[ink])),
            "expected of the kinds hit": estimate(_expected(of_ink, gallery.kinds, hits[ink])),
            "with black ink": estimate(_share(of_ink, hits["black"])),
        }
    black = families == "black"
    for ink in ("black", "grey"):
        rows[f"{ink} ink: black items"] = {
            "share of hits": estimate(_share(black, hits[ink])),
            "expected of the kinds hit": estimate(_expected(black, gallery.kinds, hits[ink])),
        }
    pull = _share(black, hits["black"])
    rows["pull of black ink: against what the kinds hit hold"] = {
        "share of hits": estimate(pull - _expected(black, gallery.kinds, hits["black"]))
    }
    rows["pull of black ink: against grey ink"] = {"share of hits": estimate(pull - _share(black, hits["grey"]))}
    note = f"{len(subjects)} drawings without words; the last two rows are differences and should be near zero."
    return Section("Ink", ("share of hits", "expected of the kinds hit", "with black ink"), rows, note)


def misleading_section(
    encoder: Encoder, gallery: Gallery, subjects: Sequence[Subject], fusion: str | None = None
) -> Section:
    """Ink of one colour with clear words of another: the words should win."""
    families = gallery.families
    rows: dict[str, Row] = {}
    drawn = {
        ink: encoder.encode_drawings([s.in_ink(INKS_RGB[ink]) for s in subjects]) for ink in ("black", "red", "green")
    }
    for ink, colour in MISLEADING:
        words = encoder.encode_words([article(f"{colour} {subject.kind}") for subject in subjects])
        found, plain = (
            top_hits(encoder.fuse(drawn[pen], words, fusion=fusion) @ gallery.vectors.T, HITS) for pen in (ink, "black")
        )
        rows[f"{ink} ink + 'a {colour} {{kind}}'"] = {
            "colour of the words": estimate(_share(families == colour, found)),
            "colour of the ink": estimate(_share(families == ink, found)),
            "words, had the ink been black": estimate(_share(families == colour, plain)),
        }
    columns = ("colour of the words", "colour of the ink", "words, had the ink been black")
    return Section("Misleading ink with clear words", columns, rows, "Shares of the first ten hits.")


def brand_section(
    encoder: Encoder, gallery: Gallery, kept: dict[int, LineDrawing], fusion: str | None = None
) -> Section | None:
    """Captions "{brand} {kind}", alone and with a drawing of such an item: the share of hits of that brand.

    Returns:
        None when no brand has enough items of one kind.
    """
    brands, kinds = gallery.brands, gallery.kinds
    asked: dict[tuple[str, str], int] = {}
    for i in sorted(kept):
        pair = (str(brands[i]), str(kinds[i]))
        if all(pair) and int(((brands == pair[0]) & (kinds == pair[1])).sum()) >= LEAST_OF_BRAND:
            asked.setdefault(pair, i)
    if not asked:
        return None
    words = encoder.encode_words([f"{brand} {kind_words(kind)[0]}" for brand, kind in asked])
    drawn = encoder.encode_drawings([kept[i] for i in asked.values()])
    queries = {"'{brand} {kind}' alone": words, "drawing + '{brand} {kind}'": encoder.fuse(drawn, words, fusion=fusion)}
    rows: dict[str, Row] = {}
    for name, vectors in {**queries, "drawing alone": drawn}.items():
        hits = top_hits(vectors @ gallery.vectors.T, HITS)
        of_brand = [brands[found] == brand for found, (brand, _) in zip(hits, asked, strict=True)]
        exact = [b & (kinds[found] == kind) for b, found, (_, kind) in zip(of_brand, hits, asked, strict=True)]
        available = [min(HITS, int(((brands == brand) & (kinds == kind)).sum())) for brand, kind in asked]
        rows[name] = {
            "brand P@10": estimate([float(found.mean()) for found in of_brand]),
            "brand and kind P@10": estimate([float(found.mean()) for found in exact]),
            "of those available": estimate([found.sum() / n for found, n in zip(exact, available, strict=True)]),
        }
    rows["best possible"] = {"brand and kind P@10": float(np.mean(available)) / HITS, "of those available": 1.0}
    rows["chance"] = {"brand P@10": float(np.mean([(brands == brand).mean() for brand, _ in asked]))}
    columns = ("brand P@10", "brand and kind P@10", "of those available")
    note = f"{len(asked)} pairs of brand and kind with at least {LEAST_OF_BRAND} items in the gallery."
    return Section("Brand test", columns, rows, note)


def _hits_in_ink(
    encoder: Encoder, gallery: Gallery, subjects: Sequence[Subject], rgb: tuple[int, int, int]
) -> IntArray:
    return top_hits(encoder.encode_drawings([s.in_ink(rgb) for s in subjects]) @ gallery.vectors.T, HITS)


def _share(wanted: np.ndarray[tuple[int], np.dtype[np.bool_]], hits: IntArray) -> Float32Array:
    return np.asarray(wanted[hits].mean(axis=1), dtype=np.float32)


def _expected(wanted: np.ndarray[tuple[int], np.dtype[np.bool_]], kinds: Names, hits: IntArray) -> Float32Array:
    """Per query the share of wanted items that the kinds of its hits hold in the whole gallery."""
    names, number = np.unique(kinds, return_inverse=True)
    rate = np.bincount(number, weights=wanted, minlength=len(names)) / np.bincount(number, minlength=len(names))
    return np.asarray(rate[number][hits].mean(axis=1), dtype=np.float32)
