"""Pure functions on strokes: length, trimming, cutting by the eraser, and the smooth curve through the points.

The curve is made of quadratic Bezier pieces that run from midpoint to midpoint with the points as controls. The
raster picture samples these pieces and the SVG writes them down, so both show the same line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from air_sketch.datatypes import Float32Array, Stroke

MOST_SAMPLES_A_PIECE = 64

Point = tuple[float, float, float]
"""x_px, y_px, t_s."""

PointPx = tuple[float, float]


@dataclass(frozen=True)
class SmoothPath:
    """A start point and quadratic Bezier pieces ``(control, end)``; a straight piece has its control halfway."""

    start: PointPx
    pieces: tuple[tuple[PointPx, PointPx], ...]


def path_length_px(points: Sequence[Point]) -> float:
    """Return the length of the polyline; 0 for fewer than two points."""
    return sum(math.dist(a[:2], b[:2]) for a, b in pairwise(points))


def trim_tail(points: Sequence[Point], end_s: float) -> tuple[Point, ...]:
    """Keep the points taken up to ``end_s``."""
    return tuple(point for point in points if point[2] <= end_s)


def smooth_path(points: Sequence[Point]) -> SmoothPath:
    """Turn points into the curve that is drawn; needs at least one point."""
    xy = [(float(p[0]), float(p[1])) for p in points]
    if len(xy) < 2:
        return SmoothPath(xy[0], ())
    middles = [_middle(a, b) for a, b in pairwise(xy)]
    pieces = [(_middle(xy[0], middles[0]), middles[0])]
    pieces += list(zip(xy[1:-1], middles[1:], strict=True))
    pieces.append((_middle(middles[-1], xy[-1]), xy[-1]))
    return SmoothPath(xy[0], tuple(pieces))


def sample_path(path: SmoothPath, step_px: float = 2.0) -> Float32Array:
    """Sample a smooth path densely enough to look curved.

    Returns:
        float32 (N, 2), N >= 1, first and last point exact.
    """
    if not path.pieces:
        return np.array([path.start], dtype=np.float32)
    controls, ends = (np.array(points, dtype=np.float64) for points in zip(*path.pieces, strict=True))
    starts = np.concatenate([[path.start], ends[:-1]])
    lengths_px = np.hypot(*(controls - starts).T) + np.hypot(*(ends - controls).T)
    counts = np.clip(np.ceil(lengths_px / step_px), 1, MOST_SAMPLES_A_PIECE).astype(int)
    piece = np.repeat(np.arange(len(counts)), counts)
    number = np.arange(len(piece)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    s = (number / counts[piece])[:, None]
    sampled = (1 - s) ** 2 * starts[piece] + 2 * s * (1 - s) * controls[piece] + s**2 * ends[piece]
    return np.concatenate([[path.start], sampled]).astype(np.float32)


def erase_from_stroke(stroke: Stroke, center_px: PointPx, radius_px: float) -> tuple[Stroke, ...]:
    """Cut a disc out of a stroke.

    The cut is made where the polyline crosses the circle, grown by half the pen's width so that no visible ink
    stays inside.

    Returns:
        The stroke itself when untouched, else the pieces that are left (none, one or more).
    """
    radius_px += stroke.width_px / 2.0
    left, top, right, bottom = stroke.bounds_px
    beside = center_px[0] < left - radius_px or center_px[0] > right + radius_px
    if beside or center_px[1] < top - radius_px or center_px[1] > bottom + radius_px:
        return (stroke,)
    if all(math.dist(p[:2], center_px) > radius_px for p in stroke.points) and not any(
        _inside_interval(a, b, center_px, radius_px) for a, b in pairwise(stroke.points)
    ):
        return (stroke,)
    pieces: list[list[Point]] = []
    current: list[Point] = [] if math.dist(stroke.points[0][:2], center_px) <= radius_px else [stroke.points[0]]
    for start, end in pairwise(stroke.points):
        inside = _inside_interval(start, end, center_px, radius_px)
        if inside is None:
            current = current or [start]  # the cut ended exactly on this point
            current.append(end)
            continue
        enter, leave = inside
        if enter > 0.0:
            current.append(_between(start, end, enter))
        if current:
            pieces.append(current)
        current = [_between(start, end, leave), end] if leave < 1.0 else []
    if current:
        pieces.append(current)
    return tuple(replace(stroke, points=tuple(piece)) for piece in pieces if len(piece) > 1)


def _inside_interval(a: Point, b: Point, center_px: PointPx, radius_px: float) -> tuple[float, float] | None:
    """Return the part of segment a-b inside the circle as fractions of the segment, or None."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    fx, fy = a[0] - center_px[0], a[1] - center_px[1]
    qa, qb, qc = dx * dx + dy * dy, 2.0 * (fx * dx + fy * dy), fx * fx + fy * fy - radius_px * radius_px
    if qa < 1e-12:
        return (0.0, 1.0) if qc <= 0.0 else None
    discriminant = qb * qb - 4.0 * qa * qc
    if discriminant <= 0.0:
        return None
    root = math.sqrt(discriminant)
    enter, leave = max(0.0, (-qb - root) / (2.0 * qa)), min(1.0, (-qb + root) / (2.0 * qa))
    return (enter, leave) if enter < leave else None


def _between(a: Point, b: Point, fraction: float) -> Point:
    x, y, t = (p + fraction * (q - p) for p, q in zip(a, b, strict=True))
    return (x, y, t)


def _middle(a: PointPx, b: PointPx) -> PointPx:
    return ((a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0)
