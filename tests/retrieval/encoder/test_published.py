"""Folders of other people's models: used as ``transformers`` would, or refused in one line when they are opened."""

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
from transformers import (
    AutoImageProcessor,
    AutoModel,
    AutoTokenizer,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
    PreTrainedModel,
    Siglip2Config,
    Siglip2Model,
    SiglipConfig,
    SiglipModel,
)

from retrieval.encoder.fused_encoder import FusedEncoder
from retrieval.encoder.opening import open_encoder
from retrieval.sketches.preprocessing import extract_lines
from retrieval.values.errors import CheckpointError
from tests.retrieval.making import pen_drawing, product_photo, run_retrieval, tiny_text, tiny_vision, write_gallery

SETTINGS = {
    "image_processor_type": "CLIPImageProcessor",
    "do_center_crop": True,
    "crop_size": {"height": 32, "width": 32},
    "size": {"shortest_edge": 32},
    "image_mean": [0.48, 0.46, 0.41],
    "image_std": [0.27, 0.26, 0.28],
}
WIDE = {"height": 32, "width": 48}


def opened(folder: Path) -> FusedEncoder:
    encoder = open_encoder(folder)
    assert isinstance(encoder, FusedEncoder)
    return encoder


def with_settings(folder: Path, plain: Path, **changes: Any) -> Path:
    """A plain CLIP with other picture settings; None takes one away."""
    shutil.copytree(plain, folder)
    settings = {key: value for key, value in (SETTINGS | changes).items() if value is not None}
    (folder / "preprocessor_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


def with_model(folder: Path, plain: Path, model: PreTrainedModel) -> Path:
    """Another model with the plain CLIP's tokenizer and picture settings."""
    shutil.copytree(plain, folder)
    model.save_pretrained(folder)
    return folder


def save_siglip(folder: Path, plain: Path) -> Path:
    torch.manual_seed(2)
    vocabulary = len(AutoTokenizer.from_pretrained(plain))
    text = tiny_text(vocabulary) | {"projection_size": 16}
    config = SiglipConfig(text_config=text, vision_config=tiny_vision() | {"patch_size": 8})
    with_model(folder, plain, SiglipModel(config))
    settings = {"image_processor_type": "SiglipImageProcessor", "size": {"height": 32, "width": 32}}
    (folder / "preprocessor_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "changes",
    [
        {"crop_size": 32, "size": 32},
        {"crop_size": None, "size": [32, 32]},
        {"crop_size": None, "size": {"height": 32, "width": 32}},
        {"crop_size": None, "size": {"longest_edge": 32}},
        {"crop_size": {"shortest_edge": 32}},
        {"size": {"shortest_edge": 64}},
        {"do_center_crop": False, "crop_size": {"height": 64, "width": 64}},
        {"do_center_crop": False, "crop_size": WIDE},
        {"do_center_crop": False, "do_resize": False, "size": 224},
        {"do_resize": False, "size": 224},
        {"image_processor_type": None, "feature_extractor_type": "CLIPFeatureExtractor"},
        {"image_processor_type": None},
    ],
    ids=str,
)
def test_the_size_that_counts_is_used(tmp_path: Path, plain_clip_folder: Path, changes: dict[str, Any]) -> None:
    encoder = opened(with_settings(tmp_path / "e", plain_clip_folder, **changes))
    assert encoder.size_px == 32
    photo = product_photo()
    assert encoder.encode_prepared_photos([encoder.prepare_photo(photo)]).shape == (1, 24)
    assert encoder.encode_drawings([extract_lines(pen_drawing())]).shape == (1, 24)


@pytest.mark.parametrize(
    "changes",
    [
        {"crop_size": 64, "size": 64},
        {"crop_size": WIDE},
        {"do_center_crop": False, "size": WIDE},
        {"crop_size": None, "size": None},
        {"size": "large"},
        {"size": {"height": 32}},
        {"size": -32, "crop_size": -32},
        {"image_mean": [0.5]},
        {"image_std": [0, 0, 0]},
        {"image_mean": ["a", "b", "c"]},
        {"rescale_factor": 0},
        {"rescale_factor": "x"},
        {"image_processor_type": "NobodysImageProcessor"},
    ],
    ids=str,
)
def test_picture_settings_that_do_not_fit_are_told_when_it_is_opened(
    tmp_path: Path, plain_clip_folder: Path, changes: dict[str, Any]
) -> None:
    folder = with_settings(tmp_path / "e", plain_clip_folder, **changes)
    with pytest.raises(CheckpointError) as caught:
        open_encoder(folder)
    assert str(folder) in str(caught.value) and "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"image_mean": None, "image_std": None},
        {"image_mean": 0.5, "image_std": 0.5},
        {"do_normalize": False},
        {"rescale_factor": 1 / 127.5},
        {"do_rescale": False, "image_mean": [120, 120, 120], "image_std": [70, 70, 70]},
    ],
    ids=str,
)
def test_pixels_are_brought_to_the_models_scale_as_transformers_does(
    tmp_path: Path, plain_clip_folder: Path, changes: dict[str, Any]
) -> None:
    folder = with_settings(tmp_path / "e", plain_clip_folder, **changes)
    encoder = opened(folder)
    square = encoder.prepare_photo(product_photo())
    pixels = AutoImageProcessor.from_pretrained(folder)(square, return_tensors="pt")["pixel_values"]
    with torch.inference_mode():
        wanted = AutoModel.from_pretrained(folder).get_image_features(pixels).pooler_output.numpy()[0]
    (found,) = encoder.encode_prepared_photos([square])
    assert found @ wanted / np.linalg.norm(wanted) == pytest.approx(1.0, abs=2e-3)


