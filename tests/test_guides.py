"""The guides name files that exist."""

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
NAMED = re.compile(r"`((?:air_sketch|retrieval|bridge|garments|tests|calibration|checkpoints|docs)/[\w./-]*)`")


@pytest.mark.parametrize("guide", ["README.md", "CONTRIBUTING.md", "NOTICE"])
def test_every_file_that_a_guide_names_exists(guide):
    text = (REPOSITORY / guide).read_text(encoding="utf-8")
    named = set(NAMED.findall(text)) | set(re.findall(r"\((\w+/[\w./-]+)\)", text))
    made_by_people = {"calibration/anna.json"}
    missing = sorted(name for name in named - made_by_people if not (REPOSITORY / name).exists())
    assert named and not missing
