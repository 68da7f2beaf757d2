"""The hand model file: built from the wheel, checked, mended, and clear about what is missing."""

import io
import os
import sys
import urllib.error
import zipfile

import pytest

from air_sketch.hands import model_file
from air_sketch.hands.model_file import FILE_NAME, ensure_hand_model, find_damage
from air_sketch.values.errors import HandModelError

needs_wheel_models = pytest.mark.skipif(
    model_file._assemble_from_wheel() is None, reason="this mediapipe carries no hand models"
)


@pytest.fixture(autouse=True)
def private_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("AIR_SKETCH_CACHE", str(tmp_path / "cache"))


@needs_wheel_models
def test_the_model_is_built_once_and_then_reused(tmp_path):
    path = ensure_hand_model(tmp_path / "checkpoints")
    assert path == tmp_path / "checkpoints" / FILE_NAME and find_damage(path) is None
    first = path.stat().st_mtime_ns
    assert ensure_hand_model(tmp_path / "checkpoints") == path and path.stat().st_mtime_ns == first
    assert [p.name for p in path.parent.iterdir()] == [FILE_NAME]


@needs_wheel_models
@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "text", "no_member", "compressed"])
def test_a_damaged_model_is_noticed_and_built_again(tmp_path, damage, caplog):
    path = ensure_hand_model(tmp_path)
    content = bytearray(path.read_bytes())
    if damage == "empty":
        content = bytearray()
    elif damage == "cut":
        content = content[: len(content) // 2]
    elif damage == "flipped":
        content[len(content) // 2] ^= 0xFF
    elif damage == "text":
        content = bytearray(b"<html>Not found</html>")
    else:
        buffer = io.BytesIO()
        kind = zipfile.ZIP_DEFLATED if damage == "compressed" else zipfile.ZIP_STORED
        with zipfile.ZipFile(path) as source, zipfile.ZipFile(buffer, "w", kind) as target:
            for name in source.namelist()[: 1 if damage == "no_member" else 2]:
                target.writestr(name, source.read(name))
        content = bytearray(buffer.getvalue())
    path.write_bytes(bytes(content))
    assert find_damage(path) is not None
    with caplog.at_level("WARNING"):
        assert find_damage(ensure_hand_model(tmp_path)) is None
    assert "damaged" in caplog.text


@needs_wheel_models
def test_an_unwritable_folder_falls_back_to_the_user_cache(tmp_path):
    (tmp_path / "checkpoints").write_text("a file is in the way")
    path = ensure_hand_model(tmp_path / "checkpoints")
    assert path == tmp_path / "cache" / FILE_NAME
    assert ensure_hand_model(tmp_path / "checkpoints") == path


@needs_wheel_models
def test_nowhere_to_write_is_a_one_line_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AIR_SKETCH_CACHE", str(tmp_path / "file"))
    with pytest.raises(HandModelError, match="cannot be written") as caught:
        ensure_hand_model(tmp_path / "file")
    assert "\n" not in str(caught.value)


@pytest.fixture
def wheel_without_models(monkeypatch):
    monkeypatch.setattr(model_file, "wheel_folder", lambda: None)


def test_offline_without_models_names_the_file_and_where_to_put_it(tmp_path, monkeypatch, wheel_without_models):
    def offline(*_, **__):
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr("urllib.request.urlopen", offline)
    with pytest.raises(HandModelError) as caught:
        ensure_hand_model(tmp_path)
    text = str(caught.value)
    assert model_file.DOWNLOAD_URL in text and str(tmp_path / FILE_NAME) in text and "\n" not in text


def test_a_download_with_the_wrong_checksum_is_refused(tmp_path, monkeypatch, wheel_without_models):
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: io.BytesIO(b"something else"))
    with pytest.raises(HandModelError, match="SHA-256"):
        ensure_hand_model(tmp_path)
    assert not (tmp_path / FILE_NAME).exists()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_falls_back_too(tmp_path):
    tmp_path.chmod(0o500)
    assert ensure_hand_model(tmp_path).parent != tmp_path
