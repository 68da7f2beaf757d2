"""Curves that outlines are made of: splines with corners, mirror images, ribbons, arcs.

All curves are float32 (N, 2), x right, y down, in the free units of the kind that draws them; the painter and the pen
scale them to fit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

Curve = NDArray[np.float32]
Knot = tuple[float, ...]
"""(x, y) is a corner; (x, y, 1) is passed smoothly."""

SAMPLES_PER_SPAN = 8


def xy(x: float, y: float) -> Curve:
    """Return one point or vector, float32 (2,)."""
    return np.array([x, y], dtype=np.float32)


def _hermite_basis() -> NDArray[np.float64]:
    t = np.arange(SAMPLES_PER_SPAN) / SAMPLES_PER_SPAN
    return np.stack([2 * t**3 - 3 * t**2 + 1, t**3 - 2 * t**2 + t, -2 * t**3 + 3 * t**2, t**3 - t**2], axis=1)


_BASIS = _hermite_basis()


def _smooth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pass a centripetal spline with parabolic end tangents through (N >= 3, 2) points."""
    span = np.maximum(np.sqrt(np.hypot(*np.diff(points, axis=0).T)), 1e-6)[:, None]
    slope = np.diff(points, axis=0) / span
    inner = (slope[:-1] * span[1:] + slope[1:] * span[:-1]) / (span[:-1] + span[1:])
    tangent = np.concatenate([2 * slope[:1] - inner[:1], inner, 2 * slope[-1:] - inner[-1:]])
    control = np.stack([points[:-1], tangent[:-1] * span, points[1:], tangent[1:] * span], axis=1)
    dense: NDArray[np.float64] = np.einsum("st,ntd->nsd", _BASIS, control).reshape(-1, 2)
    return np.concatenate([dense, points[-1:]])


def spline(*knots: Knot) -> Curve:
    """Draw an open curve through the knots: straight between corners, smooth through three-number knots."""
    corners = [i for i, knot in enumerate(knots) if len(knot) == 2 or i in (0, len(knots) - 1)]
    points = np.array([knot[:2] for knot in knots], dtype=np.float64)
    pieces: list[NDArray[np.float64]] = []
    for start, stop in pairwise(corners):
        run = points[start : stop + 1]
        pieces.append((run if len(run) == 2 else _smooth(run))[:-1])
    pieces.append(points[-1:])
    return np.concatenate(pieces).astype(np.float32)


def closed(*knots: Knot) -> Curve:
    """Draw a closed curve through the knots (the first point is not repeated)."""
    first_corner = next((i for i, knot in enumerate(knots) if len(knot) == 2), None)
    if first_corner is None:
        wrapped = knots[-3:] + knots + knots[:3]
        dense = spline(*wrapped)
        return dense[3 * SAMPLES_PER_SPAN : (3 + len(knots)) * SAMPLES_PER_SPAN]
    turned = knots[first_corner:] + knots[:first_corner]
    return spline(*turned, turned[0])[:-1]


def flipped(knot: Knot) -> Knot:
    """Mirror one knot about the vertical axis."""
    return (-knot[0], *knot[1:])


def symmetric(*half: Knot) -> Curve:
    """Close a right half, given from the top to the bottom, with its mirror image about x = 0."""
    left = [flipped(knot) for knot in reversed(half) if abs(knot[0]) > 1e-6]
    return closed(*half, *left)


def arch(*half: Knot) -> Curve:
    """Draw an open symmetric curve: the right half from its far end to the axis, then the left half."""
    left = [flipped(knot) for knot in reversed(half) if abs(knot[0]) > 1e-6]
    return spline(*half, *left)


def mirror(curve: Curve) -> Curve:
    """Mirror a curve about x = 0."""
    return np.ascontiguousarray(curve[::-1] * xy(-1, 1))


def move(curve: Curve, dx: float = 0.0, dy: float = 0.0, scale: float = 1.0) -> Curve:
    """Scale about the origin, then shift."""
    return np.asarray(curve * np.float32(scale) + xy(dx, dy), dtype=np.float32)


def turn(curve: Curve, degrees: float, about: tuple[float, float] = (0.0, 0.0)) -> Curve:
    """Rotate clockwise on screen about a point."""
    angle = math.radians(degrees)
    matrix = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    centre = np.array(about)
    return np.asarray((curve - centre) @ matrix + centre, dtype=np.float32)


