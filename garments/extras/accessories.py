"""Belts, watches and sunglasses."""

from __future__ import annotations

import math

from garments.brushes.figure import Figure, Sheet
from garments.brushes.splines import (
    Curve,
    Knot,
    along,
    arch,
    box,
    closed,
    ellipse,
    mirror,
    move,
    ribbon,
    ring,
    rounded,
    spline,
    symmetric,
)
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
