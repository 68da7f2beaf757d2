import json
import signal
import threading
import time

import numpy as np
import pytest

from air_sketch.camera.paper import make_paper
from air_sketch.desk.desk import Desk
from air_sketch.desk.errands import Errands
from air_sketch.desk.events import Key, Status, Tone
from air_sketch.desk.search_worker import SearchWorker
from air_sketch.desk.sitting import Sitting
from air_sketch.desk.state import CARDS_PER_PAGE, status_line
from air_sketch.drawing.keeping.calibrations import load_calibration
from air_sketch.drawing.keeping.journal import Journal, journal_folder
from air_sketch.drawing.keeping.recovery import find_lost_drawing
from air_sketch.drawing.keeping.saving import stroke_to_json
from air_sketch.drawing.replay import replay_source
from air_sketch.drawing.session import Session
from air_sketch.hands.recording import RecordingReader
from air_sketch.hands.sighting import CameraEnded, CameraStopped, Sighting, TrackerFailed
from air_sketch.hands.sources import CameraRequest
from air_sketch.hands.tape import Tape
from air_sketch.values.datatypes import Frame, ResultCard, SearchAnswer
from air_sketch.values.errors import CameraError, HandModelError, SearchError, StorageError
from air_sketch.voice.listener import Listener
from air_sketch.window import app
from air_sketch.window.app import run_live
from air_sketch.window.brushes.layout import Layout
from air_sketch.window.loop import LiveLoop
from air_sketch.window.parts.frame_view import FrameView
from air_sketch.window.parts.results import cell_rects
from air_sketch.window.pointer import MouseEvent
from air_sketch.window.screen import Screen

CANVAS_WH = (960, 720)
PATIENCE_S = 5.0
ENTER = Key("enter")
SILENCE = Listener(lambda: None, lambda: None)


class FakeWindow:
    """Keys and mouse from lists; pictures into a list."""

    def __init__(self, wh=(1118, 700)):
        self.window_wh, self.keys, self.mouse, self.shown, self.open = wh, [], [], [], True

    def show(self, image_bgr):
        self.shown.append(image_bgr.copy())

    def next_key(self, wait_ms):
        time.sleep(0.001)
        return self.keys.pop(0) if self.keys else None

    def take_mouse_events(self):
        taken, self.mouse = self.mouse, []
        return taken

    def is_open(self):
        return self.open


class FakeVision:
    def __init__(self):
        self.events = []

    def take(self):
        taken, self.events = self.events, []
        return taken


class FakeSearch:
    description = "fake gallery"

    def __init__(self, in_gallery=1):
        self.asked, self.in_gallery = [], in_gallery

    def search(self, request):
        self.asked.append(request)
        first = request.page * request.k
        count = max(0, min(request.k, self.in_gallery - first))
        title = f"hit for {request.caption}"
        cards = (
            ResultCard(first + i + 1, 0.5, title, None, None, "javascript:x", id=f"id-{first + i}")
            for i in range(count)
        )
        return SearchAnswer(tuple(cards))

    def suggest(self, typed):
        return (f"{typed} dress",)