def ellipse(cx: float, cy: float, rx: float, ry: float, start_deg: float = 0.0, stop_deg: float = 360.0) -> Curve:
    """Draw an ellipse or an arc of it; 0 degrees is right, 90 down. A full one does not repeat its first point."""
    full = stop_deg - start_deg >= 360
    count = max(9, int(abs(stop_deg - start_deg) / 9))
    angle = np.radians(np.linspace(start_deg, stop_deg, count, endpoint=not full))
    return np.asarray(np.stack([cx + rx * np.cos(angle), cy + ry * np.sin(angle)], axis=1), dtype=np.float32)


def rounded(x0: float, y0: float, x1: float, y1: float, radius: float) -> Curve:
    """Draw a rectangle with round corners."""
    r = min(radius, (x1 - x0) / 2, (y1 - y0) / 2)
    corners = [(x1 - r, y0 + r, -90), (x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90), (x0 + r, y0 + r, 180)]
    return np.concatenate([ellipse(cx, cy, r, r, start, start + 90) for cx, cy, start in corners])


def box(x0: float, y0: float, x1: float, y1: float) -> Curve:
    """Draw a rectangle."""
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], dtype=np.float32)


def _normals(curve: Curve, loop: bool) -> Curve:
    tangents = np.roll(curve, -1, axis=0) - np.roll(curve, 1, axis=0) if loop else np.gradient(curve, axis=0)
    length = np.maximum(np.hypot(tangents[:, 0], tangents[:, 1]), 1e-6)[:, None]
    return np.asarray(np.stack([-tangents[:, 1], tangents[:, 0]], axis=1) / length, dtype=np.float32)


def ribbon(curve: Curve, width: float, end_width: float | None = None) -> Curve:
    """Thicken an open curve into a closed band, optionally tapering to another width."""
    half = np.linspace(width / 2, (width if end_width is None else end_width) / 2, len(curve))[:, None]
    offset = (_normals(curve, loop=False) * half).astype(np.float32)
    return np.concatenate([curve + offset, (curve - offset)[::-1]])


def ring(curve: Curve, width: float) -> tuple[Curve, Curve]:
    """Thicken a closed curve into an outer and an inner contour."""
    offset = _normals(curve, loop=True) * np.float32(width / 2)
    return curve + offset, curve - offset


def travelled(curve: Curve) -> NDArray[np.float64]:
    """Return how far along the curve each of its points is, float64 (N,)."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(curve, axis=0).T))])


def along(curve: Curve, fractions: Sequence[float] | NDArray[np.float64]) -> Curve:
    """Return the points at the given fractions (0 to 1) of the curve's length."""
    way = travelled(curve)
    want = np.asarray(fractions) * way[-1]
    return np.stack([np.interp(want, way, curve[:, i]) for i in (0, 1)], axis=1).astype(np.float32)


def part_inside(curve: Curve, contour: Curve) -> Curve:
    """Return the longest stretch of the curve whose points lie inside the contour; may be empty."""
    best, start = (0, 0), 0
    for i, (x, y) in enumerate(curve):
        if cv2.pointPolygonTest(contour, (float(x), float(y)), False) < 0:
            start = i + 1
        elif i + 1 - start > best[1] - best[0]:
            best = (start, i + 1)
    return curve[best[0] : best[1]]


def dashes(curve: Curve, on_px: float = 3.0, off_px: float = 2.4) -> list[Curve]:
    """Cut a curve in canvas pixels into dashes."""
    way = travelled(curve)
    starts = np.arange(1.0, way[-1] - on_px, on_px + off_px)
    ends = np.stack([starts, starts + on_px], axis=1)
    x, y = np.interp(ends, way, curve[:, 0]), np.interp(ends, way, curve[:, 1])
    return list(np.stack([x, y], axis=2).astype(np.float32))


def typical_width(contours: list[Curve]) -> float:
    """Return the typical width of a filled shape in canvas pixels: twice its area over its outline."""
    areas = sorted((abs(cv2.contourArea(c)) for c in contours), reverse=True)
    length = sum(cv2.arcLength(c, True) for c in contours)
    return max(2.0, 2.0 * (areas[0] - sum(areas[1:])) / max(length, 1.0))
