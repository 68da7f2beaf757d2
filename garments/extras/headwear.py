"""Caps, hats and umbrellas."""

from __future__ import annotations

import math

from garments.brushes.curves import arch, box, closed, ellipse, move, spline, symmetric
from garments.brushes.figure import Figure, Sheet
from garments.dice import Dice


def cap(dice: Dice) -> Figure:
    """Baseball cap from the side or the front, or a knitted beanie."""
    style = dice.weighted({"side": 5, "front": 3, "beanie": 2})
    if style == "beanie":
        return _beanie(dice)
    sheet = Sheet()
    two = dice.chance(0.35)
    if style == "side":
        tall = dice.between(42, 50)
        dome = closed(
            (-40, 2),
            (-39, -tall * 0.5, 1),
            (-24, -tall * 0.92, 1),
            (0, -tall, 1),
            (22, -tall * 0.86, 1),
            (35, -tall * 0.42, 1),
            (38, 0),
            (2, 5, 1),
        )
        sheet.patch(dome, relief=1.3, cast=0.3)
        sheet.line(spline((-2, -tall), (-12, -tall * 0.5, 1), (-12, 4)), "stitch", within=dome, ink=0.35)
        sheet.line(spline((-2, -tall), (16, -tall * 0.6, 1), (20, 2)), "stitch", within=dome, ink=0.35)
        visor = closed((22, -5), (40, -7, 1), (66, -1, 1), (82, 8, 1), (78, 12, 1), (56, 8.5, 1), (24, 5.5))
        sheet.patch(visor, paint="second" if two else "main", relief=1.0, cast=0.7, ink=1.0)
        sheet.line(spline((26, 1.5), (52, 2.5, 1), (78, 9)), "stitch", within=visor)
        sheet.patch(
            ellipse(-1, -tall - 0.5, 3.4, 2.2), paint="second" if two else "main", relief=0.9, cast=0.5, ink=0.4
        )
        sheet.patch(ellipse(12, -tall * 0.5, 7, 7.5), paint="second", relief=0.5, cast=0.4)
        sheet.ink(dome, 1.0, loop=True)
    else:
        tall = dice.between(46, 54)
        dome = symmetric((0, -tall, 1), (24, -tall * 0.9, 1), (39, -tall * 0.4, 1), (41, 4), (0, -4, 1))
        sheet.patch(dome, relief=1.2, cast=0.3)
        sheet.line(spline((0, -tall), (0, -5)), "stitch", ink=0.3)
        sheet.line(spline((3, -tall + 1), (22, -tall * 0.6, 1), (27, -2)), "stitch", both=True, ink=0.3)
        visor = symmetric((0, -7, 1), (26, -3.5, 1), (41, 4), (40, 15, 1), (22, 17, 1), (0, 15, 1))
        sheet.patch(visor, paint="second" if two else "main", relief=1.1, cast=0.7, ink=1.0)
        sheet.line(arch((38, 10), (20, 10.5, 1), (0, 8, 1)), "stitch", within=visor)
        sheet.patch(ellipse(0, -tall - 0.5, 3.6, 2.2), relief=0.9, cast=0.4, ink=0.35)
        sheet.patch(
            closed((-8, -34), (8, -34), (8, -24, 1), (0, -18), (-8, -24, 1)), paint="second", relief=0.5, cast=0.4
        )
        sheet.ink(arch((41, 4), (39, -tall * 0.4, 1), (24, -tall * 0.9, 1), (0, -tall, 1)), 1.0)
    return sheet.figure("Baseball", noun="Cap", article="Caps")


