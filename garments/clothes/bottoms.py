"""Jeans, trousers, leggings and shorts."""

from __future__ import annotations

from dataclasses import dataclass

from garments.brushes.curves import Curve, Knot, arch, box, closed, ellipse, rounded, spline, symmetric
from garments.brushes.figure import Figure, Sheet
from garments.dice import Dice


@dataclass(frozen=True)
class Legs:
    """Half widths and heights of a pair of legs; (0, 0) is the middle of the waist."""

    waist_w: float = 25.0
    hip_w: float = 30.0
    crotch_y: float = 38.0
    knee_w: float = 19.0
    hem_w: float = 17.0
    spread: float = 3.0  # distance from the axis to the inner hem
    length: float = 138.0

    @property
    def outer_hem(self) -> Knot:
        """Outer end of the right hem."""
        return self.spread + self.hem_w, self.length - 1

    @property
    def inner_hem(self) -> Knot:
        """Inner end of the right hem."""
        return self.spread, self.length


def _leg_half(legs: Legs) -> tuple[Knot, ...]:
    """Right leg from the waist around the hem to the crotch."""
    knee_y = legs.crotch_y + (legs.length - legs.crotch_y) * 0.45
    outer, inner = legs.outer_hem, legs.inner_hem
    short = legs.length < 80
    side: tuple[Knot, ...] = ((legs.hip_w, legs.crotch_y * 0.62, 1),)
    under: tuple[Knot, ...] = ()
    if not short:
        side = (*side, (legs.spread * 0.55 + legs.knee_w + 1.5, knee_y, 1))
        under = ((legs.spread * 0.55 + 1.2, knee_y, 1),)
    sole: Knot = ((outer[0] + inner[0]) / 2, legs.length + 1.2, 1)
    return (legs.waist_w, 0.0), *side, outer, sole, inner, *under, (0.0, legs.crotch_y)


def sew_legs(sheet: Sheet, legs: Legs, *, fade: float, band: float, band_paint: str = "main") -> Curve:
    """Add the inside of the waist, both legs, the centre seam and the waistband; return the right leg."""
    half = _leg_half(legs)
    sheet.patch(ellipse(0, 0.4, legs.waist_w - 0.8, 3.0), paint="inside", relief=0.1, cast=0.0)
    leg = closed((0.0, 1.5), (legs.waist_w * 0.5, 1.0, 1), *half)
    sheet.patch(leg, grain_deg=-1.5, cast=0.3, fade=fade, both=True)
    crotch = legs.crotch_y
    sheet.line(spline((0, band), (0, crotch)), "seam", ink=0.25)
    sheet.line(spline((1, crotch + 1), (7, crotch - 3, 1), (13, crotch - 8)), "fold", both=True)
    if legs.length > 80:
        knee = crotch + (legs.length - crotch) * 0.45
        x = legs.spread * 0.55
        sheet.line(spline((x + 3, knee - 2), (x + 8, knee + 1, 1), (x + 13, knee)), "fold", both=True)
        sheet.line(
            spline((x + 5, legs.length - 11), (x + 10, legs.length - 9, 1), (x + 15, legs.length - 12)),
            "fold",
            both=True,
        )
    waistband = symmetric(
        (0, 1.8, 1), (legs.waist_w * 0.6, 1.2, 1), (legs.waist_w, 0), (legs.waist_w + 0.9, band), (0, band + 1.5, 1)
    )
    sheet.patch(waistband, paint=band_paint, relief=0.5, cast=0.45)
    sheet.ink(arch((legs.waist_w + 0.9, band), (0, band + 1.5, 1)), 0.35)
    sheet.ink(symmetric((0.0, 0.0), *half), 1.0, loop=True)
    return leg