class Bench:
    """A loop with fakes around it."""

    def __init__(self, tmp_path, loader=None, camera=False, record=None):
        self.window, self.folder = FakeWindow(), tmp_path / "sketches"
        self.vision = FakeVision() if camera else None
        self.worker = SearchWorker(loader or (lambda _report: FakeSearch()))
        self.session = Session(load_calibration(), CANVAS_WH)
        tape, errands = Tape.start(record, CANVAS_WH), Errands()
        self.unsaved = journal_folder(self.folder)
        self.journal = Journal(self.unsaved, CANVAS_WH, lambda reason: errands.tell(Status(reason, Tone.ERROR)))
        sitting = Sitting(self.session, tape, sketches=self.folder, journal=self.journal)
        self.loop = LiveLoop(
            window=self.window,
            screen=Screen(CANVAS_WH),
            view=FrameView(make_paper(CANVAS_WH), looks_for_hand=camera),
            desk=Desk(sitting, self.worker, errands, SILENCE, find_lost_drawing(self.unsaved)),
            vision=self.vision,
            stopped=lambda: False,
        )

    def press(self, *keys):
        for item in keys:
            self.window.keys += [Key("char", c) for c in item] if isinstance(item, str) else [item]
        self.loop.turn()

    def draw_line(self, button="left", points=((100, 100), (200, 200), (300, 150))):
        layout = Layout.for_window(self.window.window_wh, CANVAS_WH)
        for number, point in enumerate(points):
            scale = layout.view.w / CANVAS_WH[0]
            x_px, y_px = (round(layout.view.x + scale * point[0]), round(layout.view.y + scale * point[1]))
            down = {"left": button == "left", "right": button == "right"}
            pressed = button if number == 0 else ""
            self.window.mouse.append(MouseEvent(x_px, y_px, **down, t_s=time.monotonic(), pressed=pressed))
        self.window.mouse.append(MouseEvent(x_px, y_px, False, False, time.monotonic()))
        self.loop.turn()

    def turn_until(self, condition):
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            self.loop.turn()
            if condition():
                return
        raise AssertionError(status_line(self.loop.desk.state))

    @property
    def status(self):
        return status_line(self.loop.desk.state).text

    def files(self):
        return sorted(path.suffix for path in self.folder.iterdir()) if self.folder.exists() else []


def test_the_mouse_draws_and_erases_where_the_window_shows_it(tmp_path):
    bench = Bench(tmp_path)
    bench.loop.turn()
    bench.draw_line()
    (stroke,) = bench.session.document.strokes
    assert stroke.points[0][:2] == pytest.approx((100, 100), abs=1.0)
    assert stroke.points[-1][:2] == pytest.approx((300, 150), abs=1.0)
    bench.draw_line("right", ((200, 200), (205, 200)))
    assert len(bench.session.document.strokes) == 2


def test_drawing_follows_the_window_when_it_is_resized(tmp_path):
    bench = Bench(tmp_path)
    bench.window.window_wh = (1800, 1000)
    bench.turn_until(lambda: bench.loop.screen.layout.window_wh == (1800, 1000))
    bench.draw_line()
    assert bench.session.document.strokes[0].points[0][:2] == pytest.approx((100, 100), abs=1.0)
    assert bench.window.shown[-1].shape == (1000, 1800, 3)


def test_a_stroke_cannot_begin_outside_the_view_but_may_end_there(tmp_path):
    bench = Bench(tmp_path)
    bench.draw_line(points=((-50, -50), (200, 200)))
    assert bench.session.document.strokes == ()
    bench.draw_line(points=((200, 200), (5000, 5000)))
    assert bench.session.document.strokes[0].points[-1][:2] == pytest.approx((959, 719), abs=1.0)


def test_keys_clear_undo_redo_and_say_so(tmp_path):
    bench = Bench(tmp_path)
    bench.draw_line()
    for key, count, words in (("r", 0, "Cleared"), ("z", 1, "Undone"), ("y", 0, "Done again"), ("y", 0, "Nothing to")):
        bench.press(key)
        assert len(bench.session.document.strokes) == count
        assert words in bench.status


def test_keys_take_other_colours_and_widths_and_the_header_shows_them(tmp_path):
    bench = Bench(tmp_path, record=tmp_path / "a.jsonl")
    bench.loop.turn()
    before = bench.window.shown[-1].copy()
    bench.press("ccc")
    assert bench.status == "Blue pen, 8 px wide"
    bench.press("]")
    assert bench.status == "Blue pen, 11 px wide"
    bench.draw_line()
    bench.turn_until(lambda: bool((bench.window.shown[-1][10:50, 120:400] != before[10:50, 120:400]).any()))
    bench.press("C[[[[[[[[")
    assert bench.status == "The pen goes no thinner"
    bench.draw_line(points=((100, 400), (300, 400)))
    thick, thin = bench.session.document.strokes
    assert (thick.color_rgb, thin.color_rgb) == ((40, 90, 220), (214, 40, 40))
    assert thick.width_px > 2 * thin.width_px >= 2.0
    bench.press("q")
    bench.loop.run()
    replayed = replay_source(tmp_path / "a.jsonl", load_calibration())
    assert replayed.strokes == bench.session.document.strokes


