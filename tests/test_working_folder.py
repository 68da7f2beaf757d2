"""Nothing in the working directory is ever run: it may be a gallery that somebody sent."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLANTED = ("argparse", "cv2", "faiss", "json", "logging", "multiprocessing", "numpy", "pickle", "torch", "webbrowser")
OPENER = """
import os, sys
sys.path[0] = {root!r}
from air_sketch.desk.errands import open_card
from air_sketch.values.datatypes import ResultCard
print(open_card(ResultCard(1, 0.5, "a bag", None, None, "https://shop.example/bag")).text)
"""
RECOGNISER = """
import sys
sys.path[0] = {root!r}
from air_sketch.values.errors import SearchError
from bridge.speech import load_speech_aside
if __name__ == "__main__":
    recogniser = load_speech_aside("offline", {gallery!r})
    try:
        recogniser().close()
    except SearchError as error:
        assert "is not a folder" in str(error), error
"""
WORKERS = """
import sys
sys.path[0] = {root!r}
from pathlib import Path
import cv2
import numpy as np
if __name__ == "__main__":
    from retrieval.training.data.builder import build_pairs
    source = Path({gallery!r})
    source.mkdir()
    for number in range(70):
        cv2.imwrite(str(source / f"{{number}}.png"), np.full((40, 40, 3), number, np.uint8))
    print(build_pairs([source], source.with_name("pairs"), 64, lambda *news: None, 2))
"""


@pytest.fixture
def planted(tmp_path):
    """Make a folder of modules that leave a mark when they are run."""
    folder = tmp_path / "gallery"
    for name in PLANTED:
        path = folder / name / "__init__.py" if name == "multiprocessing" else folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"open({str(tmp_path / f'PWNED-{name}')!r}, 'w')\nraise ImportError('planted')\n")
    (folder / "multiprocessing" / "spawn.py").write_text("")
    return folder


def run(planted, *command, **variables):
    """Run Python in the planted folder; return what it said. Nothing planted may have run."""
    environment = {**os.environ, "AIR_SKETCH_CACHE": str(planted.parent / "cache"), **variables}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=planted,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert not list(planted.parent.glob("PWNED-*")), done.stderr
    return done


@pytest.mark.parametrize("script", [RECOGNISER, WORKERS])
def test_child_processes_take_no_module_from_the_working_directory(planted, script):
    path = planted.with_name("start.py")
    path.write_text(script.format(root=str(ROOT), gallery=str(planted.with_name("pictures"))))
    done = run(planted, str(path))
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script for a browser")
def test_the_opener_takes_no_module_from_the_working_directory(planted):
    opened, path = planted.with_name("opened"), planted.with_name("start.py")
    browser = planted.with_name("browser")
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o755)
    path.write_text(OPENER.format(root=str(ROOT)))
    assert "Opened" in run(planted, str(path), BROWSER=f"{browser} %s").stdout
    end_s = time.monotonic() + 20
    while not (opened.exists() and opened.read_text()) and time.monotonic() < end_s:
        time.sleep(0.05)
    assert opened.read_text() == "https://shop.example/bag\n"
    assert not list(planted.parent.glob("PWNED-*"))


@pytest.mark.parametrize(
    "command",
    [
        [str(ROOT / "main.py"), "replay", str(ROOT / "samples" / "dress.jsonl"), "--json"],
        ["-m", "retrieval", "search", "--gallery", "none", "--caption", "dress"],
    ],
)
def test_the_programs_take_no_module_from_the_working_directory(planted, command):
    done = run(planted, *command, PYTHONPATH=str(ROOT))
    assert done.returncode in (0, 1) and "planted" not in done.stderr, done.stderr
