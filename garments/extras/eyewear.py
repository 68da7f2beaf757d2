"""Sunglasses."""

from __future__ import annotations

from garments.brushes.curves import Curve, Knot, arch, closed, mirror, move, ribbon, ring, spline
from garments.brushes.figure import Figure, Sheet
from garments.dice import Dice


def _lens(style: str, w: float, h: float) -> Curve:
    """Right lens, its inner edge at x = 0."""
    knots: dict[str, tuple[Knot, ...]] = {
        "Round": (
            (0.02, 0.0, 1),
            (0.15, -0.72, 1),
            (0.5, -1.0, 1),
            (0.85, -0.72, 1),
            (1.0, 0.0, 1),
            (0.85, 0.72, 1),
            (0.5, 1.0, 1),
            (0.15, 0.72, 1),
        ),
        "Wayfarer": (
            (0.0, -0.55, 1),
            (0.1, -0.9, 1),
            (0.6, -1.0, 1),
            (1.06, -1.0, 1),
            (1.0, -0.1, 1),
            (0.84, 0.72, 1),
            (0.5, 0.92, 1),
            (0.16, 0.7, 1),
        ),
        "Aviator": (
            (0.03, -0.62, 1),
            (0.3, -0.86, 1),
            (0.75, -0.88, 1),
            (1.04, -0.58, 1),
            (1.0, 0.3, 1),
            (0.72, 1.0, 1),
            (0.36, 0.92, 1),
            (0.1, 0.3, 1),
        ),
        "Cat Eye": (
            (0.02, -0.3, 1),
            (0.2, -0.7, 1),
            (0.7, -0.95, 1),
            (1.16, -1.25),
            (1.06, -0.2, 1),
            (0.8, 0.7, 1),
            (0.45, 0.88, 1),
            (0.12, 0.5, 1),
        ),
        "Rectangle": (
            (0.0, -0.5, 1),
            (0.08, -0.74, 1),
            (0.5, -0.78, 1),
            (0.95, -0.76, 1),
            (1.02, -0.4, 1),
            (0.96, 0.5, 1),
            (0.5, 0.74, 1),
            (0.08, 0.56, 1),
        ),
    }
    return closed(*((k[0] * w, k[1] * h, *k[2:]) for k in knots[style]))


def sunglasses(dice: Dice) -> Figure:
    """Sunglasses from the front, the temples folded behind or opened to the sides."""
    style = dice.weighted({"Wayfarer": 3, "Aviator": 3, "Round": 2, "Cat Eye": 2, "Rectangle": 2})
    wire = style in ("Aviator", "Round") and dice.chance(0.7)
    w, h = dice.between(36, 41), dice.between(15, 20)
    if style == "Round":
        h = w * 0.46
    gap = dice.between(6, 9)
    rim = dice.between(1.8, 2.6) if wire else dice.between(3.8, 5.6)
    paint = "metal" if wire else "main"
    sheet = Sheet()
    lens = move(_lens(style, w, h), gap)
    top = -h * 0.72
    corner = (gap + w * 1.02, top)
    if dice.chance(0.6):
        temple = spline(corner, (gap + w * 1.12, top - 3, 1), (gap + w * 1.16, top - 14, 1), (gap + w * 1.02, top - 22))
    else:
        temple = spline(corner, (gap + w * 1.16, top + 1, 1), (gap + w * 1.22, top + 12, 1), (gap + w * 1.16, top + 26))
    sheet.patch(ribbon(temple, rim * 0.9 + 0.8, rim * 0.7), paint=paint, relief=0.9, cast=0.2, both=True)
    sheet.ink(temple, 0.75, both=True)
    bridge = arch((gap + 2, -h * 0.35), (gap * 0.5, -h * 0.55, 1), (0, -h * 0.62, 1))
    sheet.patch(ribbon(bridge, rim), paint=paint, relief=0.9, cast=0.4)
    sheet.ink(bridge, 0.95)
    if style == "Aviator":
        sheet.line(arch((gap + w * 0.3, -h * 0.86), (0, -h * 0.95, 1)), "cord", paint=paint, width=rim, ink=0.6)
    sheet.patch(lens, paint="lens", relief=0.3, cast=0.5, both=True)
    for side in (1, -1):
        own = lens if side > 0 else mirror(lens)
        x = side * (gap + w * 0.5) - w * 0.12
        glare = closed((x - 2, -h), (x + 7, -h), (x - 5, h), (x - 14, h))
        sheet.patch(glare, paint="glare", within=own, relief=0, cast=0)
    sheet.patch(*ring(lens, rim), paint=paint, relief=1.0, cast=0.6, both=True)
    sheet.ink(lens, 1.0, loop=True, both=True)
    return sheet.figure(style, noun="Sunglasses")
