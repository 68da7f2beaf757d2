"""Clothes as people draw them in a few conventional lines, simpler than the gallery pictures them."""

from __future__ import annotations

import math

from garments.brushes.curves import arch, box, ellipse, rounded, spline, symmetric, turn, xy
from garments.brushes.figure import Figure, Sheet
from garments.dice import Dice


def shirt(dice: Dice) -> Figure:
    """T-shirt as a cross of straight lines, with short or long sleeves."""
    return _boxy(dice, dice.between(16, 34), open_front=False)


def sweater(dice: Dice) -> Figure:
    """Sweater: the same with long sleeves."""
    return _boxy(dice, dice.between(40, 70), open_front=False)


def jacket(dice: Dice) -> Figure:
    """Jacket: long sleeves and an open or zipped front."""
    return _boxy(dice, dice.between(34, 66), open_front=True)


def _boxy(dice: Dice, sleeve: float, *, open_front: bool) -> Figure:
    w, tall = dice.between(24, 32), dice.between(62, 92)
    angle = math.radians(dice.between(12, 70 if sleeve > 36 else 48))
    thick = dice.between(14, 22)
    neck = dice.between(9, 15)
    tip = (w + sleeve * math.cos(angle), 4 + sleeve * math.sin(angle))
    low = (tip[0] - thick * math.sin(angle), tip[1] + thick * math.cos(angle))
    pit = (w - 1, 4 + thick * 1.25)
    sheet = Sheet()
    drop = dice.between(2, 12)
    sheet.ink(arch((neck, 0), (w - 2, 4), tip, low, pit, (w + dice.between(-2, 3), tall), (0, tall)), 1.0)
    sheet.ink(arch((neck, 0), (neck * 0.6, drop * 0.8, 1), (0, drop, 1)), 0.85)
    if open_front:
        gap = dice.pick([0.0, 0.0, 3.0, 7.0])
        if gap:
            sheet.ink(spline((neck * 0.6, drop * 0.5), (gap, drop + 14, 1), (gap, tall)), 0.95, both=True)
        else:
            sheet.ink(spline((0, drop), (0, tall)), 0.95)
        if dice.chance(0.4):
            sheet.ink(spline((neck, 0), (neck + 7, 16), (gap + 1, 32)), 0.7, both=True)
        if dice.chance(0.35):
            sheet.ink(box(w * 0.35, tall * 0.62, w * 0.8, tall * 0.82), 0.5, loop=True, both=True)
        if dice.chance(0.25):
            for i in range(3):
                sheet.ink(ellipse(3.5, 26 + i * 14, 1.6, 1.6), 0.6, loop=True)
    return sheet.figure()


def shoe(dice: Dice) -> Figure:
    """Shoe as one simple side profile, the ankle open or not."""
    tall, ankle, toe = dice.between(24, 52), dice.between(24, 42), dice.between(14, 30)
    sheet = Sheet()
    profile = spline(
        (0, -tall),
        (dice.between(-4, 3), -tall * 0.4, 1),
        (0, 0),
        (dice.between(86, 104), 0),
        (104, -toe * 0.5, 1),
        (90, -toe, 1),
        (ankle + 16, -toe - 4, 1),
        (ankle, -tall + dice.between(-2, 8)),
    )
    sheet.ink(profile, 1.0)
    sheet.ink(spline((0, -tall), (ankle * 0.5, -tall + dice.between(0, 7), 1), (ankle, -tall + 2)), 0.75)
    if dice.chance(0.5):
        sheet.ink(spline((0, -6), (100, -6)), 0.8)
    if dice.chance(0.4):
        for i in range(3):
            sheet.ink(spline((ankle + 4 + i * 7, -tall + 8 + i * 6), (ankle + 12 + i * 7, -tall + 4 + i * 6)), 0.7)
    return sheet.figure()


