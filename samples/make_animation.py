"""Makes the README's animation: ``python samples/make_animation.py [--out docs/demo.webp]``.

Plays a recorded session through the program's own session, screen and search: the hand draws, a caption is typed, the
hits come. Nothing is painted by hand; only the clock is ours, so that the same session always gives the same frames.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


from air_sketch.camera.paper import make_paper
from air_sketch.desk.advance import advance
from air_sketch.desk.events import Event, HitsArrived, Key, SearchChanged, SearchPhase, SearchQuery
from air_sketch.desk.news import wait_for_hits
from air_sketch.desk.state import CARDS_PER_PAGE, DeskState, forget_old_notice
from air_sketch.drawing.ink.rendering import render_paper
from air_sketch.drawing.keeping.calibrations import load_calibration
from air_sketch.drawing.session import Session
from air_sketch.hands.sources import RecordingSight
from air_sketch.values.datatypes import SearchRequest, UInt8Array
from air_sketch.values.ports import SketchSearch
from air_sketch.window.brushes.layout import Layout
from air_sketch.window.parts.frame_view import FrameView
from air_sketch.window.screen import Screen
from bridge.search import load_search

ROOT = Path(__file__).resolve().parent.parent
MOST_BYTES = 3_000_000
QUALITIES = (80, 70, 60, 50, 40, 30)
SECONDS_A_LETTER = 0.13
PAUSE_S, LAST_S = 0.6, 4.0


class Director:
    """Moves session, screen and clock forward and composes frames."""

    def __init__(self, recording: Path, search: SketchSearch, fps: float, speed: float) -> None:
        """Take what is played, what answers, and how the animation runs.

        Args:
            recording: a ``.jsonl`` session.
            search: answers the caption and the drawing.
            fps: frames a second of the animation.
            speed: seconds of the session in a second of the animation.
        """
        self._sight, self._search = RecordingSight(recording), search
        self._fps, self._speed = fps, speed
        self._now_s = 0.0
        self._session = Session(load_calibration(), self._sight.canvas_wh)
        self._layout = Layout.first(self._sight.canvas_wh)
        self._screen, self._view = Screen(self._sight.canvas_wh), FrameView(make_paper(self._sight.canvas_wh))
        self._state = DeskState()
        self._take(SearchChanged(SearchPhase.READY, search.description))

    def frames(self, caption: str) -> Iterator[UInt8Array]:
        """Yield the whole animation, uint8 RGB (H, W, 3)."""
        yield from self._draw()
        yield from self._hold(PAUSE_S)
        yield from self._type(caption)
        yield from self._find(caption)

    def _draw(self) -> Iterator[UInt8Array]:
        next_frame_s = 0.0
        while (sighting := self._sight.read()) is not None:
            self._now_s = sighting.frame.t_s
            for name in sighting.keys:
                self._session.apply_key(name, self._now_s)
            self._view.take_frame(sighting.frame.image_bgr, self._now_s)
            self._view.result = self._session.step(sighting.observation, self._now_s)
            if self._now_s >= next_frame_s:
                next_frame_s += self._speed / self._fps
                yield self._picture()
        self._session.finish(self._now_s)

    def _hold(self, seconds: float) -> Iterator[UInt8Array]:
        for _ in range(round(seconds * self._fps)):
            self._now_s += 1.0 / self._fps
            self._state = forget_old_notice(self._state, self._now_s)
            yield self._picture()

    def _type(self, caption: str) -> Iterator[UInt8Array]:
        self._take(Key("char", "t"))
        yield from self._hold(PAUSE_S)
        for letter in caption:
            self._take(Key("char", letter))
            yield from self._hold(SECONDS_A_LETTER)
        yield from self._hold(PAUSE_S)

    def _find(self, caption: str) -> Iterator[UInt8Array]:
        self._take(Key("enter"))
        self._state = wait_for_hits(self._state)
        yield from self._hold(0.3)
        drawing = render_paper(self._session.document.finished_strokes, self._sight.canvas_wh)
        request = SearchRequest(drawing, caption, CARDS_PER_PAGE)
        self._take(HitsArrived(SearchQuery(lambda: drawing, request), self._search.search(request)))
        yield from self._hold(LAST_S)

    def _take(self, event: Event) -> None:
        self._state, _ = advance(self._state, event, self._now_s)

    def _picture(self) -> UInt8Array:
        pens, document = self._session.pens, self._session.document
        self._view.pen_rgb, self._view.pen_width_px = pens.color_rgb, pens.width_px
        picture = self._screen.compose(self._layout.window_wh, self._state, self._view, document, self._now_s)
        return np.ascontiguousarray(picture[..., ::-1])


def save(frames: list[Image.Image], path: Path, fps: float) -> int:
    """Write an animated WebP or GIF, as good as fits the size; return its size in bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shared = {"save_all": True, "append_images": frames[1:], "duration": round(1000 / fps), "loop": 0}
    if path.suffix.lower() == ".gif":
        frames[0].save(path, optimize=True, **shared)
        return path.stat().st_size
    for quality in QUALITIES:
        frames[0].save(path, quality=quality, method=4, allow_mixed=True, **shared)
        if path.stat().st_size < MOST_BYTES:
            break
    return path.stat().st_size


def main() -> None:
    """Make the animation."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="example: python samples/make_animation.py")
    parser.add_argument("--recording", type=Path, default=ROOT / "samples" / "dress.jsonl", metavar="FILE")
    parser.add_argument("--caption", default="red dress", metavar="TEXT")
    parser.add_argument("--gallery", metavar="DIR", help="folder of pictures to search (default: the demo gallery)")
    parser.add_argument("--encoder", metavar="NAME", help="encoder folder or hub name (default: the shipped one)")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "demo.webp", metavar="WEBP|GIF")
    parser.add_argument("--width", type=int, default=900, metavar="PX")
    parser.add_argument("--fps", type=float, default=12.5)
    parser.add_argument("--speed", type=float, default=1.6, help="how much faster than recorded (default 1.6)")
    args = parser.parse_args()
    search = load_search(args.gallery, args.encoder)(_report)
    director = Director(args.recording, search, args.fps, args.speed)
    frames = []
    for picture in director.frames(args.caption):
        whole = Image.fromarray(picture)
        height = round(args.width * whole.height / whole.width)
        frames.append(whole.resize((args.width, height), Image.Resampling.LANCZOS))
    size = save(frames, args.out, args.fps)
    print(f"{args.out}: {len(frames)} frames, {len(frames) / args.fps:.1f} s, {size / 1e6:.2f} MB")
    if size >= MOST_BYTES:
        raise SystemExit(
            f"{args.out} is larger than {MOST_BYTES / 1e6:.0f} MB: make --width, --fps or the session smaller"
        )


def _report(message: str, fraction: float | None) -> None:
    share = "" if fraction is None else f" {fraction:.0%}"
    print(f"\r{message}{share}   ", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
