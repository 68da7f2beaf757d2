"""What a gallery lacks is counted and named, in the window, too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bridge.search import open_search
from retrieval.commands.parser import main
from retrieval.index.report import REPORT_FILE, pictures_passed_over


@pytest.fixture
def damaged(gallery: Path) -> Path:
    (gallery / "metadata.csv").unlink()
    (gallery / "broken.jpg").write_bytes(b"\xff\xd8 broken")
    (gallery / "drawing.svg").write_bytes(b"<svg/>")
    (gallery / "notes.txt").write_bytes(b"no picture")
    (gallery / ".hidden.png").write_bytes(b"no picture")
    return gallery


def test_the_window_says_how_many_pictures_are_passed_over_and_where_which_are_named(
    damaged: Path, encoder_folder: Path
) -> None:
    for _ in range(2):
        said = open_search(str(damaged), str(encoder_folder)).description
        assert ", 2 passed over, see " in said
        lines = [json.loads(line) for line in Path(said.partition(", see ")[2]).read_text().splitlines()]
        assert {line["file"] for line in lines if "reason" in line} >= {"broken.jpg", "drawing.svg"}
    (damaged / "broken.jpg").unlink()
    (damaged / "drawing.svg").unlink()
    assert "passed over" not in open_search(str(damaged), str(encoder_folder)).description


def test_the_window_says_it_of_an_index_folder_too(damaged: Path, encoder_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "index"
    assert main(["index", "--images", str(damaged), "--out", str(out), "--encoder", str(encoder_folder)]) == 0
    said = open_search(str(out), str(encoder_folder)).description
    assert said.endswith(f", 2 passed over, see {out / 'pictures.jsonl'}")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"unreadable": 1, "skipped": [1]}', "[" * 100_000, "null"])
def test_a_report_of_anybody_is_believed_in_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / REPORT_FILE).write_text(content)
    assert pictures_passed_over(tmp_path) == 0
