"""Draws a figure's strokes as a person would: wobbling, simplified, incomplete, sometimes very crude."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from garments.brushes.curves import Curve, xy
from garments.brushes.figure import Stroke
from garments.dice import Dice

MAX_INNER_STROKES = 26


@dataclass(frozen=True)
class Hand:
    """How one person draws today; lengths are shares of the drawing's size."""

    crudeness: float  # 0 careful to 1 very crude
    detail: float  # exponent on stroke weights: small keeps details, large drops them
    tolerance: float  # how far simplification may stray
    straight: bool  # joins the remaining points by straight lines
    rounding: float  # how far corners are rounded when the lines are not straight
    wobble: float  # slow wander of a line
    shake: float  # jitter of each corner
    gap: float  # how far a closed line misses its start, negative stops short
    shift: float  # how far inner lines are misplaced


def random_hand(dice: Dice) -> Hand:
    """Pick a person, from careful to very crude."""
    crude = dice.between(0, 1) ** 0.9
    return Hand(
        crudeness=crude,
        detail=0.25 + 3.2 * crude * dice.between(0.5, 1.2),
        tolerance=0.003 + 0.032 * crude * dice.between(0.3, 1.2),
        straight=dice.chance(0.25 + 0.25 * crude),
        rounding=dice.between(0.01, 0.09),
        wobble=0.003 + 0.016 * crude * dice.between(0.3, 1.2),
        shake=0.002 + 0.020 * crude * dice.between(0.2, 1.2),
        gap=dice.normal(0.012 + 0.03 * crude),
        shift=0.004 + 0.02 * crude,
    )


def draw_by_hand(strokes: Sequence[Stroke], dice: Dice) -> list[Curve]:
    """Turn a figure's ideal strokes into one person's drawing.

    Args:
        strokes: the figure's strokes in its own units.
        dice: the style; the same dice give the same drawing.
    Returns:
        Polylines float32 (N >= 2, 2) in 0..1, x right, y down, in drawing order; never empty.
    """
    hand = random_hand(dice)
    chosen = _choose(strokes, hand, dice)
    points = np.concatenate([stroke.path for stroke in chosen])
    low, high = points.min(axis=0), points.max(axis=0)
    size = float(max(high - low))
    drawn: list[Curve] = []
    for i, stroke in enumerate(chosen):
        path = (stroke.path - low) / np.float32(size)
        moved = path + xy(dice.normal(hand.shift), dice.normal(hand.shift)) * np.float32(i > 0)
        for piece in _pieces(moved, stroke.loop, hand, dice):
            drawn.append(_trace(piece, hand, dice))
    if hand.crudeness > 0.5 and dice.chance(0.15):
        drawn = _forget_one(drawn, dice)
    return _fit(_distort(drawn, hand, dice), dice)


def _forget_one(drawn: list[Curve], dice: Dice) -> list[Curve]:
    """Leave out one line, though none that carries much of the drawing."""
    lengths = [float(np.hypot(*np.diff(path, axis=0).T).sum()) for path in drawn]
    small = [i for i, length in enumerate(lengths) if length < 0.2 * sum(lengths)]
    if not small:
        return drawn
    lost = dice.pick(small)
    return drawn[:lost] + drawn[lost + 1 :]


def _choose(strokes: Sequence[Stroke], hand: Hand, dice: Dice) -> list[Stroke]:
    """Keep what this person would bother to draw, heaviest first."""
    usable = [stroke for stroke in strokes if len(stroke.path) >= 2 and _extent(stroke.path) > 0]
    kept = [s for s in usable if s.weight >= 0.99 or dice.chance(s.weight**hand.detail)]
    if not kept:
        kept = [max(usable, key=lambda s: s.weight * 1000 + _extent(s.path))]
    main = [s for s in kept if s.weight >= 0.9]
    inner = [s for s in kept if s.weight < 0.9]
    return main + inner[:MAX_INNER_STROKES]


def _extent(path: Curve) -> float:
    return float(np.ptp(path, axis=0).max())


def _pieces(path: Curve, loop: bool, hand: Hand, dice: Dice) -> list[Curve]:
    """Open a closed line at one of its points and split long lines where the pen is lifted."""
    if loop:
        start = dice.integer(0, len(path) - 1)
        path = np.concatenate([path[start:], path[: start + 1]])
        path = _miss_the_start(path, hand.gap)
    if len(path) < 12 or not dice.chance(0.45):
        return [path]
    cuts = sorted(dice.integer(4, len(path) - 5) for _ in range(dice.integer(1, 3)))
    edges = [0, *cuts, len(path) - 1]
    pieces = [path[a : b + 1] for a, b in pairwise(edges) if b - a >= 2]
    return pieces or [path]


