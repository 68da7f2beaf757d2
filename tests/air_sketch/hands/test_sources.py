import numpy as np
import pytest

from air_sketch.camera.paper import make_paper
from air_sketch.hands.recording import RecordingReader
from air_sketch.hands.sources import CameraRequest, RecordingSight, draw_hand, open_sight
from air_sketch.hands.tape import Tape
from air_sketch.values.errors import CameraError, RecordingError
from air_sketch.values.hand import HandObservation


def hand(scale=1.0):
    points = np.random.default_rng(0).random((21, 3)).astype(np.float32) * scale
    return HandObservation(points, points, "Right", 0.9, (320, 240))


def test_a_recording_comes_back_with_hands_keys_and_pointer(tmp_path):
    path = tmp_path / "session.jsonl"
    tape = Tape.start(path, (320, 240))
    tape.write(0.0, hand())
    tape.note_key("undo")
    tape.write(0.1, None, (5.0, 6.0, True, False))
    tape.close(0.1)
    sight = open_sight(CameraRequest(str(path)))
    assert isinstance(sight, RecordingSight)
    assert sight.canvas_wh == (320, 240)
    assert sight.plays_a_file
    first, second = sight.read(), sight.read()
    assert (first.observation.landmarks_norm == hand().landmarks_norm).all()
    assert (first.frame.image_bgr != make_paper((320, 240))).any()
    assert (second.keys, second.pointer, second.observation) == (("undo",), (5.0, 6.0, True, False), None)
    assert (second.frame.image_bgr == make_paper((320, 240))).all()
    assert sight.read() is None


def test_what_cannot_be_opened_is_an_error_of_one_line(tmp_path):
    with pytest.raises(RecordingError):
        open_sight(CameraRequest(str(tmp_path / "none.jsonl")))
    with pytest.raises(CameraError):
        open_sight(CameraRequest(str(tmp_path / "none.mp4")))
    with pytest.raises(CameraError):
        open_sight(CameraRequest("99"))


@pytest.mark.parametrize("scale", [1.0, -3.0, 1e6])
def test_any_hand_can_be_drawn(scale):
    draw_hand(make_paper((160, 120)), hand(scale))


def test_a_tape_keeps_keys_that_no_frame_has_followed(tmp_path):
    path = tmp_path / "tape.jsonl"
    tape = Tape.start(path, (64, 48))
    assert tape.is_running
    tape.write(0.0, None)
    tape.note_key("clear")
    tape.close(0.5)
    frames = list(RecordingReader(path).frames())
    assert [frame.keys for frame in frames] == [(), ("clear",)]
    assert not tape.is_running


def test_an_absent_tape_takes_everything_and_does_nothing():
    tape = Tape.start(None, (64, 48))
    tape.note_key("clear")
    assert tape.write(0.0, None) == ""
    tape.close(0.0)
    assert not tape.is_running
