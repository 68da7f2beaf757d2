"""The pens that keys pick."""

import pytest

from air_sketch.drawing.keeping.calibrations import load_calibration
from air_sketch.drawing.pens import EXTRA_INKS, INKS, WIDTH_FACTORS, PenCase, ink_name
from air_sketch.drawing.session import Session
from retrieval.words.inks import PEN_RGB

PENS = {"black": (17, 17, 17), "blue": (0, 0, 200)}


def test_all_colours_come_round_in_either_direction():
    pens = PenCase(PENS, "black", 5.0)
    seen = []
    for _ in range(len(EXTRA_INKS) + 1):
        seen.append(pens.name)
        pens.name = pens.neighbour(1)
    assert pens.name == "black" and set(seen) == set(EXTRA_INKS) | {"black"} and len(seen) == len(set(seen))
    assert pens.neighbour(-1) == seen[-1]


def test_the_calibrations_own_colour_wins_over_an_extra_of_the_same_name():
    pens = PenCase(PENS, "blue", 5.0)
    assert pens.color_rgb == (0, 0, 200)


def test_widths_go_up_and_down_the_row_and_stop_at_its_ends():
    pens = PenCase(PENS, "black", 5.0)
    assert pens.width_px == 5.0
    widths = [pens.width_px]
    while pens.change_width(1):
        widths.append(pens.width_px)
    assert widths == sorted(widths) and widths[-1] == 20.0
    steps = 0
    while pens.change_width(-1):
        steps += 1
    assert steps == len(WIDTH_FACTORS) - 1 and pens.width_px == pytest.approx(1.75)


def test_no_pen_is_thinner_than_a_pixel():
    pens = PenCase(PENS, "black", 1.2)
    assert not all([pens.change_width(-1) for _ in range(9)]) and pens.width_px == 1.0


@pytest.mark.parametrize("name", INKS)
def test_every_ink_is_shown_by_its_own_name(name):
    assert ink_name(INKS[name]) == name


def test_the_shipped_calibration_draws_with_these_inks_and_the_search_learns_from_the_coloured_ones():
    assert load_calibration().pens.items() <= INKS.items()
    neutral = {"black", "grey", "white"}
    assert {name.capitalize(): rgb for name, rgb in INKS.items() if name not in neutral} == PEN_RGB


def test_a_stroke_keeps_the_pen_that_began_it():
    session = Session(load_calibration(), (640, 480))
    session.step_pointer(10.0, 10.0, True, 0.0)
    assert session.apply_key("wider", 0.1) and session.apply_key("pen:blue", 0.1)
    session.step_pointer(50.0, 10.0, True, 0.2)
    session.step_pointer(50.0, 10.0, False, 0.3)
    session.step_pointer(10.0, 50.0, True, 0.4)
    session.step_pointer(50.0, 50.0, True, 0.5)
    session.step_pointer(50.0, 50.0, False, 0.6)
    first, second = session.document.finished_strokes
    assert first.color_rgb == (17, 17, 17) and second.color_rgb == EXTRA_INKS["blue"]
    assert second.width_px == pytest.approx(1.4 * first.width_px)


def test_a_finger_picks_its_own_pen_again_after_a_key_took_another():
    session = Session(load_calibration(), (640, 480))
    assert session.apply_key("pen:blue", 0.0) and not session.apply_key("pen:none", 0.0)
    assert session.pens.name == "blue"
