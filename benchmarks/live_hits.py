"""Measures what live hits cost the drawing: ``python benchmarks/live_hits.py --video CLIP``.

The real loop with window, hand model and gallery search looks at a camera of 30 frames a second, played from a clip,
and a stroke is finished several times a second. Live hits are switched on and off in turns, so that whatever else the
machine does meets both alike.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


from air_sketch.camera.video_file import VideoFileCamera
from air_sketch.desk.desk import Desk
from air_sketch.desk.errands import Errands
from air_sketch.desk.events import Key
from air_sketch.desk.search_worker import SearchWorker
from air_sketch.desk.sitting import Sitting
from air_sketch.drawing.keeping.calibrations import load_calibration
from air_sketch.drawing.keeping.journal import Journal
from air_sketch.drawing.session import Session
from air_sketch.hands.sighting import Sighting, VisionEvent
from air_sketch.hands.sources import CameraSight
from air_sketch.hands.tape import Tape
from air_sketch.hands.tracker import MediaPipeHandTracker
from air_sketch.hands.vision import Vision
from air_sketch.values.datatypes import Frame, UInt8Array
from air_sketch.voice.listener import Listener
from air_sketch.window.brushes.layout import Layout
from air_sketch.window.highgui import HighGuiWindow
from air_sketch.window.loop import LiveLoop
from air_sketch.window.parts.frame_view import FrameView
from air_sketch.window.screen import Screen
from benchmarks.tables import machine, table
from bridge.search import load_search

FPS = 30.0
CANVAS_WH = (640, 480)
STROKE_EVERY_S = 0.4
PART_S = 5.0


class PacedCamera:
    """Plays pictures as a camera does: one every 33 ms, and whoever comes late has missed some."""

    resolution_wh = CANVAS_WH

    def __init__(self, images: list[UInt8Array]) -> None:
        """Args: images: played round and round."""
        self._images, self._started_s, self._last = images, time.monotonic(), -1

    def read(self) -> Frame | None:
        """Wait for the next picture."""
        now_s = time.monotonic() - self._started_s
        index = max(self._last + 1, int(now_s * FPS))
        time.sleep(max(0.0, index / FPS - now_s))
        self._last = index
        return Frame(self._images[index % len(self._images)], index / FPS, index)

    def close(self) -> None:
        """Nothing to release."""


@dataclass
class Watch:
    """What reached the loop, by whether live hits were on."""

    seen: dict[bool, int] = field(default_factory=lambda: {False: 0, True: 0})
    missed: dict[bool, int] = field(default_factory=lambda: {False: 0, True: 0})
    turns_s: dict[bool, list[float]] = field(default_factory=lambda: {False: [], True: []})
    answers: int = 0
    last: int = -1

    def take(self, events: list[VisionEvent], live: bool) -> None:
        """Count the frames that came and those left out between them."""
        for event in events:
            if isinstance(event, Sighting):
                if self.last >= 0:
                    self.missed[live] += event.frame.index - self.last - 1
                    self.seen[live] += 1
                self.last = event.frame.index


def run(video: Path, parts: int) -> Watch:
    """Run the loop in parts, live hits off and on in turns."""
    clip, images = VideoFileCamera(video), []
    while (frame := clip.read()) is not None and len(images) < 300:
        images.append(np.asarray(cv2.resize(frame.image_bgr, CANVAS_WH), np.uint8))
    vision = Vision(CameraSight(lambda: PacedCamera(images), MediaPipeHandTracker, plays_a_file=False))
    worker = SearchWorker(load_search(None, None))
    window = HighGuiWindow("Live hits", Layout.first(CANVAS_WH).window_wh)
    session, watch = Session(load_calibration(), CANVAS_WH), Watch()
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "unsaved", CANVAS_WH, print)
        sitting = Sitting(session, Tape.start(None, CANVAS_WH), Path(folder), journal)
        screen, view = Screen(CANVAS_WH), FrameView(images[0])
        desk = Desk(sitting, worker, Errands(), Listener(lambda: None, lambda: None))
        loop = LiveLoop(window, screen, view, desk, vision, lambda: False)
        vision.start()
        while not desk.state.search_note:
            loop.turn()
        take = vision.take
        for part in range(-1, parts):  # the first one warms up
            live = part % 2 == 0
            if desk.state.query.live != live:
                desk.take(Key("char", "l"))
            watch.last = -1
            began_s = stroke_s = time.monotonic()
            while time.monotonic() - began_s < PART_S:
                if time.monotonic() - stroke_s >= STROKE_EVERY_S:
                    stroke_s = time.monotonic()
                    _scribble(session, stroke_s)
                events = take()
                vision.take = lambda events=events: events  # type: ignore[method-assign,misc]
                if part >= 0:
                    watch.take(events, live)
                cards = desk.state.cards
                turn_s = time.monotonic()
                loop.turn()
                if part >= 0:
                    watch.turns_s[live].append(time.monotonic() - turn_s)
                    watch.answers += desk.state.cards is not cards
        vision.stop()
        worker.stop()
        window.close()
    return watch


def _scribble(session: Session, t_s: float) -> None:
    """Finish one more stroke; every twentieth begins a new drawing."""
    document = session.document
    if len(document.finished_strokes) >= 20:
        document.clear()
    angle = np.linspace(0.0, 6.0, 60) + t_s
    points = 240 + np.stack([np.cos(angle), np.sin(angle * 0.7)], 1) * 150
    document.begin_stroke((float(points[0, 0]), float(points[0, 1]), t_s), (0, 0, 0), 5.0)
    for x_px, y_px in points[1:]:
        document.extend_stroke((float(x_px), float(y_px), t_s))
    document.end_stroke()


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="example: python benchmarks/live_hits.py --video me.mp4"
    )
    parser.add_argument("--video", type=Path, required=True, help="a clip of a hand")
    parser.add_argument("--parts", type=int, default=8, help="parts of five seconds, on and off in turns (default 8)")
    args = parser.parse_args()
    print(machine())
    watch = run(args.video, args.parts)
    rows = []
    for live in (False, True):
        turns_ms = 1000.0 * np.array(watch.turns_s[live])
        worst = [f"{value:.1f}" for value in np.percentile(turns_ms, [50, 99, 100])]
        rows.append(["on" if live else "off", str(watch.seen[live]), str(watch.missed[live]), *worst])
    print(table(("live hits", "frames", "left out", "turn p50 ms", "p99", "longest"), rows))
    print(f"{watch.answers} answers in {args.parts // 2 * PART_S:.0f} s of live hits")


if __name__ == "__main__":
    main()
