"""Makes the recorded sessions in this folder: ``python samples/make_samples.py``.

A synthetic hand draws garments as a person would: it hovers to the start, points, waits a moment, draws with a
speed that falls in the corners, curls its finger and moves on. The recordings hold landmarks only; replaying them
runs the real gesture recognition, filter and tool machine.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from air_sketch.hands.recording import RecordedFrame
from air_sketch.hands.tape import Tape
from air_sketch.values.datatypes import PointPx
from samples.garments import GARMENTS, Garment, outline
from samples.synthetic_hand import ANYBODY, FIST, FIVE, FOUR, ONE, THREE, TWO, HandShape, Person, make_observation

Float64Array = npt.NDArray[np.float64]
FOLDER = Path(__file__).resolve().parent
FRAME_WH = (640, 480)
FPS = 30.0
DRAW_SPEED_PX_S = 430.0
MOVE_SPEED_PX_S = 900.0
STIFF = Person(tightest=0.4)
PEN_SHAPES = {"black": TWO, "green": THREE, "red": FOUR}


@dataclass
class Actor:
    """Collects frames while a hand acts; time advances one frame at a time."""

    rng: np.random.Generator
    shape: HandShape = FIST
    at_px: PointPx = (330.0, 330.0)
    frames: list[RecordedFrame] = field(default_factory=list)
    person: Person = ANYBODY
    jitter_px: float = 0.5

    def show(self, shape: HandShape, at_px: PointPx) -> None:
        """Add one frame."""
        self.shape, self.at_px = shape, at_px
        hand = make_observation(
            shape, at_px, frame_wh=FRAME_WH, jitter_px=self.jitter_px, rng=self.rng, decimals=4, person=self.person
        )
        self.frames.append(RecordedFrame(round(len(self.frames) / FPS, 4), hand))

    def leave(self, seconds: float) -> None:
        """Add frames without a hand."""
        for _ in range(round(seconds * FPS)):
            self.frames.append(RecordedFrame(round(len(self.frames) / FPS, 4), None))

    def change_shape(self, shape: HandShape, seconds: float) -> None:
        """Open or close fingers where the hand is."""
        start, count = self.shape, max(1, round(seconds * FPS))
        for i in range(1, count + 1):
            self.show(start.towards(shape, i / count), self.at_px)

    def hold(self, seconds: float) -> None:
        """Keep still."""
        for _ in range(round(seconds * FPS)):
            self.show(self.shape, self.at_px)

    def move_to(self, target_px: PointPx) -> None:
        """Move in a slight arc with a soft start and end."""
        start, distance = self.at_px, math.dist(self.at_px, target_px)
        count = max(3, round((distance / MOVE_SPEED_PX_S + 0.12) * FPS))
        for i in range(1, count + 1):
            s = i / count
            eased = s * s * (3.0 - 2.0 * s)
            lift = 0.06 * distance * math.sin(math.pi * s)
            x, y = (a + eased * (b - a) for a, b in zip(start, target_px, strict=True))
            self.show(self.shape, (x, y - lift))

    def trace(self, path_px: Float64Array) -> None:
        """Follow a dense path, slower where it bends."""
        for point in _timed(path_px):
            self.show(self.shape, (float(point[0]), float(point[1])))


def perform(garment: Garment) -> list[RecordedFrame]:
    """Act out one garment."""
    actor = Actor(np.random.default_rng(garment.seed))
    actor.leave(0.2)
    actor.hold(0.2)
    pen = "black"
    for stroke in garment.strokes:
        if stroke.pen != pen:
            pen = stroke.pen
            actor.change_shape(PEN_SHAPES[pen], 0.15)
            actor.hold(0.4)
            actor.change_shape(FIST, 0.12)
        path_px = outline(stroke)
        actor.move_to((float(path_px[0][0]), float(path_px[0][1])))
        actor.change_shape(ONE, 0.12)
        actor.hold(0.16)
        actor.trace(path_px)
        actor.hold(0.12)
        actor.change_shape(FIST, 0.12)
        actor.hold(0.1)
    actor.leave(0.3)
    return actor.frames


def perform_calibration(
    person: Person = ANYBODY,
    jitter_px: float = 0.5,
    seed: int = 7,
    corners_px: tuple[PointPx, PointPx] = ((185.0, 110.0), (495.0, 330.0)),
) -> list[RecordedFrame]:
    """Act out a calibration: open palm, fist, one finger, hold still, upper left, lower right."""
    actor = Actor(np.random.default_rng(seed), at_px=(340.0, 240.0), person=person, jitter_px=jitter_px)
    actor.leave(0.3)
    for shape, seconds in ((FIVE, 1.6), (FIST, 1.6), (ONE, 1.5), (ONE, 2.4)):
        actor.change_shape(shape, 0.4)
        actor.hold(seconds)
    for corner_px in corners_px:
        actor.move_to(corner_px)
        actor.hold(1.5)
    actor.leave(0.3)
    return actor.frames


def _timed(path_px: Float64Array) -> Float64Array:
    """Sample a dense path at the frame rate with a natural speed."""
    steps = np.diff(path_px, axis=0)
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    heading = np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))
    bend = np.abs(np.gradient(heading)) / np.maximum(lengths, 1e-6)
    window = np.hanning(31) / np.hanning(31).sum()
    bend = np.convolve(np.pad(bend, 15, mode="edge"), window, mode="valid")
    arc = np.cumsum(lengths)
    ends = np.clip(np.minimum(arc, arc[-1] - arc) / 40.0, 0.15, 1.0)
    speed = DRAW_SPEED_PX_S * ends / (1.0 + 14.0 * bend)
    times = np.concatenate([[0.0], np.cumsum(lengths / np.maximum(speed, 40.0))])
    at = np.arange(0.0, times[-1], 1.0 / FPS)
    return np.stack([np.interp(at, times, path_px[:, axis]) for axis in (0, 1)], axis=1)


def main() -> None:
    """Write every sample, replacing the old ones."""
    for garment in GARMENTS:
        write(FOLDER / f"{garment.name}.jsonl", garment.title, perform(garment))
    write(FOLDER / "calibration.jsonl", "a calibration by stiff fingers", perform_calibration(STIFF))


def write(path: Path, title: str, frames: list[RecordedFrame]) -> None:
    """Write one recording, replacing an old one."""
    path.unlink(missing_ok=True)
    notes = {"made_by": "samples/make_samples.py", "title": title}
    tape = Tape.start(path, FRAME_WH, notes)
    for frame in frames:
        tape.write(frame.t_s, frame.observation)
    tape.close(0.0)
    print(f"{path.name}: {len(frames)} frames, {len(frames) / FPS:.1f} s, {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
