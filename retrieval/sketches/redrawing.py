"""Draw the lines of a picture again as a person would: few strokes, clumsy ones, and what is small left out.

How clumsy was measured on 439 drawings of clothes by people, with the time of every point (Quick, Draw!, Ha & Eck, ICLR
2018): 3 strokes in the middle, 8 at most in nine of ten; an outline that should close misses itself by .04 of the
drawing in the middle, by .11 in one of ten; a stroke that should meet another misses it by .02, by .07 in one of ten;
8 corners a length of the drawing, where the outline of a photo has hundreds.
"""

from __future__ import annotations

import cv2
import numpy as np

from retrieval.sketches.kind_sketches import rasterize
from retrieval.sketches.preprocessing import LINE_GRID_PX
from retrieval.values.datatypes import BoolArray, Float32Array

SHORTEST_PX = 5
"""Of a stroke, on the line grid; shorter ones are specks."""

CLOSING_GAP, GAP_SPREAD = 0.039, 0.9  # median share of the drawing, and deviation of its logarithm
MEETING_GAP = 0.021
STROKES, STROKES_SPREAD = 3.5, 0.7  # median, and deviation of the logarithm
COARSEST = 0.03  # share of the grid by which a simplified stroke may leave its line
TURN_DEG, SHIFT, GROWTH, DRIFT = 4.0, 0.015, 0.05, 0.012  # of a single stroke, of the clumsiest hand


def strokes_of(lines: BoolArray) -> list[Float32Array]:
    """Trace thin lines, bool (grid, grid): the outside of whatever hangs together, float32 (N, 2) each, the longest
    first; what is drawn inside an outline and touches it is left out.
    """
    found, nested = cv2.findContours(lines.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    outer = [contour for contour, place in zip(found, nested[0] if found else (), strict=True) if place[3] < 0]
    strokes = [_one_way(contour[:, 0, :].astype(np.float32)) for contour in outer if len(contour) >= SHORTEST_PX]
    return sorted(strokes, key=len, reverse=True)


def _one_way(contour: Float32Array) -> Float32Array:
    """The outline of an open thin line goes along it and back: take it from one end to the other."""
    there = np.linalg.norm(contour - contour[0], axis=1).argmax()
    turned = np.roll(contour, -int(there), axis=0)
    back = int(np.linalg.norm(turned - turned[0], axis=1).argmax())
    if back < 3 or back > len(turned) - 3:
        return turned
    half, rest = turned[: back + 1], turned[back:]
    return half if _covers(half, rest) else np.concatenate([turned, turned[:1]])


def _covers(half: Float32Array, rest: Float32Array) -> bool:
    """Whether both ways run side by side."""
    some = rest[:: max(1, len(rest) // 8)]
    away = np.linalg.norm(some[:, None, :] - half[None, :, :], axis=2).min(axis=1)
    return float(away.max()) < 3.0


def redraw(lines: BoolArray, rng: np.random.Generator) -> BoolArray:
    """Draw thin lines, bool (grid, grid), again by a hand of random clumsiness; a drawing of nothing stays as it is."""
    strokes = strokes_of(lines)
    if not strokes:
        return lines
    clumsiness = float(rng.random())
    count = max(1, round(STROKES * float(np.exp(rng.normal(0.0, STROKES_SPREAD)))))
    most = round(count + (len(strokes) - count) * (1.0 - clumsiness) ** 2) if len(strokes) > count else len(strokes)
    drawn = [_by_hand(stroke, clumsiness, rng) for stroke in strokes[:most]]
    stretch = np.exp(rng.normal(0.0, 0.14 * clumsiness, 2)).astype(np.float32)
    return rasterize([stroke * stretch for stroke in drawn])


def _by_hand(stroke: Float32Array, clumsiness: float, rng: np.random.Generator) -> Float32Array:
    closes = len(stroke) > 2 * SHORTEST_PX and bool(np.linalg.norm(stroke[0] - stroke[-1]) < 4.0)
    if closes:
        stroke = np.roll(stroke[:-1], int(rng.integers(len(stroke))), axis=0)
        stroke = np.concatenate([stroke, stroke[:1]])
    simple = cv2.approxPolyDP(stroke, clumsiness * COARSEST * LINE_GRID_PX * rng.uniform(0.5, 1.0), False)[:, 0, :]
    if rng.random() < 0.5:
        simple = _rounded(simple)
    centre = simple.mean(axis=0)
    angle = np.deg2rad(rng.normal(0.0, TURN_DEG * clumsiness))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], np.float32)
    grown = np.exp(rng.normal(0.0, GROWTH * clumsiness, 2)).astype(np.float32)
    moved = (simple - centre) @ turn * grown + centre + rng.normal(0.0, SHIFT * LINE_GRID_PX * clumsiness, 2)
    gap = (CLOSING_GAP if closes else MEETING_GAP) * clumsiness * LINE_GRID_PX
    drift = np.linspace(0.0, 1.0, len(moved))[:, None] * _missed_by(gap, rng)
    wobble = np.cumsum(rng.normal(0.0, 1.0, moved.shape), axis=0) * DRIFT * LINE_GRID_PX * clumsiness
    return np.asarray(moved + drift + wobble / np.sqrt(len(moved)), np.float32)


def _missed_by(gap_px: float, rng: np.random.Generator) -> Float32Array:
    """A step of random direction, float32 (2,), ``gap_px`` long in the middle."""
    angle, length = rng.uniform(0.0, 2 * np.pi), gap_px * np.exp(rng.normal(0.0, GAP_SPREAD))
    return np.array([np.cos(angle), np.sin(angle)], np.float32) * np.float32(length)


def _rounded(points: Float32Array) -> Float32Array:
    """Cut the corners of a polyline once (Chaikin, 1974); its ends stay."""
    if len(points) < 3:
        return points
    near, far = 0.75 * points[:-1] + 0.25 * points[1:], 0.25 * points[:-1] + 0.75 * points[1:]
    return np.concatenate([points[:1], np.stack([near, far], axis=1).reshape(-1, 2), points[-1:]]).astype(np.float32)
