from dataclasses import replace

import numpy as np
import pytest

from air_sketch.desk.events import Question, SearchPhase, Status, Tone
from air_sketch.desk.state import DeskState
from air_sketch.drawing.pens import ink_name
from air_sketch.drawing.sheet.document import Document
from air_sketch.values.datatypes import ResultCard, StepResult
from air_sketch.window.brushes.layout import Layout
from air_sketch.window.parts.frame_view import FrameView
from air_sketch.window.parts.help_page import DRAWING_ROWS, SEARCH_ROWS, hand_rows
from air_sketch.window.screen import Screen, fit

CARDS = tuple(
    ResultCard(
        rank,
        0.9 - rank / 50,
        f"Item {rank} 원피스",
        None,
        np.full((60, 40, 3), rank * 8, np.uint8),
        record={"brand": "B"},
    )
    for rank in range(1, 13)
)


def picture(canvas_wh=(640, 480), value=90):
    return np.full((canvas_wh[1], canvas_wh[0], 3), value, np.uint8)


def compose(state, view, window_wh=(1118, 700), canvas_wh=(640, 480), screen=None, now_s=0.1):
    return (screen or Screen(canvas_wh)).compose(window_wh, state, view, Document(), now_s).copy()


def result(tool_state="lost", tip_px=None, palm_px=None, radius_px=0.0, progress=0.0, rgb=None):
    return StepResult(tool_state, True, tip_px, palm_px, radius_px, progress, rgb)


def drawing(source):
    return FrameView(source, result=result("draw", tip_px=(100, 100)))


def part(image, rect):
    return image[rect.y : rect.bottom, rect.x : rect.right]


@pytest.mark.parametrize("canvas_wh", [(640, 480), (1280, 720), (320, 240), (480, 640)])
@pytest.mark.parametrize("window_wh", [(1118, 700), (400, 300), (1920, 1080)])
def test_every_camera_size_fits_every_window(canvas_wh, window_wh):
    image = compose(DeskState(cards=CARDS), FrameView(picture(canvas_wh)), window_wh, canvas_wh)
    assert image.shape[::-1][1:] == Layout.for_window(window_wh, canvas_wh).window_wh


def test_the_camera_picture_fills_the_view():
    image = compose(DeskState(), FrameView(picture(value=123)))
    view = Layout.for_window((1118, 700), (640, 480)).view
    assert (part(image, view.inset(14)) == 123).all()


@pytest.mark.parametrize(("source_wh", "place_wh"), [((1920, 1080), (880, 495)), ((1281, 721), (300, 169))])
def test_a_large_camera_picture_is_averaged_and_not_thinned_out(source_wh, place_wh):
    stripes = np.zeros((source_wh[1], source_wh[0], 3), np.uint8)
    stripes[:, ::2] = 200
    place = np.zeros((place_wh[1], place_wh[0], 3), np.uint8)
    assert fit(stripes, place) is place
    assert place.min() >= 90 and place.max() <= 110


def test_a_picture_of_the_right_size_is_not_touched():
    source = picture((320, 240))
    assert fit(source, np.empty_like(source)) is source


def test_the_speed_is_told_twice_a_second_and_ends_with_the_frames():
    view, told = FrameView(picture()), []
    for number in range(90):
        view.take_frame(picture(), number / 30)
        told.append(view.fps)
    assert set(told[:10]) == {0} and set(told[20:]) == {30}
    view.rest()
    assert view.fps == 0


def test_composing_is_repeatable_and_leaves_its_inputs_alone():
    state, source = DeskState(cards=CARDS, caption="red"), picture()
    view = drawing(source)
    assert (compose(state, view) == compose(state, view)).all()
    assert (source == 90).all()