def _beanie(dice: Dice) -> Figure:
    sheet = Sheet()
    tall, fold = dice.between(56, 70), dice.between(13, 19)
    dome = symmetric((0, -tall, 1), (20, -tall * 0.92, 1), (34, -tall * 0.5, 1), (35, 0), (0, 2, 1))
    sheet.patch(dome, relief=1.3, cast=0.3)
    for i in range(-6, 7):
        sheet.line(spline((i * 1.2, -tall + 3), (i * 4.4, -tall * 0.55, 1), (i * 5.2, -fold)), "rib", within=dome)
    band = symmetric((0, -fold + 1, 1), (36, -fold), (37, 2), (0, 4.5, 1))
    sheet.patch(band, paint=dice.pick(["main", "second"]), relief=0.9, cast=0.6, ink=0.9)
    for i in range(-9, 10):
        sheet.line(spline((i * 3.9, -fold + 2), (i * 3.95, 3)), "rib", within=band)
    if dice.chance(0.5):
        pom = [
            (math.cos(a) * (11 + (i % 2) * 1.8), -tall - 6 + math.sin(a) * (10 + (i % 2) * 1.8), 1.0)
            for i, a in enumerate(x * math.pi / 9 for x in range(18))
        ]
        sheet.patch(closed(*pom), paint="second", relief=1.4, cast=0.5, ink=0.9)
    sheet.ink(arch((35, -fold), (34, -tall * 0.5, 1), (20, -tall * 0.92, 1), (0, -tall, 1)), 1.0)
    return sheet.figure("Knitted", noun="Beanie", article="Caps")


def hat(dice: Dice) -> Figure:
    """Hat with a brim: fedora, sun hat, bowler, top hat or bucket hat."""
    style = dice.weighted({"Fedora": 3, "Sun": 3, "Bowler": 2, "Top": 2, "Bucket": 2})
    sheet = Sheet()
    brim_w = {"Fedora": 56.0, "Sun": 70.0, "Bowler": 46.0, "Top": 46.0, "Bucket": 44.0}[style] * dice.between(
        0.93, 1.08
    )
    crown_w = {"Fedora": 31.0, "Sun": 31.0, "Bowler": 32.0, "Top": 28.0, "Bucket": 30.0}[style]
    tall = {"Fedora": 40.0, "Sun": 36.0, "Bowler": 40.0, "Top": 62.0, "Bucket": 38.0}[style] * dice.between(0.9, 1.1)
    if style == "Bucket":
        brim = symmetric((0, -6, 1), (crown_w, -8), (brim_w, 14, 1), (brim_w * 0.93, 18, 1), (0, 25, 1))
    else:
        curl = {"Fedora": 3.0, "Sun": -5.0, "Bowler": 7.0, "Top": 5.0}[style]
        brim = symmetric(
            (0, -5, 1),
            (crown_w * 0.9, -5, 1),
            (brim_w * 0.9, -3 - curl, 1),
            (brim_w, 1 - curl, 1),
            (brim_w * 0.86, 6 - curl * 0.5, 1),
            (0, 12, 1),
        )
    top_knots = {
        "Fedora": ((0.0, -tall + 5, 1), (crown_w * 0.35, -tall, 1), (crown_w * 0.74, -tall + 3, 1), (crown_w, 1.0)),
        "Sun": ((0.0, -tall, 1), (crown_w * 0.66, -tall * 0.9, 1), (crown_w * 0.96, -tall * 0.4, 1), (crown_w, 1.0)),
        "Bowler": (
            (0.0, -tall, 1),
            (crown_w * 0.66, -tall * 0.9, 1),
            (crown_w * 0.98, -tall * 0.45, 1),
            (crown_w, 1.0),
        ),
        "Top": ((0.0, -tall + 1, 1), (crown_w + 3.5, -tall - 1), (crown_w - 1, -tall * 0.5, 1), (crown_w, 1.0)),
        "Bucket": ((0.0, -tall, 1), (crown_w * 0.7, -tall + 1), (crown_w, -8.0)),
    }[style]
    sheet.patch(brim, relief=0.9, cast=0.3, ink=1.0)
    sheet.patch(move(brim, 0, -1.0, 0.985), relief=0.7, cast=0.0)
    base = (0.0, 5.0, 1) if style != "Bucket" else (0.0, -3.0, 1)
    crown = symmetric(*top_knots, base)
    sheet.patch(crown, relief=1.3, cast=0.5)
    sheet.ink(arch(*reversed(top_knots)), 1.0)
    if style == "Bucket":
        for y in (4.0, 10.0, 16.0):
            sheet.line(arch((crown_w + (y + 8) * 0.55, y - 5), (0, y + 2, 1)), "stitch", within=brim)
    else:
        band = closed(
            (-crown_w - 1, -9), (0, -5.5, 1), (crown_w + 1, -9), (crown_w + 2, 1.5), (0, 5.6, 1), (-crown_w - 2, 1.5)
        )
        sheet.patch(band, paint="second", within=crown, relief=0.6, cast=0.4)
        sheet.ink(arch((crown_w, -9), (0, -5.5, 1)), 0.5)
        if style == "Fedora":
            sheet.line(spline((-crown_w * 0.5, -tall + 6), (-2, -tall + 12, 1), (crown_w * 0.4, -tall + 5)), "fold")
            sheet.patch(
                closed((crown_w * 0.5, -8), (crown_w * 0.85, -10), (crown_w * 0.85, 2), (crown_w * 0.5, 3)),
                paint="second",
                relief=0.7,
                cast=0.5,
            )
    return sheet.figure(style, noun="Hat", article="Hat")


