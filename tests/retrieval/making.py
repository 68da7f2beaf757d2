"""Small pictures, galleries and encoders for the tests; everything is seeded."""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from retrieval.gallery.demo import DEMO_PACK
from retrieval.sketches.preprocessing import extract_lines, render_lines

REPOSITORY = Path(__file__).resolve().parents[2]
RGB = npt.NDArray[np.uint8]

INKS: dict[str, tuple[int, int, int]] = {
    "red": (215, 25, 35),
    "green": (30, 140, 60),
    "blue": (40, 90, 200),
    "black": (20, 20, 22),
    "yellow": (245, 215, 40),
}
WORDS = ("red dress", "blue shirt", "green bag", "black shoe", "yellow t-shirt", "long evening gown with lace")

SHIRT = ((0.3, 0.1), (0.7, 0.1), (0.98, 0.3), (0.86, 0.45), (0.72, 0.36), (0.72, 0.95), (0.28, 0.95), (0.28, 0.36),
         (0.14, 0.45), (0.02, 0.3))  # fmt: skip
BAG = ((0.1, 0.4), (0.3, 0.4), (0.4, 0.1), (0.6, 0.1), (0.7, 0.4), (0.9, 0.4), (0.95, 0.95), (0.05, 0.95))
SHAPES = {"shirt": SHIRT, "bag": BAG}


def outline(shape: str, size_px: int, margin: float = 0.15) -> npt.NDArray[np.int32]:
    """Corners of a shape on a square canvas, int32 (N, 1, 2)."""
    corners = np.array(SHAPES[shape]) * (1 - 2 * margin) + margin
    return np.round(corners * size_px).astype(np.int32).reshape(-1, 1, 2)


