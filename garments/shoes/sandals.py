"""Sandals from the side and flip flops from above."""

from __future__ import annotations

from typing import Any

from garments.brushes.curves import Curve, closed, ellipse, mirror, move, ribbon, rounded, spline, turn
from garments.brushes.figure import Figure, Sheet
from garments.dice import Dice


def sandal(dice: Dice) -> Figure:
    """Flat, sports or wedge sandal with two or three straps."""
    style = dice.weighted({"Flat": 3, "Sports": 3, "Wedge": 2})
    back = {"Flat": 6.0, "Sports": 10.0, "Wedge": 26.0}[style]
    front = {"Flat": 5.0, "Sports": 9.0, "Wedge": 8.0}[style]
    band = dice.between(6, 11) if style != "Flat" else dice.between(3, 7)
    sheet = Sheet()

    far = {"paint": "inside", "relief": 0.4, "cast": 0.0}
    heights = [(64.0, 64.0 + band * 2.2), (38.0, 38.0 + band * 1.9)] if style != "Flat" else [(68.0, 70.0 + band * 2.2)]
    tops = [_vamp(sheet, back, front, low, high, band, far) for low, high in heights]
    ankle = ellipse(17, -back - 31, 17, 5.5)
    sheet.patch(ribbon(ellipse(17, -back - 31, 17, 5.5, 180, 360), band * 0.7), paint="inside", relief=0.4, cast=0.0)
    bed = closed(
        (-2, -back - 5),
        (8, -back - 2, 1),
        (40, -(back + front) / 2 - 3, 1),
        (74, -front - 2, 1),
        (102, -front - 4),
        (100, -front + 1),
        (0, -back + 1),
    )
    sheet.patch(bed, paint="bed", relief=0.5, cast=0.2)
    for strap in tops:
        sheet.patch(strap, relief=1.0, cast=0.7, ink=0.95)
    counter = closed(
        (-1, -back - 2),
        (-1.5, -back - 22, 1),
        (0, -back - 34),
        (band * 0.7, -back - 29),
        (10, -back - 14, 1),
        (18, -back - 2),
    )
    sheet.patch(counter, relief=0.9, cast=0.5, ink=0.9)
    sheet.patch(ribbon(ellipse(17, -back - 31, 17, 5.5, 0, 180), band * 0.75), relief=0.9, cast=0.6)
    sheet.ink(ankle, 0.9, loop=True)
    sheet.patch(rounded(20, -back - 31, 28, -back - 22, 1.5), paint="metal", relief=0.6, cast=0.6, ink=0.3)
    sole = closed(
        (-3, -back - 2),
        (10, -back, 1),
        (42, -(back + front) / 2, 1),
        (74, -front, 1),
        (104, -front - 2),
        (103, -1, 1),
        (96, 0),
        (60, 0),
        *(((48, -2.5, 1), (38, 0)) if style != "Flat" else ()),
        (1, 0),
        (-3, -2, 1),
    )
    sheet.patch(sole, paint="heel", relief=0.7, cast=0.3, ink=1.0)
    groove = spline((-2, -back * 0.5), (40, -(back + front) * 0.26, 1), (103, -front * 0.5))
    sheet.line(groove, "cord", paint="second", width=1.3, within=sole, ink=0.2)
    return sheet.figure(style, noun="Sandals", article="Sandals" if style != "Sports" else "Sports Sandals").taller(
        1.25
    )


def _vamp(sheet: Sheet, back: float, front: float, low: float, high: float, band: float, far: dict[str, Any]) -> Curve:
    """Add the far side of a strap over the foot and return its near side."""

    def sole_y(x: float) -> float:
        return -(back + (front - back) * min(1.0, x / 74)) - 1

    def top_y(x: float) -> float:
        return -front - 12 - (100 - x) * 0.28 - (back - front) * max(0.0, 1 - x / 74)

    mid = (low + high) / 2
    width = band * 0.5 + 2
    near = closed(
        (low, sole_y(low)),
        (mid - width - 1, top_y(mid) + 8, 1),
        (mid - width + 3, top_y(mid)),
        (mid + width + 5, top_y(mid) + 2.5),
        (mid + width + 3, top_y(mid) + 9, 1),
        (high, sole_y(high)),
    )
    sheet.patch(
        closed(
            (mid - width + 3, top_y(mid)),
            (mid + width + 5, top_y(mid) + 2.5),
            (high + 6, sole_y(high)),
            (high - 4, sole_y(high)),
            (mid + 7, top_y(mid) + 9, 1),
        ),
        **far,
    )
    return near


def _foot(wide: float) -> Curve:
    """Sole of a right foot from above."""
    w = wide
    return closed(
        (-4, -56, 1),
        (10 * w, -54, 1),
        (19 * w, -38, 1),
        (19 * w, -16, 1),
        (14 * w, 10, 1),
        (15 * w, 34, 1),
        (10 * w, 52, 1),
        (0, 56, 1),
        (-10 * w, 51, 1),
        (-14 * w, 34, 1),
        (-12 * w, 8, 1),
        (-18 * w, -18, 1),
        (-18 * w, -42, 1),
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
            sheet.patch(
                place(closed((-30, 16), (30, 16), (30, 24), (-30, 24))),
                paint="second",
                within=place(sole),
                relief=0.1,
                cast=0.0,
            )
        if slide:
            band = closed(
                (-20 * wide, -28),
                (-8, -33, 1),
                (10, -33, 1),
                (21 * wide, -26),
                (20 * wide, 2),
                (4, -4, 1),
                (-18 * wide, 0),
            )
            sheet.patch(place(band), relief=1.2, cast=1.0, ink=0.9)
            continue
        toe = (-2.0, -34.0)
        for end in ((17.5 * wide, -2.0), (-15.5 * wide, 0.0)):
            strap = spline(toe, ((toe[0] + end[0]) * 0.62, -25, 1), end)
            sheet.patch(place(ribbon(strap, strap_w, strap_w * 1.3)), relief=1.1, cast=0.9)
            sheet.ink(place(strap), 0.95)
        sheet.patch(place(ellipse(*toe, strap_w * 0.6, strap_w * 0.75)), relief=1.0, cast=0.5)
    return sheet.figure("", noun="Slides" if slide else "Flip Flops", article="Flip Flops")