@pytest.mark.parametrize(
    "changes",
    [
        {"caption": "red"},
        {"editing": True},
        {"cards": CARDS},
        {"help_open": True},
        {"notice": Status("Saved", Tone.DONE)},
        {"searching": True},
        {"search_phase": SearchPhase.LOADING, "search_note": "Drawing the demo gallery", "loading": 0.4},
        {"search_phase": SearchPhase.FAILED, "search_note": "weights are damaged"},
        {"searched_once": True},
        {"question": Question("12 strokes", picture((320, 240), 255))},
    ],
)
def test_each_change_of_state_shows_and_its_reversal_leaves_no_trace(changes):
    screen, plain, view = Screen((640, 480)), DeskState(), FrameView(picture())
    before, changed, after = (compose(s, view, screen=screen) for s in (plain, replace(plain, **changes), plain))
    assert (before != changed).any()
    assert (before == after).all()


@pytest.mark.parametrize(
    "view",
    [
        {"result": result("draw", (300, 200))},
        {"result": result("hover", (300, 200))},
        {"result": result("erase", None, (300, 200), 40.0)},
        {"result": result("select", (300, 200), progress=0.5, rgb=(0, 160, 0))},
        {"message": "Starting the camera", "detail": "a moment"},
    ],
)
def test_cursors_and_messages_show_in_the_view_only(view):
    layout = Layout.for_window((1118, 700), (640, 480))
    plain, marked = compose(DeskState(), FrameView(picture())), compose(DeskState(), FrameView(picture(), **view))
    assert (part(plain, layout.view) != part(marked, layout.view)).any()
    assert (part(plain, layout.panel) == part(marked, layout.panel)).all()


@pytest.mark.parametrize("tip", [(-500, -500), (0, 0), (639, 479), (5000, 5000)])
def test_a_cursor_outside_the_canvas_never_spills_over_the_bars(tip):
    layout = Layout.for_window((1118, 700), (640, 480))
    view = FrameView(picture(), result=result("erase", palm_px=tip, radius_px=60.0))
    plain = FrameView(picture(), result=result("erase"))
    marked, unmarked = compose(DeskState(), view), compose(DeskState(), plain)
    assert (part(marked, layout.panel) == part(unmarked, layout.panel)).all()
    assert (part(marked, layout.header) == part(unmarked, layout.header)).all()


def test_the_text_cursor_blinks_only_while_editing():
    screen = Screen((640, 480))
    for editing in (False, True):
        state = DeskState(caption="red", editing=editing)
        on, off = (compose(state, FrameView(picture()), screen=screen, now_s=now_s) for now_s in (0.1, 0.6))
        assert (on != off).any() == editing


def test_a_resized_screen_looks_like_a_new_one():
    view, state, screen = FrameView(picture()), DeskState(cards=CARDS), Screen((640, 480))
    compose(state, view, screen=screen)
    assert (compose(state, view, (900, 600), screen=screen) == compose(state, view, (900, 600))).all()


def test_the_panel_is_drawn_again_only_when_it_changes(monkeypatch):
    drawn, screen, view = [], Screen((640, 480)), FrameView(picture())
    monkeypatch.setattr("air_sketch.window.screen.draw_results", lambda *_: drawn.append(1))
    state = DeskState(cards=CARDS[:2])
    for shown, count in ((state, 1), (state, 1), (replace(state, caption="typing"), 1), (DeskState(cards=CARDS), 2)):
        compose(shown, view, screen=screen)
        assert len(drawn) == count


@pytest.mark.parametrize(
    ("rgb", "name"), [((17, 17, 17), "black"), ((22, 150, 72), "green"), ((214, 40, 40), "red"), ((0, 0, 255), "blue")]
)
def test_inks_have_names(rgb, name):
    assert ink_name(rgb) == name


def test_the_help_page_names_the_gestures_of_the_calibration():
    rows = dict(hand_rows({"fist": "hover", "one": "draw", "two": "pen:violet", "five": "erase", "other": "hover"}))
    assert rows == {"fist": "moves freely", "1": "draws", "2": "hold: violet pen", "5": "erases while held"}


def test_the_help_page_lists_every_command_key():
    caps = {cap.lower() for cap, _ in SEARCH_ROWS + DRAWING_ROWS}
    assert {"t", "enter", "s", "r", "z", "y", "h", "q", "1 - 9", "c", "[ ]"} <= caps
