"""Open encoders by the names of ``open_clip``, which is optional: ``hf-hub:owner/name``, ``local-dir:FOLDER``.

A folder holds ``open_clip_config.json``, ``open_clip_model.safetensors`` and, where the settings name one, a tokenizer.
The library builds the towers and cuts captions into tokens; its own ways to fetch and read weights are not used, as
some of them run what they read.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn

from retrieval.encoder.checkpoints import Checkpoint, checked
from retrieval.encoder.limits import LARGEST_SIDE_PX, check_folder, check_numbers
from retrieval.encoder.model.fused import FusedClip, PixelStatistics, check_statistics
from retrieval.encoder.model.fusion import Fusion
from retrieval.encoder.refusals import told_in_one_line
from retrieval.files import HUB_SCHEME, LOCAL_SCHEME, read_json
from retrieval.values.errors import CheckpointError, first_line

CONFIG_FILE, WEIGHTS_FILE = "open_clip_config.json", "open_clip_model.safetensors"
PICKLED = ("open_clip_pytorch_model.bin", "*.bin", "*.pt", "*.pth")
FETCHED = (CONFIG_FILE, WEIGHTS_FILE, "*token*.json", "vocab*", "merges.txt", "*.model")
"""What is fetched from the hub: no other weights, no code."""

OWN_NAME = re.compile(r"[A-Za-z0-9_.]+")
"""A name of timm's own list; others lead to files and to the hub."""

TOKENIZER_OPTIONS = frozenset({"clean", "strip_sep_token"})
LONGEST_CAPTION = 512
MOST_NAMED = 60


def is_open_clip(name: str) -> bool:
    """Whether a name is one of open_clip's, or that of a folder that it alone can read."""
    folder = Path(name)
    is_named = name.startswith((HUB_SCHEME, LOCAL_SCHEME))
    return is_named or ((folder / CONFIG_FILE).is_file() and not (folder / "config.json").is_file())


def open_open_clip(name: str) -> Checkpoint:
    """Open an encoder of open_clip.

    Raises:
        CheckpointError: if the library is not installed, or the encoder is missing, damaged, of a kind that we cannot
            use, or cannot be fetched.
    """
    library = _library(name)
    folder = None if name.startswith(HUB_SCHEME) else Path(name.removeprefix(LOCAL_SCHEME))
    if folder is not None and not (folder / CONFIG_FILE).is_file():
        raise CheckpointError(
            f"Encoder {name} is not there: expected a folder with {CONFIG_FILE} and {WEIGHTS_FILE}, or {HUB_SCHEME} "
            "and a hub name",
            "Check --encoder.",
        )
    with told_in_one_line(name, folder, "--encoder"):
        lasting = name if folder is None else f"{LOCAL_SCHEME}{folder.resolve()}"
        return _open(library, lasting, folder or _fetched(name.removeprefix(HUB_SCHEME)))


def _library(name: str) -> Any:
    try:
        import open_clip
    except ImportError as error:
        raise CheckpointError(
            f"Encoder {name} needs open_clip, which is not installed: expected the package open-clip-torch",
            "Run: pip install -r requirements-open-clip.txt",
        ) from error
    except Exception as error:  # torchvision for another build of torch
        raise CheckpointError(
            f"Encoder {name} needs open_clip, which cannot be used: {first_line(error)}",
            "Install the build of torchvision that belongs to your build of torch.",
        ) from error
    return open_clip


def _fetched(name: str) -> Path:
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(name, allow_patterns=list(FETCHED)))


def _open(library: Any, name: str, folder: Path) -> Checkpoint:
    check_folder(folder, CONFIG_FILE)
    said = read_json(folder / CONFIG_FILE)
    check_numbers(said)
    settings, pictures = dict(said["model_cfg"]), dict(said.get("preprocess_cfg") or {})
    text, vision = dict(settings.pop("text_cfg")), dict(settings.pop("vision_cfg"))
    if text.get("hf_model_name") or "multimodal_cfg" in settings or not _is_own(vision):
        raise CheckpointError(
            f"Encoder {name} has towers that are named, not described: expected those of open_clip and timm",
            "Name another one with --encoder.",
        )
    if not (folder / WEIGHTS_FILE).is_file():
        pickled = [file.name for one in PICKLED for file in sorted(folder.glob(one))]
        told = (
            f"has its weights in {pickled[0]}, which may hold code and is never read" if pickled else "has no weights"
        )
        raise CheckpointError(f"Encoder {name} {told}: expected {WEIGHTS_FILE}", "Name another one with --encoder.")
    size_px = vision.get("image_size", 224)
    if not isinstance(size_px, int) or not 1 <= size_px <= LARGEST_SIDE_PX:
        raise ValueError(f"its {CONFIG_FILE} says pictures of {str(size_px)[:20]} px, expected 1 to {LARGEST_SIDE_PX}")
    tokenizer = OpenClipTokenizer(library, text, folder)
    kind = library.CustomTextCLIP if settings.pop("custom_text", False) else library.CLIP
    towers = _with_weights(lambda: kind(**settings, text_cfg=text, vision_cfg=vision), folder / WEIGHTS_FILE)
    constants = library.constants
    mean = tuple(pictures.get("mean") or constants.OPENAI_DATASET_MEAN)
    std = tuple(pictures.get("std") or constants.OPENAI_DATASET_STD)
    statistics = check_statistics(PixelStatistics(mean, std, mean, std))
    model = FusedClip(OpenClipTowers(towers), Fusion(int(settings["embed_dim"])), statistics).eval()
    return checked(Checkpoint(name, model, tokenizer, size_px, "average", tokenizer.length, "", fills=True))


