"""Belts and watches."""

from __future__ import annotations

import math

from garments.brushes.curves import (
    Curve,
    along,
    arch,
    box,
    closed,
    ellipse,
    move,
    ribbon,
    ring,
    rounded,
    spline,
    symmetric,
)
from garments.brushes.figure import Figure, Sheet
from garments.dice import Dice


def _buckle(sheet: Sheet, x: float, y: float, wide: float, tall: float, round_: bool) -> None:
    frame = ellipse(x, y, wide, tall) if round_ else rounded(x - wide, y - tall, x + wide, y + tall, 2.5)
    sheet.patch(*ring(frame, 3.4), paint="metal", relief=0.9, cast=0.7)
    sheet.ink(frame, 0.9, loop=True)
    sheet.line(spline((x - wide, y), (x + wide * 0.9, y)), "cord", paint="metal", width=1.8, ink=0.4)


def belt(dice: Dice) -> Figure:
    """Belt: buckled into a loop, laid straight, or rolled open in a curve."""
    style = dice.weighted({"loop": 5, "straight": 3, "curve": 2})
    wide = dice.between(9, 13)
    round_ = dice.chance(0.3)
    sheet = Sheet()
    if style == "loop":
        rx, ry = dice.between(52, 60), dice.between(17, 26)
        back = ellipse(0, 0, rx, ry, 180, 360)
        sheet.patch(hanging_band(back, wide), paint="inside", relief=0.4, cast=0.2)
        sheet.ink(back, 0.9)
        front = ellipse(0, 0, rx, ry, 0, 180)
        sheet.patch(hanging_band(front, wide), relief=0.9, cast=0.5)
        lower = move(front, 0, wide)
        sheet.ink(front, 1.0)
        sheet.ink(closed((rx, 0), (rx, wide))[::-1], 0.4)
        sheet.ink(lower, 0.85)
        sheet.line(move(front, 0, wide * 0.18), "stitch")
        sheet.line(move(front, 0, wide * 0.84), "stitch")
        for u in (0.32, 0.36, 0.40):
            x, y = along(front, [u])[0]
            sheet.patch(ellipse(float(x), float(y) + wide / 2, 1.0, 1.2), paint="dark", relief=0, cast=0, ink=0.25)
        x, y = along(front, [0.55])[0]
        _buckle(sheet, float(x), float(y) + wide / 2, wide * 0.75, wide * 0.78, round_)
        sheet.patch(
            box(float(x) - wide * 1.5, float(y) - 0.6, float(x) - wide * 1.2, float(y) + wide + 0.4),
            paint="trim",
            relief=0.5,
            cast=0.5,
        )
    else:
        bow = dice.between(-5, 5) if style == "straight" else -46.0
        path = spline((-62, 0), (-30, -bow * 0.75, 1), (0, -bow, 1), (30, -bow * 0.75, 1), (62, 0))
        band = ribbon(path, wide)
        sheet.patch(band, relief=0.8, cast=0.4, ink=1.0)
        sheet.line(ribbon(path, wide * 0.72)[: len(path)], "stitch")
        sheet.line(ribbon(path, wide * 0.72)[len(path) :], "stitch")
        for x, y in along(path, [0.82, 0.86, 0.90, 0.94]):
            sheet.patch(ellipse(float(x), float(y), 1.1, 1.1), paint="dark", relief=0, cast=0, ink=0.35)
        x, y = path[0]
        _buckle(sheet, float(x) - 2, float(y), wide * 0.75, wide * 0.8, round_)
    return sheet.figure("", noun="Belt", article="Belts")


def hanging_band(edge: Curve, height: float) -> Curve:
    """Close a band that hangs straight down from its upper edge."""
    low = edge[::-1].copy()
    low[:, 1] += height
    return closed(*(tuple(map(float, p)) for p in edge), *(tuple(map(float, p)) for p in low))


