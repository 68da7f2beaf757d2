from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from retrieval.encoder.confidence_file import LARGEST_TENSORS, RECORD, TENSORS, load_confidence, save_confidence
from retrieval.sketches.ink_statistics import NAMES
from retrieval.values.confidence import EVIDENCE, HIT_EVIDENCE, MODES, Chance, Confidence, GarmentProbe
from retrieval.values.errors import CheckpointError

WIDTH, HIDDEN = 8, 3


@pytest.fixture
def written(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)

    def some(*shape: int) -> Any:
        return rng.normal(size=shape).astype(np.float32)

    probe = GarmentProbe(some(WIDTH + len(NAMES), HIDDEN), some(HIDDEN), some(HIDDEN), 0.25)
    answers = {mode: Chance(some(len(EVIDENCE)), 0.5) for mode in MODES}
    matches = {mode: Chance(some(len(HIT_EVIDENCE)), -0.5) for mode in MODES}
    save_confidence(tmp_path, "abc", Confidence(probe, answers, matches, {"queries": 3}))
    return tmp_path


def test_what_is_written_is_read_again(written: Path) -> None:
    read = load_confidence(written, "abc", WIDTH)
    assert read is not None and set(read.answers) == set(read.matches) == set(MODES)
    numbers = np.ones(WIDTH + len(NAMES), np.float32)
    tensors = load_file(written / TENSORS)
    hidden = np.maximum(numbers @ tensors["first"] + tensors["first_bias"], 0)
    expected = np.clip(hidden @ tensors["second"] + 0.25, -8, 8)
    assert read.probe.log_odds(numbers) == pytest.approx(expected, abs=1e-4)
    assert json.loads((written / RECORD).read_text())["figures"] == {"queries": 3}


def test_an_encoder_without_the_file_has_no_confidence(tmp_path: Path) -> None:
    assert load_confidence(tmp_path, "abc", WIDTH) is None


def test_what_was_fitted_for_other_weights_is_not_used_and_told(
    written: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert load_confidence(written, "other", WIDTH) is None
    assert "fitted for other weights" in caplog.text and "retrieval confidence" in caplog.text


def change(record: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return record | changes


BAD_RECORDS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no object": lambda record: [record],
    "another format": lambda record: change(record, format="other"),
    "a later version": lambda record: change(record, version=99),
    "a mode is missing": lambda record: change(record, answers={}),
    "a weight is missing": lambda record: change(record, matches={mode: {"bias": 0, "weights": {}} for mode in MODES}),
    "a weight is no number": lambda record: json.loads(json.dumps(record).replace('"bias": 0.5', '"bias": NaN')),
    "a weight is huge": lambda record: json.loads(json.dumps(record).replace('"bias": 0.5', '"bias": 1e99')),
}


@pytest.mark.parametrize("fault", list(BAD_RECORDS))
def test_a_damaged_record_is_told_in_one_line(written: Path, fault: str) -> None:
    record = json.loads((written / RECORD).read_text())
    (written / RECORD).write_text(json.dumps(BAD_RECORDS[fault](record)))
    with pytest.raises(CheckpointError, match=r"confidence\.json cannot be read") as caught:
        load_confidence(written, "abc", WIDTH)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("fault", ["gone", "large", "no safetensors", "other shapes", "no numbers"])
def test_a_damaged_probe_is_told_in_one_line(written: Path, fault: str) -> None:
    path = written / TENSORS
    tensors = load_file(path)
    if fault == "gone":
        path.unlink()
    elif fault == "large":
        with path.open("r+b") as stream:
            stream.truncate(LARGEST_TENSORS + 1)
    elif fault == "no safetensors":
        path.write_bytes(b"nothing of the kind")
    else:
        tensors["second"] = np.full(HIDDEN if fault == "no numbers" else HIDDEN + 1, np.nan, np.float32)
        save_file(tensors, path)
    with pytest.raises(CheckpointError, match=r"confidence\.json cannot be read") as caught:
        load_confidence(written, "abc", WIDTH)
    assert "\n" not in str(caught.value)
