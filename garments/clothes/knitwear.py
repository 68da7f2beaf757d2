"""Sweaters, cardigans, sweatshirts and hoodies."""

from __future__ import annotations

from dataclasses import replace

from garments.brushes.curves import Curve, arch, box, spline, symmetric
from garments.brushes.figure import Figure, Sheet
from garments.clothes.tops import buttons, neck_rib, random_cut
from garments.clothes.torso import (
    Cut,
    cuff_band,
    cuff_line,
    hem_band,
    sew,
)
from garments.dice import Dice


def ribs(sheet: Sheet, cut: Cut, depth: float, paint: str = "main") -> None:
    """Add ribbed hem and cuffs."""
    hem = hem_band(cut, depth)
    sheet.patch(hem, paint=paint, relief=0.5, cast=0.25)
    sheet.ink(arch((cut.hem_w, cut.length - depth), (0, cut.length + cut.hem_curve - depth, 1)), 0.3)
    for i in range(-11, 12):
        x = cut.hem_w * i / 11.5
        sheet.line(
            spline((x, cut.length - depth + 1.5), (x, cut.length + cut.hem_curve * 0.7 - 0.6)), "rib", within=hem
        )
    sheet.patch(cuff_band(cut, depth), paint=paint, relief=0.6, cast=0.3, both=True)
    sheet.ink(cuff_line(cut, depth), 0.3, both=True)


def sweater(dice: Dice) -> Figure:
    """Knitted sweater: round, V or turtle neck, or a buttoned cardigan."""
    style = dice.weighted({"Round Neck": 3, "V-Neck": 3, "Turtle Neck": 2, "Cardigan": 2})
    cut = replace(random_cut(dice, long=True), cuff_w=dice.between(12, 15), hem_curve=1.0)
    cut = replace(cut, sleeve_deg=dice.between(58, 80))
    if style in ("V-Neck", "Cardigan"):
        cut = replace(cut, neck="v", neck_drop=dice.between(20, 34))
    sheet = Sheet()
    sew(sheet, cut)
    trim = "second" if dice.chance(0.2) else "main"
    ribs(sheet, cut, dice.between(7, 10), trim)
    if style == "Turtle Neck":
        w = cut.neck_w
        roll = symmetric(
            (0, -13, 1), (w * 0.7, -12.5, 1), (w * 0.92, -10), (w * 1.08, 2, 1), (w * 0.7, 8, 1), (0, 9.5, 1)
        )
        sheet.patch(roll, paint=trim, relief=0.9, cast=0.7, ink=0.8)
        sheet.line(arch((w * 0.9, -9.5), (0, -7, 1)), "seam")
    else:
        neck_rib(sheet, cut, 4.2, trim)
    if style == "Cardigan":
        bottom = cut.length + cut.hem_curve
        sheet.patch(box(-3, cut.neck_drop, 3, bottom), paint=trim, relief=0.3, cast=0.4)
        sheet.line(spline((-3, cut.neck_drop + 1), (-3, bottom)), "seam", ink=0.8)
        buttons(sheet, 0, cut.neck_drop + 5, cut.length - 6, dice.integer(4, 6), 1.7)
    elif dice.chance(0.35):
        for x in (0.0, 12.0, -12.0):
            _cable(sheet, cut, x)
    words = (style if style != "Cardigan" else "",)
    return sheet.figure(*words, noun=style if style == "Cardigan" else "Sweater")


def _cable(sheet: Sheet, cut: Cut, x: float) -> None:
    """Add one braided column of a cable knit."""
    top_y = max(cut.neck_drop + 6, 16) if abs(x) < 1 else 16
    count = int((cut.length - 14 - top_y) / 8)
    for i in range(count):
        y = top_y + 8 * i
        sheet.line(spline((x - 3, y), (x + 1, y + 4, 1), (x + 3, y + 8)), "rib", width=1.6)
        sheet.line(spline((x + 3, y), (x - 1, y + 4, 1), (x - 3, y + 8)), "rib", width=1.6)


def sweatshirt(dice: Dice) -> Figure:
    """Sweatshirt or hoodie, pulled over or zipped."""
    hooded = dice.chance(0.7)
    zipped = dice.chance(0.4)
    cut = replace(
        random_cut(dice, long=True), sleeve_deg=dice.between(62, 80), cuff_w=dice.between(13, 15), hem_curve=1.0
    )
    cut = replace(cut, chest_w=cut.chest_w + 1, shoulder_w=cut.shoulder_w + 1, neck_drop=13.0 if hooded else 9.0)
    sheet = Sheet()
    if hooded:
        w = cut.neck_w + dice.between(7, 10)
        hood = symmetric((0, -25, 1), (w * 0.7, -20, 1), (w, -4, 1), (w * 0.9, 9), (0, 6))
        sheet.patch(hood, cast=0.2)
        sheet.ink(arch((w * 0.9, 6), (w, -4, 1), (w * 0.7, -20, 1), (0, -25, 1)), 0.95)
    sew(sheet, cut, neck_ink=0.7, sleeve_paint="second" if dice.chance(0.15) else "main")
    ribs(sheet, cut, dice.between(7, 9))
    if hooded:
        opening = symmetric((0, -16, 1), (8.5, -11, 1), (11.5, 0, 1), (7, 9.5, 1), (0, 14))
        sheet.patch(*_hood_rim(cut), paint="main", relief=0.8, cast=0.6)
        sheet.patch(opening, paint="inside", relief=0.4, cast=0.0, ink=0.6)
        for side in (-1, 1):
            cord = spline((side * 4.5, 11), (side * 5.5, 24, 1), (side * 4.8, dice.between(33, 40)))
            sheet.line(cord, "cord", paint="white", width=1.3, ink=0.4)
    else:
        neck_rib(sheet, cut, 4.0)
    if zipped:
        bottom = cut.length + cut.hem_curve
        sheet.line(spline((0, cut.neck_drop), (0, bottom)), "cord", paint="metal", width=1.6, ink=0.85)
    y = cut.length - 12
    half = cut.hem_w * 0.58
    if hooded:
        pouch = symmetric((0, y - 26), (half * 0.68, y - 26), (half, y - 12), (half, y), (0, y + 0.5))
        sheet.patch(pouch, relief=0.4, cast=0.5, ink=0.6)
        sheet.line(spline((half * 0.64, y - 24.5), (half - 2.2, y - 11.5)), "stitch", both=True)
        if zipped:
            sheet.line(spline((0, y - 26), (0, y + 1)), "cord", paint="metal", width=1.6)
    name = "Hoodie" if hooded else "Sweatshirt"
    return sheet.figure("Zip Up" if zipped else "", "Hooded" if name == "Sweatshirt" and hooded else "", noun=name)


def _hood_rim(cut: Cut) -> tuple[Curve]:
    """Front edge of a hood, laid around its opening."""
    w = cut.neck_w
    return (symmetric((0, -20, 1), (w * 0.85, -13, 1), (w * 1.12, 0, 1), (w * 0.8, 11, 1), (0, 17.5)),)
