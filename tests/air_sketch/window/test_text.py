import random

import numpy as np
import pytest

from air_sketch.window.brushes import fonts
from air_sketch.window.brushes import text as painter
from air_sketch.window.brushes.fonts import FONT_FOLDER, runs
from air_sketch.window.brushes.text import ELLIPSIS, TextStyle, blend_sprite, printable, sprite_from_mask

STYLE = TextStyle(18, (255, 255, 255))


def draw(text, style=STYLE, **options):
    image = np.zeros((40, 600, 3), np.uint8)
    width = painter.draw(image, text, 10, 20, style, **options)
    return image, width


@pytest.fixture
def shipped_fonts_only(monkeypatch):
    monkeypatch.setattr(fonts, "_installed_fonts", list)
    fonts._find_owner.cache_clear()


@pytest.mark.parametrize("text", ["long red dress", "café naïve Łódź", "빨간 원피스", "Привет", "Ελλάδα", "✓ ★ → ∞"])
@pytest.mark.usefixtures("shipped_fonts_only")
def test_text_of_many_scripts_is_drawn_offline(text):
    boxes = {runs(c, 18, False)[0][1] for c in text if c != " "}
    image, width = draw(text)
    assert "□" not in boxes
    assert width > 20
    assert image.any()


@pytest.mark.usefixtures("shipped_fonts_only")
def test_every_hangul_syllable_has_a_glyph_of_its_own():
    for codepoint in random.Random(0).sample(range(0xAC00, 0xD7A4), 300):
        assert runs(chr(codepoint), 18, False)[0][1] == chr(codepoint)


def test_an_accent_changes_the_picture():
    assert (draw("cafe")[0] != draw("café")[0]).any()


def test_combining_accents_are_composed():
    assert printable("e\u0301") == "é"


@pytest.mark.parametrize("text", ["👗", "\ud800", "\U000e0001x", "\uffff", "\u0b95", "🇰🇷", "a\u200db"])
@pytest.mark.usefixtures("shipped_fonts_only")
def test_unknown_characters_become_visible_and_never_crash(text):
    assert draw(text)[0].any()


def test_control_characters_become_spaces():
    assert printable("a\nb\tc\0d") == "a b c d"


def test_endless_text_is_cut_before_it_costs_anything():
    assert painter.width_px("x" * 1_000_000, STYLE) < 10_000


@pytest.mark.parametrize("keep", ["start", "end"])
def test_shortened_text_fits_and_keeps_the_named_end(keep):
    shown = painter.shorten("a very long evening dress in crimson", STYLE, 120, keep)
    assert painter.width_px(shown, STYLE) <= 121
    assert shown.startswith("a very") if keep == "start" else shown.endswith("crimson")
    assert ELLIPSIS in shown


def test_text_that_fits_is_left_alone():
    assert painter.shorten("dress", STYLE, 500) == "dress"


def test_nothing_fits_into_nothing_but_an_ellipsis():
    assert painter.shorten("dress", STYLE, 0) == ELLIPSIS


def test_wrapping_keeps_every_word_when_there_is_room():
    lines = painter.wrap("one two three four five six", STYLE, 100, 9)
    assert " ".join(lines) == "one two three four five six"
    assert len(lines) > 1


def test_wrapping_ends_in_an_ellipsis_when_there_is_none():
    lines = painter.wrap("one two three four five six seven eight", STYLE, 100, 2)
    assert len(lines) == 2
    assert lines[1].endswith(ELLIPSIS)


@pytest.mark.parametrize(("align", "low", "high"), [("left", 300, 400), ("center", 250, 350), ("right", 200, 301)])
def test_alignment_puts_ink_on_the_right_side(align, low, high):
    image = np.zeros((40, 600, 3), np.uint8)
    painter.draw(image, "dress", 300, 20, STYLE, align=align)
    columns = np.flatnonzero(image.any(axis=(0, 2)))
    assert columns.min() >= low
    assert columns.max() <= high


def test_capitals_are_centred_on_the_given_height():
    image, _ = draw("HHH", TextStyle(24, (255, 255, 255)))
    rows = np.flatnonzero(image.any(axis=(1, 2)))
    assert abs((rows.min() + rows.max()) / 2 - 20) <= 1


def test_semibold_is_heavier_than_regular():
    regular, _ = draw("dress")
    bold, _ = draw("dress", TextStyle(18, (255, 255, 255), bold=True))
    assert bold.sum() > regular.sum() * 1.05


@pytest.mark.parametrize(("x", "y"), [(-500, 5), (595, 5), (10, -50), (10, 39), (-3, -3), (5000, 5000)])
def test_blending_off_the_picture_is_clipped(x, y):
    image = np.zeros((40, 600, 3), np.uint8)
    blend_sprite(image, sprite_from_mask(np.full((20, 30), 255, np.uint8), (1, 2, 3)), x, y)
    assert image.shape == (40, 600, 3)


def test_blending_mixes_colour_by_coverage():
    image = np.full((1, 3, 3), 200, np.uint8)
    blend_sprite(image, sprite_from_mask(np.array([[0, 128, 255]], np.uint8), (100, 100, 100)), 0, 0)
    assert image[0, :, 0].tolist() == [200, 150, 100]


def test_a_label_is_rasterized_once(monkeypatch):
    image = np.zeros((40, 600, 3), np.uint8)
    painter.draw(image, "Searching for long red dress", 10, 20, STYLE)
    monkeypatch.setattr(painter, "sprite_from_mask", None)
    painter.draw(image, "Searching for long red dress", 10, 20, STYLE)


def test_every_shipped_font_has_its_licence_beside_it():
    names = {path.name for path in FONT_FOLDER.iterdir()}
    assert {"LICENSE-Inter.txt", "LICENSE-AirSketchHangul.txt", "LICENSE-DejaVu.txt"} <= names
    assert sum(path.stat().st_size for path in FONT_FOLDER.iterdir()) < 2_500_000