def _five_pockets(sheet: Sheet, legs: Legs, band: float) -> None:
    """Add scooped pockets, belt loops, fly and button of jeans."""
    w = legs.waist_w
    pocket = spline((w * 0.5, band + 1), (w * 0.62, band + 9, 1), (legs.hip_w - 0.5, band + 13))
    sheet.line(pocket, "stitch", both=True, ink=0.35)
    sheet.line(spline((5.5, band + 1.5), (5.5, band + 16, 1), (0.5, legs.crotch_y - 8)), "stitch", ink=0.3)
    for x in (w * 0.5, w * 0.92):
        sheet.patch(box(x - 1.2, -0.6, x + 1.2, band + 2), relief=0.3, cast=0.6, both=True)
    sheet.patch(ellipse(0, band * 0.55 + 0.8, 1.7, 1.7), paint="metal", relief=0.7, cast=0.6, ink=0.25)


def hem_lines(sheet: Sheet, legs: Legs, depth: float, style: str = "stitch", ink: float = 0.2) -> None:
    """Add a line along both hems."""
    (ox, oy), (ix, iy) = legs.outer_hem[:2], legs.inner_hem[:2]
    sheet.line(
        spline((ox - 0.4, oy - depth), ((ox + ix) / 2, oy - depth + 1.7, 1), (ix + 0.2, iy - depth)),
        style,
        both=True,
        ink=ink,
    )


def jeans(dice: Dice) -> Figure:
    """Five-pocket jeans: skinny, slim, straight, bootcut or wide."""
    fit = dice.weighted({"Skinny Fit": 2, "Slim Fit": 3, "Straight Fit": 2, "Bootcut": 2, "Wide Leg": 1})
    hem = {"Skinny Fit": 11.5, "Slim Fit": 13.5, "Straight Fit": 17.0, "Bootcut": 20.0, "Wide Leg": 25.0}[fit]
    knee = {"Skinny Fit": 14.0, "Slim Fit": 16.0, "Straight Fit": 18.0, "Bootcut": 15.5, "Wide Leg": 22.0}[fit]
    legs = Legs(
        waist_w=dice.between(23, 26),
        hip_w=dice.between(28, 31),
        crotch_y=dice.between(34, 42),
        knee_w=knee,
        hem_w=hem,
        spread=dice.between(2, 9),
        length=dice.between(132, 150),
    )
    sheet = Sheet()
    sew_legs(sheet, legs, fade=dice.pick([0.0, 0.2, 0.35, 0.5]), band=6.5)
    _five_pockets(sheet, legs, 6.5)
    hem_lines(sheet, legs, 3.5)
    if dice.chance(0.15):
        for y in (78.0, 86.0):
            tear = closed((6, y), (12, y - 1.2, 1), (18, y), (12, y + 1.6, 1))
            sheet.patch(tear, paint="white", relief=0.2, cast=0.0)
    return sheet.figure(fit, noun="Jeans")


