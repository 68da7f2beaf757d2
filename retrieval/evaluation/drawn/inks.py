"""Do colours of ink come back in the first hits, and do clear words win over them?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.evaluation.gallery import Gallery, Names, Subject
from retrieval.evaluation.metrics import IntArray, estimate, share_of_hits
from retrieval.evaluation.report import Row, Section
from retrieval.values.datatypes import BoolArray, Float32Array, Rgb
from retrieval.values.ports import Encoder
from retrieval.words.captions import article
from retrieval.words.inks import PEN_RGB

INKS_RGB: dict[str, Rgb] = {
    "black": (17, 17, 17),
    "grey": (120, 120, 120),
    "red": PEN_RGB["Red"],
    "green": PEN_RGB["Green"],
}
"""The pens that fingers pick, and grey: an ink that names no colour of its own."""

MISLEADING = (("red", "blue"), ("red", "green"), ("red", "black"), ("green", "red"), ("green", "blue"))
"""(ink, colour in words) that disagree; the words should win."""


def ink_section(encoder: Encoder, gallery: Gallery, subjects: Sequence[Subject]) -> Section:
    """Drawings without words in several inks: which colours do the first ten hits have?

    Black ink is compared with two things: grey ink, and the share of black items among the kinds that were hit
    (a drawing of a shoe finds shoes, and shoes are often black whatever the ink).
    """
    families, kinds = gallery.families, gallery.kinds
    hits = {ink: gallery.first_hits(_drawn_in(encoder, ink, subjects)) for ink in INKS_RGB}
    rows: dict[str, Row] = {}
    for ink, colour in (("red", "red"), ("green", "green"), ("black", "black"), ("grey", "black")):
        of_colour = families == colour
        rows[f"{ink} ink: {colour} items"] = {
            "share of hits": estimate(share_of_hits(of_colour, hits[ink])),
            "expected of the kinds hit": estimate(_expected(of_colour, kinds, hits[ink])),
        }
        if colour != "black":
            with_black = estimate(share_of_hits(of_colour, hits["black"]))
            rows[f"{ink} ink: {colour} items"]["with black ink"] = with_black
    black = families == "black"
    pull = share_of_hits(black, hits["black"])
    for name, without in (
        ("what the kinds hit hold", _expected(black, kinds, hits["black"])),
        ("grey ink", share_of_hits(black, hits["grey"])),
    ):
        rows[f"pull of black ink: against {name}"] = {"share of hits": estimate(pull - without)}
    note = f"{len(subjects)} drawings without words; the last two rows are differences and should be near zero."
    return Section("Ink", ("share of hits", "expected of the kinds hit", "with black ink"), rows, note)


def misleading_section(encoder: Encoder, gallery: Gallery, subjects: Sequence[Subject]) -> Section:
    """Ink of one colour with clear words of another: the words should win."""
    families = gallery.families
    rows: dict[str, Row] = {}
    drawn = {ink: _drawn_in(encoder, ink, subjects) for ink in ("black", "red", "green")}
    for ink, colour in MISLEADING:
        words = encoder.encode_words([article(f"{colour} {subject.kind}") for subject in subjects])
        found, plain = (gallery.first_hits(encoder.fuse(drawn[pen], words)) for pen in (ink, "black"))
        rows[f"{ink} ink + 'a {colour} {{kind}}'"] = {
            "colour of the words": estimate(share_of_hits(families == colour, found)),
            "colour of the ink": estimate(share_of_hits(families == ink, found)),
            "words, had the ink been black": estimate(share_of_hits(families == colour, plain)),
        }
    columns = ("colour of the words", "colour of the ink", "words, had the ink been black")
    return Section("Misleading ink with clear words", columns, rows, "Shares of the first ten hits.")


def _drawn_in(encoder: Encoder, ink: str, subjects: Sequence[Subject]) -> Float32Array:
    return encoder.encode_drawings([subject.in_ink(INKS_RGB[ink]) for subject in subjects])


def _expected(wanted: BoolArray, kinds: Names, hits: IntArray) -> Float32Array:
    """Per query the share of wanted items that the kinds of its hits hold in the whole gallery."""
    names, number = np.unique(kinds, return_inverse=True)
    rate = np.bincount(number, weights=wanted, minlength=len(names)) / np.bincount(number, minlength=len(names))
    return np.asarray(rate[number][hits].mean(axis=1), dtype=np.float32)
