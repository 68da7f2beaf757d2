"""DINOv2 folders: used as ``transformers`` would, but for what it cuts off; or refused in one line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoImageProcessor, AutoModel, ViTConfig, ViTModel

from retrieval.encoder.dinov2 import Dinov2Look, open_dinov2
from retrieval.encoder.fused_encoder import FusedEncoder
from retrieval.encoder.opening import open_encoder, open_look
from retrieval.values.errors import CheckpointError
from tests.retrieval.making import make_dinov2_folder, product_photo, save_model


def change(folder: Path, file: str, **values: Any) -> None:
    record = json.loads((folder / file).read_text(encoding="utf-8")) | values
    (folder / file).write_text(json.dumps(record), encoding="utf-8")


def reweigh(folder: Path, harm: Callable[[dict[str, torch.Tensor]], Any]) -> None:
    weights = load_file(folder / "model.safetensors")
    harm(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


@pytest.mark.parametrize("registers", [0, 2])
def test_a_picture_becomes_the_class_token_after_the_last_norm(tmp_path: Path, registers: int) -> None:
    folder = make_dinov2_folder(tmp_path / "d", registers=registers)
    look = open_look(folder)
    assert isinstance(look, Dinov2Look) and (look.width, look.size_px) == (32, 28)
    square = look.prepare_photo(product_photo())
    processor = AutoImageProcessor.from_pretrained(folder, size={"height": 28, "width": 28})
    with torch.inference_mode():
        pixels = processor(square, return_tensors="pt")["pixel_values"]
        wanted = AutoModel.from_pretrained(folder)(pixels).last_hidden_state[0, 0].numpy()
    (found,) = look.encode_prepared_photos([square])
    assert np.linalg.norm(found) == pytest.approx(1.0, abs=1e-5)
    assert found @ wanted / np.linalg.norm(wanted) == pytest.approx(1.0, abs=2e-3)
    assert look.encode_prepared_photos([]).shape == (0, 32)


def test_a_long_picture_is_padded_and_keeps_its_ends(look_folder: Path) -> None:
    look = open_look(look_folder)
    rng = np.random.default_rng(0)
    street = rng.integers(0, 256, (60, 180, 3)).astype(np.uint8)
    red_end = street.copy()
    red_end[:, -20:] = (250, 0, 0)  # outside of what a crop at the centre would leave
    likeness = look.encode_prepared_photos([look.prepare_photo(one) for one in (street, red_end)])
    assert likeness[0] @ likeness[1] < 0.999


def test_the_hash_tells_weights_and_picture_settings_apart(tmp_path: Path, look_folder: Path) -> None:
    same, other, larger = (tmp_path / name for name in ("same", "other", "larger"))
    shutil.copytree(look_folder, same)
    make_dinov2_folder(other, seed=1)
    shutil.copytree(look_folder, larger)
    change(larger, "preprocessor_config.json", crop_size={"height": 42, "width": 42})
    hashes = [open_look(folder).weights_hash for folder in (look_folder, same, other, larger)]
    assert hashes[0] == hashes[1] and len(set(hashes)) == 3


def test_the_side_is_a_multiple_of_the_patches(tmp_path: Path, look_folder: Path) -> None:
    shutil.copytree(look_folder, tmp_path / "d")
    change(tmp_path / "d", "preprocessor_config.json", do_center_crop=False, size={"height": 50, "width": 50})
    assert open_look(tmp_path / "d").size_px == 42


def test_any_encoder_is_a_look_but_a_look_is_no_encoder(encoder_folder: Path, look_folder: Path) -> None:
    assert isinstance(open_look(encoder_folder), FusedEncoder)
    assert open_dinov2(str(encoder_folder)) is None
    with pytest.raises(CheckpointError, match="is a Dinov2Model: expected a CLIP"):
        open_encoder(look_folder)


def unpickled(folder: Path) -> None:
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def of_another_kind(folder: Path) -> None:
    shutil.rmtree(folder)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    save_model(folder, ViTModel(ViTConfig(**sizes, image_size=28, patch_size=14)))


def set_config(**values: Any) -> Callable[[Path], None]:
    return lambda folder: change(folder, "config.json", **values)


def set_pictures(**values: Any) -> Callable[[Path], None]:
    return lambda folder: change(folder, "preprocessor_config.json", **values)


def set_side(side_px: int) -> Callable[[Path], None]:
    return set_pictures(crop_size={"height": side_px, "width": side_px})


NORM = "layernorm.weight"
HARM: dict[str, tuple[Callable[[Path], Any], str]] = {
    "no weights": (lambda folder: (folder / "model.safetensors").unlink(), "asks for"),
    "no config": (lambda folder: (folder / "config.json").unlink(), "has no config.json"),
    "no picture settings": (lambda folder: (folder / "preprocessor_config.json").unlink(), "preprocessor_config.json"),
    "weights of another width": (
        lambda folder: reweigh(folder, lambda weights: weights.update({NORM: torch.ones(31)})),
        "layernorm.weight of (32,)",
    ),
    "a tensor is gone": (lambda folder: reweigh(folder, lambda weights: weights.pop(NORM)), "lack 1 tensors"),
    "fewer layers said": (
        set_config(num_hidden_layers=1, out_features=None, out_indices=None),
        "more layers than its config.json says",
    ),
    "more layers said": (set_config(num_hidden_layers=4), "lack 36 tensors"),
    "one number is none": (
        lambda folder: reweigh(folder, lambda weights: weights[NORM][3:4].fill_(float("nan"))),
        "no number",
    ),
    "weights that overflow": (
        lambda folder: reweigh(folder, lambda weights: weights[NORM].fill_(3e38)),
        "makes no vectors",
    ),
    "a giant": (set_config(hidden_size=65_536, num_hidden_layers=200), "asks for"),
    "endless layers": (set_config(num_hidden_layers=10**9), "expected at most"),
    "a giant picture": (set_config(image_size=900_000), "asks for"),
    "specks of patches": (set_config(patch_size=1), "patches of 1"),
    "patches of no number": (set_config(patch_size=[14, 14]), "patches of"),
    "no heads": (set_config(num_attention_heads=0), "damaged"),
    "grey pictures": (set_config(num_channels=1), "damaged"),
    "pictures too large": (set_side(2048), "pictures of 2048 px"),
    "pictures too small": (set_side(8), "pictures of 8 px"),
    "pictures not square": (set_pictures(crop_size={"height": 28, "width": 42}), "pictures of None px"),
    "a deviation of nothing": (set_pictures(image_std=[0, 0, 0]), "photo_std"),
    "a mean of letters": (set_pictures(image_mean=["a", "b", "c"]), "damaged"),
    "pickled weights alone": (unpickled, "pytorch_model.bin, which may hold code"),
    "code of its own": (
        set_config(model_type="their", auto_map={"AutoConfig": "theirs.Config", "AutoModel": "theirs.Model"}),
        "needs Python code of its own, which is never run",
    ),
    "config that is no JSON": (lambda folder: (folder / "config.json").write_text("{"), "damaged"),
    "another kind of model": (of_another_kind, "expected a CLIP"),
}


@pytest.mark.parametrize("case", list(HARM))
def test_a_strangers_folder_is_refused_in_one_line_when_it_is_opened(
    case: str, tmp_path: Path, look_folder: Path
) -> None:
    folder = tmp_path / "d"
    shutil.copytree(look_folder, folder)
    (folder / "theirs.py").write_text("raise SystemExit('run')")
    harm, said = HARM[case]
    harm(folder)
    with pytest.raises(CheckpointError) as caught:
        open_look(folder)
    assert said in str(caught.value) and str(folder) in str(caught.value)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500


def test_a_name_of_nothing_says_what_is_expected() -> None:
    with pytest.raises(CheckpointError, match="facebook/dinov2-small") as caught:
        open_look("nowhere/to/be/found")
    assert "Check --look" in str(caught.value)
