"""Load what ``transformers`` wrote, a CLIP, a SigLIP or a model of pictures: weights, tokenizer, picture settings.

What does not fit is refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoImageProcessor, AutoModel, AutoTokenizer, PreTrainedConfig

from retrieval.encoder.limits import LARGEST_SIDE_PX, check_numbers
from retrieval.encoder.model.fused import PixelStatistics
from retrieval.values.errors import CheckpointError

LEAST_VOCABULARY = 256
"""Entries of a byte-pair vocabulary that knows at least every byte."""

OWN_TYPE = "air_sketch_clip"

PICTURE_SETTINGS = ("preprocessor_config.json", "processor_config.json")
PICKLED = ("pytorch_model*.bin", "*.pt", "*.pth", "*.ckpt")


def read_config(name: str) -> Any:
    """Read a model's settings, of a folder or a hub name.

    Raises:
        ValueError: if they ask for what nobody builds.
    """
    check_numbers(PreTrainedConfig.get_config_dict(name)[0])
    return AutoConfig.from_pretrained(name, trust_remote_code=False)


def load_clip(name: str, weights_bytes: int | None) -> Any:
    """Load a CLIP or a SigLIP; see ``load_weights``.

    Raises:
        CheckpointError: if it is of a kind that we cannot use.
        ValueError: if weights and settings do not fit.
    """
    config = read_config(name)
    if (
        config.model_type == OWN_TYPE
        and "detail_width" not in PreTrainedConfig.get_config_dict(name)[0]["vision_config"]
    ):
        raise CheckpointError(
            f"Encoder {name} was trained by an earlier version of the program, whose vision tower is gone",
            "Train it again: python -m retrieval train",
        )
    kind = AutoModel._model_mapping[type(config)]
    vision = getattr(config, "vision_config", None)
    is_known = hasattr(kind, "get_image_features") and hasattr(kind, "get_text_features") and width_of(config)
    if not is_known or not hasattr(vision, "image_size"):
        raise CheckpointError(
            f"Encoder {name} is a {kind.__name__}: expected a CLIP or a SigLIP for pictures of one size and words",
            "Check --encoder.",
        )
    return load_weights(name, config, weights_bytes)


def load_weights(name: str, config: Any, weights_bytes: int | None) -> Any:
    """Load a model; unlike ``transformers``, refuse one whose file lacks weights rather than make them up.

    Args:
        name: folder or hub name.
        config: its settings.
        weights_bytes: of all safetensors of a folder; None for a hub name.
    Raises:
        CheckpointError: if its weights are pickled.
        ValueError: if weights and settings do not fit.
    """
    if weights_bytes == 0 and (pickled := [file.name for one in PICKLED for file in sorted(Path(name).glob(one))]):
        raise CheckpointError(
            f"Encoder {name} has its weights in {pickled[0]}, which may hold code and is never read: expected "
            "model.safetensors",
            "Save it with save_pretrained of transformers.",
        )
    with torch.device("meta"):  # of no memory, to see how large it would be
        wanted = sum(value.numel() for value in AutoModel.from_config(config, trust_remote_code=False).parameters())
    if weights_bytes is not None and wanted > weights_bytes:
        raise ValueError(f"its config.json asks for {wanted:,} weights, its weights have {weights_bytes:,} bytes")
    model, found = AutoModel.from_pretrained(
        name,
        config=config,
        dtype=torch.float32,
        output_loading_info=True,
        trust_remote_code=False,
        use_safetensors=True,  # the other kind is pickled, and runs what it likes when it is read
        ignore_mismatched_sizes=True,  # told below, by name
    )
    for key, got, expected in sorted(found["mismatched_keys"]):
        raise ValueError(f"its config.json wants {key} of {tuple(expected)}, its weights have {tuple(got)}")
    if missing := sorted(found["missing_keys"]):
        raise ValueError(f"its weights lack {len(missing)} tensors such as {missing[0]}")
    if further := sorted(key for key in found["unexpected_keys"] if ".layer" in key):
        raise ValueError(f"its weights hold more layers than its config.json says, such as {further[0]}")
    return model


def width_of(config: Any) -> int:
    """Dimension of the embeddings; 0 when they are not of one space. A SigLIP has no projection of its pictures."""
    text = getattr(config, "text_config", None)
    return int(getattr(config, "projection_dim", 0) or getattr(text, "projection_size", 0) or 0)


def load_tokenizer(name: str, vocabulary: int) -> Any:
    """Load the tokenizer; without its files ``transformers`` gives an empty one that knows no word."""
    tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False)
    known = max([len(tokenizer) - 1, *tokenizer.get_vocab().values()]) + 1
    if not LEAST_VOCABULARY <= known <= vocabulary:
        raise ValueError(f"its tokenizer has {known} entries, expected {LEAST_VOCABULARY} to {vocabulary}")
    return tokenizer


def load_statistics(name: str, size_px: int) -> PixelStatistics:
    """Read what the picture settings do to pixels, which drawings of a plain CLIP share.

    Cropping and resampling are not taken over: a photo is padded to a square and resized, as a drawing is. They say
    only how large the pictures become, which the model must take.

    Args:
        name: folder or hub name.
        size_px: side of the pictures that the model takes.
    Raises:
        ValueError: if the settings make other pictures.
    """
    if not 1 <= size_px <= LARGEST_SIDE_PX:
        raise ValueError(f"its config.json says pictures of {size_px} px, expected 1 to {LARGEST_SIDE_PX}")
    settings, sizes = read_picture_settings(name)
    sides = [side_of(dict(size)) for size in sizes]
    if sides and (None in sides or size_px not in sides):
        told = ", ".join(
            " x ".join(f"{key} {value}"[:40] for key, value in dict(size).items() if value) for size in sizes
        )
        raise ValueError(f"its preprocessor_config.json says size {told}, expected {size_px} x {size_px}")
    mean, std = normalisation(settings)
    return PixelStatistics(mean, std, mean, std)


def read_picture_settings(name: str) -> tuple[Any, list[Any]]:
    """Read the picture settings of a folder or hub name, and the sizes that they ask for, the last step's first."""
    if Path(name).is_dir() and not any((Path(name) / file).is_file() for file in PICTURE_SETTINGS):
        raise ValueError(f"it has no {PICTURE_SETTINGS[0]}")
    settings = AutoImageProcessor.from_pretrained(name, trust_remote_code=False)
    sizes = [settings.crop_size] if getattr(settings, "do_center_crop", False) else []
    return settings, sizes + ([settings.size] if settings.do_resize else [])


def normalisation(settings: Any) -> tuple[Any, Any]:
    """What picture settings take from pixels and divide them by, per channel, on their scale of 0..1."""
    scale = 255.0 * (settings.rescale_factor if settings.do_rescale else 1.0)
    mean, std = (
        _per_channel(getattr(settings, key), getattr(type(settings), key), scale) if settings.do_normalize else plain
        for key, plain in (("image_mean", (0.0,) * 3), ("image_std", (1.0 / scale,) * 3))
    )
    return mean, std


def side_of(size: dict[str, Any]) -> int | None:
    """Side that a square picture gets; None when it would no longer be square."""
    given = {key: value for key, value in size.items() if value}
    if given.get("height") != given.get("width"):
        return None
    return min(given.values(), default=None)


def _per_channel(value: Any, default: Any, scale: float) -> Any:
    """A number for each channel, on the scale 0..1 of the pixels."""
    value = default if value is None else value
    return tuple(one / scale for one in (value if isinstance(value, list | tuple) else [value] * 3))
