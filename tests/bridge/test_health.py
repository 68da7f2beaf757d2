"""The doctor's look at the encoder and the gallery, without torch."""

import subprocess
import sys
from pathlib import Path

import pytest

from air_sketch.values.errors import SearchError
from bridge import health
from retrieval.files import SHIPPED_ENCODER

ROOT = Path(__file__).parents[2]


@pytest.fixture
def encoder(tmp_path):
    folder = tmp_path / "mini"
    folder.mkdir()
    for name in ("config.json", "model.safetensors"):
        (folder / name).write_text("{}")
    return folder


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("AIR_SKETCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("AIR_SKETCH_ENCODER", raising=False)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_an_encoder_is_named_and_so_is_a_missing_file(encoder, name):
    assert health.check_encoder(str(encoder)) == "mini"
    (encoder / name).unlink()
    with pytest.raises(SearchError, match=name) as caught:
        health.check_encoder(str(encoder))
    assert caught.value.remedy


def test_a_hub_name_is_taken_at_its_word_and_a_missing_folder_is_not():
    assert "hub" in health.check_encoder("openai/clip-vit-base-patch32")
    for name in ("/nowhere/mini", "mini"):
        with pytest.raises(SearchError, match="lacks"):
            health.check_encoder(name)


def test_the_shipped_encoder_is_the_one_that_is_looked_at(monkeypatch, tmp_path):
    monkeypatch.setattr("retrieval.files.SHIPPED_ENCODER", tmp_path / "gone")
    with pytest.raises(SearchError) as caught:
        health.check_encoder(None)
    assert caught.value.remedy == "git checkout checkpoints"
    assert SHIPPED_ENCODER.parent.name == "checkpoints"


def test_the_demo_gallery_is_well_before_it_is_unpacked():
    assert "first used" in health.check_gallery(None)


def test_a_folder_of_pictures_is_counted(tmp_path):
    folder = tmp_path / "photos [1]"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.png").write_bytes(b"not looked at")
    assert "3 items" in health.check_gallery(str(folder))


@pytest.mark.parametrize("name", ["nowhere", "empty", "damaged"])
def test_a_gallery_that_is_missing_empty_or_a_damaged_index_is_told(tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "index.json").write_text("{}")
    with pytest.raises(SearchError) as caught:
        health.check_gallery(str(tmp_path / name))
    assert caught.value.remedy


def test_none_of_it_loads_torch(encoder):
    code = (
        "import sys; from bridge import health; "
        f"health.check_encoder({str(encoder)!r}), health.check_gallery(None); "
        "print([m for m in ('torch', 'transformers', 'faiss') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True).strip() == "[]"
