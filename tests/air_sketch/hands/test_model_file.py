"""The hand model: put together from the wheel, and clear about what is missing."""

import io
import zipfile
from importlib.machinery import ModuleSpec

import pytest

from air_sketch.hands import model_file
from air_sketch.hands.model_file import WHEEL_MEMBERS, hand_model
from air_sketch.values.errors import HandModelError


def test_the_model_is_a_stored_zip_of_two_networks():
    with zipfile.ZipFile(io.BytesIO(hand_model())) as archive:
        assert archive.namelist() == list(WHEEL_MEMBERS) and archive.testzip() is None
        assert all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist())
        assert all(archive.read(name)[4:8] == b"TFL3" for name in WHEEL_MEMBERS)


@pytest.mark.parametrize("spec", [None, ModuleSpec("mediapipe", None, origin="/nowhere/mediapipe/__init__.py")])
def test_a_mediapipe_that_is_missing_or_without_networks_is_one_line(monkeypatch, spec):
    monkeypatch.setattr(model_file.importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(HandModelError, match=r"mediapipe.*nstall") as caught:
        hand_model()
    assert "\n" not in str(caught.value)