def watch(dice: Dice) -> Figure:
    """Wristwatch: round or square dial, strap of leather or links, analogue or digital."""
    square = dice.chance(0.25)
    digital = square and dice.chance(0.4)
    links = dice.chance(0.4)
    r = dice.between(21, 27)
    strap = r * dice.between(0.56, 0.72)
    reach = dice.between(62, 74)
    sheet = Sheet()
    paint = "strap"
    end = strap * (0.9 if links else 0.75)
    upper = symmetric((0, -reach - 2, 1), (end, -reach), (strap * 0.96, -r - 8, 1), (strap, -r + 6), (0, -r + 8))
    lower = symmetric(
        (0, r - 8), (strap, r - 6), (strap * 0.96, r + 8, 1), (end, reach + 6), (0, reach + (6 if links else 12), 1)
    )
    for part in (upper, lower):
        sheet.patch(part, paint=paint, relief=0.8, cast=0.4)
    sheet.ink(spline((end, -reach), (strap, -r + 3)), 1.0, both=True)
    sheet.ink(spline((strap, r - 3), (end, reach + 6)), 1.0, both=True)
    sheet.ink(arch((end, -reach), (0, -reach - 2, 1)), 0.8)
    sheet.ink(arch((end, reach + 6), (0, reach + 10, 1)), 0.8)
    if links:
        for i in range(9):
            for side in (-1, 1):
                y = side * (r + 3 + i * (reach - r - 2) / 8.5)
                sheet.line(spline((-strap, y), (strap, y)), "seam", width=1.6, ink=0.35 if i % 2 == 0 else 0)
        for x in (-strap * 0.36, strap * 0.36):
            sheet.line(spline((x, -reach), (x, -r)), "seam")
            sheet.line(spline((x, r), (x, reach + 5)), "seam")
    else:
        sheet.line(spline((strap - 2.4, -r - 3), (end - 2.2, -reach + 2)), "stitch", both=True)
        sheet.line(spline((strap - 2.4, r + 3), (end - 2.2, reach + 4)), "stitch", both=True)
        for i in range(4):
            sheet.patch(ellipse(0, r + 18 + i * 6, 1.3, 1.5), paint="dark", relief=0, cast=0, ink=0.3)
        sheet.patch(
            *ring(rounded(-end - 2, -reach - 4, end + 2, -reach + 4, 2), 2.2), paint="metal", relief=0.7, cast=0.4
        )
    sheet.patch(rounded(r - 1, -3, r + 4, 3, 1), paint="metal", relief=0.7, cast=0.3, ink=0.35)
    case = rounded(-r * 0.92, -r, r * 0.92, r, 6) if square else ellipse(0, 0, r, r)
    sheet.patch(case, paint="metal", relief=1.0, cast=0.8, ink=1.0)
    face = move(case, scale=0.82)
    sheet.patch(face, paint="dial", relief=0.3, cast=0.0)
    sheet.ink(face, 0.5, loop=True)
    _dial(sheet, dice, r * 0.82, digital)
    return sheet.figure(
        "Digital" if digital else "Analogue" if dice.chance(0.4) else "", noun="Watch", article="Watches"
    )


def _dial(sheet: Sheet, dice: Dice, r: float, digital: bool) -> None:
    if digital:
        sheet.patch(rounded(-r * 0.7, -r * 0.4, r * 0.7, r * 0.4, 2), paint="screen", relief=0.2, cast=0.3, ink=0.5)
        for x in (-0.42, -0.14, 0.18, 0.46):
            sheet.line(
                spline((r * x - 2, -5), (r * x + 2, -5), (r * x + 2, 5), (r * x - 2, 5), (r * x - 2, -5)),
                "cord",
                paint="dark",
                width=1.0,
            )
        return
    for i in range(12):
        a = i * math.pi / 6
        inner = 0.74 if i % 3 == 0 else 0.82
        path = spline(
            (r * inner * math.sin(a), -r * inner * math.cos(a)), (r * 0.92 * math.sin(a), -r * 0.92 * math.cos(a))
        )
        sheet.line(path, "cord", paint="mark", width=1.5 if i % 3 == 0 else 0.8, ink=0.3 if i % 3 == 0 else 0.15)
    if dice.chance(0.4):
        for x, y in ((-0.36, 0.0), (0.36, 0.0), (0.0, 0.4)):
            sheet.patch(*ring(ellipse(r * x, r * y, r * 0.17, r * 0.17), 0.9), paint="mark", relief=0, cast=0.2)
    hour, minute = math.radians(dice.between(0, 360)), math.radians(dice.between(0, 360))
    for angle, reach, width in ((hour, 0.5, 2.0), (minute, 0.74, 1.4)):
        sheet.line(
            spline((0, 0), (r * reach * math.sin(angle), -r * reach * math.cos(angle))),
            "cord",
            paint="mark",
            width=width,
            ink=0.7,
        )
    sheet.patch(ellipse(0, 0, 1.6, 1.6), paint="mark", relief=0.3, cast=0.3)