def umbrella(dice: Dice) -> Figure:
    """Open umbrella with a curved handle, or a folded one."""
    sheet = Sheet()
    if dice.chance(0.2):
        return _folded_umbrella(sheet, dice)
    w, tall = dice.between(56, 66), dice.between(38, 50)
    stick = dice.between(56, 74)
    panels = dice.pick([5, 6, 7])
    sheet.line(spline((0, -tall - 7), (0, stick)), "cord", paint="steel", width=1.9, ink=0.95)
    hook = spline((0, stick - 12), (0, stick + 2, 1), (-6, stick + 10, 1), (-13, stick + 5, 1), (-13.5, stick))
    sheet.line(hook, "cord", paint="wood", width=4.2, ink=0.9)
    edge_x = [-w + 2 * w * i / panels for i in range(panels + 1)]

    def rim_y(x: float) -> float:
        return 2.0 * (1 - (x / w) ** 2) + 2.0

    under = [(x, rim_y(x) * 0.6 - 3, 1.0) for x in edge_x[1:-1]]
    sheet.patch(closed((-w, 2), *under, (w, 2), (0, -14, 1)), paint="inside", relief=0.2, cast=0.0)
    scallop: list[tuple[float, ...]] = []
    for i in range(panels, 0, -1):
        a, b = edge_x[i], edge_x[i - 1]
        scallop += [(a, rim_y(a)), ((a + b) / 2, rim_y((a + b) / 2) - 5.5, 1.0)]
    dome = closed(
        (-w, rim_y(-w)),
        (-w * 0.82, -tall * 0.55, 1),
        (-w * 0.42, -tall * 0.92, 1),
        (0, -tall, 1),
        (w * 0.42, -tall * 0.92, 1),
        (w * 0.82, -tall * 0.55, 1),
        *scallop,
    )
    sheet.patch(dome, relief=1.2, cast=0.5, ink=1.0)
    two = dice.chance(0.4)
    for i in range(panels):
        a, b = edge_x[i], edge_x[i + 1]
        if two and i % 2:
            gore = closed(
                (0, -tall),
                (a * 0.72, -tall * 0.62, 1),
                (a, rim_y(a) + 1),
                (b, rim_y(b) + 1),
                (b * 0.72, -tall * 0.62, 1),
            )
            sheet.patch(gore, paint="second", within=dome, relief=0.6, cast=0.0)
        if i:
            sheet.line(spline((0, -tall), (a * 0.72, -tall * 0.62, 1), (a, rim_y(a))), "pleat", within=dome, ink=0.5)
    return sheet.figure("", noun="Umbrella", article="Umbrellas")


def _folded_umbrella(sheet: Sheet, dice: Dice) -> Figure:
    tall = dice.between(96, 116)
    sheet.line(spline((0, -tall - 8), (0, -tall + 4)), "cord", paint="steel", width=2.2, ink=0.6)
    body = symmetric((0, -tall), (2.5, -tall), (9, -30, 1), (8, 0), (0, 2))
    sheet.patch(body, relief=1.3, cast=0.5, ink=1.0)
    for x in (-3.0, 2.0):
        sheet.line(spline((0, -tall + 4), (x * 0.8, -50, 1), (x * 1.4, -1)), "pleat", within=body, ink=0.4)
    sheet.patch(box(-9.5, -34, 9.5, -29), paint="second", relief=0.9, cast=0.6, ink=0.4)
    sheet.line(spline((0, 0), (0, 14)), "cord", paint="steel", width=2.2, ink=0.7)
    sheet.line(
        spline((0, 10), (0, 30, 1), (-7, 40, 1), (-14, 34, 1), (-14, 28)), "cord", paint="wood", width=4.6, ink=0.9
    )
    return sheet.figure("Folded", noun="Umbrella", article="Umbrellas")
