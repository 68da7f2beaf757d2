"""Measures the drawing half: ``python benchmarks/drawing.py [--video CLIP]`` writes benchmarks/DRAWING.md.

All figures of one table come from one run, side by side, so that their ratios hold on any machine.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from air_sketch.camera.video_file import VideoFileCamera
from air_sketch.window.highgui import HighGuiWindow
from benchmarks.fingertip_filters import FPS, NOISE_PX, SPEED_PX_S, measure_filters
from benchmarks.first_frame import time_to_first_frame
from benchmarks.frame_costs import (
    LARGE,
    SMALL,
    BareLandmarker,
    OurLoop,
    UsualLoop,
    frames_of,
    time_drawing_alone,
    time_side_by_side,
)
from benchmarks.tables import machine, table
from tests.virtual_display import VirtualDisplay, missing_programs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from air_sketch.values.datatypes import UInt8Array

OUT = Path(__file__).with_name("DRAWING.md")
SIZES_WH = ((640, 480), (1280, 720))
MOST_IMAGES = 120


def main() -> None:
    """Measure everything and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="example: python benchmarks/drawing.py --video me.mp4")
    parser.add_argument("--video", type=Path, help="a clip of a hand; without one, a synthetic clip without a hand")
    parser.add_argument("--frames", type=int, default=300, help="frames a measurement (default 300)")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, screen() as window_variables:
        video = args.video or write_synthetic(Path(folder) / "synthetic.mp4")
        images = read_images(video)
        what = f"`{video.name}`" + ("" if args.video else " (synthetic: no hand, so the palm detector runs every time)")
        parts = [
            "# What drawing costs, and how it feels in figures",
            f"Written by `python benchmarks/drawing.py`. {machine()}. Clip: {what}, {len(images)} frames played forth "
            f"and back, {args.frames} frames a measurement. Times are medians; loops in one table took turns frame by "
            "frame, so compare the ratios.",
            "## The whole loop against the bare hand model",
            loop_against_bare(images, args.frames, has_window=window_variables is not None),
            "The loop does light check, colour conversion, tracking, gestures, filter, strokes, ink and window picture "
            "on one thread; the bare call is `HandLandmarker.detect_for_video` on a picture converted beforehand, and "
            "the loop makes it, too. In the program, tracking and window run on two threads. The loop with `imshow` "
            "was measured afterwards, beside a bare model of its own, so that the window system's work falls on no "
            "other loop.",
            "## The whole loop against the usual one",
            loop_against_usual(images, args.frames),
            "The usual loop: legacy `mediapipe.solutions.hands.Hands` with its default of two hands, and every line of "
            "the drawing drawn again with `cv2.line` in every frame; no filter, no anti-aliasing, no window picture.",
            "## The size of the drawing",
            drawing_size(images, args.frames),
            "## The fingertip filter",
            f"Noise of {NOISE_PX} px a coordinate, {FPS:.0f} frames a second; motion at {SPEED_PX_S:.0f} px/s.",
            measure_filters(),
            "## From the start to the first picture",
            first_pictures(video, window_variables),
        ]
    args.out.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print(args.out.read_text(encoding="utf-8"))


def loop_against_bare(images: list[UInt8Array], count: int, *, has_window: bool) -> str:
    """Measure (a).

    With and without the window are two measurements: what the window system still does after `imshow` would else be
    counted to whichever loop has the next turn, and with three loops that is never the bare model.
    """
    rows = []
    for wh in SIZES_WH:
        frames = frames_of(images, wh, count)
        bare, ours = time_side_by_side([BareLandmarker(), OurLoop(wh, SMALL)], frames)
        with_window = ["no display", ""]
        if has_window:
            window = HighGuiWindow(f"Benchmark {wh[0]}", wh)
            bare_beside, shown = time_side_by_side([BareLandmarker(), OurLoop(wh, SMALL, window)], frames)
            window.close()
            with_window = [f"{shown:.1f} ms", f"{shown / bare_beside:.2f}"]
        rows.append([f"{wh[0]} x {wh[1]}", f"{bare:.1f} ms", f"{ours:.1f} ms", f"**{ours / bare:.2f}**", *with_window])
    return table(["frames", "bare model", "whole loop", "ratio", "with `imshow`", "ratio"], rows)


def loop_against_usual(images: list[UInt8Array], count: int) -> str:
    """Measure (b)."""
    wh, rows = SIZES_WH[0], []
    frames = frames_of(images, wh, count)
    for drawing in (SMALL, LARGE):
        usual, ours = time_side_by_side([UsualLoop(wh, drawing), OurLoop(wh, drawing)], frames)
        size = f"{drawing.strokes} stroke{'s' * (drawing.strokes > 1)}, {drawing.points:,} points"
        rows.append([size, f"{usual:.1f} ms", f"{ours:.1f} ms", f"**{usual / ours:.1f} x faster**"])
    return table(["on the sheet, 640 x 480", "usual loop", "whole loop of ours", ""], rows)


def drawing_size(images: list[UInt8Array], count: int) -> str:
    """Measure (c)."""
    wh, rows = SIZES_WH[0], []
    frames = frames_of(images, wh, count)
    whole = time_side_by_side([OurLoop(wh, SMALL), OurLoop(wh, LARGE)], frames)
    alone = [time_drawing_alone(frames, drawing)() for drawing in (SMALL, LARGE)]
    for what, (small, large) in (("whole loop", whole), ("without the hand model", alone)):
        rows.append([what, f"{small:.2f} ms", f"{large:.2f} ms", f"**{large / small:.2f}**"])
    return table(["640 x 480", "1 stroke, 100 points", "200 strokes, 20,000 points", "ratio"], rows)


def first_pictures(video: Path, window_variables: dict[str, str] | None) -> str:
    """Measure (e)."""
    if window_variables is None:
        return "Not measured: there was no display, and no Xvfb to make one."
    best = time_to_first_frame(video.resolve(), window_variables)
    words = {"window": "window", "frame": "first camera frame in it", "hand": "first frame looked at for a hand"}
    rows = [[words[what], f"{seconds:.2f} s"] for what, seconds in best.items()]
    return table(["from starting Python to", "best of 3"], rows)


@contextmanager
def screen() -> Iterator[dict[str, str] | None]:
    """Give the variables of a display: a virtual one where it can be had, else the user's; None without any."""
    if sys.platform.startswith("linux") and not missing_programs() and shutil.which("Xvfb"):
        display = VirtualDisplay()
        os.environ["DISPLAY"] = display.name
        try:
            yield {"DISPLAY": display.name}
        finally:
            display.close()
    else:
        yield None if sys.platform.startswith("linux") and not os.environ.get("DISPLAY") else {}


def read_images(video: Path) -> list[UInt8Array]:
    """Read the first frames of a clip."""
    camera, images = VideoFileCamera(video), []
    while len(images) < MOST_IMAGES and (frame := camera.read()) is not None:
        images.append(frame.image_bgr)
    camera.close()
    return images


def write_synthetic(path: Path) -> Path:
    """Write a clip of a moving disc, for want of a hand."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30.0, (640, 480))
    for number in range(60):
        image = np.full((480, 640, 3), (70, 90, 80), np.uint8)
        cv2.circle(image, (80 + 8 * number, 240), 60, (40, 160, 220), -1)
        writer.write(image)
    writer.release()
    return path


if __name__ == "__main__":
    main()
