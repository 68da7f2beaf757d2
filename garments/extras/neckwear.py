"""Scarves, ties and bow ties."""

from __future__ import annotations

import math

from garments.brushes.curves import arch, closed, ellipse, move, ribbon, spline, symmetric, turn
from garments.brushes.figure import Figure, Sheet
from garments.dice import Dice


def scarf(dice: Dice) -> Figure:
    """Scarf folded over in a loop, knotted, or hanging in two tails, with fringes."""
    style = dice.pick(["loop", "knot", "hang"])
    sheet = Sheet()
    wide = dice.between(19, 26)
    fringe = dice.chance(0.75)
    if style == "hang":
        tails = (spline((-12, -60), (-17, 0, 1), (-20, 70)), spline((12, -60), (17, -10, 1), (22, 52)))
        neck = arch((14, -58), (11, -76, 1), (0, -82, 1))
        sheet.patch(ribbon(neck, wide * 0.8), relief=1.1, cast=0.2)
        sheet.ink(neck, 0.4)
    elif style == "loop":
        tails = (
            spline((-16, -68), (-10, -30, 1), (12, 14, 1), (26, 66)),
            spline((16, -68), (10, -30, 1), (-12, 14, 1), (-28, 70)),
        )
        neck = arch((17, -66), (13, -88, 1), (0, -95, 1))
        sheet.patch(ribbon(neck, wide * 0.8), relief=1.1, cast=0.2)
        sheet.ink(ribbon(neck, wide * 0.8), 0.6, loop=True)
    else:
        coil = ellipse(0, -62, 30, 17)
        sheet.patch(ribbon(coil, 15), relief=1.4, cast=0.2, ink=0.9)
        tails = (spline((-4, -48), (-12, 0, 1), (-15, 62)), spline((8, -48), (15, -10, 1), (17, 46)))
    for tail in tails:
        end = tail[-1]
        lean = math.degrees(math.atan2(float(tail[-2, 0] - end[0]), float(end[1] - tail[-2, 1])))
        if fringe:
            for i in range(-4, 5):
                strand = move(
                    turn(spline((i * wide / 9, -1), (i * wide / 9 + 0.6, 5, 1), (i * wide / 8.4, 10)), lean),
                    *map(float, end),
                )
                sheet.line(strand, "cord", paint="main", width=1.1, ink=0.35 if i % 2 == 0 else 0.15)
        sheet.patch(ribbon(tail, wide * 0.85, wide), relief=1.1, cast=0.8, grain_deg=lean * 0.6, ink=1.0)
        for shift in (-0.25, 0.2):
            fold = move(tail[3:-2], wide * shift, 0)
            sheet.line(fold, "fold")
    if style == "knot":
        sheet.patch(
            closed((-12, -56, 1), (4, -62, 1), (16, -54, 1), (14, -40, 1), (0, -36, 1), (-13, -42, 1)),
            relief=1.4,
            cast=0.9,
            ink=0.7,
        )
    return sheet.figure("Fringed" if fringe else "", noun="Scarf", article="Scarves")


def tie(dice: Dice) -> Figure:
    """Necktie hanging straight or with its neck loop, or a bow tie."""
    style = dice.weighted({"hanging": 4, "loop": 3, "bow": 2})
    sheet = Sheet()
    if style == "bow":
        return bow_tie(dice)
    w, tall = dice.between(9, 13), dice.between(108, 130)
    if style == "loop":
        band = closed((-6, -2), (-13, -26, 1), (-9, -46, 1), (0, -51, 1), (9, -46, 1), (13, -26, 1), (6, -2))
        sheet.patch(ribbon(band, 5.0), relief=1.0, cast=0.3)
        sheet.ink(band, 0.85)
    back = closed((-4.5, 10), (4.5, 10), (w * 0.55 + 4, tall - 18), (3.5, tall - 10), (-w * 0.55 + 3, tall - 18))
    sheet.patch(back, paint="trim", relief=0.5, cast=0.3)
    blade = symmetric((0, 9), (4.2, 9), (w * 0.62, tall * 0.45, 1), (w, tall - w), (0, tall))
    sheet.patch(blade, relief=0.9, cast=0.7, grain_deg=0, ink=1.0)
    sheet.line(spline((1, 14), (1.5, 40, 1), (0.5, 62)), "fold")
    knot = symmetric((0, -3.5), (8.2, -3.5, 1), (8.6, -1.5), (5.0, 11), (0, 12.5))
    sheet.patch(knot, relief=1.2, cast=0.8, grain_deg=-25, ink=0.95)
    return sheet.figure("Slim" if w < 10.2 else "", noun="Tie", article="Ties")


def bow_tie(dice: Dice) -> Figure:
    """Bow tie: two wings and a knot."""
    sheet = Sheet()
    w, half = dice.between(44, 52), dice.between(17, 22)
    wing = closed(
        (3, -7), (w * 0.55, -half * 0.8, 1), (w, -half), (w + 2.5, 0, 1), (w, half), (w * 0.55, half * 0.8, 1), (3, 7)
    )
    sheet.patch(wing, relief=1.2, cast=0.4, both=True, ink=1.0)
    for y in (-0.4, 0.35):
        sheet.line(spline((6, y * 8), (w * 0.35, y * 14, 1), (w * 0.6, y * 20)), "fold", both=True, ink=0.15)
    sheet.patch(
        closed((-7, -9), (0, -10.5, 1), (7, -9), (8, 0, 1), (7, 9), (0, 10.5, 1), (-7, 9), (-8, 0, 1)),
        relief=1.3,
        cast=0.9,
        ink=0.95,
    )
    return sheet.figure("", noun="Bow Tie", article="Ties")