def test_what_is_drawn_in_the_moment_before_the_window_is_closed_is_kept(tmp_path):
    bench = Bench(tmp_path)
    bench.loop.turn = lambda: None
    bench.draw_line()
    bench.window.open = False
    bench.loop.run()
    assert [path.suffix for path in bench.folder.glob("*.png")] == [".png"]


def test_s_saves_and_quitting_then_saves_nothing_more(tmp_path):
    bench = Bench(tmp_path)
    bench.press("s")
    assert bench.status == "Nothing to save yet"
    bench.draw_line()
    bench.press("s")
    bench.turn_until(lambda: "Saved" in bench.status)
    bench.window.keys = [Key("char", "q")]
    bench.loop.run()
    assert bench.files() == [".json", ".png", ".svg"]


def test_a_failed_save_says_so_and_keeps_the_drawing(tmp_path):
    (tmp_path / "sketches").write_text("a file, not a folder")
    bench = Bench(tmp_path)
    bench.draw_line()
    bench.press("s")
    bench.turn_until(lambda: "cannot be saved" in bench.status)
    assert len(bench.session.document.strokes) == 1


@pytest.mark.parametrize("way_out", ["key", "window", "signal", "error"])
def test_however_the_program_ends_an_unsaved_drawing_is_saved(tmp_path, way_out, caplog):
    bench = Bench(tmp_path, camera=way_out == "error")
    if way_out == "error":
        bench.session.document.begin_stroke((1.0, 1.0, 0.0), (0, 0, 0), 3.0)
        bench.vision.events = [TrackerFailed(HandModelError("model is damaged"))]
        with pytest.raises(HandModelError):
            bench.loop.run()
    else:
        bench.draw_line()
        bench.window.keys = [Key("char", "q")] if way_out == "key" else []
        bench.window.open = way_out != "window"
        bench.loop.stopped = lambda: way_out == "signal"
        bench.loop.run()
    assert bench.files() == [".json", ".png", ".svg"]
    assert "not saved yet" in caplog.text


@pytest.mark.parametrize("before", ["", "s", "z"])
def test_clearing_and_quitting_loses_nothing(tmp_path, before):
    bench = Bench(tmp_path)
    bench.draw_line()
    drawn = bench.session.document.strokes
    bench.press(*before)
    bench.loop.desk.errands.finish()
    bench.window.keys = [Key("char", "r"), Key("char", "q")]
    bench.loop.run()
    assert bench.files() == [".json", ".png", ".svg"]
    (saved,) = (tmp_path / "sketches").glob("*.json")
    assert json.loads(saved.read_text())["strokes"] == [stroke_to_json(stroke) for stroke in drawn]


def test_a_sheet_cleared_before_a_crash_comes_back(tmp_path):
    bench = Bench(tmp_path)
    bench.draw_line()
    drawn = bench.session.document.strokes
    bench.press("r")
    bench.journal.close(remove=False)
    again = Bench(tmp_path)
    again.press(ENTER)
    assert again.session.document.strokes == drawn


def crash(tmp_path):
    """Draw a line and lose the program; return the drawing."""
    bench = Bench(tmp_path)
    bench.draw_line()
    bench.journal.close(remove=False)
    return bench.session.document.strokes


def test_a_drawing_lost_in_a_crash_is_offered_and_enter_takes_it_back(tmp_path, caplog):
    drawn = crash(tmp_path)
    bench = Bench(tmp_path)
    assert "1 stroke" in bench.loop.desk.state.question.detail
    assert "unsaved drawing" in caplog.text
    bench.press(ENTER)
    assert bench.session.document.strokes == drawn
    bench.turn_until(lambda: len(list(bench.unsaved.glob("*.jsonl"))) == 1 and "S saves it" in bench.status)
    bench.press("z")
    assert bench.session.document.strokes == ()
    bench.press("y", "q")
    bench.loop.run()
    assert bench.files() == [".json", ".png", ".svg"]
    assert not bench.unsaved.exists()


