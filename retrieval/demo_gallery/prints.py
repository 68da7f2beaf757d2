"""Printed motifs for the chest of a t-shirt or the front of a bag."""

from __future__ import annotations

import math

from retrieval.demo_gallery.curves import Curve, box, closed, ellipse, spline
from retrieval.demo_gallery.dice import Dice
from retrieval.demo_gallery.figure import Sheet


def add_motif(sheet: Sheet, dice: Dice, x: float, y: float, size: float, *, within: Curve | None = None) -> None:
    """Print one motif, ``size`` being half its width: sun and hills, waves, star, blocks, leaf or rings."""
    motif = dice.pick(["hills", "waves", "star", "blocks", "leaf", "rings", "heart", "bolt"])

    def add(curve: Curve, paint: str = "second") -> None:
        sheet.patch(curve, paint=paint, relief=0.0, cast=0.0, within=within)

    if motif == "hills":
        add(ellipse(x + size * 0.35, y - size * 0.35, size * 0.42, size * 0.42))
        add(closed((x - size, y + size * 0.6), (x - size * 0.3, y - size * 0.4), (x + size * 0.5, y + size * 0.6)), "trim")
        add(closed((x - size * 0.2, y + size * 0.6), (x + size * 0.45, y), (x + size, y + size * 0.6)))
    elif motif == "waves":
        for row in range(3):
            knots = [(x - size + size * 0.25 * i, y + row * size * 0.45 - size * 0.4 + (size * 0.14 if i % 2 else -size * 0.14), 1.0) for i in range(9)]
            sheet.line(spline(*knots), "cord", paint="second", width=size * 0.17, within=within)
    elif motif == "star":
        points = [(math.sin(i * math.pi / 5), -math.cos(i * math.pi / 5)) for i in range(10)]
        add(closed(*((x + px * size * (0.8 if i % 2 == 0 else 0.34), y + py * size * (0.8 if i % 2 == 0 else 0.34)) for i, (px, py) in enumerate(points))))
    elif motif == "blocks":
        for i in range(3):
            add(box(x - size * 0.9 + i * size * 0.64, y - size * 0.35, x - size * 0.4 + i * size * 0.64, y + size * (0.1 + 0.18 * i)), "second" if i != 1 else "trim")
        add(box(x - size * 0.9, y + size * 0.58, x + size * 0.9, y + size * 0.7))
    elif motif == "leaf":
        add(closed((x, y - size * 0.8), (x + size * 0.5, y - size * 0.1, 1), (x, y + size * 0.6), (x - size * 0.5, y - size * 0.1, 1)))
        sheet.line(spline((x, y - size * 0.5), (x, y + size * 0.9)), "cord", paint="trim", width=size * 0.08)
    elif motif == "heart":
        add(closed((x, y - size * 0.3), (x + size * 0.4, y - size * 0.66, 1), (x + size * 0.78, y - size * 0.2, 1), (x, y + size * 0.7), (x - size * 0.78, y - size * 0.2, 1), (x - size * 0.4, y - size * 0.66, 1)))
    elif motif == "bolt":
        add(closed((x + size * 0.2, y - size * 0.9), (x - size * 0.5, y + size * 0.1), (x - size * 0.02, y + size * 0.1), (x - size * 0.25, y + size * 0.9), (x + size * 0.5, y - size * 0.2), (x + size * 0.05, y - size * 0.2)))
    else:
        for scale, paint in ((0.8, "second"), (0.56, "main"), (0.36, "second")):
            add(ellipse(x, y, size * scale, size * scale), paint)