def test_a_siglip_is_used_as_transformers_uses_it(tmp_path: Path, plain_clip_folder: Path) -> None:
    folder = save_siglip(tmp_path / "siglip", plain_clip_folder)
    encoder = opened(folder)
    assert (encoder.size_px, encoder.width, encoder.knows_words) == (32, 16, True)
    model, tokenizer = AutoModel.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    ids = tokenizer(["red dress"], padding="max_length", max_length=16, return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        wanted = model.get_text_features(input_ids=ids).pooler_output.numpy()[0]
    (found,) = encoder.encode_words(["red dress"])
    assert found @ wanted / np.linalg.norm(wanted) == pytest.approx(1.0, abs=1e-4)
    beside = encoder.encode_words(["red dress", "a long evening gown with lace"])[0]
    assert np.allclose(found, beside, atol=1e-5)


def test_a_siglip_indexes_searches_and_is_measured(tmp_path: Path, plain_clip_folder: Path) -> None:
    folder, pictures = save_siglip(tmp_path / "siglip", plain_clip_folder), write_gallery(tmp_path / "shop", 6)
    asked = run_retrieval("search", "--gallery", pictures, "--encoder", folder, "--caption", "red dress", "--json")
    assert asked.returncode == 0 and len(json.loads(asked.stdout)["hits"]) == 6
    measured = run_retrieval("evaluate", "--data", pictures, "--encoder", folder, "--json")
    assert measured.returncode == 0 and json.loads(measured.stdout)["queries"] == 6


def widen(folder: Path, key: str, **values: Any) -> None:
    record = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (record[key] if key else record).update(values)
    (folder / "config.json").write_text(json.dumps(record), encoding="utf-8")


def reweigh(folder: Path, change: Callable[[dict[str, torch.Tensor]], Any]) -> None:
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def unpickled(folder: Path) -> None:
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def with_another_layer(weights: dict[str, torch.Tensor]) -> None:
    for key, value in list(weights.items()):
        weights[key.replace(".layers.0.", ".layers.1.")] = value.clone()


def spoil(value: float) -> Callable[[dict[str, torch.Tensor]], None]:
    """One number of a word that the first query does not hold."""
    return lambda weights: weights["text_model.embeddings.token_embedding.weight"][-3, 0].fill_(value) and None


MISFITS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "another projection": (lambda folder: widen(folder, "", projection_dim=40), "projection.weight of (40, 16)"),
    "another width": (lambda folder: widen(folder, "text_config", intermediate_size=30), "of (30,)"),
    "larger pictures": (lambda folder: widen(folder, "vision_config", image_size=64), "position_embedding"),
    "no projection said": (lambda folder: widen(folder, "", projection_dim=0), "expected a CLIP"),
    "fewer layers said": (
        lambda folder: reweigh(folder, with_another_layer),
        "more layers than its config.json says",
    ),
    "more layers said": (lambda folder: widen(folder, "text_config", num_hidden_layers=2), "lack 16 tensors"),
    "a layer is gone": (
        lambda folder: reweigh(folder, lambda weights: weights.pop("visual_projection.weight")),
        "lack 1 tensors such as visual_projection.weight",
    ),
    "one number is none": (lambda folder: reweigh(folder, spoil(float("nan"))), "hold what is no number"),
    "one number is endless": (lambda folder: reweigh(folder, spoil(float("inf"))), "hold what is no number"),
    "pickled weights alone": (unpickled, "pytorch_model.bin, which may hold code"),
    "a pointer to the weights": (
        lambda folder: (folder / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\n"),
        "asks for",
    ),
    "no tokenizer": (
        lambda folder: [path.unlink() for name in ("token*", "vocab*", "merges*") for path in folder.glob(name)],
        "tokenizer",
    ),
}


@pytest.mark.parametrize("case", list(MISFITS))
def test_what_does_not_fit_together_is_told_when_it_is_opened(
    tmp_path: Path, plain_clip_folder: Path, case: str
) -> None:
    folder = tmp_path / "e"
    shutil.copytree(plain_clip_folder, folder)
    harm, said = MISFITS[case]
    harm(folder)
    with pytest.raises(CheckpointError) as caught:
        open_encoder(folder)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_models_of_other_kinds_are_named_in_one_line(tmp_path: Path, plain_clip_folder: Path) -> None:
    vision = CLIPVisionConfig(**tiny_vision(), patch_size=8)
    loose = Siglip2Config(text_config=tiny_text(600), vision_config={"hidden_size": 16, "num_attention_heads": 2})
    for model in (CLIPVisionModelWithProjection(vision), Siglip2Model(loose)):
        folder = with_model(tmp_path / type(model).__name__, plain_clip_folder, model)
        with pytest.raises(CheckpointError, match="expected a CLIP or a SigLIP for pictures of one size"):
            open_encoder(folder)


@pytest.mark.parametrize("form", ["sharded", "half", "brain"])
def test_other_forms_of_the_same_weights_open(tmp_path: Path, plain_clip_folder: Path, form: str) -> None:
    model = AutoModel.from_pretrained(plain_clip_folder)
    model = {"half": model.half, "brain": model.bfloat16}.get(form, model.float)()
    folder = tmp_path / "e"
    shutil.copytree(plain_clip_folder, folder)
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size="10KB" if form == "sharded" else "1GB")
    assert len(list(folder.glob("*.safetensors"))) == 1 or form == "sharded"
    words = ["red dress"]
    likeness = opened(folder).encode_words(words) @ opened(plain_clip_folder).encode_words(words).T
    assert likeness == pytest.approx(1.0, abs=1e-2)
