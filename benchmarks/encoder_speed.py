"""Compare ways to run an encoder on this CPU, all in one run, as a Markdown table.

Run: python benchmarks/encoder_speed.py [--encoder NAME] [--compile]

Every way is measured in turn, several rounds over, so that other work on the machine slows all of them alike;
the shortest time of each counts. "agreement" is the lowest cosine with plain float32 over the test pictures.
What the program does by itself is decided in ``retrieval/encoder/model/devices.py``.
"""

from __future__ import annotations

import argparse
import copy
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import cv2
import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from garments import draw_item
from retrieval.encoder.checkpoints import open_checkpoint
from retrieval.encoder.model.devices import cpu_multiplies_bf16
from retrieval.encoder.model.fused import FusedClip
from retrieval.encoder.opening import open_encoder
from retrieval.evaluation.gallery import encode_photos
from retrieval.files import default_encoder
from retrieval.search.queries import QueryEncoder
from retrieval.sketches.preprocessing import prepare_photo

BATCHES = (1, 16, 64)
ROUNDS = 6
PICTURES = max(BATCHES)
CAPTION = "a long red dress"


def ways_to_run(plain: FusedClip, compiled: bool) -> dict[str, tuple[FusedClip, Callable[[], AbstractContextManager]]]:
    """Models and the contexts they run in, by name; the first is the reference."""
    channels_last = copy.deepcopy(plain)
    channels_last.clip.vision_model.to(memory_format=torch.channels_last)
    half = copy.deepcopy(channels_last)
    half.clip.bfloat16()

    def autocast() -> AbstractContextManager:
        return torch.autocast("cpu", torch.bfloat16)

    ways = {
        "float32": (plain, nullcontext),
        "float32, channels last": (channels_last, nullcontext),
        "bf16 autocast": (plain, autocast),
        "bf16 autocast, channels last": (channels_last, autocast),
        "bf16 weights, channels last": (half, nullcontext),
    }
    if compiled:
        compiled_model = copy.deepcopy(channels_last)
        compiled_model.clip.vision_model = torch.compile(compiled_model.clip.vision_model)
        ways["bf16 autocast, channels last, torch.compile"] = (compiled_model, autocast)
    return ways


def seconds_of(run: Callable[[], object]) -> float:
    """Time of one call."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


@torch.inference_mode()
def measure_towers(plain: FusedClip, pixels: torch.Tensor, compiled: bool) -> list[str]:
    """Rows of the picture tower's table."""
    ways = ways_to_run(plain, compiled)
    reference = plain.photo_vectors(pixels)
    best: dict[tuple[str, int, int], float] = {}
    agreement: dict[str, float] = {}
    for round_number in range(ROUNDS + 1):
        for threads in (1, 2):
            torch.set_num_threads(threads)
            for name, (model, context) in ways.items():
                for batch in BATCHES:
                    with context():
                        took = seconds_of(lambda m=model, b=batch: m.photo_vectors(pixels[:b]))  # type: ignore[misc]
                    if round_number:  # the first round warms up
                        key = (name, threads, batch)
                        best[key] = min(best.get(key, took), took)
                if name not in agreement:
                    with context():
                        agreement[name] = float((model.photo_vectors(pixels) * reference).sum(dim=1).min())
    rows = []
    for name in ways:
        cells = []
        for threads in (1, 2):
            for batch in BATCHES:
                took, base = best[name, threads, batch], best["float32", threads, batch]
                cells.append(f"{1000 * took:.1f} ms ({base / took:.2f}x)")
        rows.append(f"| {name} | {' | '.join(cells)} | {agreement[name]:.5f} |")
    return rows


def measure_program(name: str, pictures: list[np.ndarray]) -> list[str]:
    """Rows of what the program itself does: one query, and indexing without decoding."""
    encoder = open_encoder(name)
    sketch = np.full((480, 640, 3), 255, np.uint8)
    points = np.random.default_rng(0).integers(100, 400, (30, 1, 2))
    cv2.polylines(sketch, [points], False, (0, 0, 0), 5)
    rows = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        query = sorted(seconds_of(lambda: QueryEncoder(encoder).embed(sketch, CAPTION)) for _ in range(40))
        index = min(seconds_of(lambda: encode_photos(encoder, pictures)) for _ in range(ROUNDS))
        rows.append(
            f"| {threads} | {1000 * query[0]:.1f} ms | {1000 * query[len(query) // 2]:.1f} ms "
            f"| {len(pictures) / index:.0f} /s |"
        )
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", default=default_encoder(), help="encoder folder or hub name")
    parser.add_argument("--compile", action="store_true", help="measure torch.compile too (needs a C++ compiler)")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    checkpoint = open_checkpoint(args.encoder)
    pictures = [draw_item(i).picture for i in range(PICTURES)]
    pixels = torch.from_numpy(np.stack([prepare_photo(picture, checkpoint.size_px) for picture in pictures]))
    print(f"torch {torch.__version__}, bf16 instructions: {'yes' if cpu_multiplies_bf16() else 'no'}\n")
    columns = [f"{batch} picture{'s' if batch > 1 else ''}, {threads} thr." for threads in (1, 2) for batch in BATCHES]
    print(f"| picture tower | {' | '.join(columns)} | agreement |")
    print("|---" * (len(columns) + 2) + "|")
    print("\n".join(measure_towers(checkpoint.model, pixels, args.compile)))
    print("\n| torch threads allowed | one query, best | one query, median | indexing, prepared and encoded |")
    print("|---|---|---|---|")
    print("\n".join(measure_program(args.encoder, pictures)))


if __name__ == "__main__":
    main()