def heel(dice: Dice) -> Figure:
    """High heel: one wedge-like profile with a thin or thick heel."""
    h, top, thick = dice.between(34, 64), dice.between(14, 30), dice.between(2, 14)
    sheet = Sheet()
    under = spline((100, 0), (66, 0), (44, -h * 0.36, 1), (4 + thick, -h), (3 + thick * 0.8, 0), (0, 0), (0, -h - top))
    over = spline((0, -h - top), (16, -h - 4, 1), (50, -h * 0.5 - 10, 1), (66, -20, 1), (88, -14, 1), (100, 0))
    sheet.ink(under, 1.0)
    sheet.ink(over, 1.0)
    if dice.chance(0.3):
        sheet.ink(ellipse(12, -h - top - 6, 14, 5), 0.8, loop=True)
    return sheet.figure()


def sandal(dice: Dice) -> Figure:
    """Sandal from the side: a sole with looped straps."""
    thick, h = dice.between(4, 14), dice.between(18, 30)
    sheet = Sheet()
    sheet.ink(rounded(0, 0, 100, thick, thick * dice.between(0.1, 0.5)), 1.0, loop=True)
    for left, right in ((6.0, 40.0), (56.0, 88.0)):
        sheet.ink(spline((left, 0), (left + 3, -h, 1), (right - 4, -h * 0.9, 1), (right, 0)), 1.0)
        if dice.chance(0.6):
            sheet.ink(spline((left + 8, 0), (left + 9, -h * 0.66, 1), (right - 10, -h * 0.6, 1), (right - 8, 0)), 0.9)
    if dice.chance(0.5):
        sheet.ink(ellipse(14, -h - 8, 18, 6), 0.9, loop=True)
    return sheet.figure()


def flip_flops(dice: Dice) -> Figure:
    """Flip flops from above, one or a pair: an oval sole with a forked strap, lying at any angle."""
    if dice.chance(0.5):
        placed = [(dice.between(-60, 60), 0.0, 0.0)]
    else:
        angle, apart = dice.between(-50, 50), dice.between(30, 48)
        placed = [
            (angle + dice.between(-25, 10), 0.0, 0.0),
            (angle + dice.between(-10, 25), apart, dice.between(-26, 26)),
        ]
    tall, heel, ball = dice.between(38, 50), dice.between(11, 18), dice.between(15, 25)
    fork, side = dice.between(0.45, 0.75) * tall, dice.between(-0.25, 0.25) * tall
    style = dice.pick(["fork", "fork", "curved", "band"])
    sheet = Sheet()
    for angle, x, y in placed:
        shift = xy(x, y)
        sole = symmetric(
            (0, -tall, 1), (ball, -tall * 0.45, 1), ((ball + heel) * 0.46, 8, 1), (heel, tall * 0.7, 1), (0, tall, 1)
        )
        sheet.ink(turn(sole, angle) + shift, 1.0, loop=True)
        for sign in (-1, 1):
            end = (sign * (ball + heel) * 0.47, side)
            bow = (sign * ball * dice.between(0.5, 0.9), -fork * dice.between(0.6, 1.0), 1)
            strap = spline((0, -fork), bow, end) if style == "curved" else spline((0, -fork), end)
            if style != "band":
                sheet.ink(turn(strap, angle) + shift, 1.0)
        if style == "band":
            for low in (-tall * 0.35, 0.0):
                band = spline((-ball * 0.97, low), (0, low - 6, 1), (ball * 0.97, low))
                sheet.ink(turn(band, angle) + shift, 0.95)
    return sheet.figure()


def pants(dice: Dice) -> Figure:
    """Trousers as a few straight lines."""
    return _legs(dice, dice.between(70, 110))


def shorts(dice: Dice) -> Figure:
    """Shorts as a few straight lines."""
    return _legs(dice, dice.between(18, 52))


def _legs(dice: Dice, tall: float) -> Figure:
    waist, hem, crotch = dice.between(20, 30), dice.between(22, 40), dice.between(0.25, 0.6) * min(tall, 60)
    gap = dice.between(1, 12)
    sheet = Sheet()
    notch = ((gap * dice.between(0.3, 1), crotch), (0.0, crotch)) if dice.chance(0.4) else ((0.0, crotch),)
    sheet.ink(symmetric((0, 0), (waist, 0), (hem, tall), (gap, tall), *notch), 1.0, loop=True)
    if dice.chance(0.3):
        sheet.ink(spline((-waist, 7), (waist, 7)), 0.8)
    if dice.chance(0.2):
        sheet.ink(spline((0, 3), (0, crotch)), 0.7)
    return sheet.figure()