def _miss_the_start(path: Curve, gap: float) -> Curve:
    """Let a closed line overshoot (gap > 0) or stop short (gap < 0) by a share of the drawing."""
    lengths = np.hypot(*np.diff(path, axis=0).T)
    if gap > 0:
        extra = int(np.searchsorted(np.cumsum(lengths), gap))
        return np.concatenate([path, path[1 : 1 + extra]])
    left = int(np.searchsorted(np.cumsum(lengths[::-1]), -gap))
    return path[: max(3, len(path) - left)]


def _trace(path: Curve, hand: Hand, dice: Dice) -> Curve:
    """Simplify one line, shake its corners, round it again and let it wander."""
    extent = _extent(path)
    tolerance = min(hand.tolerance, extent * 0.12)
    corners = cv2.approxPolyDP(path.reshape(-1, 1, 2).astype(np.float32), tolerance, False).reshape(-1, 2)
    limit = min(1.0, extent * 3)
    shaken = corners + np.array([[dice.normal(1), dice.normal(1)] for _ in corners]) * hand.shake * limit
    if not hand.straight and len(shaken) > 2:
        shaken = _rounded_off(shaken, hand.rounding)
    dense = _resampled(shaken)
    return (dense + _wander(len(dense), hand.wobble * limit, dice)).astype(np.float32)


def _rounded_off(points: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    """Cut corners twice (after Chaikin 1974), each at most ``radius`` from the corner, keeping the ends."""
    for _ in range(2):
        a, b = points[:-1], points[1:]
        length = np.maximum(np.hypot(*(b - a).T), 1e-9)[:, None]
        share = np.minimum(0.25, radius / length)
        cut = np.stack([a + (b - a) * share, b - (b - a) * share], axis=1).reshape(-1, 2)
        points = np.concatenate([points[:1], cut[1:-1], points[-1:]])
        radius /= 2
    return points


def _resampled(points: NDArray[np.float64], spacing: float = 0.025) -> NDArray[np.float64]:
    """Add points between far neighbours, so that lines can wander; corners stay."""
    out: list[NDArray[np.float64]] = []
    for a, b in pairwise(points):
        count = max(1, min(40, int(math.dist(a, b) / spacing)))
        out.append(a + (b - a) * (np.arange(count) / count)[:, None])
    return np.concatenate([*out, points[-1:]])


def _wander(count: int, amount: float, dice: Dice) -> NDArray[np.float64]:
    """Return a slow random offset for each of the points."""
    knots = max(2, count // 7 + 2)
    offsets = np.array([[dice.normal(amount), dice.normal(amount)] for _ in range(knots)])
    at = np.linspace(0, knots - 1, count)
    return np.stack([np.interp(at, np.arange(knots), offsets[:, i]) for i in (0, 1)], axis=1)


def _distort(drawn: list[Curve], hand: Hand, dice: Dice) -> list[Curve]:
    """Distort the proportions of the whole drawing: stretch, slant, turn and taper."""
    force = 0.3 + hand.crudeness
    stretch = np.array([math.exp(dice.normal(0.1 * force)), math.exp(dice.normal(0.1 * force))])
    slant, turn = dice.normal(0.05 * force), math.radians(dice.normal(4.0 * force))
    taper, bend = dice.normal(0.07 * force), dice.normal(0.03 * force)
    out = []
    for path in drawn:
        centred = (path - 0.5) * stretch
        x, y = centred[:, 0].copy(), centred[:, 1].copy()
        x = x * (1 + taper * y) + slant * y
        y = y * (1 + taper * 0.6 * x) + bend * np.sin(x * 3)
        out.append(np.stack([x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)], axis=1))
    return out


def _fit(drawn: list[Curve], dice: Dice) -> list[Curve]:
    """Scale the drawing into the unit square, proportions kept, with a margin."""
    points = np.concatenate(drawn)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = dice.between(0.03, 0.12)
    scale = (1 - 2 * margin) / max(float(max(high - low)), 1e-6)
    middle = (low + high) / 2
    return [np.clip((path - middle) * scale + 0.5, 0, 1).astype(np.float32) for path in drawn]