def _is_own(vision: dict[str, Any]) -> bool:
    """Whether a vision tower is described here or one of timm's own, and take away the wish for other weights of it."""
    if not vision.get("timm_model_name"):
        return True
    vision["timm_model_pretrained"] = False
    return bool(OWN_NAME.fullmatch(str(vision["timm_model_name"])))


def _with_weights(build: Any, path: Path) -> nn.Module:
    """Build a model and fill it; what does not fit is told by name."""
    with torch.device("meta"):  # of no memory, to see how large it would be
        wanted = sum(value.numel() for value in build().parameters())
    if wanted > path.stat().st_size:
        raise ValueError(
            f"its {CONFIG_FILE} asks for {wanted:,} weights, {path.name} has {path.stat().st_size:,} bytes"
        )
    weights = load_file(path)
    model: nn.Module = build()
    shapes = {key: tuple(value.shape) for key, value in model.state_dict().items()}
    if missing := sorted(shapes.keys() - weights.keys()):
        raise ValueError(f"its weights lack {len(missing)} tensors such as {missing[0]}")
    if further := sorted(weights.keys() - shapes.keys()):
        raise ValueError(f"its weights hold what its {CONFIG_FILE} does not, such as {further[0][:MOST_NAMED]}")
    for key, shape in shapes.items():
        if (found := tuple(weights[key].shape)) != shape:
            raise ValueError(f"its {CONFIG_FILE} wants {key} of {shape}, its weights have {found}")
    model.load_state_dict(
        {key: value.float() if value.is_floating_point() else value for key, value in weights.items()}
    )
    return model


class OpenClipTowers(nn.Module):
    """A model of open_clip with the methods of a ``transformers.CLIPModel`` that a ``FusedClip`` calls."""

    def __init__(self, towers: nn.Module) -> None:
        super().__init__()
        self.towers: Any = towers

    @property
    def vision_model(self) -> nn.Module:
        """The tower of pictures."""
        return self.towers.visual

    def get_image_features(self, pixel_values: torch.Tensor) -> SimpleNamespace:
        """Embed normalised pictures: float (B, 3, S, S) -> ``pooler_output`` (B, D)."""
        return SimpleNamespace(pooler_output=self.towers.encode_image(pixel_values))

    def get_text_features(self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None) -> SimpleNamespace:
        """Embed tokenised captions: int64 (B, T) -> ``pooler_output`` (B, D); all tokens count."""
        return SimpleNamespace(pooler_output=self.towers.encode_text(input_ids))


class OpenClipTokenizer:
    """open_clip's own tokenizer, or the one whose files lie in the folder, called as those of ``transformers`` are.

    Attributes:
        length: tokens of every caption, filled up.
    """

    def __init__(self, library: Any, text: dict[str, Any], folder: Path) -> None:
        self.length = text.get("context_length", 77)
        if not isinstance(self.length, int) or not 1 <= self.length <= LONGEST_CAPTION:
            raise ValueError(f"its {CONFIG_FILE} says captions of {str(self.length)[:20]} tokens")
        options = dict(text.get("tokenizer_kwargs") or {})
        if further := sorted(options.keys() - TOKENIZER_OPTIONS):
            raise ValueError(
                f"its {CONFIG_FILE} gives its tokenizer {further[0][:MOST_NAMED]!r}, which is not known here"
            )
        self._room = int(text.get("vocab_size", 49408))
        of_clip, added = library.tokenizer, set[str]()
        if text.get("hf_tokenizer_name"):
            mode = text.get("tokenizer_mode")
            self._cut = of_clip.HFTokenizer(str(folder), self.length, tokenizer_mode=mode, **options)
            self._vocabulary = dict(self._cut.tokenizer.get_vocab())
            added = set(self._cut.tokenizer.get_added_vocab())  # marks that a model may not have learnt
        else:
            self._cut = of_clip.SimpleTokenizer(context_length=self.length)
            self._vocabulary = dict(self._cut.encoder)
        known = max((number for token, number in self._vocabulary.items() if token not in added), default=-1) + 1
        if not 0 < known <= self._room:
            raise ValueError(f"its tokenizer has {known} entries, expected 1 to {self._room}")

    def __call__(self, captions: list[str], **_: Any) -> dict[str, torch.Tensor]:
        """Cut captions into tokens: ``input_ids``, int64 (N, ``length``)."""
        ids = self._cut(captions)
        return {"input_ids": ids.masked_fill(ids >= self._room, 0)}

    def get_vocab(self) -> dict[str, int]:
        """Every token and its number."""
        return self._vocabulary
