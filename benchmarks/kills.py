"""Measures how much of a drawing a kill costs: ``python benchmarks/kills.py``.

The real program on a virtual display of its own (Xvfb, xdotool); one stroke is drawn with the mouse, a move every
12 ms, and the program is killed at a random moment. What its journal holds then is held against what was sent. Then two
windows that save into the same folder are ended at the same moment.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from air_sketch.window.brushes.layout import Layout
from benchmarks.tables import machine, table
from tests.virtual_display import Program, VirtualDisplay

REPORT = Path(__file__).with_name("KILLS.md")
LEFT_TOP = (40, 130)  # of where the mouse draws, in pixels of the window, and how far to the right and down
WIDTH_PX, ROW_PX, STEP_PX = 400, 12, 2
PAUSE_S = 0.012
MUCH_S = 0.5

REPORT_TEXT = """# What a kill costs

Written by `python benchmarks/kills.py`. {machine}.

{table}

`kill -9` while one stroke is drawn with the mouse, a move every 12 ms, from the moment that the window is there: in the
first seconds torch, the encoder and the gallery are loaded beside it. Lost is the time from the last point that the
journal holds to the kill.

{endings} times two windows with a drawing each that save into the same folder were ended at the same moment (SIGTERM,
SIGHUP, SIGINT in turns): **{missing} drawings lost**.
"""


class Mouse:
    """Moves and presses the mouse of a display without starting a program each time."""

    def __init__(self, display: VirtualDisplay) -> None:
        self._x11, self._test = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        self._display = ctypes.c_void_p(self._x11.XOpenDisplay(display.name.encode()))

    def move(self, x_px: int, y_px: int) -> None:
        """Move to a pixel of the screen."""
        self._test.XTestFakeMotionEvent(self._display, -1, x_px, y_px, 0)
        self._x11.XFlush(self._display)

    def press(self, is_down: bool) -> None:
        """Press or release the left button."""
        self._test.XTestFakeButtonEvent(self._display, 1, int(is_down), 0)
        self._x11.XFlush(self._display)


def way(left: int, top: int) -> Iterator[tuple[int, int]]:
    """Go to and fro, row below row."""
    steps = WIDTH_PX // STEP_PX
    number = 0
    while True:
        row, column = divmod(number, steps)
        x_px = STEP_PX * (column if row % 2 == 0 else steps - column)
        yield left + x_px, top + ROW_PX * row
        number += 1


def lost_s(display: VirtualDisplay, mouse: Mouse, folder: Path, drawing_s: float) -> float:
    """Draw for so long, kill the program; return how long before the kill the last point was made that is kept."""
    program = Program(display, folder, "--source", "mouse")
    try:
        program.wait_for_window(60.0)
        place = dict(
            line.split("=") for line in display.xdotool("getwindowgeometry", "--shell", program.window).splitlines()
        )
        left, top = int(place["X"]) + LEFT_TOP[0], int(place["Y"]) + LEFT_TOP[1]
        mouse.move(left, top)
        time.sleep(0.02)
        mouse.press(True)
        sent_s: list[float] = []
        end_s = time.monotonic() + drawing_s
        for x_px, y_px in way(left, top):
            mouse.move(x_px, y_px)
            sent_s.append(time.monotonic())
            if sent_s[-1] > end_s:
                break
            time.sleep(PAUSE_S)
        program.kill_at_once()
        dead_s = time.monotonic()
        mouse.press(False)
    finally:
        program.kill()
    return dead_s - sent_s[min(last_kept(program.sketches.parent / ".sketches-unsaved"), len(sent_s) - 1)]


def last_kept(folder: Path) -> int:
    """Find which move made the last point in the journal, by how far the line has come; 0 if none is there."""
    for file in folder.glob("*.jsonl"):
        head, *lines = file.read_bytes().split(b"\n")
        canvas_wh = json.loads(head)["canvas_wh"]
        scale = Layout.first(canvas_wh).view.w / canvas_wh[0]  # from the canvas to the window
        points = [
            json.loads(line)[1:3]
            for line in lines
            if line.startswith((b'["begin"', b'["extend"')) and line[-1:] == b"]"
        ]
        if points:
            row = round((points[-1][1] - points[0][1]) * scale / ROW_PX)
            x_px = (points[-1][0] - points[0][0]) * scale
            return round((row * WIDTH_PX + (x_px if row % 2 == 0 else WIDTH_PX - x_px)) / STEP_PX)
    return 0


def drawings_lost(display: VirtualDisplay, folder: Path, ending: str) -> int:
    """Draw in two windows that save into the same folder, end them at once; return how many are not there."""
    programs: list[Program] = []
    windows: set[str] = set()
    try:
        for _ in range(2):
            programs.append(program := Program(display, folder, "--source", "mouse"))
            while not (
                new := set(display.xdotool("search", "--onlyvisible", "--name", "^Air Sketch$").split()) - windows
            ):
                time.sleep(0.05)
            windows |= new
            program.window = new.pop()
            display.xdotool("windowraise", program.window, "windowfocus", "--sync", program.window)
            program.drag([(LEFT_TOP[0] + 4 * i, LEFT_TOP[1] + 3 * i) for i in range(30)])
        for program in programs:
            program.interrupt(getattr(signal, ending))
        for program in programs:
            program.wait(60.0)
    finally:
        for program in programs:
            program.kill()
    return 2 - len(list(programs[0].sketches.glob("*.png")))


def main() -> int:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--early", type=int, default=100, help="kills in the first 5 s of drawing (default 100)")
    parser.add_argument("--later", type=int, default=50, help="kills between 8 and 15 s (default 50)")
    parser.add_argument(
        "--endings", type=int, default=20, help="pairs of windows ended at the same moment (default 20)"
    )
    options = parser.parse_args()
    display, rng, told = VirtualDisplay(), random.Random(14), machine()
    mouse = Mouse(display)
    rows: list[list[str]] = []
    try:
        for when, count, range_s in (
            ("in the first 5 s", options.early, (0.3, 5.0)),
            ("after 8 to 15 s", options.later, (8, 15)),
        ):
            lost: list[float] = []
            for _ in range(count):
                with tempfile.TemporaryDirectory() as folder:
                    lost.append(lost_s(display, mouse, Path(folder), rng.uniform(*range_s)))
                print(f"{when}: {len(lost)} of {count}, lost {lost[-1]:.2f} s", flush=True)
            if lost:
                median, most = sorted(lost)[len(lost) // 2], max(lost)
                rows.append([when, f"{count}", f"{median:.2f} s", f"{most:.2f} s", f"{sum(s > MUCH_S for s in lost)}"])
        missing = 0
        for number in range(options.endings):
            with tempfile.TemporaryDirectory() as folder:
                missing += drawings_lost(display, Path(folder), ("SIGTERM", "SIGHUP", "SIGINT")[number % 3])
            print(f"endings: {number + 1} of {options.endings}, drawings lost so far {missing}", flush=True)
    finally:
        display.close()
    REPORT.write_text(
        REPORT_TEXT.format(
            machine=told,
            table=table(["killed", "times", "ink lost, median", "most", f"over {MUCH_S} s"], rows),
            endings=options.endings,
            missing=missing,
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
