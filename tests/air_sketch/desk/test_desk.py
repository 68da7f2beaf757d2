"""The desk without any face: what keys do to drawing, saving and leaving."""

import pytest

from air_sketch.desk.desk import Desk
from air_sketch.desk.errands import Errands
from air_sketch.desk.events import Key
from air_sketch.desk.search_worker import SearchWorker
from air_sketch.desk.sitting import PenPoint, Sitting
from air_sketch.desk.state import status_line
from air_sketch.drawing.keeping.calibrations import load_calibration
from air_sketch.drawing.keeping.journal import Journal
from air_sketch.drawing.session import Session
from air_sketch.hands.tape import Tape
from air_sketch.voice.listener import Listener


@pytest.fixture
def desk(tmp_path):
    journal = Journal(tmp_path / "unsaved", (640, 480), print)
    sitting = Sitting(Session(load_calibration(), (640, 480)), Tape(None), tmp_path / "sketches", journal)
    worker, listener = SearchWorker(lambda _report: None), Listener(lambda: None, lambda: None)
    return Desk(sitting, worker, Errands(), listener)


def press(desk, letter):
    desk.take(Key("char", letter))
    return status_line(desk.state).text


def draw(desk):
    for t_s, x_px in enumerate((10.0, 50.0, 90.0)):
        desk.sitting.point(PenPoint(x_px, 20.0, pressed=True), float(t_s))
    desk.sitting.point(PenPoint(90.0, 20.0, pressed=False), 3.0)


def test_an_empty_sheet_is_neither_saved_nor_searched_nor_kept(desk, tmp_path):
    assert press(desk, "s") == "Nothing to save yet"
    desk.take(Key("enter"))
    assert "Draw something" in status_line(desk.state).text
    desk.keep_drawing()
    assert not (tmp_path / "sketches").exists()


def test_what_was_drawn_is_kept_on_leaving(desk, tmp_path):
    draw(desk)
    assert press(desk, "z").startswith("Undone") and press(desk, "y") == "Done again"
    press(desk, "q")
    assert desk.is_left
    desk.keep_drawing()
    assert {path.suffix for path in (tmp_path / "sketches").iterdir()} == {".png", ".svg", ".json"}
