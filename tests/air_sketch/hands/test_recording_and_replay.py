"""Recordings read back exactly, damaged ones are named by line, and replaying equals the live run."""

import json
import logging
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from air_sketch.drawing.ink.rendering import render_paper
from air_sketch.drawing.keeping.calibrations import load_calibration
from air_sketch.drawing.replay import replay_source
from air_sketch.drawing.session import Session
from air_sketch.hands.recording import RecordedFrame, RecordingReader
from air_sketch.hands.tape import Tape
from air_sketch.values.errors import RecordingError
from samples.synthetic_hand import FIST, FIVE, FOUR, ONE, make_observation

ROOT = Path(__file__).parents[3]
CALIBRATION = load_calibration()


def lively_frames(seed=0):
    rng = np.random.default_rng(seed)
    frames, at = [], np.array([320.0, 200.0])
    shape, count = ONE, 0
    for i in range(400):
        count -= 1
        if count <= 0:
            shape = [ONE, ONE, FIST, FOUR, FIVE, None][rng.integers(6)]
            count = rng.integers(3, 30)
        at = np.clip(at + rng.normal(0.0, 6.0, 2), 20, 460)
        hand = None if shape is None else make_observation(shape, tuple(at), jitter_px=0.7, rng=rng)
        keys = ("undo",) if rng.uniform() < 0.01 else ("redo",) if rng.uniform() < 0.01 else ()
        frames.append(RecordedFrame(float(i / 29.97), hand, keys))
    return frames


def write(path, frames):
    tape = Tape.start(path, (640, 480))
    for frame in frames:
        for key in frame.keys:
            tape.note_key(key)
        tape.write(frame.t_s, frame.observation, frame.pointer)
    tape.close(0.0)
    return path


@pytest.mark.parametrize("seed", range(5))
def test_replay_gives_exactly_the_strokes_of_the_live_run(tmp_path, seed):
    live = Session(CALIBRATION, (640, 480))
    frames = lively_frames(seed)
    for frame in frames:
        for key in frame.keys:
            live.apply_key(key, frame.t_s)
        live.step(frame.observation, frame.t_s)
    live.finish(frames[-1].t_s)
    result = replay_source(write(tmp_path / "run.jsonl", frames), CALIBRATION)
    assert result.strokes == live.document.finished_strokes
    assert list(result.events) == live.events
    assert len(result.strokes) > 0


def test_numbers_survive_the_file_bit_by_bit(tmp_path):
    frames = lively_frames()
    read = list(RecordingReader(write(tmp_path / "run.jsonl", frames)).frames())
    assert [f.t_s for f in read] == [f.t_s for f in frames]
    for ours, theirs in zip(frames, read, strict=True):
        if ours.observation is None:
            assert theirs.observation is None
            continue
        assert (ours.observation.landmarks_norm == theirs.observation.landmarks_norm).all()
        assert (ours.observation.world_landmarks_m == theirs.observation.world_landmarks_m).all()


def test_mouse_sessions_are_recorded_too(tmp_path):
    moves = [(10.0 + 5 * i, 20.0, True, False) for i in range(10)] + [(60.0, 20.0, False, False)]
    frames = [RecordedFrame(0.02 * i, None, (), move) for i, move in enumerate(moves)]
    result = replay_source(write(tmp_path / "mouse.jsonl", frames), CALIBRATION)
    assert len(result.strokes) == 1 and len(result.strokes[0].points) == 10


def test_a_half_written_last_line_is_skipped_with_a_word(tmp_path, caplog):
    path = write(tmp_path / "run.jsonl", lively_frames())
    path.write_bytes(path.read_bytes()[:-40])
    with caplog.at_level(logging.WARNING):
        assert len(list(RecordingReader(path).frames())) == 399
    assert "run.jsonl:401" in caplog.text


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("nonsense", "Expecting value"),
        ("[]", "list indices"),
        ('{"hand": null}', "'t_s'"),
        ('{"t_s": "now", "hand": null}', "'now'"),
        ('{"t_s": NaN, "hand": null}', "got NaN"),
        ('{"t_s": 5.0}', "'hand'"),
        ('{"t_s": 5.0, "hand": {"handedness": "Left", "score": 1, "landmarks": [[1, 2, 3]], "world": []}}', "reshape"),
        ('{"t_s": 5.0, "hand": {"handedness": "Left"}}', "landmarks"),
        ('{"t_s": 5.0, "hand": null, "pointer": [1]}', "not enough values"),
        ('{"t_s": -1.0, "hand": null}', "t_s expected at least"),
    ],
)
def test_a_damaged_line_is_named_by_file_and_number(tmp_path, line, complaint):
    path = write(tmp_path / "run.jsonl", [RecordedFrame(0.0, None)])
    with path.open("a") as file:
        file.write(line + "\n" + '{"t_s": 9.0, "hand": null}\n')
    with pytest.raises(RecordingError, match=complaint) as caught:
        list(RecordingReader(path).frames())
    assert "run.jsonl:3" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "header",
    ["", "{}", "garbage", '{"format": "air-sketch-recording", "version": 99}', '{"format": "air-sketch-recording", '
     '"version": 1, "frame_wh": [0, 4]}', "\x00\xff"],
)  # fmt: skip
def test_a_file_without_a_proper_header_is_no_recording(tmp_path, header):
    path = tmp_path / "run.jsonl"
    path.write_text(header + "\n", encoding="latin-1")
    with pytest.raises(RecordingError, match=r"run\.jsonl:1: not a recording"):
        RecordingReader(path)


