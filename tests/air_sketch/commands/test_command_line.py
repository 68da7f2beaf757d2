"""The commands as a user or a script meets them: output, exit codes, speed of help."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from air_sketch.commands.doctor import examine
from air_sketch.commands.parser import COMMANDS, build_parser, with_default_command
from air_sketch.drawing.keeping.calibrations import load_calibration
from air_sketch.values.datatypes import ResultCard, SearchAnswer
from air_sketch.values.errors import SearchError
from bridge import program
from bridge.health import ask_once

ROOT = Path(__file__).parents[3]
SAMPLE = str(ROOT / "samples" / "tshirt.jsonl")


def run(*arguments, timeout=60):
    command = [sys.executable, str(ROOT / "main.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)


def test_help_names_what_a_first_start_needs():
    text = " ".join(build_parser().format_help().split())
    assert all(words in text for words in ("--source", "--gallery", "draw -h"))


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_no_console_ends_a_command(tmp_path, encoding, monkeypatch):
    """Names with letters that the console lacks, and with bytes that are no letters at all."""
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    names = [tmp_path / "\ube68\uac04.jsonl", tmp_path / os.fsdecode(b"caf\xe9.jsonl")]
    for name in names:
        try:
            name.write_bytes(Path(SAMPLE).read_bytes())
        except OSError:
            pytest.skip("this file system takes letters only")
        told, listed = run("replay", str(name)), run("replay", str(name), "--json")
        assert (told.returncode, listed.returncode) == (0, 0), told.stderr + listed.stderr
        assert "strokes" in told.stdout and json.loads(listed.stdout)["strokes"]
    missing = run("replay", str(tmp_path / "none\udce9.jsonl"))
    assert missing.returncode in (1, 2) and "Traceback" not in missing.stderr


def test_help_answers_in_a_few_times_what_python_needs_to_start_and_imports_nothing_heavy():
    def spent_s(*command):
        before = os.times()
        done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=True)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system, done.stdout

    ours, text = min(spent_s("main.py", "--help") for _ in range(3))
    assert all(command in text for command in COMMANDS)
    bare = min(spent_s("-c", "import argparse, logging")[0] for _ in range(3))
    assert ours < 4 * bare
    heavy = "for m in ('cv2', 'numpy', 'torch', 'mediapipe', 'pydantic') if m in sys.modules"
    code = f"import sys; from bridge import program; program.build_parser(); print([m {heavy}])"
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True).strip() == "[]"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command, capsys):
    with pytest.raises(SystemExit) as caught:
        program.main([command, "--help"])
    text = capsys.readouterr().out
    assert caught.value.code == 0 and "example: python main.py" in text


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        ([], "draw"),
        (["--source", "mouse"], "draw"),
        (["draw", "--source", "mouse"], "draw"),
        (["replay", "a.mp4"], "replay"),
        (["recognize", "a.png"], "recognize"),
        (["calibrate"], "calibrate"),
        (["doctor", "--deep"], "doctor"),
    ],
)
def test_draw_is_the_command_when_none_is_named(arguments, command):
    assert build_parser().parse_args(with_default_command(arguments)).command == command


@pytest.mark.parametrize(
    "arguments",
    [
        ["replay"],
        ["replay", "sample:nobody"],
        ["recognize"],
        ["--nonsense"],
        ["replay", "a", "--k", "0"],
        ["--camera-size", "big"],
        ["draw", "x"],
        ["--camera-fps", "0"],
        ["--camera-fps", "fast"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_two(arguments):
    with pytest.raises(SystemExit) as caught:
        program.main(arguments)
    assert caught.value.code == 2


@pytest.mark.parametrize(
    ("arguments", "size_wh", "fps", "mirror"),
    [
        ([], (640, 480), 30, None),
        (["--camera-size", "1280x720", "--camera-fps", "60"], (1280, 720), 60, None),
        (["--mirror"], (640, 480), 30, True),
        (["--no-mirror"], (640, 480), 30, False),
    ],
    ids=str,
)
def test_camera_options_reach_the_window(arguments, size_wh, fps, mirror, monkeypatch):
    from air_sketch.window import app

    taken = []
    monkeypatch.setattr(app, "run_live", lambda request, **_: taken.append(request) or 0)
    assert program.main(["draw", "--source", "0", *arguments]) == 0
    assert (taken[0].size_wh, taken[0].fps, taken[0].mirror) == (size_wh, fps, mirror)


def test_replay_prints_the_contract_and_nothing_else_on_stdout(tmp_path):
    png, svg = tmp_path / "out" / "a.png", tmp_path / "a.svg"
    done = run("replay", SAMPLE, "--json", "--save", str(png), "--svg", str(svg))
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert set(document) == {"frames", "frames_with_hand", "canvas_wh", "strokes", "events", "tips", "hits"}
    assert document["frames"] == len(document["tips"]) > document["frames_with_hand"] > 0
    assert document["canvas_wh"] == [640, 480] and document["hits"] == []
    for stroke in document["strokes"]:
        assert set(stroke) == {"tool", "color", "width_px", "points"}
        assert all(len(point) == 3 for point in stroke["points"])
    assert all({"t_s", "kind"} <= set(event) for event in document["events"])
    assert document["tips"][0] is None and len(document["tips"][100]) == 3
    assert (cv2.imread(str(png)) < 128).any() and svg.read_text().count("<path") == 4


def test_replay_says_in_words_what_it_drew(capsys):
    assert program.main(["replay", SAMPLE]) == 0
    assert "4 strokes" in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="such names cannot be given there")
def test_a_name_whose_bytes_are_no_text_is_replayed_and_told(tmp_path):
    odd = os.fsencode(tmp_path) + b"/caf\xe9\x1b[2J.jsonl"
    shutil.copy(SAMPLE, odd)
    command = [sys.executable, "main.py", "replay", odd]
    strict = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, cwd=ROOT, env=strict, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "caf??[2J.jsonl: " in done.stdout and not done.stderr


class EchoSearch:
    """A gallery that answers with what it was asked."""

    description = "echo"

    def search(self, request):
        picture_rgb, caption = request.picture_rgb, request.caption
        drawn = picture_rgb is not None and bool((picture_rgb < 128).any())
        return SearchAnswer(tuple(self.card(i, f"{caption} {drawn}") for i in range(request.k)))

    @staticmethod
    def card(number, title):
        record = {"rank": number + 1, "score": 1.0 - 0.1 * number, "title": title, "image": "x.png", "url": "http://x"}
        record["brand"] = "B"
        return ResultCard(number + 1, record["score"], title, Path("x.png"), None, "http://x", record=record)


def test_replay_with_a_caption_hands_drawing_and_words_to_the_gallery(capsys, monkeypatch):
    def load_search(gallery, encoder):
        assert gallery == "mine"

        def load(report):
            report("Opening", 0.5)
            return EchoSearch()

        return load

    monkeypatch.setattr("bridge.search.load_search", load_search)
    arguments = ["replay", SAMPLE, "--json", "--caption", " red shirt ", "--gallery", "mine", "--k", "2"]
    assert program.main(arguments) == 0
    captured = capsys.readouterr()
    hits = json.loads(captured.out)["hits"]
    assert [h["rank"] for h in hits] == [1, 2]
    assert hits[0] == {
        "rank": 1, "score": 1.0, "title": "red shirt True", "image": "x.png", "url": "http://x", "brand": "B",
    }  # fmt: skip
    assert "Opening   50 %" in captured.err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["replay", "gone.mp4"], "no such file"),
        (["replay", "gone.jsonl"], "no such file"),
        (["replay", SAMPLE, "--calibration", "nobody"], "no such calibration"),
        (["replay", SAMPLE, "--save", SAMPLE + "/a.png"], "cannot be saved"),
    ],
    ids=["video", "recording", "calibration", "save"],
)
def test_known_errors_are_one_line_on_stderr_and_exit_code_one(arguments, complaint, capsys):
    assert program.main(arguments) == 1
    captured = capsys.readouterr()
    errors = [line for line in captured.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1 and complaint in errors[0] and "Traceback" not in captured.err
    assert captured.out == ""


def test_an_interrupt_exits_with_130(monkeypatch):
    monkeypatch.setattr(program, "_run_command", lambda args: (_ for _ in ()).throw(KeyboardInterrupt))
    assert program.main(["replay", SAMPLE]) == 130


def test_recognize_prints_one_json_line_a_picture_and_goes_on_after_a_bad_one(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.full((120, 160, 3), 90, dtype=np.uint8))
    (tmp_path / "b.jpg").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("not looked at")
    done = run("recognize", str(tmp_path), "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [Path(line["file"]).name for line in lines] == ["a.png", "b.jpg"]
    assert lines[0] == {**lines[0], "hand": False, "gesture": "none", "fingers": None, "score": 0.0}
    assert "error" in lines[1] and done.returncode == 1
    assert "Traceback" not in done.stderr and "W0000" not in done.stderr


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_recognize_answers_for_every_path_whatever_its_name(tmp_path, encoding):
    picture = cv2.imencode(".png", np.full((120, 160, 3), 90, dtype=np.uint8))[1].tobytes()
    names = [b"a.png", b"gone.png", "구두.png".encode(), b"caf\xe9.png", b"\x1b[31mred.png", b"caf\xe9 gone.png"]
    for name in names:
        if b"gone" not in name:
            (tmp_path / os.fsdecode(name)).write_bytes(picture)
    for options in ([], ["--json"]):
        command = [sys.executable, str(ROOT / "main.py"), "recognize", *names, *options]
        environment = {**os.environ, "PYTHONIOENCODING": encoding}
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=False, env=environment)
        lines = done.stdout.splitlines()
        assert done.returncode == 1 and b"Traceback" not in done.stderr and len(lines) == len(names)
        assert b"\x1b" not in done.stdout
        assert [b"is not there" in line for line in lines] == [b"gone" in name for name in names]
        if options:
            assert [os.fsencode(json.loads(line)["file"]) for line in lines] == names


CALIBRATION_SAMPLE = str(ROOT / "samples" / "calibration.jsonl")


def test_calibrate_from_a_recording_prints_the_fit_and_writes_a_file_that_is_used(tmp_path, capsys):
    arguments = ["calibrate", "anna", "--source", CALIBRATION_SAMPLE, "--folder", str(tmp_path)]
    assert program.main([*arguments, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["name"] == "anna" and document["accuracy"] > 0.98 and document["accuracy_before"] < 0.5
    assert {"fingers", "filter", "hand", "palm_fraction", "active_box_norm", "phases"} <= set(document)
    settings = load_calibration("anna", tmp_path)
    assert list(settings.active_box_norm) == document["active_box_norm"] and settings.hand == document["hand"]
    assert program.main(arguments) == 0
    text = capsys.readouterr().out
    assert "read right" in text and "before 100.0%" in text and str(tmp_path / "anna.json") in text


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["anna", "--source", SAMPLE], "before the step 'open palm'"),
        (["../anna", "--source", CALIBRATION_SAMPLE], "plain name"),
        (["default", "--source", CALIBRATION_SAMPLE], "--force"),
        (["anna", "--source", "gone.jsonl"], "no such file"),
        (["anna", "--source", "gone.mp4"], "no such file"),
    ],
    ids=["no calibration", "path", "default", "recording", "video"],
)
def test_calibrate_refuses_in_one_line_and_keeps_the_old_file(arguments, complaint, tmp_path, capsys):
    (tmp_path / "anna.json").write_text("{ damaged")
    assert program.main(["calibrate", *arguments, "--folder", str(tmp_path)]) == 1
    captured = capsys.readouterr()
    errors = [line for line in captured.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1 and complaint in errors[0] and captured.out == ""
    assert [path.name for path in tmp_path.iterdir()] == ["anna.json"]
    assert (tmp_path / "anna.json").read_text() == "{ damaged"


def test_calibrate_finds_out_that_it_cannot_save_before_anybody_lifts_a_hand(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert program.main(["calibrate", "anna", "--folder", str(tmp_path / "file")]) == 1
    assert "--folder DIR" in capsys.readouterr().err


def test_a_damaged_calibration_is_replaced_by_a_new_one_with_a_word(tmp_path, caplog):
    (tmp_path / "anna.json").write_text("{ damaged")
    assert program.main(["calibrate", "anna", "--source", CALIBRATION_SAMPLE, "--folder", str(tmp_path)]) == 0
    assert "anna.json" in caplog.text and "replaced" in caplog.text
    assert load_calibration("anna", tmp_path).fit.accuracy > 0.98


def test_doctor_tells_every_check_and_loads_nothing_heavy():
    code = (
        "import sys; from bridge import program; code = program.main(['doctor', '--json']); "
        "print([m for m in ('torch', 'transformers', 'mediapipe', 'faiss') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    document = json.loads(done.stdout)
    names = {finding["name"].split()[0] for finding in document["findings"]}
    assert {"python", "packages", "display", "camera", "hand", "microphone", "encoder", "gallery"} <= names
    assert all(finding["advice"] for finding in document["findings"] if finding["health"] != "ok")
    assert done.stderr.splitlines()[-1] == "[]" and "Traceback" not in done.stderr


def test_doctor_without_any_package_says_so_instead_of_breaking():
    done = subprocess.run(
        [sys.executable, "-S", str(ROOT / "main.py"), "doctor"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and "not installed: " in done.stdout and "Traceback" not in done.stdout + done.stderr


def test_doctor_asks_the_gallery_only_when_told_to(capsys, monkeypatch):
    monkeypatch.setattr("bridge.search.load_search", lambda gallery, encoder: lambda report: EchoSearch())
    program.main(["doctor", "--json"])
    assert "query" not in {f["name"] for f in json.loads(capsys.readouterr().out)["findings"]}
    program.main(["doctor", "--json", "--deep"])
    last = json.loads(capsys.readouterr().out)["findings"][-1]
    assert (last["name"], last["health"]) == ("query", "ok") and "red dress" in last["detail"]


def test_a_gallery_that_cannot_be_opened_is_a_finding(monkeypatch):
    def open_search():
        raise SearchError("the gallery is gone")

    finding = examine(lambda: ask_once(open_search))
    assert finding == {"health": "fail", "detail": "the gallery is gone", "advice": ""}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_stands_in_the_readme(command):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert command == "draw" or f"main.py {command}" in text
