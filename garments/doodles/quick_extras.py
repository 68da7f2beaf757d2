"""Bags, hats and accessories as people draw them in a few conventional lines."""

from __future__ import annotations

import math

from garments.brushes.curves import Curve, arch, box, closed, ellipse, rounded, spline, symmetric, turn
from garments.brushes.figure import Figure, Sheet
from garments.dice import Dice


def purse(dice: Dice) -> Figure:
    """Purse: a box or trapezoid with a handle loop."""
    top, bottom, tall = dice.between(26, 44), dice.between(34, 46), dice.between(36, 62)
    half = top * dice.between(0.35, 1.0)
    rise = dice.between(24, 60)
    sheet = Sheet()
    sheet.ink(symmetric((0, 0), (top, 0), (bottom, tall), (0, tall)), 1.0, loop=True)
    sheet.ink(arch((half, 0), (half * 0.9, -rise * 0.65, 1), (0, -rise, 1)), 1.0)
    if dice.chance(0.5):
        sheet.ink(arch((half - 6, 0), (half * 0.9 - 6, -rise * 0.6, 1), (0, -rise + 7, 1)), 0.8)
    if dice.chance(0.35):
        sheet.ink(arch((top + 1, tall * 0.1), (0, tall * 0.5, 1)), 0.8)
        sheet.ink(ellipse(0, tall * 0.5, 3.5, 3.5), 0.7, loop=True)
    elif dice.chance(0.3):
        sheet.ink(spline((-top - 1, tall * 0.22), (top + 1, tall * 0.22)), 0.7)
    return sheet.figure()


def hat(dice: Dice) -> Figure:
    """Hat: a crown on a brim, the brim a line, a bar or an oval."""
    crown, top, tall, brim = dice.between(20, 32), dice.between(18, 34), dice.between(26, 56), dice.between(42, 66)
    sheet = Sheet()
    dome = dice.chance(0.5)
    path = (
        arch((crown, 0), (crown * 0.95, -tall * 0.5, 1), (0, -tall, 1))
        if dome
        else arch((crown, 0), (top, -tall), (0, -tall))
    )
    sheet.ink(path, 1.0)
    style = dice.pick(["line", "oval", "bar"])
    if style == "line":
        sheet.ink(spline((-brim, 0), (brim, 0)), 1.0)
    elif style == "oval":
        sheet.ink(ellipse(0, 4, brim, dice.between(6, 13)), 1.0, loop=True)
    else:
        sheet.ink(rounded(-brim, 0, brim, dice.between(6, 11), 4), 1.0, loop=True)
    if dice.chance(0.35):
        sheet.ink(spline((-crown, -8), (0, -6, 1), (crown, -8)), 0.8)
    return sheet.figure()


def helmet(dice: Dice) -> Figure:
    """Helmet: a dome with a rim, a visor or a chin guard."""
    w, tall = dice.between(40, 48), dice.between(44, 60)
    sheet = Sheet()
    style = dice.pick(["dome", "full", "bike", "side"])
    if style == "full":
        sheet.ink(
            symmetric((0, -tall, 1), (w * 0.8, -tall * 0.75, 1), (w, -6, 1), (w * 0.8, 26, 1), (0, 34, 1)),
            1.0,
            loop=True,
        )
        sheet.ink(rounded(-w * 0.75, -18, w * 0.75, 8, 8), 0.95, loop=True)
    elif style == "side":
        sheet.ink(
            closed((-40, 20), (-46, -20, 1), (-10, -52, 1), (34, -34, 1), (42, -4), (14, -2), (12, 24, 1)),
            1.0,
            loop=True,
        )
        sheet.ink(spline((42, -4), (62, 2)), 0.6)
    else:
        sheet.ink(arch((w, 0), (w * 0.86, -tall * 0.7, 1), (0, -tall, 1)), 1.0)
        sheet.ink(arch((w, 0), (0, dice.between(-6, 8), 1)), 1.0)
        if style == "bike":
            for x in (-0.45, 0.0, 0.45):
                sheet.ink(spline((w * x, -4), (w * x * 0.7, -tall * 0.5, 1), (w * x * 0.3, -tall * 0.9)), 0.7)
        sheet.ink(arch((w * 0.8, 2), (w * 0.5, 22, 1), (0, dice.between(26, 36), 1)), 0.6)
    return sheet.figure()