def trousers(dice: Dice) -> Figure:
    """Trousers: formal with creases, chinos, wide leg, cargo, track pants or leggings."""
    style = dice.weighted({"Formal": 3, "Chinos": 2, "Wide Leg": 2, "Cargo": 1, "Track Pants": 2, "Leggings": 2})
    hem = {"Formal": 15.0, "Chinos": 14.0, "Wide Leg": 29.0, "Cargo": 18.0, "Track Pants": 14.0, "Leggings": 9.5}[style]
    knee = {"Formal": 17.5, "Chinos": 16.5, "Wide Leg": 24.0, "Cargo": 19.0, "Track Pants": 17.0, "Leggings": 12.5}[
        style
    ]
    soft = style in ("Track Pants", "Leggings")
    legs = Legs(
        waist_w=dice.between(22, 25) - (3 if style == "Leggings" else 0),
        hip_w=dice.between(27, 30) - (3 if style == "Leggings" else 0),
        crotch_y=dice.between(37, 43),
        knee_w=knee,
        hem_w=hem,
        spread=dice.between(2, 8),
        length=dice.between(134, 152),
    )
    sheet = Sheet()
    leg = sew_legs(sheet, legs, fade=0.0, band=6.0 if not soft else 5.0)
    if style in ("Formal", "Wide Leg"):
        x = legs.spread + legs.hem_w * 0.5
        sheet.line(spline((13, 8), (13.5, 40, 1), (x, legs.length)), "pleat", both=True, ink=0.3)
    if soft:
        _soft_waist(sheet, legs, style == "Track Pants")
    else:
        sheet.line(spline((legs.waist_w * 0.55, 7.5), (legs.hip_w - 1, 27)), "edge", both=True, ink=0.35)
        sheet.line(spline((4.5, 8), (4.5, 22, 1), (0.4, legs.crotch_y - 6)), "seam")
        sheet.patch(rounded(-3, 1.8, 2.5, 6.4, 0.6), relief=0.3, cast=0.5)
        for x in (legs.waist_w * 0.5, legs.waist_w * 0.92):
            sheet.patch(box(x - 1.0, -0.4, x + 1.0, 7.6), relief=0.3, cast=0.6, both=True)
        hem_lines(sheet, legs, 3.0)
    if style == "Cargo":
        sheet.patch(rounded(17, 66, 30, 90, 1.5), relief=0.5, cast=0.7, both=True, ink=0.5)
        sheet.patch(rounded(16, 64, 31, 72, 1.5), relief=0.5, cast=0.7, both=True)
    if style == "Track Pants" and dice.chance(0.7):
        stripe = spline(
            (legs.hip_w - 1.0, 20),
            (legs.spread * 0.55 + legs.knee_w - 0.5, 84, 1),
            (legs.outer_hem[0] - 2.5, legs.length),
        )
        sheet.line(stripe, "cord", paint="second", width=3.0, within=leg, both=True, ink=0.4)
    article = style if soft else "Trousers"
    return sheet.figure(
        "" if soft or style == "Chinos" else style,
        noun=style if soft or style == "Chinos" else "Trousers",
        article=article,
    )


def _soft_waist(sheet: Sheet, legs: Legs, drawstring: bool) -> None:
    for i in range(-10, 11):
        x = legs.waist_w * i / 10.6
        sheet.line(spline((x, 1.8), (x * 1.02, 5.2)), "rib")
    if drawstring:
        for side in (-1, 1):
            sheet.line(
                spline((side * 1.5, 4), (side * 3.5, 13, 1), (side * 3, 21)), "cord", paint="white", width=1.3, ink=0.35
            )
        hem_lines(sheet, legs, 6.0, "seam", 0.3)


def shorts(dice: Dice) -> Figure:
    """Shorts: denim, chino, cargo or sports."""
    style = dice.weighted({"Denim": 2, "Chino": 3, "Cargo": 1, "Sports": 3})
    crotch = dice.between(30, 37)
    legs = Legs(
        waist_w=dice.between(24, 27),
        hip_w=dice.between(29, 32),
        crotch_y=crotch,
        hem_w=dice.between(23, 28),
        spread=dice.between(2, 7),
        length=crotch + dice.between(13, 38),
    )
    sheet = Sheet()
    soft = style == "Sports"
    leg = sew_legs(sheet, legs, fade=0.2 if style == "Denim" else 0.0, band=6.5, band_paint="main")
    if soft:
        _soft_waist(sheet, legs, True)
        if dice.chance(0.6):
            stripe = spline((legs.hip_w - 2.0, 15), (legs.outer_hem[0] - 3, legs.length - 1))
            sheet.line(stripe, "cord", paint="second", width=3.4, within=leg, both=True, ink=0.3)
    else:
        _five_pockets(sheet, legs, 6.5)
        hem_lines(sheet, legs, 4.5, ink=0.3)
    if style == "Cargo":
        y = legs.length - 22
        sheet.patch(rounded(18, y, 31, y + 15, 1.5), relief=0.5, cast=0.7, both=True, ink=0.4)
    return sheet.figure(style, noun="Shorts")
