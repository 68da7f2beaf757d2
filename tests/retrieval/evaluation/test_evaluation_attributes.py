from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from retrieval.evaluation.baselines import hog_of_lines
from retrieval.evaluation.brands import brand_section
from retrieval.evaluation.colours import TESTED_COLOURS, colour_section
from retrieval.evaluation.drawn.inks import INKS_RGB, ink_section, misleading_section
from retrieval.evaluation.drawn.people import people_section
from retrieval.evaluation.gallery import Gallery, Subject
from retrieval.evaluation.metrics import Estimate
from retrieval.gallery.catalog import Catalog
from retrieval.sketches.people_drawings import PersonDrawing
from retrieval.sketches.preprocessing import LINE_GRID_PX
from retrieval.values.datatypes import CatalogItem, LineDrawing
from retrieval.values.ports import Encoder


class ColourBlindOrNot:
    """Stands in for an encoder that knows colours and kinds perfectly, or only what ``deaf_to`` leaves it."""

    width = 20
    colours = (*TESTED_COLOURS, "yellow")

    def __init__(self, deaf_to: str = "") -> None:
        self.deaf_to = deaf_to

    def vector(self, colour: str, kind: str) -> np.ndarray:
        vector = np.zeros(self.width, np.float32)
        if colour in self.colours:
            vector[self.colours.index(colour)] = 1.0
        vector[12 + ("shirt", "handbag").index(kind)] = 0.5
        return vector

    def encode_words(self, captions: list[str]) -> np.ndarray:
        rows = []
        for caption in captions:
            words = caption.split()
            colour = next((word for word in words if word in self.colours), "")
            rows.append(self.vector("" if self.deaf_to == "words" else colour, words[-1]))
        return np.stack(rows)

    def encode_drawings(self, drawings: list[LineDrawing]) -> np.ndarray:
        rows = []
        for drawing in drawings:
            ink = tuple(int(value) for value in drawing.color_rgb[0, 0])
            name = next((name for name, rgb in INKS_RGB.items() if rgb == ink), "black")
            seen = self.deaf_to != "ink" and (name in {"red", "green"} or self.deaf_to == "sense")
            rows.append(self.vector(name if seen else "", "shirt"))
        return np.stack(rows)

    def fuse(self, sketches: np.ndarray, words: np.ndarray) -> np.ndarray:
        return 0.2 * sketches + words


def colour_gallery(encoder: ColourBlindOrNot) -> Gallery:
    """Twelve shirts and twelve handbags of every colour, two brands."""
    items, rows = [], []
    for kind, word in (("Shirts", "shirt"), ("Handbags", "handbag")):
        for colour in encoder.colours:
            for number in range(12):
                fields = {"articleType": kind, "baseColour": colour.capitalize(), "brand": ("Acme", "")[number % 2]}
                name = f"{colour}-{kind}-{number}"
                items.append(CatalogItem(name, name, name, name, fields))
                rows.append(encoder.vector(colour, word))
    catalog = cast(Catalog, None)
    hog = np.zeros((len(items), 4), np.float32)
    return Gallery(tuple(items), (catalog,) * len(items), np.stack(rows), hog, len(items))


def shirt_subjects(gallery: Gallery, count: int = 6) -> list[Subject]:
    drawing = LineDrawing(
        np.ones((LINE_GRID_PX, LINE_GRID_PX), bool), np.zeros((LINE_GRID_PX, LINE_GRID_PX, 3), np.uint8)
    )
    return [Subject(i, gallery.items[i], drawing) for i in range(count)]


def mean(value: Estimate | float) -> float:
    return value.mean if isinstance(value, Estimate) else value


def test_an_encoder_that_hears_colours_gets_full_marks_and_a_deaf_one_gets_chance() -> None:
    for deaf_to, expected in (("", 1.0), ("words", None)):
        encoder = ColourBlindOrNot(deaf_to)
        gallery = colour_gallery(encoder)
        section = colour_section(cast(Encoder, encoder), gallery, shirt_subjects(gallery))
        fused = section.rows["drawing + 'a {colour} {kind}'"]
        chance = mean(section.rows["chance"]["colour P@10"])
        assert chance == pytest.approx(1 / 9)
        assert mean(fused["colour P@10"]) == pytest.approx(
            expected if expected else 1 / 8
        )  # ties: one colour fills all
        assert mean(fused["kind P@10"]) == 1.0
        assert mean(section.rows["best possible"]["both P@10"]) == 1.0
    assert {f"drawing + 'a {colour} {{kind}}'" for colour in TESTED_COLOURS} <= set(section.rows)