def belt(dice: Dice) -> Figure:
    """Belt: a long thin strap with a buckle, lying flat, or an oval band."""
    sheet = Sheet()
    if dice.chance(0.55):
        half = dice.between(5, 10)
        buckle = dice.pick([-62.0, 0.0, 62.0])
        sheet.ink(box(-64, -half, 64, half), 1.0, loop=True)
        sheet.ink(box(buckle - 9, -half - 3, buckle + 9, half + 3), 0.95, loop=True)
        sheet.ink(box(buckle - 4, -half + 2, buckle + 4, half - 2), 0.5, loop=True)
        for i in range(4):
            sheet.ink(ellipse(22 + i * 7, 0, 1.2, 1.2), 0.45, loop=True)
    else:
        rx, ry, deep = dice.between(44, 54), dice.between(12, 30), dice.between(8, 14)
        sheet.ink(ellipse(0, 0, rx, ry), 1.0, loop=True)
        sheet.ink(spline((-rx, 0), (-rx, deep, 1), (0, ry + deep, 1), (rx, deep, 1), (rx, 0)), 0.9)
        sheet.ink(box(-8, ry - 3, 8, ry + deep + 3), 0.85, loop=True)
    return sheet.figure()


def glasses(dice: Dice) -> Figure:
    """Eyeglasses: two rounds or boxes, a bridge, two temples."""
    sheet = Sheet()
    r, gap = dice.between(14, 20), dice.between(7, 14)
    lens = (
        ellipse(gap + r, 0, r, r * dice.between(0.75, 1.05))
        if dice.chance(0.65)
        else rounded(gap, -r * 0.7, gap + 2 * r, r * 0.7, 3)
    )
    sheet.ink(lens, 1.0, loop=True, both=True)
    sheet.ink(arch((gap, -2), (0, -2 - dice.between(0, 7), 1)), 1.0)
    x = gap + 2 * r
    lift, reach = dice.between(-26, 6), dice.between(8, 26)
    sheet.ink(
        spline((x, -3), (x + reach * 0.7, lift * 0.8, 1), (x + reach, lift + dice.between(-2, 8))), 0.8, both=True
    )
    return sheet.figure()


def watch(dice: Dice) -> Figure:
    """Wristwatch: a round face between two straps, upright or lying, or with the strap as a ring."""
    sheet = Sheet()
    r = dice.between(15, 22)
    face: Curve = ellipse(0, 0, r, r)
    sheet.ink(face, 1.0, loop=True)
    angle = math.radians(dice.between(0, 360))
    sheet.ink(spline((r * 0.6 * math.sin(angle), -r * 0.6 * math.cos(angle)), (0, 0), (r * 0.45, 0)), 0.9)
    style = dice.pick(["straps", "lines", "ring"])
    reach, wide = dice.between(28, 56), r * dice.between(0.45, 0.8)
    if style == "ring":
        sheet.ink(
            spline(
                (-wide, r * 0.8), (-wide * 1.5, reach, 1), (0, reach * 1.5, 1), (wide * 1.5, reach, 1), (wide, r * 0.8)
            ),
            1.0,
        )
        return sheet.figure()
    for side in (-1, 1):
        if style == "straps":
            path = spline(
                (-wide, side * r * 0.75),
                (-wide * 0.85, side * (r + reach)),
                (wide * 0.85, side * (r + reach)),
                (wide, side * r * 0.75),
            )
            sheet.ink(path, 1.0)
        else:
            sheet.ink(spline((-wide * 0.6, side * r * 0.85), (-wide * 0.5, side * (r + reach))), 1.0)
            sheet.ink(spline((wide * 0.6, side * r * 0.85), (wide * 0.5, side * (r + reach))), 1.0)
    if dice.chance(0.5):
        sheet.strokes[:] = [type(s)(turn(s.path, 90), s.weight, s.loop) for s in sheet.strokes]
    return sheet.figure()


def necklace(dice: Dice) -> Figure:
    """Necklace: an open curve or a ring with a pendant, or beads along it."""
    sheet = Sheet()
    w, drop = dice.between(28, 42), dice.between(50, 84)
    shape = dice.pick(["open", "ring", "vee"])
    if shape == "ring":
        sheet.ink(ellipse(0, drop / 2, w, drop / 2), 1.0, loop=True)
    elif shape == "open":
        sheet.ink(arch((w, 0), (w * 0.9, drop * 0.55, 1), (0, drop, 1)), 1.0)
    else:
        sheet.ink(arch((w * 0.8, 0), (w * 0.4, drop * 0.55, 1), (0, drop)), 1.0)
    if dice.chance(0.75):
        size = dice.between(4, 9)
        sheet.ink(ellipse(0, drop + size, size, size * dice.between(0.9, 1.4)), 0.98, loop=True)
    else:
        for i in range(-4, 5):
            a = math.radians(90 - i * 17)
            sheet.ink(ellipse(w * math.cos(a), drop * 0.5 + drop * 0.5 * math.sin(a), 4, 4), 0.95, loop=True)
    return sheet.figure()