@pytest.mark.parametrize("way", ["key", "drawing", "quitting"])
def test_a_declined_drawing_is_offered_again_at_the_next_start(tmp_path, way):
    drawn = crash(tmp_path)
    bench = Bench(tmp_path)
    if way == "drawing":
        bench.draw_line(points=((500, 500), (600, 600)))
        bench.loop.turn()
    elif way == "key":
        bench.press("n")
    if way != "quitting":
        assert bench.loop.desk.state.question is None
        assert "kept for the next start" in bench.status
        assert bench.session.document.strokes != drawn
    bench.press("q")
    bench.loop.run()
    assert Bench(tmp_path).loop.desk.state.question is not None or way == "quitting"


def test_a_drawing_taken_back_and_lost_again_is_offered_again(tmp_path):
    drawn = crash(tmp_path)
    bench = Bench(tmp_path)
    bench.press(ENTER)
    bench.turn_until(lambda: "S saves it" in bench.status)
    bench.journal.close(remove=False)
    again = Bench(tmp_path)
    again.press("y")
    assert again.session.document.strokes == drawn


def test_nothing_is_offered_while_recording_which_must_hold_every_stroke(tmp_path, caplog):
    crash(tmp_path)
    bench = Bench(tmp_path, record=tmp_path / "a.jsonl")
    assert bench.loop.desk.state.question is None
    bench.press("q")
    bench.loop.run()
    assert "without --record" in caplog.text


def test_a_journal_that_cannot_be_written_is_told_and_drawing_goes_on(tmp_path):
    (tmp_path / ".sketches-unsaved").write_text("a file, not a folder")
    bench = Bench(tmp_path)
    bench.draw_line()
    bench.turn_until(lambda: "no safety copy" in bench.status)
    bench.draw_line()
    assert len(bench.session.document.strokes) == 2


def test_a_drawing_that_cannot_be_saved_anywhere_stays_in_its_journal(tmp_path, monkeypatch):
    def nowhere(*_, **__):
        raise StorageError("the disk is full", "Free some space.")

    monkeypatch.setattr("air_sketch.desk.sitting.save_sketch", nowhere)
    bench = Bench(tmp_path)
    bench.draw_line()
    bench.press("q")
    bench.loop.run()
    assert Bench(tmp_path).loop.desk.state.question is not None


def test_an_empty_drawing_leaves_no_files(tmp_path):
    bench = Bench(tmp_path)
    bench.window.keys = [Key("char", "q")]
    bench.loop.run()
    assert bench.files() == []


def test_a_typed_caption_finds_hits_for_words_and_drawing(tmp_path, caplog):
    caplog.set_level("INFO")
    search = FakeSearch()
    bench = Bench(tmp_path, loader=lambda _report: search)
    bench.draw_line()
    bench.press("t", "red bag", ENTER)
    bench.turn_until(lambda: bench.loop.desk.state.cards)
    (asked,) = search.asked
    assert (asked.picture_rgb.shape, asked.caption, asked.k) == ((720, 960, 3), "red bag", CARDS_PER_PAGE)
    assert asked.picture_rgb.min() < 100
    assert "search 'red bag': 1 hits, first: hit for red bag" in caplog.text
    bench.press("1")
    bench.turn_until(lambda: "Not opened" in bench.status)
    assert bench.worker.stop()


def test_a_search_without_drawing_and_words_asks_for_either(tmp_path):
    search = FakeSearch()
    bench = Bench(tmp_path, loader=lambda _report: search)
    bench.press(ENTER)
    assert "Draw something" in bench.status
    bench.press("t", "bag", ENTER)
    bench.turn_until(lambda: bench.loop.desk.state.cards)
    assert search.asked[0].picture_rgb is None


