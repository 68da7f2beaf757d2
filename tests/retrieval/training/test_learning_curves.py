from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest

from retrieval.training.learning_curves import PICTURE_WH, read_metrics, write_curves


def write_log(path: Path, lines: list[object]) -> Path:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")
    return path


def test_steps_logged_twice_count_once_and_half_lines_do_not_count(tmp_path: Path) -> None:
    log = write_log(
        tmp_path / "metrics.jsonl",
        [
            {"step": 20, "steps_per_s": 0.4, "gated": 3.0},
            {"step": 40, "gated": 2.0},
            '{"step": 60, "gat',
            {"step": 40, "gated": 2.5, "words": None},
            "[1]",
            {"step": 40, "val_title": 0.3},
        ],
    )
    assert read_metrics(log) == {"gated": [(20.0, 3.0), (40.0, 2.5)], "val_title": [(40.0, 0.3)]}


@pytest.mark.parametrize("lines", [[], [{"step": 1, "gated": 0.0}], [{"step": 5, "val_title": 0.0}], ["not a log"]])
def test_any_log_is_drawn(lines: list[object], tmp_path: Path) -> None:
    write_curves(write_log(tmp_path / "metrics.jsonl", lines), tmp_path / "curves.png")
    picture = cv2.imread(str(tmp_path / "curves.png"))
    assert picture.shape == (*PICTURE_WH[::-1], 3)
    assert not list(tmp_path.glob("*.tmp"))
