"""Sandals from the side and flip flops from above."""

from __future__ import annotations

from retrieval.demo_gallery.curves import Curve, closed, ellipse, mirror, move, ribbon, spline, turn
from retrieval.demo_gallery.dice import Dice
from retrieval.demo_gallery.figure import Figure, Sheet


def sandal(dice: Dice) -> Figure:
    """Flat, sports or wedge sandal with two or three straps."""
    style = dice.weighted({"Flat": 3, "Sports": 3, "Wedge": 2})
    back = {"Flat": 6.0, "Sports": 10.0, "Wedge": 26.0}[style]
    front = {"Flat": 5.0, "Sports": 9.0, "Wedge": 8.0}[style]
    band = dice.between(6, 11) if style != "Flat" else dice.between(3, 7)
    sheet = Sheet()

    def straps(paint: str, shift: float, cast: float, ink: float) -> None:
        toe = spline((60, -front - 2), (66 + shift, -front - 19, 1), (82 + shift, -front - 15, 1), (90, -front - 2))
        instep = spline((26, -back - 4), (38 + shift, -back - 26, 1), (48 + shift, -back * 0.6 - 25, 1), (64, -front - 3))
        ankle = spline((4, -back - 4), (1, -back - 26, 1), (18 + shift, -back - 32, 1), (36 + shift, -back - 24, 1), (40, -back - 16))
        for path in (toe, instep, ankle):
            sheet.patch(ribbon(path, band), paint=paint, relief=0.9, cast=cast)
            if ink:
                sheet.ink(ribbon(path, band), ink, loop=True)

    straps("inside", 7.0, 0.0, 0.0)
    bed = closed((-2, -back - 5), (8, -back - 2, 1), (40, -(back + front) / 2 - 3, 1), (74, -front - 2, 1), (102, -front - 4), (100, -front + 1), (0, -back + 1))
    sheet.patch(bed, paint="second", relief=0.5, cast=0.2)
    straps("main", 0.0, 0.7, 0.9)
    sheet.patch(ellipse(33, -back - 27, 2.6, 2.6), paint="metal", relief=0.6, cast=0.6, ink=0.3)
    sole = closed(
        (-3, -back - 2), (10, -back, 1), (42, -(back + front) / 2, 1), (74, -front, 1), (104, -front - 2), (103, -1, 1), (96, 0), (60, 0),
        *(((48, -2.5, 1), (38, 0)) if style != "Flat" else ()), (1, 0), (-3, -2, 1),
    )
    sheet.patch(sole, paint="heel", relief=0.7, cast=0.3, ink=1.0)
    groove = spline((-2, -back * 0.5), (40, -(back + front) * 0.26, 1), (103, -front * 0.5))
    sheet.line(groove, "cord", paint="second", width=1.3, within=sole, ink=0.2)
    return sheet.figure(style, noun="Sandals", article="Sandals" if style != "Sports" else "Sports Sandals")


def _foot(wide: float) -> Curve:
    """Sole of a right foot from above."""
    w = wide
    return closed(
        (-4, -56, 1), (10 * w, -54, 1), (19 * w, -38, 1), (19 * w, -16, 1), (14 * w, 10, 1), (15 * w, 34, 1), (10 * w, 52, 1), (0, 56, 1), (-10 * w, 51, 1),
        (-14 * w, 34, 1), (-12 * w, 8, 1), (-18 * w, -18, 1), (-18 * w, -42, 1),
    )


def flip_flop(dice: Dice) -> Figure:
    """Pair of flip flops or slides seen from above."""
    wide = dice.between(0.95, 1.15)
    tilt = dice.between(2, 14)
    slide = dice.chance(0.25)
    strap_w = dice.between(4.0, 6.5)
    striped = dice.chance(0.4)
    sheet = Sheet()
    for side in (-1, 1):

        def place(curve: Curve, side: int = side) -> Curve:
            own = curve if side > 0 else mirror(curve)
            return move(turn(own, side * tilt), side * (23 * wide + 3))

        sole = _foot(wide)
        sheet.patch(place(move(sole, 0, 2.2, 1.0)), paint="heel", relief=0.6, cast=0.0)
        sheet.patch(place(sole), paint="bed", relief=0.5, cast=0.2, ink=1.0)
        sheet.line(place(move(sole, 0, 0, 0.9)), "stitch")
        if striped:
            sheet.patch(place(closed((-30, 16), (30, 16), (30, 24), (-30, 24))), paint="second", within=place(sole), relief=0.1, cast=0.0)
        if slide:
            band = closed((-20 * wide, -28), (-8, -33, 1), (10, -33, 1), (21 * wide, -26), (20 * wide, 2), (4, -4, 1), (-18 * wide, 0))
            sheet.patch(place(band), relief=1.2, cast=1.0, ink=0.9)
            continue
        toe = (-2.0, -34.0)
        for end in ((17.5 * wide, -2.0), (-15.5 * wide, 0.0)):
            strap = spline(toe, ((toe[0] + end[0]) * 0.62, -25, 1), end)
            sheet.patch(place(ribbon(strap, strap_w, strap_w * 1.3)), relief=1.1, cast=0.9)
            sheet.ink(place(strap), 0.95)
        sheet.patch(place(ellipse(*toe, strap_w * 0.6, strap_w * 0.75)), relief=1.0, cast=0.5)
    return sheet.figure("", noun="Slides" if slide else "Flip Flops", article="Flip Flops")