def test_the_next_page_is_of_the_hits_shown_whatever_has_been_drawn_since(tmp_path):
    search = FakeSearch(in_gallery=12)
    bench = Bench(tmp_path, loader=lambda _report: search)
    bench.draw_line()
    bench.press("t", "bag", ENTER)
    bench.turn_until(lambda: bench.loop.desk.state.cards)
    bench.draw_line(points=((500, 500), (600, 600)))
    bench.press("t", " red", Key("escape"), Key("page_down"))
    bench.turn_until(lambda: bench.loop.desk.state.page == 1)
    first, second = search.asked
    assert (second.page, second.caption) == (1, "bag")
    assert (first.picture_rgb == second.picture_rgb).all()
    assert [card.rank for card in bench.loop.desk.state.visible_cards] == [10, 11, 12]
    assert bench.worker.stop(PATIENCE_S)


def test_filter_balance_and_picked_card_reach_the_search_and_the_drawing_stays(tmp_path):
    search = FakeSearch(in_gallery=30)
    bench = Bench(tmp_path, loader=lambda _report: search)
    bench.draw_line()
    bench.press("f", "price<50", ENTER, "t", "bag", ENTER)
    bench.turn_until(lambda: bench.loop.desk.state.cards)
    assert (search.asked[0].where, search.asked[0].sketch_weight, search.asked[0].fold) == ("price<50", 0.5, True)
    for keys, said in (("-", "Drawing 40 %, words 60 %"), ("m2", "More like"), ("d", "one by one")):
        count = len(search.asked)
        bench.press(keys)
        bench.turn_until(lambda count=count: len(search.asked) > count)
        assert said in bench.status
    last = search.asked[-1]
    assert (last.where, last.like, last.fold, last.caption) == ("price<50", ("id-1",), False, "bag")
    assert last.sketch_weight == pytest.approx(0.4)
    bench.press("r", "t", Key("delete"), ENTER)
    bench.turn_until(lambda: search.asked[-1].picture_rgb is None and search.asked[-1].like == ("id-1",))
    bench.press("z")
    assert len(bench.session.document.strokes) == 1
    assert bench.worker.stop(PATIENCE_S)


def test_live_hits_follow_strokes_words_and_undo(tmp_path):
    search = FakeSearch(in_gallery=30)
    bench = Bench(tmp_path, loader=lambda _report: search)
    bench.turn_until(lambda: "fake gallery" in bench.loop.desk.state.search_note)
    bench.draw_line()
    bench.press("l")
    bench.turn_until(lambda: bench.loop.desk.state.cards)
    assert search.asked[-1].picture_rgb.min() < 100
    bench.draw_line(points=((500, 500), (600, 600)))
    bench.turn_until(lambda: len(search.asked) == 2)
    assert (search.asked[1].picture_rgb != search.asked[0].picture_rgb).any()
    bench.press("z")
    bench.turn_until(lambda: len(search.asked) == 3)
    assert (search.asked[2].picture_rgb == search.asked[0].picture_rgb).all()
    bench.press("t", "red ")
    bench.turn_until(lambda: len(search.asked) == 4)
    assert (search.asked[3].caption, bench.loop.desk.state.editing) == ("red", True)
    bench.press("bag")
    bench.turn_until(lambda: len(search.asked) == 5)
    assert (search.asked[4].caption, bench.loop.desk.state.caption) == ("red bag", "red bag")
    bench.press(ENTER, "l", "r")
    bench.turn_until(lambda: len(search.asked) == 6)
    until = time.monotonic() + 0.4
    while time.monotonic() < until:
        bench.loop.turn()
    assert len(search.asked) == 6
    assert bench.worker.stop(PATIENCE_S)


