"""Encoders by the names of open_clip: used as it uses them, safetensors only, nothing of theirs run."""

from __future__ import annotations

import json
import shutil
import sys
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from retrieval import Searcher
from retrieval.encoder.fused_encoder import FusedEncoder
from retrieval.encoder.opening import open_encoder
from retrieval.gallery.catalog import Catalog
from retrieval.index.update import update_index
from retrieval.values.errors import CheckpointError
from tests.retrieval.making import WORDS, product_photo, silent, write_gallery

try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import open_clip
    MISSING = ""
except Exception as error:  # not there, or beside a torchvision of another build
    MISSING = f"needs requirements-open-clip.txt and the torchvision of torch's own build ({type(error).__name__})"

needs_open_clip = pytest.mark.skipif(bool(MISSING), reason=MISSING)
pytestmark = pytest.mark.filterwarnings("ignore")  # of timm and torchvision

CONFIG: dict[str, Any] = {
    "model_cfg": {
        "embed_dim": 16,
        "vision_cfg": {"image_size": 32, "patch_size": 8, "width": 16, "head_width": 8, "layers": 1},
        "text_cfg": {"context_length": 12, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
    },
    "preprocess_cfg": {"mean": [0.4, 0.5, 0.6], "std": [0.2, 0.25, 0.3]},
}
LIKE_SIGLIP = {
    "no_causal_mask": True,
    "pool_type": "last",
    "hf_tokenizer_name": "theirs/tokenizer",
    "tokenizer_kwargs": {"clean": "canonicalize"},
}


def save_open_clip(folder: Path, is_siglip: bool = False) -> Path:
    from retrieval.encoder.model.vocabulary import train_tokenizer

    config = json.loads(json.dumps(CONFIG))
    settings = config["model_cfg"]
    folder.mkdir(parents=True)
    torch.manual_seed(0)
    kind = open_clip.CLIP
    if is_siglip:
        tokenizer = train_tokenizer(WORDS * 3, 560, 12)
        tokenizer.save_pretrained(folder)
        settings["text_cfg"] |= LIKE_SIGLIP | {
            "vocab_size": len(tokenizer),
            "tokenizer_kwargs": {"clean": "canonicalize"},
        }
        kind = open_clip.CustomTextCLIP
    model = kind(**settings)
    for value in model.parameters():
        if value.ndim >= 2:
            torch.nn.init.normal_(value, std=float(value[0].numel()) ** -0.5)
    if is_siglip:
        settings["custom_text"] = True
    (folder / "open_clip_config.json").write_text(json.dumps(config), encoding="utf-8")
    save_file(
        {key: value.contiguous() for key, value in model.state_dict().items()}, folder / "open_clip_model.safetensors"
    )
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_open_clip(tmp_path_factory.mktemp("open clip") / "plain")


@needs_open_clip
@pytest.mark.parametrize("is_siglip", [False, True])
def test_an_encoder_is_used_as_open_clip_uses_it(tmp_path: Path, is_siglip: bool) -> None:
    folder = save_open_clip(tmp_path / "e", is_siglip)
    encoder = open_encoder(f"local-dir:{folder}")
    assert isinstance(encoder, FusedEncoder) and (encoder.width, encoder.size_px) == (16, 32)
    theirs, _, _ = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    theirs.eval()
    square = encoder.prepare_photo(product_photo())
    mean, std = (np.array(CONFIG["preprocess_cfg"][name], np.float32) for name in ("mean", "std"))
    pixels = torch.from_numpy(((square / 255.0 - mean) / std).astype(np.float32)).permute(2, 0, 1)[None]
    with torch.inference_mode():
        photo = theirs.encode_image(pixels, normalize=True).numpy()
        words = theirs.encode_text(open_clip.get_tokenizer(f"local-dir:{folder}")(list(WORDS)), normalize=True).numpy()
    assert np.sum(encoder.encode_prepared_photos([square]) * photo) == pytest.approx(1.0, abs=2e-3)
    assert np.allclose(np.sum(encoder.encode_words(list(WORDS)) * words, axis=1), 1.0, atol=1e-3)
    assert encoder.encode_words(["red dress"])[0] @ encoder.encode_words(["green bag"])[0] < 0.999


@needs_open_clip
def test_a_gallery_is_indexed_and_opened_again_by_its_word(folder: Path, tmp_path: Path) -> None:
    shop, out = write_gallery(tmp_path / "shop", 4), tmp_path / "index"
    encoder = open_encoder(folder)  # a folder that nothing else can read needs no prefix
    assert encoder.name == f"local-dir:{folder.resolve()}"
    update_index(Catalog.open(shop), out, encoder, silent)
    assert len(Searcher.open(out).search(caption="red shirt")) == 4


def change(**values: Any) -> Callable[[Path], None]:
    """Set settings of the text or vision tower (``text__width``), or of the model itself."""

    def harm(folder: Path) -> None:
        config = json.loads((folder / "open_clip_config.json").read_text())
        for key, value in values.items():
            tower, _, name = key.rpartition("__")
            place = config["model_cfg"][f"{tower}_cfg"] if tower else config["model_cfg"]
            place[name] = value
        (folder / "open_clip_config.json").write_text(json.dumps(config))

    return harm


def reweigh(harm: Callable[[dict[str, torch.Tensor]], Any]) -> Callable[[Path], None]:
    def changed(folder: Path) -> None:
        weights = load_file(folder / "open_clip_model.safetensors")
        harm(weights)
        save_file(weights, folder / "open_clip_model.safetensors")

    return changed


def pickled(folder: Path) -> None:
    weights = load_file(folder / "open_clip_model.safetensors")
    torch.save(weights, folder / "open_clip_pytorch_model.bin")
    (folder / "open_clip_model.safetensors").unlink()


HARM: dict[str, tuple[Callable[[Path], Any], str]] = {
    "no config": (lambda folder: (folder / "open_clip_config.json").unlink(), "is not there"),
    "no weights": (lambda folder: (folder / "open_clip_model.safetensors").unlink(), "has no weights"),
    "pickled weights": (pickled, "open_clip_pytorch_model.bin, which may hold code and is never read"),
    "weights that are text": (lambda folder: (folder / "open_clip_model.safetensors").write_text("x"), "asks for"),
    "config that is no JSON": (lambda folder: (folder / "open_clip_config.json").write_text("{"), "damaged"),
    "config of nothing": (lambda folder: (folder / "open_clip_config.json").write_text("{}"), "damaged"),
    "a text tower by name": (change(text__hf_model_name="evil/tower"), "named, not described"),
    "a picture tower from elsewhere": (change(vision__timm_model_name="hf-hub:evil/tower"), "named, not described"),
    "a tokenizer with code": (change(text__tokenizer_kwargs={"trust_remote_code": True}), "code of its own"),
    "a tokenizer that is not there": (change(text__hf_tokenizer_name="evil/tokenizer"), "damaged"),
    "an unknown setting": (change(text__evil=1), "evil"),
    "a giant": (change(text__width=65_536, text__layers=200), "asks for"),
    "endless layers": (change(vision__layers=10**9), "expected at most"),
    "endless captions": (change(text__context_length=10**5), "captions of 100000 tokens"),
    "large pictures": (change(vision__image_size=4096), "pictures of 4096 px"),
    "long pictures": (change(vision__image_size=[32, 64]), "pictures of [32, 64] px"),
    "another width": (change(text__width=32), "wants"),
    "a small vocabulary": (change(text__vocab_size=100), "its tokenizer has"),
    "a tensor is gone": (reweigh(lambda weights: weights.pop("visual.proj")), "lack 1 tensors such as visual.proj"),
    "a tensor too many": (reweigh(lambda weights: weights.update(more=torch.ones(2))), "such as more"),
    "no number": (reweigh(lambda weights: weights["visual.proj"][0].fill_(float("nan"))), "no number"),
}


@needs_open_clip
@pytest.mark.parametrize("case", list(HARM))
def test_a_strangers_folder_is_refused_in_one_line(case: str, folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "e")
    harm, said = HARM[case]
    harm(tmp_path / "e")
    with pytest.raises(CheckpointError) as caught:
        open_encoder(f"local-dir:{tmp_path / 'e'}")
    assert said in str(caught.value) and "\n" not in str(caught.value)


@needs_open_clip
def test_a_hub_name_out_of_reach_is_told_in_one_line() -> None:
    with pytest.raises(CheckpointError, match="could not be fetched from the hub") as caught:
        open_encoder("hf-hub:nobody/nothing")
    assert "\n" not in str(caught.value)


def test_without_the_library_its_names_say_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "open_clip", None)
    with pytest.raises(CheckpointError, match=r"pip install -r requirements-open-clip\.txt") as caught:
        open_encoder("hf-hub:Marqo/marqo-fashionSigLIP")
    assert "\n" not in str(caught.value)


def test_a_library_that_cannot_be_loaded_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def find_spec(self, name: str, *_: Any) -> types.ModuleType | None:
            if name == "open_clip":
                raise RuntimeError("operator torchvision::nms does not exist")
            return None

    monkeypatch.delitem(sys.modules, "open_clip", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    with pytest.raises(CheckpointError, match=r"torchvision::nms does not exist\. Install the build of torchvision"):
        open_encoder("local-dir:nowhere")
