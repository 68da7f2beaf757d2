"""Marks that mean nothing: scribbles, spirals, hatchings, dots, letters, made at random."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from retrieval.sketches.kind_sketches import rasterize
from retrieval.sketches.preprocessing import black_drawing, extract_lines
from retrieval.values.datatypes import Float32Array, LineDrawing

Strokes = list[Float32Array]
"""Float32 (N, 2) points each, in any unit."""

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789?!#&@"


def walk(rng: np.random.Generator) -> Strokes:
    """One to five lines that wander about, smooth or jagged, often over themselves."""
    strokes = []
    for _ in range(int(rng.integers(1, 6))):
        count, turn = int(rng.integers(15, 250)), float(rng.uniform(0.1, 1.6))
        heading = np.cumsum(rng.normal(0.0, turn, count)) + rng.uniform(0, 6.3)
        steps = np.stack([np.cos(heading), np.sin(heading)], axis=1) * rng.uniform(0.5, 1.5, (count, 1))
        path = np.cumsum(steps, axis=0)
        reach = max(1.0, float(np.ptp(path, axis=0).max()))
        strokes.append(path / reach * rng.uniform(0.3, 1.0) + rng.uniform(0.0, 0.4, 2))
    return _as_strokes(strokes)


def back_and_forth(rng: np.random.Generator) -> Strokes:
    """A line that goes to and fro, as one who tries a pen or hides a mistake draws it."""
    count = int(rng.integers(4, 40))
    across = np.where(np.arange(count) % 2 == 0, 0.0, 1.0) + rng.normal(0.0, rng.uniform(0.02, 0.3), count)
    along = np.linspace(0.0, rng.uniform(0.1, 2.0), count) + rng.normal(0.0, 0.03, count)
    points = np.repeat(np.stack([across, along], axis=1), 2, axis=0)
    return _as_strokes([_turned(points, rng)])


def loops(rng: np.random.Generator) -> Strokes:
    """Loops in a row or on one spot."""
    t = np.linspace(0.0, 6.3 * rng.uniform(2.0, 12.0), 400)
    drift = rng.uniform(0.0, 0.4)
    wobble = np.cumsum(rng.normal(0.0, 0.02, (len(t), 2)), axis=0)
    path = np.stack([np.cos(t) * rng.uniform(0.3, 1.0) + drift * t, np.sin(t)], axis=1) + wobble
    return _as_strokes([_turned(path, rng)])


def spiral(rng: np.random.Generator) -> Strokes:
    """A spiral, round or angular."""
    turns = rng.uniform(1.5, 8.0)
    t = np.linspace(0.2, 6.3 * turns, int(rng.choice([turns * 4 + 2, 300])))
    path = np.stack([t * np.cos(t), t * np.sin(t) * rng.uniform(0.5, 1.0)], axis=1)
    return _as_strokes([_turned(path + rng.normal(0.0, 0.3, path.shape), rng)])


def hatching(rng: np.random.Generator) -> Strokes:
    """Lines side by side, or two such sets across each other."""
    strokes = []
    for angle in rng.uniform(0.0, 3.2, int(rng.integers(1, 3))):
        way = np.array([np.cos(angle), np.sin(angle)])
        side = np.array([-way[1], way[0]])
        for place in np.linspace(-1.0, 1.0, int(rng.integers(3, 16))):
            ends = rng.uniform(0.5, 1.0, 2) * (-1.0, 1.0)
            strokes.append(ends[:, None] * way + (place + rng.normal(0.0, 0.05)) * side)
    return _as_strokes(strokes)


def dots(rng: np.random.Generator) -> Strokes:
    """A dot, several, or short dashes."""
    length = float(rng.choice([0.004, 0.05, 0.15]))
    places = rng.uniform(0.0, 1.0, (int(rng.choice([1, 2, 3, 8, 20, 60])), 1, 2))
    return _as_strokes(list(places + rng.normal(0.0, length, (len(places), 2, 2))))


def few_lines(rng: np.random.Generator) -> Strokes:
    """One to six straight lines or bows: a tick, a cross, an arrow, a corner."""
    strokes = []
    for _ in range(int(rng.integers(1, 7))):
        a, b, c = rng.uniform(0.0, 1.0, (3, 2))
        b = (a + c) / 2 + (b - (a + c) / 2) * rng.choice([0.0, 1.0])
        t = np.linspace(0.0, 1.0, 20)[:, None]
        strokes.append((1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c)
    return _as_strokes(strokes)


def shape(rng: np.random.Generator) -> Strokes:
    """A circle, a polygon or a star, sometimes with another inside."""
    strokes = []
    for scale in (1.0, rng.uniform(0.2, 0.8))[: int(rng.integers(1, 3))]:
        corners = int(rng.choice([3, 4, 5, 6, 60]))
        t = np.linspace(0.0, 2 * np.pi, corners + 1) + rng.uniform(0.0, 6.3)
        radius = np.where(np.arange(corners + 1) % 2 == 0, 1.0, rng.choice([1.0, 0.45]))
        radius[-1] = radius[0]
        points = np.stack([np.cos(t), np.sin(t) * rng.uniform(0.6, 1.0)], axis=1) * radius[:, None] * scale
        strokes.append(points + rng.normal(0.0, 0.02, points.shape))
    return _as_strokes(strokes)


def writing(rng: np.random.Generator) -> LineDrawing:
    """Letters and figures, one or a word."""
    text = "".join(rng.choice(list(LETTERS), int(rng.choice([1, 1, 2, 3, 5, 8]))))
    face = int(rng.choice([cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX]))
    paper = np.full((200, 120 * len(text) + 80, 3), 255, np.uint8)
    cv2.putText(paper, text, (40, 140), face, 4.0, (0, 0, 0), int(rng.integers(2, 9)))
    lean = np.array([[1, rng.uniform(-0.4, 0.4), 0], [rng.uniform(-0.2, 0.2), 1, 0]], np.float32)
    return extract_lines(cv2.warpAffine(paper, lean, paper.shape[1::-1], borderValue=(255, 255, 255)))


MARKS: Mapping[str, Callable[[np.random.Generator], Strokes]] = {
    make.__name__.replace("_", " "): make
    for make in (walk, back_and_forth, loops, spiral, hatching, dots, few_lines, shape)
}
"""Kinds of marks that are strokes; ``writing`` is one more."""


def scribbles(each: int, seed: int) -> dict[str, list[LineDrawing]]:
    """Draw so many marks of each kind, always the same for one seed; none is blank."""
    rng = np.random.default_rng(seed)
    found = {name: [black_drawing(rasterize(tuple(make(rng)))) for _ in range(each)] for name, make in MARKS.items()}
    found["writing"] = [writing(rng) for _ in range(each)]
    return {name: [drawing for drawing in several if not drawing.is_empty] for name, several in found.items()}


def _turned(points: Float32Array, rng: np.random.Generator) -> Float32Array:
    angle = rng.uniform(0.0, 2 * np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(points @ turn, np.float32)


def _as_strokes(strokes: list[Float32Array]) -> Strokes:
    return [np.asarray(stroke, np.float32) for stroke in strokes]