def test_of_live_requests_that_wait_only_the_latest_is_answered_and_no_turn_waits(tmp_path):
    search, gate = FakeSearch(in_gallery=30), threading.Event()
    answer = search.search
    search.search = lambda request: (gate.wait(PATIENCE_S), answer(request))[1]
    bench = Bench(tmp_path, loader=lambda _report: search)
    bench.turn_until(lambda: "fake gallery" in bench.loop.desk.state.search_note)
    bench.press("l")
    for number in range(6):
        bench.draw_line(points=((100, 100 + 40 * number), (300, 100 + 40 * number)))
        until = time.monotonic() + 0.25
        while time.monotonic() < until:
            bench.loop.turn()
    assert not search.asked  # no turn waited for the search, which was held up all the time
    gate.set()
    bench.turn_until(lambda: len(search.asked) == 2)
    assert (search.asked[0].picture_rgb < 128).any(axis=2).sum() < (search.asked[1].picture_rgb < 128).any(axis=2).sum()
    assert bench.worker.stop(PATIENCE_S)


def test_a_right_click_on_a_card_finds_more_like_it_and_draws_nothing(tmp_path):
    search = FakeSearch(in_gallery=30)
    bench = Bench(tmp_path, loader=lambda _report: search)
    bench.press("t", "bag", ENTER)
    bench.turn_until(lambda: bench.loop.desk.state.cards)
    x_px, y_px = cell_rects(Layout.for_window(bench.window.window_wh, CANVAS_WH).panel)[3].center_xy
    bench.window.mouse.append(MouseEvent(round(x_px), round(y_px), False, True, time.monotonic(), "right"))
    bench.window.mouse.append(MouseEvent(round(x_px), round(y_px), False, False, time.monotonic()))
    bench.turn_until(lambda: len(search.asked) == 2)
    assert search.asked[1].like == ("id-3",)
    assert bench.session.document.strokes == ()
    assert bench.worker.stop(PATIENCE_S)


def test_a_gallery_that_cannot_be_loaded_does_not_stop_the_drawing(tmp_path):
    def fail(_report):
        raise SearchError("checkpoint is damaged", "Run git checkout checkpoints.")

    bench = Bench(tmp_path, loader=fail)
    bench.press("t", "bag", ENTER)
    bench.turn_until(lambda: "checkpoint is damaged" in bench.status)
    bench.draw_line()
    assert len(bench.session.document.strokes) == 1


def test_the_gallery_loads_only_after_the_first_frame_has_been_seen(tmp_path):
    loading = threading.Event()
    bench = Bench(tmp_path, loader=lambda _report: loading.set() or FakeSearch(), camera=True)
    bench.loop.turn()
    assert not loading.wait(0.1)
    bench.vision.events = [Sighting(Frame(np.zeros((720, 960, 3), np.uint8), 0.0, 0), None)]
    bench.loop.turn()
    assert loading.wait(PATIENCE_S)
    assert bench.worker.stop()


def test_a_camera_that_stops_says_so_and_goes_on_when_it_is_back(tmp_path):
    bench = Bench(tmp_path, camera=True)
    bench.vision.events = [CameraStopped("camera 0 stopped. Plug it in.")]
    bench.loop.turn()
    assert bench.status == "camera 0 stopped. Plug it in."
    bench.vision.events = [Sighting(Frame(np.full((720, 960, 3), 77, np.uint8), 0.1, 1), None)]
    bench.loop.turn()
    assert bench.status == "The camera is back"
    center = bench.window.shown[-1][350, 380]
    assert center.tolist() == [77, 77, 77]


def test_a_camera_that_stops_under_the_pen_lifts_it_and_keeps_the_drawing(tmp_path):
    bench = Bench(tmp_path, camera=True)
    bench.session.document.begin_stroke((1.0, 1.0, 0.0), (0, 0, 0), 3.0)
    bench.session.document.extend_stroke((9.0, 9.0, 0.1))
    bench.session._tools.state = "draw"
    bench.vision.events = [CameraStopped("camera 0 stopped. Plug it in.")]
    bench.loop.turn()
    assert bench.session.document.wet_stroke is None
    assert len(bench.session.document.finished_strokes) == 1


