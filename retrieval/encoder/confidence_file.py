"""What makes an encoder's answers calibrated: ``confidence.json`` and ``confidence.safetensors`` in its folder.

A folder may come from a stranger: sizes are bounded, every number must be finite, and what was fitted for other weights
is not used.
"""

from __future__ import annotations

import logging
import math
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from retrieval.files import read_json, replacing, write_json
from retrieval.sketches.ink_statistics import NAMES
from retrieval.values.confidence import EVIDENCE, HIT_EVIDENCE, MODES, Chance, Confidence, GarmentProbe
from retrieval.values.errors import CheckpointError, first_line

log = logging.getLogger(__name__)

RECORD, TENSORS = "confidence.json", "confidence.safetensors"
FORMAT, VERSION = "air-sketch-confidence", 1
LARGEST_TENSORS = 4 << 20
MOST_HIDDEN = 1024
LARGEST_NUMBER = 1e4
AGAIN = "Make it anew: python -m retrieval confidence --data DIR --drawings FILE --other FILE --encoder"


def load_confidence(folder: Path, weights_hash: str, width: int) -> Confidence | None:
    """Read what was fitted for an encoder; None when nothing was, or for other weights (which is told).

    Raises:
        CheckpointError: if it is damaged.
    """
    if not (folder / RECORD).is_file():
        return None
    try:
        record = read_json(folder / RECORD)
        if record["format"] != FORMAT or record["version"] != VERSION:
            raise ValueError(f"expected {FORMAT} version {VERSION}")
        if record["weights_hash"] != weights_hash:
            log.warning("%s was fitted for other weights and is not used. %s %s", folder / RECORD, AGAIN, folder)
            return None
        answers = {mode: _chance(record["answers"][mode], EVIDENCE) for mode in MODES}
        matches = {mode: _chance(record["matches"][mode], HIT_EVIDENCE) for mode in MODES}
        return Confidence(_probe(folder / TENSORS, width + len(NAMES)), answers, matches)
    except Exception as error:  # what damaged bytes raise depends on where the damage is
        raise CheckpointError(
            f"Encoder {folder} is damaged: {RECORD} cannot be read ({first_line(error)})", f"{AGAIN} {folder}"
        ) from error


def save_confidence(folder: Path, weights_hash: str, confidence: Confidence) -> None:
    """Write both files, each atomically, ``confidence.json`` last."""
    probe = confidence.probe
    tensors = {"first": probe.first, "first_bias": probe.first_bias, "second": probe.second}
    tensors["second_bias"] = np.array([probe.second_bias])
    with replacing(folder / TENSORS) as temporary:
        save_file({name: np.ascontiguousarray(value, np.float32) for name, value in tensors.items()}, temporary)
    chances = {"answers": (confidence.answers, EVIDENCE), "matches": (confidence.matches, HIT_EVIDENCE)}
    write_json(
        folder / RECORD,
        {
            "format": FORMAT,
            "version": VERSION,
            "weights_hash": weights_hash,
            **{
                key: {
                    mode: {
                        "bias": round(chance.bias, 4),
                        "weights": {name: round(float(w), 4) for name, w in zip(names, chance.weights, strict=True)},
                    }
                    for mode, chance in several.items()
                }
                for key, (several, names) in chances.items()
            },
            "figures": confidence.figures,
        },
    )


def _chance(said: dict[str, Any], names: tuple[str, ...]) -> Chance:
    if set(said["weights"]) != set(names):
        raise ValueError(f"expected weights of {', '.join(names)}")
    numbers = [float(said["weights"][name]) for name in names]
    if not all(math.isfinite(number) and abs(number) <= LARGEST_NUMBER for number in (*numbers, said["bias"])):
        raise ValueError(f"expected numbers within {LARGEST_NUMBER:g}")
    return Chance(np.array(numbers, np.float32), float(said["bias"]))


def _probe(path: Path, wanted: int) -> GarmentProbe:
    if not path.is_file() or path.stat().st_size > LARGEST_TENSORS:
        raise ValueError(f"expected {path.name} of at most {LARGEST_TENSORS:,} bytes")
    tensors = {name: value.astype(np.float32) for name, value in load_file(path).items()}
    first, second = tensors["first"], tensors["second"]
    hidden = len(second)
    shapes = [tensors[name].shape for name in ("first", "first_bias", "second", "second_bias")]
    if shapes != [(wanted, hidden), (hidden,), (hidden,), (1,)] or not 1 <= hidden <= MOST_HIDDEN:
        raise ValueError(f"expected a hidden layer over {wanted} numbers, got {', '.join(map(str, shapes))[:99]}")
    if not all(bool(np.isfinite(value).all()) for value in tensors.values()):
        raise ValueError("it holds what is no number")
    return GarmentProbe(first, tensors["first_bias"], second, float(tensors["second_bias"][0]))