def product_photo(shape: str = "shirt", color: tuple[int, int, int] = INKS["red"], size_px: int = 120) -> RGB:
    """A filled shape with a seam on near-white paper, as a shop shows it."""
    photo = np.full((size_px, size_px, 3), 250, np.uint8)
    corners = outline(shape, size_px)
    cv2.fillPoly(photo, [corners], color)
    darker = tuple(int(value * 0.6) for value in color)
    cv2.line(photo, (size_px // 2, size_px // 4), (size_px // 2, size_px * 3 // 4), darker, max(1, size_px // 60))
    return photo


def pen_drawing(
    shape: str = "shirt",
    size_px: int = 400,
    pen_px: int = 4,
    ink: tuple[int, int, int] = (0, 0, 0),
    paper: tuple[int, int, int] = (255, 255, 255),
    margin: float = 0.15,
) -> RGB:
    """The shape's outline drawn with a round pen."""
    picture = np.full((size_px, size_px, 3), paper, np.uint8)
    cv2.polylines(picture, [outline(shape, size_px, margin)], True, ink, pen_px, cv2.LINE_8)
    return picture


def prepare_sketch(picture: RGB, size_px: int) -> RGB:
    """A drawing on plain paper in the form that the encoder sees."""
    return render_lines(extract_lines(picture), size_px)


def save_picture(path: Path, picture: RGB) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)
    return path


def write_manifest(folder: Path, rows: list[dict[str, str]], name: str = "metadata.csv") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(dict.fromkeys(key for row in rows for key in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_gallery(folder: Path, count: int = 10, split: str = "val", sketches: bool = False) -> Path:
    """A folder of ``count`` product photos, no two alike, with a manifest."""
    rng = np.random.default_rng(count)
    rows = []
    for number in range(count):
        shape = list(SHAPES)[number % len(SHAPES)]
        colour = list(INKS)[number % len(INKS)]
        color = np.clip(np.array(INKS[colour]) + rng.integers(-15, 16, 3), 0, 245)
        photo = product_photo(shape, tuple(int(value) for value in color), 96 + 4 * (number % 5))
        cv2.circle(photo, tuple(int(v) for v in rng.integers(30, 70, 2)), 6, (10, 10, 10), -1)
        save_picture(folder / f"{number:03d}.png", photo)
        row = {
            "id": f"item-{number}",
            "file": f"{number:03d}.png",
            "title": f"{colour} {shape} number {number}",
            "articleType": {"shirt": "Shirts", "bag": "Handbags"}[shape],
            "baseColour": colour.capitalize(),
            "price": f"{number + 10}.00",
            "url": f"https://shop.example/{number}",
            "split": split,
        }
        if sketches:
            save_picture(folder / "sketches" / f"{number:03d}.png", pen_drawing(shape, 200 + number))
            row["sketch"] = f"sketches/{number:03d}.png"
        rows.append(row)
    write_manifest(folder, rows)
    return folder


def make_fused_folder(folder: Path, seed: int = 0, fusion: str = "gated") -> Path:
    """Save a tiny encoder of our own kind with random weights, its fusion heads included."""
    import torch

    from retrieval.encoder.checkpoints import save_checkpoint
    from retrieval.encoder.model.fused import FusedClip, PixelStatistics
    from retrieval.encoder.model.fusion import Fusion
    from retrieval.encoder.model.vision import AirSketchClipConfig, AirSketchClipModel
    from retrieval.encoder.model.vocabulary import train_tokenizer

    torch.set_num_threads(1)  # such small matrices only wait for further threads
    torch.manual_seed(seed)
    tokenizer = train_tokenizer(WORDS * 3, 560, 16)
    vision = tiny_vision() | {"patch_size": 16, "detail_width": 8, "place_width": 8}
    config = AirSketchClipConfig(projection_dim=24, text_config=tiny_text(len(tokenizer)), vision_config=vision)
    heads = Fusion(24, 16, (12, 6, 6))
    for value in heads.parameters():
        torch.nn.init.normal_(value, std=0.3)
    statistics = PixelStatistics((0.84, 0.83, 0.82), (0.27, 0.28, 0.28), (0.9, 0.9, 0.9), (0.27, 0.27, 0.27))
    clip = AirSketchClipModel(config)
    for value in clip.parameters():  # CLIP's own start is so flat that all pictures look alike
        if value.ndim >= 2:
            torch.nn.init.normal_(value, std=float(value[0].numel()) ** -0.5)
    save_checkpoint(folder, FusedClip(clip, heads, statistics), tokenizer, 32, fusion)
    return folder


def make_plain_clip_folder(folder: Path) -> Path:
    """Save a tiny ``transformers.CLIPModel`` as its users do, without any file of ours."""
    import torch
    from safetensors.torch import save_file
    from transformers import CLIPConfig, CLIPModel

    from retrieval.encoder.model.vocabulary import train_tokenizer

    torch.set_num_threads(1)
    torch.manual_seed(1)
    tokenizer = train_tokenizer(WORDS * 3, 560, 16)
    config = CLIPConfig(
        projection_dim=24, text_config=tiny_text(len(tokenizer)), vision_config=tiny_vision() | {"patch_size": 8}
    )
    clip = CLIPModel(config)
    folder.mkdir(parents=True)
    config.architectures = ["CLIPModel"]
    config.save_pretrained(folder)
    save_file(clip.state_dict(), folder / "model.safetensors", metadata={"format": "pt"})
    tokenizer.save_pretrained(folder)
    settings = {"image_processor_type": "CLIPImageProcessor", "crop_size": {"height": 32, "width": 32}, "size": 32}
    (folder / "preprocessor_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


def make_dinov2_folder(folder: Path, seed: int = 0, registers: int = 0, **changes: Any) -> Path:
    """Save a tiny DINOv2 with random weights as its users do; it takes pictures of 28 px."""
    import torch
    from transformers import Dinov2Config, Dinov2Model, Dinov2WithRegistersConfig, Dinov2WithRegistersModel

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    kinds: Any = (Dinov2WithRegistersConfig, Dinov2WithRegistersModel) if registers else (Dinov2Config, Dinov2Model)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 42, "patch_size": 14}
    model = kinds[1](kinds[0](**sizes | ({"num_register_tokens": registers} if registers else {}) | changes))
    for value in model.parameters():  # its own start is so flat that all pictures look alike
        if value.ndim >= 2:
            torch.nn.init.normal_(value, std=float(value[0].numel()) ** -0.5)
    save_model(folder, model)
    settings = {
        "image_processor_type": "BitImageProcessor",
        "do_center_crop": True,
        "crop_size": {"height": 28, "width": 28},
        "size": {"shortest_edge": 36},
        "image_mean": [0.485, 0.456, 0.406],
        "image_std": [0.229, 0.224, 0.225],
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


def save_model(folder: Path, model: Any) -> None:
    """What ``save_pretrained`` writes, without its progress bars."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True)
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(folder)
    save_file(model.state_dict(), folder / "model.safetensors", metadata={"format": "pt"})


def tiny_text(vocabulary: int) -> dict[str, Any]:
    return {
        "vocab_size": vocabulary,
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "max_position_embeddings": 16,
        "projection_dim": 24,
        "bos_token_id": 0,
        "eos_token_id": 1,
        "pad_token_id": 1,
    }


def tiny_vision() -> dict[str, Any]:
    return {
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": 32,
        "projection_dim": 24,
    }


def run_retrieval(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m retrieval`` as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "retrieval", *map(str, arguments)],
        cwd=REPOSITORY,
        env=os.environ | {"OMP_NUM_THREADS": "1"} | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )


def silent(message: str, fraction: float | None) -> None:
    """Progress that nobody watches."""


def write_demo_pack(path: Path, count: int) -> Path:
    """The first items of the demo gallery's pack as a pack of their own."""
    with tarfile.open(DEMO_PACK) as whole, tarfile.open(path, "w") as few:
        for member in itertools.islice(whole, count + 1):
            stream = whole.extractfile(member)
            assert stream is not None
            data = stream.read()
            if member.name == "metadata.csv":
                data = b"".join(data.splitlines(keepends=True)[: count + 1])
            entry = tarfile.TarInfo(member.name)
            entry.size = len(data)
            few.addfile(entry, io.BytesIO(data))
    return path
