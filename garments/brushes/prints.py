"""Printed motifs for the chest of a t-shirt or sweatshirt."""

from __future__ import annotations

import math

from garments.brushes.curves import Curve, Knot, box, closed, ellipse, move, spline
from garments.brushes.figure import Sheet
from garments.dice import Dice

# Motifs fill the square from -1 to 1; each part names its paint.
Motif = tuple[tuple[Curve, str], ...]


def _star() -> Curve:
    points: list[Knot] = []
    for i in range(10):
        reach = 0.8 if i % 2 == 0 else 0.34
        points.append((reach * math.sin(i * math.pi / 5), -reach * math.cos(i * math.pi / 5)))
    return closed(*points)


MOTIFS: tuple[Motif, ...] = (
    (
        (ellipse(0, -0.2, 0.62, 0.62), "second"),
        (closed((-1, 0.62), (-0.42, -0.3), (0.2, 0.62)), "trim"),
        (closed((-0.3, 0.62), (0.36, -0.08), (1, 0.62)), "trim"),
    ),
    ((_star(), "second"),),
    (
        (box(-0.9, -0.35, -0.4, 0.1), "second"),
        (box(-0.26, -0.35, 0.24, 0.28), "trim"),
        (box(0.38, -0.35, 0.88, 0.46), "second"),
        (box(-0.9, 0.58, 0.9, 0.7), "second"),
    ),
    ((closed((0, -0.8), (0.5, -0.1, 1), (0, 0.6), (-0.5, -0.1, 1)), "second"), (box(-0.03, -0.5, 0.03, 0.9), "trim")),
    ((closed((0, -0.3), (0.4, -0.66, 1), (0.78, -0.2, 1), (0, 0.7), (-0.78, -0.2, 1), (-0.4, -0.66, 1)), "second"),),
    ((closed((0.2, -0.9), (-0.5, 0.1), (-0.02, 0.1), (-0.25, 0.9), (0.5, -0.2), (0.05, -0.2)), "second"),),
    ((ellipse(0, 0, 0.8, 0.8), "second"), (ellipse(0, 0, 0.56, 0.56), "main"), (ellipse(0, 0, 0.36, 0.36), "second")),
)


def add_motif(sheet: Sheet, dice: Dice, x: float, y: float, size: float) -> None:
    """Print one motif, ``size`` being half its width: hills, waves, a star, blocks, leaf, heart, bolt or rings."""
    choice = dice.integer(0, len(MOTIFS))
    if choice == len(MOTIFS):
        _add_waves(sheet, x, y, size)
        return
    for curve, paint in MOTIFS[choice]:
        sheet.patch(move(curve, x, y, size), paint=paint, relief=0.0, cast=0.0)


def _add_waves(sheet: Sheet, x: float, y: float, size: float) -> None:
    for row in range(3):
        knots: list[Knot] = []
        for i in range(9):
            crest = 0.14 if i % 2 else -0.14
            knots.append((x + size * (0.25 * i - 1), y + size * (row * 0.45 - 0.4 + crest), 1))
        sheet.line(spline(*knots), "cord", paint="second", width=size * 0.17)