def backpack(dice: Dice) -> Figure:
    """Backpack: a rounded body with a lower pocket and straps, from the front or three-quarter view."""
    w, tall = dice.between(26, 34), dice.between(64, 84)
    sheet = Sheet()
    sheet.ink(symmetric((0, 0, 1), (w * 0.75, 4, 1), (w, tall * 0.4, 1), (w, tall), (0, tall)), 1.0, loop=True)
    pocket = dice.between(0.45, 0.65) * tall
    if dice.chance(0.5):
        sheet.ink(arch((w * 0.7, tall), (w * 0.66, pocket + 6, 1), (0, pocket, 1)), 0.9)
    else:
        sheet.ink(box(-w * 0.65, pocket, w * 0.65, tall - 4), 0.85, loop=True)
    if dice.chance(0.5):
        sheet.ink(
            spline((w * 0.85, 8), (w + 14, 16, 1), (w + 15, tall * 0.7, 1), (w, tall * 0.85)),
            0.95,
            both=dice.chance(0.6),
        )
    sheet.ink(arch((7, 2), (6, -8, 1), (0, -11, 1)), 0.6)
    if dice.chance(0.35):
        sheet.ink(arch((w * 0.95, tall * 0.3), (0, tall * 0.42, 1)), 0.9)
    return sheet.figure()


def rucksack(dice: Dice) -> Figure:
    """Backpack seen from a side or from behind: a bulging body, straps as loops beside it or across it."""
    w, tall = dice.between(26, 42), dice.between(58, 90)
    lean = dice.between(-10, 10)
    sheet = Sheet()
    body = closed(
        (-w, tall), (-w - 2, tall * 0.5, 1), (-w * 0.8 + lean, tall * 0.14, 1), (lean, 0, 1),
        (w * 0.8 + lean, tall * 0.14, 1), (w + 2, tall * 0.5, 1), (w, tall),
    )  # fmt: skip
    sheet.ink(body, 1.0, loop=True)
    style = dice.pick(["ears", "side", "side", "across"])
    if style == "across":
        inset = w * dice.between(0.3, 0.6)
        for x in (inset, inset + dice.between(5, 9)):
            sheet.ink(spline((x, tall * 0.1), (x + 5, tall * 0.5, 1), (x - 2, tall * 0.96)), 0.95, both=True)
    else:
        reach, low = dice.between(10, 24), dice.between(0.5, 0.9) * tall
        for side in (-1, 1) if style == "ears" else (dice.pick([-1, 1]),):
            loop = [(side * w * 0.75 + lean, tall * 0.12), (side * (w + reach), tall * 0.2, 1)]
            sheet.ink(spline(*loop, (side * (w + reach), low * 0.8, 1), (side * w, low)), 1.0)
            if dice.chance(0.5):
                sheet.ink(ellipse(side * (w + reach * 0.4), tall * 0.42, reach * 0.35, tall * 0.22), 0.8, loop=True)
    if dice.chance(0.7):
        top = tall * dice.between(0.45, 0.68)
        pocket = w * dice.between(0.45, 0.85)
        sheet.ink(arch((pocket, tall), (pocket, top + 8, 1), (0, top, 1)), 0.95)
    if dice.chance(0.4):
        sheet.ink(arch((w * 0.95, tall * 0.3), (0, tall * dice.between(0.25, 0.45), 1)), 0.9)
    if dice.chance(0.4):
        sheet.ink(arch((7, 2), (6, -8, 1), (0, -11, 1)), 0.7)
    return sheet.figure()


def crown(dice: Dice) -> Figure:
    """Crown: a band with points."""
    w, tall, points = dice.between(34, 44), dice.between(26, 44), dice.integer(3, 6)
    sheet = Sheet()
    zigzag = [(-w + 2 * w * i / (2 * points), -tall if i % 2 else -tall * 0.4) for i in range(2 * points + 1)]
    zigzag[0], zigzag[-1] = (-w - 3, -tall), (w + 3, -tall)
    sag = dice.between(0, 6)
    sheet.ink(closed((w, 0), (0, sag, 1), (-w, 0), *zigzag), 1.0, loop=True)
    sheet.ink(spline((-w, -7), (w, -7)), 0.3)
    return sheet.figure()
