"""How long the program takes from its start to its first picture with a camera frame and the hand in it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = 3

# The real program, told to say when it has shown what and to quit then; times count from before Python's own start.
_PROGRAM = """
import os, sys, time
import main
from air_sketch.window.loop import LiveLoop

shows, said = LiveLoop._show, set()

def show(loop):
    shows(loop)
    facts = {"window": True, "frame": loop.view.message == "", "hand": loop._has_seen}
    for what, is_true in facts.items():
        if is_true and what not in said:
            said.add(what)
            print(what, time.time() - float(os.environ["STARTED_S"]), flush=True)
    loop.desk.is_left = "hand" in said

LiveLoop._show = show
sys.exit(main.main(["--source", os.environ["VIDEO"], "--sketches", os.environ["SKETCHES"]]))
"""


def time_to_first_frame(video: Path, environment: dict[str, str]) -> dict[str, float]:
    """Return the best of a few starts: seconds to the window, to a camera frame, and to a tracked one."""
    best: dict[str, float] = {}
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            variables = {**os.environ, **environment, "VIDEO": str(video), "SKETCHES": f"{folder}/sketches"}
            variables["STARTED_S"] = str(time.time())
            command = [sys.executable, "-c", _PROGRAM]
            done = subprocess.run(
                command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=120, check=True
            )
        for line in done.stdout.splitlines():
            what, seconds = line.split()
            best[what] = min(best.get(what, 1e9), float(seconds))
    return best