def test_low_light_is_hinted_at_once_and_shown_as_long_as_it_lasts(tmp_path):
    bench = Bench(tmp_path, camera=True)
    frame, headers, words = Frame(np.full((720, 960, 3), 20, np.uint8), 0.1, 1), [], []
    for low in (False, True, True, False):
        bench.vision.events = [Sighting(frame, None, low_light=low)]
        bench.loop.turn()
        headers.append(bench.window.shown[-1][10:50, :600].copy())
        words.append("dark" in bench.status)
        bench.press("r")  # other news
    assert words == [False, True, False, False]
    assert (headers[0] == headers[3]).all() and (headers[1] == headers[2]).all() and (headers[0] != headers[1]).any()


def test_the_end_of_a_video_leaves_its_last_frame_and_the_keys(tmp_path):
    bench = Bench(tmp_path, camera=True)
    frame = Frame(np.full((720, 960, 3), 77, np.uint8), 0.1, 1)
    bench.vision.events = [Sighting(frame, None), CameraEnded()]
    bench.loop.turn()
    assert "video has ended" in bench.status
    bench.press("t", "red")
    assert bench.loop.desk.state.caption == "red"
    assert bench.window.shown[-1][350, 380].tolist() == [77, 77, 77]


def test_a_recording_of_mouse_and_keys_holds_them(tmp_path):
    path = tmp_path / "session.jsonl"
    bench = Bench(tmp_path, record=path)
    bench.draw_line()
    bench.press("r", "z", "q")
    bench.loop.run()
    frames = list(RecordingReader(path).frames())
    assert sum(frame.pointer is not None and frame.pointer[2] for frame in frames) == 3
    assert [key for frame in frames for key in frame.keys] == ["clear", "undo"]


class QuittingWindow(FakeWindow):
    """Stands in for the real window; quits after a while."""

    turns = 30

    def __init__(self, title, first_wh):
        super().__init__(first_wh)
        self.closed = 0

    def next_key(self, wait_ms):
        self.turns -= 1
        return Key("char", "q") if self.turns < 0 else super().next_key(wait_ms)

    def settle(self):
        pass

    def resize(self, wh):
        self.window_wh = wh

    def close(self):
        self.closed += 1


@pytest.fixture
def no_display(monkeypatch):
    monkeypatch.setattr(app, "HighGuiWindow", QuittingWindow)


def run(sketches, source="mouse", search_loader=lambda _report: FakeSearch()):
    request, names = CameraRequest(source), {"calibration": "default", "record": None, "sketches": sketches}
    return run_live(request, **names, search_loader=search_loader, listener=SILENCE)


@pytest.mark.usefixtures("no_display")
def test_the_whole_program_runs_on_paper_and_exits_with_0(tmp_path):
    assert run(tmp_path) == 0


@pytest.mark.usefixtures("no_display")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signals_end_the_program_tidily(tmp_path, number, code, monkeypatch):
    handler, turns = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL, []
    before = signal.signal(number, handler)  # a shell that starts things in the background or by nohup ignores some

    def next_key(self, wait_ms):
        turns.append(wait_ms)
        if len(turns) == 3:
            signal.raise_signal(number)
        assert len(turns) < 100

    monkeypatch.setattr(QuittingWindow, "next_key", next_key)
    try:
        assert run(tmp_path) == code
        assert signal.getsignal(number) is handler
    finally:
        signal.signal(number, before)


@pytest.mark.usefixtures("no_display")
def test_a_source_that_cannot_be_opened_ends_the_program_with_its_error(tmp_path):
    with pytest.raises(CameraError):
        run(tmp_path, source=str(tmp_path / "none.mp4"))


@pytest.mark.usefixtures("no_display")
def test_quitting_while_the_gallery_loads_leaves_at_once(tmp_path, monkeypatch):
    left, loaded, release = [], threading.Event(), threading.Event()
    monkeypatch.setattr(app, "_leave_now", left.append)

    def load(_report):
        release.wait(PATIENCE_S)
        loaded.set()
        return FakeSearch()

    run(tmp_path, search_loader=load)
    assert left == [0] and not loaded.is_set()
    release.set()
