import time
from dataclasses import replace

import numpy as np
import pytest

from air_sketch.desk.events import Question, SearchPhase, Status, Tone
from air_sketch.desk.state import DeskState
from air_sketch.drawing.pens import ink_name
from air_sketch.values.datatypes import Progress, ResultCard
from air_sketch.window.brushes.brush import Brush, stroke_circle
from air_sketch.window.brushes.layout import Layout
from air_sketch.window.parts.frame_view import FrameView
from air_sketch.window.parts.help_page import KEY_ROWS, hand_rows
from air_sketch.window.screen import Screen, fit

CARDS = tuple(
    ResultCard(
        rank, 0.9 - rank / 50, f"Item {rank} 원피스", None, np.full((60, 40, 3), rank * 8, np.uint8), "", {"brand": "B"}
    )
    for rank in range(1, 13)
)


def picture(canvas_wh=(640, 480), value=90):
    return np.full((canvas_wh[1], canvas_wh[0], 3), value, np.uint8)


def compose(state, view, window_wh=(1118, 700), canvas_wh=(640, 480)):
    return Screen(Layout.for_window(window_wh, canvas_wh)).compose(state, view, 0.1).copy()


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


def test_the_speed_is_told_at_leisure_but_its_end_at_once():
    screen = Screen(Layout.for_window((1118, 700), (640, 480)))

    def header(fps, t_s):
        image = screen.compose(DeskState(), FrameView(picture(), fps=fps), t_s)
        return part(image, screen.layout.header).tobytes()

    first = header(30.0, 0.1)
    assert header(29.0, 0.3) == first
    assert header(29.0, 0.7) != first
    assert header(0.0, 0.8) not in {first, header(29.0, 0.9)}


@pytest.mark.parametrize("at", [(40.0, 30.0), (40.25, 30.5), (3.75, 1.0), (79.0, 59.75), (-6.0, 30.0), (500.0, 9e4)])
def test_a_stamp_looks_as_if_it_were_painted_there(at):
    def paint(image, center):
        stroke_circle(image, center, 6, (250, 250, 250), 3)
        stroke_circle(image, center, 3, (200, 20, 60), 1)

    stamped = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    painted = np.pad(stamped, ((20, 20), (20, 20), (0, 0)))  # OpenCV bends lines where it clips them
    paint(painted, (at[0] + 20, at[1] + 20))
    Brush().stamp(stamped, at, 10, ("rings",), paint)
    assert np.abs(painted[20:-20, 20:-20].astype(int) - stamped).max() <= 3


def test_a_stamp_is_painted_once_for_every_quarter_of_a_pixel():
    painted, brush, image = [], Brush(), picture()
    for step in range(100):
        brush.stamp(image, (100.0 + step / 8, 50.0), 4, ("dot",), lambda _image, center: painted.append(center))
    assert len(set(painted)) <= 4


def test_composing_is_repeatable_and_leaves_its_inputs_alone():
    state, source = DeskState(cards=CARDS, caption="red"), picture()
    view = FrameView(source, "draw", True, tip_px=(100, 100))
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
        {"search_phase": SearchPhase.LOADING, "loading": Progress("Drawing the demo gallery", 0.4)},
        {"search_phase": SearchPhase.FAILED, "search_note": "weights are damaged"},
        {"searched_once": True},
        {"question": Question("12 strokes", picture((320, 240), 255))},
    ],
)
def test_each_change_of_state_shows_and_its_reversal_leaves_no_trace(changes):
    screen = Screen(Layout.for_window((1118, 700), (640, 480)))
    plain, view = DeskState(), FrameView(picture())
    before = screen.compose(plain, view, 0.1).copy()
    changed = screen.compose(replace(plain, **changes), view, 0.1).copy()
    after = screen.compose(plain, view, 0.1).copy()
    assert (before != changed).any()
    assert (before == after).all()


@pytest.mark.parametrize(
    "view",
    [
        {"tool_state": "draw", "tip_px": (300, 200)},
        {"tool_state": "hover", "tip_px": (300, 200)},
        {"tool_state": "erase", "palm_px": (300, 200), "eraser_radius_px": 40.0},
        {"tool_state": "select", "tip_px": (300, 200), "select_progress": 0.5, "select_color_rgb": (0, 160, 0)},
        {"message": "Starting the camera", "message_detail": "a moment"},
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
    view = FrameView(picture(), "erase", palm_px=tip, eraser_radius_px=60.0)
    plain = FrameView(picture(), "erase")
    marked, unmarked = compose(DeskState(), view), compose(DeskState(), plain)
    assert (part(marked, layout.panel) == part(unmarked, layout.panel)).all()
    assert (part(marked, layout.header) == part(unmarked, layout.header)).all()


def test_the_text_cursor_blinks_only_while_editing():
    screen = Screen(Layout.for_window((1118, 700), (640, 480)))
    view = FrameView(picture())
    for editing in (False, True):
        state = DeskState(caption="red", editing=editing)
        on, off = (screen.compose(state, view, t).copy() for t in (0.1, 0.6))
        assert (on != off).any() == editing


def test_a_resized_screen_looks_like_a_new_one():
    layout, view, state = Layout.for_window((900, 600), (640, 480)), FrameView(picture()), DeskState(cards=CARDS)
    screen = Screen(Layout.for_window((1118, 700), (640, 480)))
    screen.compose(state, view, 0.1)
    screen.resize(layout)
    assert (screen.compose(state, view, 0.1) == Screen(layout).compose(state, view, 0.1)).all()


def test_a_steady_screen_costs_little_beside_the_camera_picture():
    screen = Screen(Layout.first((640, 480)))
    state, view = DeskState(cards=CARDS, caption="red"), FrameView(picture(), "draw", True, tip_px=(320, 240), fps=30)
    screen.compose(state, view, 0.1)
    times = []
    for _ in range(60):
        start = time.perf_counter()
        screen.compose(state, view, 0.1)
        times.append(time.perf_counter() - start)
    assert sorted(times)[30] < 0.003  # 0.3 ms measured; the margin is for busy machines


@pytest.mark.parametrize(
    ("rgb", "name"), [((17, 17, 17), "black"), ((22, 150, 72), "green"), ((214, 40, 40), "red"), ((0, 0, 255), "blue")]
)
def test_inks_have_names(rgb, name):
    assert ink_name(rgb) == name


def test_the_help_page_names_the_gestures_of_the_calibration():
    rows = dict(hand_rows({"fist": "hover", "one": "draw", "two": "pen:violet", "five": "erase", "other": "hover"}))
    assert rows == {"fist": "moves freely", "1": "draws", "2": "hold: violet pen", "5": "erases while held"}


def test_the_help_page_lists_every_command_key():
    caps = {cap.lower() for cap, _ in KEY_ROWS}
    assert {"t", "enter", "s", "r", "z", "y", "h", "q", "1 - 9", "c", "[ ]"} <= caps
