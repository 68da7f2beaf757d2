"""Save and open encoder folders in the Hugging Face layout.

A folder holds what ``transformers`` writes (``config.json``, ``model.safetensors``, tokenizer files,
``preprocessor_config.json``) and, for encoders trained here, ``fusion.json`` and ``fusion.safetensors``.
A plain CLIP or SigLIP, from a folder or by its hub name, has no fusion files and fuses by the weighted average.

A folder may come from a stranger: no code in it runs, weights are read as safetensors alone, nothing larger than
its weights is built, and a first picture and word are embedded before anybody relies on it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from retrieval.encoder.model import vision as _vision  # noqa: F401  (registers our model type)
from retrieval.encoder.model.devices import cpu_threads, usual_threads
from retrieval.encoder.model.fused import FusedClip, PixelStatistics, check_statistics
from retrieval.encoder.model.fusion import Fusion
from retrieval.encoder.model.weights import check_weights, hash_of
from retrieval.encoder.published import load_clip, load_statistics, load_tokenizer, width_of
from retrieval.encoder.refusals import RESTORE, opening
from retrieval.files import read_json, replacing, write_json
from retrieval.sketches.preprocessing import PREPARATION_VERSION
from retrieval.values.errors import CheckpointError, first_line
from retrieval.values.fusions import FUSION_KINDS

FUSION_FORMAT = "air-sketch-fusion"
FUSION_VERSION = 3


@dataclass(frozen=True)
class Checkpoint:
    """An encoder with all that goes with it.

    Attributes:
        name: folder or hub name as given.
        size_px: side of the pictures it takes.
        fusion: default way to fuse.
        max_tokens: longest caption.
        weights_hash: identifies the weights; a gallery index remembers it.
        fills: whether captions are filled up to ``max_tokens`` and all of it is read, as a SigLIP learns them.
    """

    name: str
    model: FusedClip
    tokenizer: Any
    size_px: int
    fusion: str
    max_tokens: int
    weights_hash: str
    fills: bool = False

    def tokens(self, captions: list[str], device: torch.device) -> dict[str, torch.Tensor]:
        """Tokenise normalised captions: ``input_ids`` and mostly ``attention_mask``, int64 (N, T) each."""
        padding = "max_length" if self.fills else True
        tokens = self.tokenizer(
            captions, padding=padding, truncation=True, max_length=self.max_tokens, return_tensors="pt"
        )
        return {key: tokens[key].to(device) for key in ("input_ids", "attention_mask")[: 1 if self.fills else 2]}


def open_checkpoint(name: str) -> Checkpoint:
    """Open an encoder folder or hub name.

    Raises:
        CheckpointError: if it is missing, damaged, neither a CLIP nor a SigLIP, or cannot be fetched.
    """
    with opening(name) as weights_bytes:
        clip = load_clip(name, weights_bytes)
        text = clip.config.text_config
        tokenizer = load_tokenizer(name, int(text.vocab_size))
        size_px = int(clip.config.vision_config.image_size)
        fusion, kind, statistics = Fusion(width_of(clip.config)), "average", load_statistics(name, size_px)
        if (Path(name) / "fusion.json").is_file():
            fusion, kind, statistics = _open_fusion(Path(name), fusion.width)
        max_tokens, fills = min(int(text.max_position_embeddings), 77), clip.config.model_type == "siglip"
        model = FusedClip(clip, fusion, check_statistics(statistics)).eval()
        return checked(Checkpoint(name, model, tokenizer, size_px, kind, max_tokens, "", fills))


def checked(checkpoint: Checkpoint) -> Checkpoint:
    """Return an encoder with the hash of its weights when all are numbers, and it embeds a picture and a word.

    Raises:
        ValueError: if not.
    """
    check_weights(checkpoint.model)
    _try_out(checkpoint)
    return replace(checkpoint, weights_hash=hash_weights(checkpoint.model))


def _open_fusion(folder: Path, width: int) -> tuple[Fusion, str, PixelStatistics]:
    try:
        record = read_json(folder / "fusion.json")
        if record["format"] != FUSION_FORMAT or record["version"] not in (2, FUSION_VERSION):
            raise ValueError(f"expected {FUSION_FORMAT} version {FUSION_VERSION}")
        if record["fusion"] not in FUSION_KINDS:
            raise ValueError(f"expected a fusion of {', '.join(FUSION_KINDS)}, got {record['fusion']!r}")
        weights = {key: value.float() for key, value in load_file(folder / "fusion.safetensors").items()}
        with torch.device("meta"):  # of no memory, until it is known that the weights fit
            fusion = Fusion(width, int(record["hidden"]), record.get("parts"))
        fusion.load_state_dict(weights, assign=True)
        return fusion, record["fusion"], PixelStatistics(**record["statistics"])
    except Exception as error:
        raise CheckpointError(
            f"Encoder {folder} is damaged: its fusion files cannot be read ({first_line(error)})", RESTORE
        ) from error


def _try_out(checkpoint: Checkpoint) -> None:
    """Embed a picture and a word: what does not fit together is told now instead of at the first query."""
    model, side = checkpoint.model, checkpoint.size_px
    with torch.inference_mode(), cpu_threads(usual_threads(model)):
        photo = model.photo_vectors(torch.full((1, side, side, 3), 128, dtype=torch.uint8))
        words = model.word_vectors(**checkpoint.tokens(["a"], torch.device("cpu")))
        vectors = torch.cat([photo, words, model.fusion(photo, words, checkpoint.fusion)])
    if vectors.shape != (3, model.width) or not bool(vectors.isfinite().all()):
        raise ValueError(f"it makes no vectors of {model.width} numbers")


def save_checkpoint(folder: Path, model: FusedClip, tokenizer: Any, size_px: int, fusion: str) -> None:
    """Write an encoder folder, fp16; each file is replaced atomically, ``config.json`` last."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, name in ((model.clip, "model"), (model.fusion, "fusion")):
        half = {key: value.detach().half().contiguous() for key, value in part.state_dict().items()}
        with replacing(folder / f"{name}.safetensors") as temporary:
            save_file(half, temporary, metadata={"format": "pt"})
    tokenizer.save_pretrained(folder)
    statistics = model.statistics
    write_json(
        folder / "preprocessor_config.json",
        {
            "image_processor_type": "CLIPImageProcessor",
            "do_center_crop": False,
            "size": {"height": size_px, "width": size_px},
            "image_mean": list(statistics.photo_mean),
            "image_std": list(statistics.photo_std),
        },
    )
    write_json(
        folder / "fusion.json",
        {
            "format": FUSION_FORMAT,
            "version": FUSION_VERSION,
            "fusion": fusion,
            "hidden": model.fusion.hidden,
            "parts": list(model.fusion.parts),
            "statistics": statistics._asdict(),
        },
    )
    config = model.clip.config.to_dict()
    config["dtype"] = "float16"
    config["architectures"] = [type(model.clip).__name__]
    write_json(folder / "config.json", config)


def hash_weights(model: FusedClip) -> str:
    """Hash everything that decides an embedding: parameters, pixel statistics, preparation; 16 hex digits."""
    return hash_of([PREPARATION_VERSION, model.statistics._asdict()], model.clip)