def test_ink_figures_tell_an_encoder_that_sees_ink_from_one_that_does_not() -> None:
    for deaf_to, red, pull in (("", 1.0, None), ("ink", 0.0, None), ("sense", 1.0, 1 - 1 / 9)):
        encoder = ColourBlindOrNot(deaf_to)
        gallery = colour_gallery(encoder)
        # interleave, so that a search without any colour meets all of them
        order = np.argsort(np.arange(len(gallery.items)) % 12, kind="stable")
        gallery = replace(gallery, items=tuple(gallery.items[i] for i in order), vectors=gallery.vectors[order])
        section = ink_section(cast(Encoder, encoder), gallery, shirt_subjects(gallery))
        got = mean(section.rows["red ink: red items"]["share of hits"])
        assert got == pytest.approx(red) if red else got < 0.2
        assert mean(section.rows["red ink: red items"]["expected of the kinds hit"]) == pytest.approx(1 / 9)
        against_kinds = mean(section.rows["pull of black ink: against what the kinds hit hold"]["share of hits"])
        assert against_kinds == pytest.approx(pull) if pull else abs(against_kinds) < 0.1


def test_misleading_ink_loses_to_words_where_the_words_weigh_more() -> None:
    encoder = ColourBlindOrNot()
    gallery = colour_gallery(encoder)
    rows = misleading_section(cast(Encoder, encoder), gallery, shirt_subjects(gallery)).rows
    for row in rows.values():
        assert mean(row["colour of the words"]) == 1.0
        assert mean(row["colour of the ink"]) == 0.0


def test_the_brand_test_asks_for_brands_with_enough_items_and_counts_what_is_there() -> None:
    encoder = ColourBlindOrNot()
    gallery = colour_gallery(encoder)
    subjects = shirt_subjects(gallery, 3)
    section = brand_section(cast(Encoder, encoder), gallery, subjects)
    assert section is not None
    assert section.note.startswith("1 pairs")
    assert mean(section.rows["'{brand} {kind}' alone"]["brand P@10"]) == pytest.approx(0.5)  # blind to brands
    assert mean(section.rows["chance"]["brand P@10"]) == pytest.approx(0.5)
    assert brand_section(cast(Encoder, encoder), gallery, subjects[1:2]) is None


def person(word: str, seed: int) -> PersonDrawing:
    rng = np.random.default_rng(seed)
    return PersonDrawing(word, (rng.random((6, 2)).astype(np.float32) * 255,))


def test_every_kind_of_people_s_drawings_counts_the_same(encoder: Encoder) -> None:
    blind = ColourBlindOrNot()
    gallery = colour_gallery(blind)
    gallery = replace(gallery, hog=hog_of_lines([person("purse", i).lines().lines for i in range(len(gallery.items))]))

    class KnowsBags(ColourBlindOrNot):
        def encode_words(self, captions: list[str]) -> np.ndarray:
            return np.stack([self.vector("", "handbag" if caption == "purse" else "shirt") for caption in captions])

        def encode_drawings(self, drawings: list[LineDrawing]) -> np.ndarray:
            return np.stack([self.vector("", "shirt") for _ in drawings])

    drawings = [person("purse", 1), *[person("belt", i) for i in range(2, 8)]]
    section = people_section(cast(Encoder, KnowsBags()), gallery, drawings)
    assert section is not None
    assert set(section.rows) == {"mean over kinds", "drawing + word, minus word alone", "purse"}  # no belts to find
    row = section.rows["purse"]
    assert (mean(row["word alone"]), mean(row["drawing alone"]), row["chance"]) == (1.0, 0.0, 0.5)
    assert people_section(cast(Encoder, KnowsBags()), gallery, drawings[1:]) is None
