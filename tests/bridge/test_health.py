"""The doctor's look at the encoder and the gallery, without torch."""

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from bridge import health
from retrieval.files import SHIPPED_ENCODER

ROOT = Path(__file__).parents[2]
OWN_FILES = ("config.json", "tokenizer.json", "preprocessor_config.json", "fusion.json")


def write_tensors(path, shape=(3, 4), cut=0):
    size = shape[0] * shape[1] * 4
    header = json.dumps({"a": {"dtype": "F32", "shape": list(shape), "data_offsets": [0, size]}}).encode()
    data = struct.pack("<Q", len(header)) + header + bytes(size)
    path.write_bytes(data[: len(data) - cut])


@pytest.fixture
def encoder(tmp_path):
    folder = tmp_path / "mini"
    folder.mkdir()
    for name in OWN_FILES:
        (folder / name).write_text("{}")
    write_tensors(folder / "model.safetensors")
    write_tensors(folder / "fusion.safetensors")
    return folder


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("AIR_SKETCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("AIR_SKETCH_ENCODER", raising=False)
    return tmp_path / "cache"


def only(findings):
    (finding,) = findings
    return finding


def test_a_sound_encoder_is_counted(encoder):
    finding = only(health.check_encoder(str(encoder)))
    assert finding.health == "ok" and "mini" in finding.detail
    assert health.count_parameters(encoder / "model.safetensors") == 12


def test_a_plain_clip_needs_no_fusion_files(encoder):
    for name in ("fusion.json", "fusion.safetensors", "tokenizer.json"):
        (encoder / name).unlink()
    assert "plain CLIP" in only(health.check_encoder(str(encoder))).detail


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json", "fusion.safetensors"])
def test_a_missing_file_is_named(encoder, name):
    (encoder / name).unlink()
    finding = only(health.check_encoder(str(encoder)))
    assert finding.health == "fail" and name in finding.detail and finding.advice


@pytest.mark.parametrize("damage", [b"", b"\xff" * 8, b"\x00" * 100, b"version https://git-lfs"])
def test_weights_that_are_no_weights_fail(encoder, damage):
    (encoder / "model.safetensors").write_bytes(damage)
    finding = only(health.check_encoder(str(encoder)))
    assert finding.health == "fail" and "model.safetensors" in finding.detail


def test_weights_that_are_cut_off_fail(encoder):
    write_tensors(encoder / "model.safetensors", cut=5)
    assert "expected" in only(health.check_encoder(str(encoder))).detail


def test_a_config_that_is_no_json_fails(encoder):
    (encoder / "config.json").write_text("{")
    assert only(health.check_encoder(str(encoder))).health == "fail"


def test_a_hub_name_is_taken_at_its_word_and_a_missing_folder_is_not():
    assert only(health.check_encoder("openai/clip-vit-base-patch32")).health == "ok"
    assert only(health.check_encoder("/nowhere/mini")).health == "fail"
    assert only(health.check_encoder("mini")).health == "fail"


def test_the_shipped_encoder_is_the_one_that_is_looked_at(monkeypatch, tmp_path):
    monkeypatch.setattr("retrieval.files.SHIPPED_ENCODER", tmp_path / "gone")
    finding = only(health.check_encoder(None))
    assert finding.health == "fail" and finding.advice == "git checkout checkpoints"
    assert SHIPPED_ENCODER.parent.name == "checkpoints"


def test_the_demo_gallery_is_well_before_it_is_unpacked():
    assert "first used" in only(health.check_gallery(None)).detail


def test_a_folder_of_pictures_is_counted_and_tells_whether_it_is_indexed(tmp_path, cache):
    from retrieval.files import index_folder

    folder = tmp_path / "photos [1]"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.png").write_bytes(b"not looked at")
    finding = only(health.check_gallery(folder))
    assert finding.health == "ok" and "3 items" in finding.detail and "when it is first used" in finding.detail
    index = index_folder(folder, "abc")
    index.mkdir(parents=True)
    (index / "index.json").write_text(json.dumps({"count": 3}))
    assert "3 indexed" in only(health.check_gallery(folder)).detail


def test_pictures_that_are_gone_warn(tmp_path):
    (tmp_path / "metadata.csv").write_text("file,title\na.png,A\nb.png,B\n")
    (tmp_path / "a.png").write_bytes(b"x")
    finding = only(health.check_gallery(tmp_path))
    assert finding.health == "warn" and "1 pictures are missing" in finding.detail


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_gallery_that_is_missing_or_empty_fails(tmp_path, name):
    (tmp_path / "empty").mkdir()
    finding = only(health.check_gallery(tmp_path / name))
    assert finding.health == "fail" and "--gallery" in finding.advice


def test_a_damaged_index_fails(tmp_path):
    (tmp_path / "index.json").write_text("{}")
    assert only(health.check_gallery(tmp_path)).health == "fail"


def test_a_cache_that_cannot_be_written_fails(tmp_path, monkeypatch):
    assert only(health.check_cache()).health == "ok"
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AIR_SKETCH_CACHE", str(tmp_path / "file" / "x"))
    assert only(health.check_cache()).health == "fail"


def test_none_of_it_loads_torch(encoder):
    code = (
        "import sys; from bridge import health; "
        f"health.check_encoder({str(encoder)!r}), health.check_gallery(None), health.check_cache(); "
        "print([m for m in ('torch', 'transformers', 'faiss') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True).strip() == "[]"
