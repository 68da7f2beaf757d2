"""Pure functions on strokes: length, trimming, cutting by the eraser, and the smooth curve through the points.

The curve is made of quadratic Bezier pieces that run from midpoint to midpoint with the points as controls. The
raster picture flattens these pieces and the SVG writes them down, so both show the same line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from air_sketch.values.datatypes import PointPx, Stroke, StrokePoint, Strokes

MOST_PARTS = 64  # of a piece: enough for one that bends across any screen


@dataclass(frozen=True)
class SmoothPath:
    """A start point and quadratic Bezier pieces ``(control, end)``; a straight piece has its control halfway."""

    start: PointPx
    pieces: tuple[tuple[PointPx, PointPx], ...]


def path_length_px(points: Sequence[StrokePoint]) -> float:
    """Return the length of the polyline; 0 for fewer than two points."""
    return sum(math.dist(a[:2], b[:2]) for a, b in pairwise(points))


def trim_tail(points: Sequence[StrokePoint], end_s: float) -> tuple[StrokePoint, ...]:
    """Keep the points taken up to ``end_s``."""
    return tuple(point for point in points if point[2] <= end_s)


def smooth_path(points: Sequence[StrokePoint]) -> SmoothPath:
    """Turn points into the curve that is drawn; needs at least one point."""
    xy = [(float(p[0]), float(p[1])) for p in points]
    if len(xy) < 2:
        return SmoothPath(xy[0], ())
    middles = [_middle(a, b) for a, b in pairwise(xy)]
    pieces = [(_middle(xy[0], middles[0]), middles[0])]
    pieces += list(zip(xy[1:-1], middles[1:], strict=True))
    pieces.append((_middle(middles[-1], xy[-1]), xy[-1]))
    return SmoothPath(xy[0], tuple(pieces))


def flatten_path(path: SmoothPath, tolerance_px: float = 0.1) -> list[PointPx]:
    """Turn a smooth path into a polyline that leaves it nowhere by more than the tolerance.

    A quadratic piece cut into n equal parts is off its chords by |start - 2 control + end| / (4 n^2): straight pieces
    stay whole, and only bends are cut. Most pieces are few and short, where plain numbers beat arrays.

    Returns:
        At least one point; first and last are the path's own.
    """
    x, y = path.start
    points = [path.start]
    for (control_x, control_y), (end_x, end_y) in path.pieces:
        bend_px = math.hypot(x - 2.0 * control_x + end_x, y - 2.0 * control_y + end_y)
        parts = min(math.ceil(math.sqrt(bend_px / (4.0 * tolerance_px))), MOST_PARTS)
        for part in range(1, parts):
            s = part / parts
            a, b, c = (1.0 - s) * (1.0 - s), 2.0 * s * (1.0 - s), s * s
            points.append((a * x + b * control_x + c * end_x, a * y + b * control_y + c * end_y))
        points.append((end_x, end_y))
        x, y = end_x, end_y
    return points


def erase_from_stroke(stroke: Stroke, center_px: PointPx, radius_px: float) -> Strokes:
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
    starts_inside = math.dist(stroke.points[0][:2], center_px) <= radius_px
    touched, pieces = starts_inside, list[list[StrokePoint]]()
    current: list[StrokePoint] = [] if starts_inside else [stroke.points[0]]
    for start, end in pairwise(stroke.points):
        inside = _inside_interval(start, end, center_px, radius_px)
        if inside is None:
            current = current or [start]  # the cut ended exactly on this point
            current.append(end)
            continue
        touched = True
        enter, leave = inside
        if enter > 0.0:
            current.append(_between(start, end, enter))
        pieces.append(current)
        current = [_between(start, end, leave), end] if leave < 1.0 else []
    pieces.append(current)
    if not touched:
        return (stroke,)
    return tuple(replace(stroke, points=tuple(piece)) for piece in pieces if len(piece) > 1)


def _inside_interval(
    a: StrokePoint, b: StrokePoint, center_px: PointPx, radius_px: float
) -> tuple[float, float] | None:
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


def _between(a: StrokePoint, b: StrokePoint, fraction: float) -> StrokePoint:
    x, y, t = (p + fraction * (q - p) for p, q in zip(a, b, strict=True))
    return (x, y, t)


def _middle(a: PointPx, b: PointPx) -> PointPx:
    return ((a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0)
