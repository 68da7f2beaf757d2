"""The hand tracker: what MediaPipe sees in a picture, and when it looks again."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest

from air_sketch.camera.video_file import VideoFileCamera
from air_sketch.hands import tracker
from air_sketch.hands.still_pictures import views
from air_sketch.hands.tracker import NETWORKS, Landmarker, MediaPipeHandTracker, hand_model
from air_sketch.values.datatypes import Frame, UInt8Array
from air_sketch.values.errors import HandModelError
from samples.synthetic_hand import ONE, make_observation

CLIP = Path(os.environ.get("AIR_SKETCH_DATA", Path(__file__).parents[4] / "shared" / "data")) / "hands" / "video"
CLIP /= "star_testvideo_star_1.mp4"


def noise(height_px: int, width_px: int, seed: int = 0) -> UInt8Array:
    """Return a picture in which every byte counts."""
    return np.random.default_rng(seed).integers(0, 256, (height_px, width_px, 3), dtype=np.uint8)


def test_the_model_is_a_stored_zip_of_two_networks() -> None:
    with zipfile.ZipFile(io.BytesIO(hand_model())) as archive:
        assert archive.namelist() == list(NETWORKS) and archive.testzip() is None
        assert all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist())
        assert all(archive.read(name)[4:8] == b"TFL3" for name in NETWORKS)


@pytest.mark.parametrize("spec", [None, ModuleSpec("mediapipe", None, origin="/nowhere/mediapipe/__init__.py")])
def test_a_mediapipe_that_is_missing_or_without_networks_is_one_line(monkeypatch, spec) -> None:
    monkeypatch.setattr(tracker.importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(HandModelError, match=r"mediapipe.*nstall") as caught:
        hand_model()
    assert "\n" not in str(caught.value)


def test_the_tracker_imports_no_sound_devices() -> None:
    """mediapipe would: probing them has ended a program in a sound driver."""
    program = (
        "import sys; from air_sketch.hands.tracker import MediaPipeHandTracker as T; T().close();"
        "sys.exit('sounddevice' in sys.modules or 'mediapipe' not in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[3], check=False).returncode == 0


@pytest.mark.skipif(not CLIP.is_file(), reason="no clips in $AIR_SKETCH_DATA or ../shared/data")
@pytest.mark.parametrize("mode", ["VIDEO", "IMAGE"])
def test_a_real_hand_is_found_in_red_green_blue_and_named_as_the_user_sees_it(mode: str) -> None:
    landmarker, camera, found = Landmarker(mode), VideoFileCamera(CLIP), []
    for number in range(12):
        image = camera.read().image_bgr
        hands = [landmarker.look(image, mirrored, number / 30) for mirrored in (False, True)]
        found += [hands] if all(hands) else []
    assert len(found) >= 6
    for plain, mirrored in found:
        assert {plain.handedness, mirrored.handedness} == {"Left", "Right"} and plain.frame_wh == (640, 480)
        assert plain.landmarks_norm.shape == plain.world_landmarks_m.shape == (21, 3)
        assert ((plain.landmarks_norm[:, :2] > -0.2) & (plain.landmarks_norm[:, :2] < 1.2)).all()
    landmarker.close()
    camera.close()


def test_a_tiny_picture_has_no_zooms_and_others_have_seven_views() -> None:
    assert len(list(views(noise(15, 20)))) == 4
    assert len(list(views(noise(480, 640)))) == 7


def test_reading_the_module_does_not_import_mediapipe() -> None:
    program = "import sys, air_sketch.hands.tracker; sys.exit('mediapipe' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[3], check=False).returncode == 0


class ScriptedLandmarker:
    """Answers one look after the other."""

    def __init__(self, *answers) -> None:
        self.answers = list(answers)

    def look(self, _image_bgr, _mirrored, _t_s):
        return self.answers.pop(0)

    def close(self) -> None:
        """Nothing to release."""


def seen(script: ScriptedLandmarker, frames: int) -> list[object]:
    """Return what a tracker says of so many frames."""
    ours = MediaPipeHandTracker()
    ours.close()
    ours._landmarker = script
    hands = [ours.detect(Frame(noise(8, 8), number / 30, number)) for number in range(frames)]
    assert script.answers == []
    return hands


def test_a_new_hand_is_looked_at_twice_and_a_followed_one_once() -> None:
    a, b, c, d, e = (make_observation(ONE, (300.0 + 9 * i, 200.0)) for i in range(5))
    assert seen(ScriptedLandmarker(None, a, b, c, None, d, e), 5) == [None, b, c, None, e]


def test_a_second_look_that_finds_nothing_leaves_the_first() -> None:
    a, b, c = (make_observation(ONE, (300.0 + 9 * i, 200.0)) for i in range(3))
    assert seen(ScriptedLandmarker(a, None, b, c), 2) == [a, c]


def test_another_mediapipe_without_the_names_used_here_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    import mediapipe

    monkeypatch.delattr(mediapipe, "Image")
    with pytest.raises(HandModelError, match=r"Install requirements.txt") as raised:
        MediaPipeHandTracker()
    assert "\n" not in str(raised.value)
