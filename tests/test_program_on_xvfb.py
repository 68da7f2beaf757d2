"""The real program on a virtual display, driven with real keys and a real mouse."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import cv2
import pytest

from tests.virtual_display import REPOSITORY, Program, VirtualDisplay, missing_programs, write_gallery, write_video

pytestmark = [
    pytest.mark.window,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs an X server"),
    pytest.mark.skipif(bool(missing_programs()), reason=f"not installed: {missing_programs()}"),
]

SAMPLE = REPOSITORY / "samples" / "dress.jsonl"
REAL_CLIPS = Path(os.environ.get("AIR_SKETCH_DATA", REPOSITORY.parent / "shared" / "data")) / "hands" / "video"
SEARCH_PATIENCE_S = 90.0


@pytest.fixture(scope="module")
def display():
    server = VirtualDisplay()
    yield server
    server.close()


@pytest.fixture(scope="module")
def gallery(tmp_path_factory):
    return write_gallery(tmp_path_factory.mktemp("gallery") / "clothes")


@pytest.fixture
def start(display, tmp_path, gallery):
    programs = []

    def start_program(*arguments):
        program = Program(display, tmp_path, "--gallery", str(gallery), *arguments)
        programs.append(program)
        return program

    yield start_program
    for program in programs:
        program.kill()


def saved_strokes(folder):
    """Check that the three files of one saved drawing agree; return its strokes."""
    (document_path,) = folder.glob("*.json")
    document = json.loads(document_path.read_text())
    width, height = document["canvas_wh"]
    picture = cv2.imread(str(document_path.with_suffix(".png")))
    assert picture.shape == (height, width, 3)
    assert picture.min() < 128
    paths = ElementTree.parse(document_path.with_suffix(".svg")).getroot().findall("{http://www.w3.org/2000/svg}path")
    assert len(paths) == len(document["strokes"])
    return document["strokes"]


def test_a_recorded_hand_draws_a_caption_is_typed_hits_come_and_the_drawing_is_saved(start):
    program = start("--source", str(SAMPLE))
    program.wait_for_window()
    program.wait_for("the video has ended", patience_s=60)
    assert "search ready" in program.wait_for("search ready|gallery search: .*", SEARCH_PATIENCE_S)[0]
    program.press("t")
    program.type("red dress")
    program.press("Return")
    hits = program.wait_for(r"search 'red dress': (\d+) hits, first: (.+)", SEARCH_PATIENCE_S)
    assert int(hits[1]) > 0
    assert "dress" in hits[2].lower()
    program.press("s")
    program.wait_for("saved .*png")
    program.press("r", "q")
    assert program.wait() == 0
    assert len(saved_strokes(program.sketches)) >= 1
    assert "Traceback" not in program.errors


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_a_spoken_caption_appears_can_be_edited_and_enter_finds_hits(start, tmp_path):
    spoken = tmp_path / "caption.wav"
    subprocess.run(["espeak-ng", "-v", "en-us", "-s", "150", "-w", str(spoken), "a long red dress"], check=True)
    program = start("--source", "mouse", "--microphone", str(spoken))
    program.wait_for_window()
    program.wait_for("search ready|gallery search: ", SEARCH_PATIENCE_S)
    program.press("v")
    program.drag([(200, 200), (300, 300), (400, 250)])
    program.wait_for("heard 'a long red dress'", patience_s=60)
    time.sleep(0.5)
    assert "search asked" not in program.errors
    program.press("BackSpace", "s", "Return")
    program.wait_for("search asked: 'a long red dress' and 1 strokes")
    hits = program.wait_for(r"search 'a long red dress': (\d+) hits, first: (.+)", SEARCH_PATIENCE_S)
    assert int(hits[1]) > 0
    program.press("v", "Escape", "q")
    assert program.wait() == 0
    assert "Traceback" not in program.errors


def test_without_a_microphone_one_line_says_so_and_typing_goes_on(start, tmp_path):
    program = start("--source", "mouse", "--microphone", str(tmp_path / "gone.wav"))
    program.wait_for_window()
    program.press("v")
    program.wait_for("speech: .*gone.wav cannot be read")
    program.press("t", "a", "Return")
    program.wait_for("search asked: 'a'")
    program.press("q")
    assert program.wait() == 0


def test_a_video_is_the_camera_and_its_end_leaves_the_program_running(start, tmp_path):
    program = start("--source", str(write_video(tmp_path / "clip.mp4")))
    program.wait_for_window()
    program.wait_for("the video has ended")
    program.press("s", "r", "h", "h", "q")
    assert program.wait() == 0
    assert not program.sketches.exists()


@pytest.mark.skipif(not REAL_CLIPS.is_dir(), reason="no real clips here; AIR_SKETCH_DATA names their folder")
def test_a_real_finger_in_a_video_draws(start):
    program = start("--source", str(REAL_CLIPS / "star_testvideo_star_1.mp4"))
    program.wait_for_window()
    program.wait_for("the video has ended", patience_s=30)
    program.press("s")
    program.wait_for("saved .*png")
    program.press("q")
    assert program.wait() == 0
    assert sum(len(stroke["points"]) for stroke in saved_strokes(program.sketches)) > 50


def test_the_mouse_draws_erases_and_follows_a_resized_window(start):
    program = start("--source", "mouse")
    program.wait_for_window()
    program.drag([(200, 200), (300, 300), (400, 400)])
    program.resize(1400, 850)
    program.drag([(200, 500), (300, 500), (400, 500)])
    program.drag([(300, 500), (305, 500)], button=3)
    program.press("s")
    program.wait_for("saved .*png")
    program.press("Escape")
    assert program.wait() == 0
    diagonal, *halves = saved_strokes(program.sketches)
    ends = [diagonal["points"][0][:2], diagonal["points"][-1][:2]]
    assert ends[1][0] - ends[0][0] == pytest.approx(ends[1][1] - ends[0][1], abs=6)
    assert len(halves) == 2


def test_hits_are_filtered_leafed_through_balanced_picked_and_followed_live(start):
    program = start("--source", "mouse")
    program.wait_for_window()
    assert "search ready" in program.wait_for("search ready|gallery search: .*", SEARCH_PATIENCE_S)[0]
    program.press("t")
    program.type("dress")
    program.press("Return")
    program.wait_for("search 'dress': 9 hits", SEARCH_PATIENCE_S)
    program.press("Next")
    program.wait_for("search 'dress': 3 hits")
    program.press("f")
    program.type("title~red")
    program.press("Return")
    program.wait_for("search again 'dress': 4 hits, first: red ")
    program.press("f", "equal")
    program.type("<1")
    program.press("Return")
    program.wait_for("search failed: Filter 'title~red=<1' is not understood|search again 'dress': 0 hits")
    program.press("f", "Delete", "Return")
    program.wait_for("(?s)is not understood|0 hits.*search again 'dress': 9 hits")
    program.press("m", "2")
    program.wait_for("(?s)(search again.*){4}")
    program.press("minus", "d", "l")
    program.wait_for("(?s)(search again.*){6}")
    count = program.errors.count("search again")
    program.drag([(200, 200), (300, 300), (400, 400)])
    program.wait_for(f"(?s)(search again.*){{{count + 1}}}")
    program.press("z")
    program.wait_for(f"(?s)(search again.*){{{count + 2}}}")
    program.press("y", "q")
    assert program.wait() == 0
    assert len(saved_strokes(program.sketches)) == 1
    assert "Traceback" not in program.errors


def test_accents_hangul_capitals_and_editing_keys_reach_the_caption(start):
    program = start("--source", "mouse")
    program.wait_for_window()
    program.wait_for("search ready|gallery search: ", SEARCH_PATIENCE_S)  # xdotool lends keys for a moment only
    program.press("t", "shift+z", "a", "x", "BackSpace", "space", "eacute", "KP_7")
    program.type("ñ한글ł!")
    program.press("Return")
    program.wait_for("search asked: 'Za é7ñ한글ł!'")
    program.press("t", "a", "b", "Escape", "Return")
    program.wait_for("(?s)search asked: 'Za é7ñ한글ł!'.*search asked: 'Za é7ñ한글ł!'")
    program.press("q")
    assert program.wait() == 0


def test_no_key_is_lost_while_the_gallery_loads(start):
    program = start("--source", "mouse")
    program.wait_for_window()
    program.press("t")
    for _ in range(4):
        program.type_fast("the quick brown fox ")
    program.press("Return")
    program.wait_for(f"search asked: '{'the quick brown fox ' * 4}".rstrip() + "'")
    program.press("q")
    assert program.wait() == 0


def test_closing_the_window_quits_and_keeps_an_unsaved_drawing(start):
    program = start("--source", "mouse")
    program.wait_for_window()
    program.drag([(200, 200), (300, 300), (400, 250)])
    program.close_window()
    assert program.wait() == 0
    assert "not saved yet" in program.errors
    assert len(saved_strokes(program.sketches)) == 1


def test_a_drawing_survives_kill_9_and_comes_back_at_the_next_start(start, tmp_path):
    program = start("--source", "mouse")
    program.wait_for_window()
    program.drag([(200, 200), (300, 300), (400, 250)])
    program.drag([(200, 400), (300, 450), (400, 400)])
    time.sleep(0.5)
    program.kill_at_once()
    assert not program.sketches.exists()
    again = start("--source", "mouse")
    again.wait_for_window()
    again.wait_for("unsaved drawing .*2 strokes")
    again.press("Return")
    again.wait_for("took the unsaved drawing back: 2 strokes")
    again.press("z", "q")
    assert again.wait() == 0
    assert len(saved_strokes(program.sketches)) == 1
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "cache") == ["sketches"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_the_gallery_loads_ends_at_once_and_keeps_the_drawing(start, number, code):
    program = start("--source", "mouse")
    program.wait_for_window()
    program.drag([(200, 200), (300, 300), (400, 250)])
    program.interrupt(number)
    assert program.wait(patience_s=4) == code
    assert len(saved_strokes(program.sketches)) == 1
    assert "Traceback" not in program.errors
    assert "terminate" not in program.errors


@pytest.mark.parametrize("display_name", ["", ":9876"])
def test_without_a_display_one_line_says_so_and_the_exit_code_is_1(display_name):
    environment = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    if display_name:
        environment["DISPLAY"] = display_name
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "main.py"), "--source", "mouse"],
        env=environment, capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "display" in done.stderr


@pytest.mark.parametrize("source", ["missing.mp4", "77", "missing.jsonl"])
def test_a_source_that_cannot_be_opened_is_one_line_and_exit_code_1(start, source):
    program = start("--source", source)
    assert program.wait() == 1
    assert len(program.errors.strip().splitlines()) == 1


@pytest.fixture
def calibrate(display, tmp_path):
    programs = []

    def start_program(*arguments):
        folder = ("--folder", str(tmp_path / "calibration"))
        programs.append(Program(display, tmp_path, "calibrate", "anna", "--show", *folder, *arguments))
        return programs[-1]

    yield start_program
    for program in programs:
        program.kill()


def test_a_recorded_person_is_led_through_the_calibration_and_enter_saves_it(calibrate, tmp_path):
    program = calibrate("--source", str(REPOSITORY / "samples" / "calibration.jsonl"))
    program.wait_for_window()
    written = tmp_path / "calibration" / "anna.json"
    for _ in range(300):  # Enter does nothing until there is a result
        program.press("Return")
        if written.exists():
            break
    assert program.wait() == 0
    assert json.loads(written.read_text())["fit"]["accuracy"] > 0.98
    assert "Traceback" not in program.errors


def test_escape_leaves_the_calibration_and_writes_nothing(calibrate, tmp_path):
    program = calibrate("--source", str(REPOSITORY / "samples" / "calibration.jsonl"))
    program.wait_for_window()
    program.press("Escape")
    assert program.wait() == 1
    assert "cancelled" in program.errors
    assert not (tmp_path / "calibration").exists()