def test_missing_and_existing_files_are_said_plainly(tmp_path):
    with pytest.raises(RecordingError, match="no such file"):
        RecordingReader(tmp_path / "gone.jsonl")
    path = write(tmp_path / "run.jsonl", [])
    with pytest.raises(RecordingError, match="exists already"):
        Tape.start(path, (640, 480))
    with pytest.raises(RecordingError, match="cannot be written"):
        Tape.start(tmp_path / ("y" * 300), (640, 480))
    with pytest.raises(RecordingError, match="cannot be written"):
        Tape.start(path / "below.jsonl", (640, 480))


@pytest.mark.parametrize(
    ("name", "strokes", "color"),
    [("tshirt", 4, (17, 17, 17)), ("dress", 5, (214, 40, 40)), ("handbag", 4, (22, 150, 72))],
)
def test_the_samples_draw_their_garments(name, strokes, color):
    result = replay_source(ROOT / "samples" / f"{name}.jsonl", CALIBRATION)
    assert len(result.strokes) == strokes
    assert {s.color_rgb for s in result.strokes} == {color}
    points = np.array([p[:2] for s in result.strokes for p in s.points])
    assert (np.ptp(points, axis=0) > (200, 250)).all()
    assert (ROOT / "samples" / f"{name}.jsonl").stat().st_size < 600_000


def test_a_finger_filmed_drawing_a_square_is_covered_by_its_strokes():
    path = ROOT / "tests" / "data" / "drawn_square.jsonl"
    result = replay_source(path, CALIBRATION)
    assert 1 <= len(result.strokes) <= 2
    ink = np.array([p[:2] for s in result.strokes for p in s.points])
    tips = np.array([t[1:] for t in result.tips if t is not None])
    near = np.linalg.norm(tips[:, None] - ink[None], axis=2).min(axis=1) < 12.0
    assert near.mean() >= 0.85


def test_the_sample_maker_still_makes_the_samples():
    from samples.garments import GARMENTS
    from samples.make_samples import perform

    for garment in GARMENTS:
        lines = (ROOT / "samples" / f"{garment.name}.jsonl").read_text().splitlines()
        frames = perform(garment)
        assert len(frames) == len(lines) - 1
        recorded = json.loads(lines[60])["hand"]["landmarks"]
        assert np.allclose(frames[59].observation.landmarks_norm, recorded, atol=1e-4)


HEAD = '{"format":"air-sketch-recording","version":1,"frame_wh":[640,480]}\n'
POINTER = '{"t_s":0.1,"hand":null,"keys":["pen:red"],"pointer":[5.0,6.0,true,false]}\n'
HAND = json.dumps(
    {"t_s": 0.2, "hand": {"landmarks": [[0.5] * 3] * 21, "world": [[0.1] * 3] * 21, "handedness": "Left", "score": 1}}
)
BAD = [
    "1e999",
    "1e400",
    "9" * 400,
    "9" * 9000,
    "-1",
    "true",
    "null",
    "[]",
    "{}",
    '"x"',
    "[" * 9000,
    "NaN",
    "1e300",
    "0",
]


def replay_text(folder, text):
    """Replay a recording of this text to a picture; only what names the file may be raised."""
    path = Path(folder) / "a.jsonl"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    try:
        result = replay_source(path, load_calibration())
    except RecordingError as error:
        assert str(error).startswith(str(path)) and "\n" not in str(error) and len(str(error)) < 500
        return None
    return render_paper(result.strokes, result.canvas_wh)


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("good", ["0.2", "[[0.5", "0.1", '"Left"', '"score": 1', "640", "5.0", '["pen:red"]', "1,"])
def test_any_wrong_value_in_a_recording_is_one_line(tmp_path, good, bad):
    text = HEAD + POINTER + HAND + "\n"
    assert good in text
    replay_text(tmp_path, text.replace(good, f'"score": {bad}' if good == '"score": 1' else bad))


@pytest.mark.parametrize("size", ["[8193,1]", "[8192,8192]", "[640.0,480]", "[true,480]", "[0,480]", '"ab"', "[640]"])
def test_a_canvas_beyond_every_screen_is_refused(tmp_path, size):
    assert replay_text(tmp_path, HEAD.replace("[640,480]", size) + POINTER) is None
    assert replay_text(tmp_path, HEAD + POINTER) is not None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes")
def test_a_pipe_is_no_recording(tmp_path):
    os.mkfifo(tmp_path / "a.jsonl")
    with pytest.raises(RecordingError, match="no regular file"):
        replay_source(tmp_path / "a.jsonl", load_calibration())


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_bytes_whatever_in_a_recording_raise_anything_else(data):
    with tempfile.TemporaryDirectory() as name:
        whole = (HEAD + POINTER * 3 + HAND + "\n").encode()
        at = data.draw(st.integers(0, len(whole)))
        piece = data.draw(st.binary(max_size=40) | st.sampled_from([bad.encode() for bad in BAD]))
        replay_text(name, whole[:at] + piece + whole[at + data.draw(st.integers(0, 40)) :])
