"""Boots from the side. The heel is at x = 0, the ground at y = 0."""

from __future__ import annotations

from garments.brushes.curves import Curve, box, closed, ellipse, spline
from garments.brushes.figure import Figure, Sheet
from garments.dice import Dice
from garments.shoes.sneakers import lay_laces


def boot(dice: Dice) -> Figure:
    """Boot: chelsea, lace-up, rain boot, heeled ankle boot or knee boot."""
    style = dice.weighted({"Chelsea": 2, "Lace-Up": 3, "Rain": 2, "Heeled Ankle": 2, "Knee High": 2})
    shaft = {"Chelsea": 62.0, "Lace-Up": 68.0, "Rain": 98.0, "Heeled Ankle": 66.0, "Knee High": 128.0}[style]
    lift = {"Chelsea": 7.0, "Lace-Up": 9.0, "Rain": 7.0, "Heeled Ankle": 24.0, "Knee High": dice.pick([8.0, 24.0])}[
        style
    ]
    wide = 36.0 if style == "Rain" else 33.0 if style != "Knee High" else 37.0
    flat_toe = 5.0 if lift > 10 else lift
    sheet = Sheet()
    sheet.patch(ellipse(wide / 2 - 1, -shaft - lift, wide / 2, 3.0), paint="inside", relief=0.2, cast=0)
    upper = closed(
        (1, -lift),
        (-1, -lift - 14, 1),
        (2, -lift - 32, 1),
        (-2, -shaft - lift),
        (wide / 2 - 1, -shaft - lift + 2.6, 1),
        (wide - 1, -shaft - lift),
        (wide - 1, -lift - 44, 1),
        (wide + 4, -lift * 0.7 - 31, 1),
        (62, -flat_toe - 20, 1),
        (82, -flat_toe - 16, 1),
        (96, -flat_toe - 8, 1),
        (97, -flat_toe + 1),
        (62, -flat_toe + 1),
        (36, -lift * 0.7 - 1, 1),
    )
    sheet.patch(upper, relief=1.2, cast=0.3)
    _boot_details(sheet, style, upper, wide, shaft, lift)
    if lift > 10:
        base = closed(
            (0, -lift + 1),
            (20, -lift + 2),
            (36, -lift * 0.7 + 1, 1),
            (60, -5),
            (98, -5),
            (98, -1.5, 1),
            (60, -1),
            (40, -lift * 0.62, 1),
            (21, -lift + 5),
            (16, 0),
            (2, 0),
        )
    else:
        base = closed(
            (-2, -lift - 1),
            (98, -lift - 1),
            (99.5, -lift * 0.5, 1),
            (97, 0),
            (40, 0),
            (38, -2),
            (30, -2),
            (29, 0),
            (-1, 0),
        )
    sheet.patch(base, paint="heel", relief=0.5, cast=0.3)
    sheet.ink(upper, 1.0, loop=True)
    sheet.ink(base, 0.75, loop=True)
    return sheet.figure(style, noun="Boots", article="Boots")


def _boot_details(sheet: Sheet, style: str, upper: Curve, wide: float, shaft: float, lift: float) -> None:
    """Add elastic, laces, rim or zip."""
    if style == "Chelsea":
        gore = closed((10, -shaft - lift + 3), (24, -shaft - lift + 3), (22, -38), (17, -33, 1), (12, -38))
        sheet.patch(gore, paint="trim", relief=0.3, cast=0.3, within=upper, ink=0.6)
        sheet.line(spline((17, -34), (34, -22, 1), (46, -lift)), "stitch", within=upper)
    elif style == "Lace-Up":
        sheet.line(
            spline((wide - 9, -shaft - lift + 3), (wide - 8, -46, 1), (50, -25, 1), (66, -26)),
            "stitch",
            within=upper,
            ink=0.3,
        )
        lay_laces(sheet, spline((wide - 1, -shaft - lift + 8), (wide, -lift - 42, 1), (62, -lift - 20)), 7, "lace", 8)
        sheet.line(spline((78, -40), (74, -20, 1), (78, -lift)), "stitch", within=upper)
    elif style == "Rain":
        sheet.patch(
            box(-6, -shaft - lift, wide + 4, -shaft - lift + 9), paint="second", within=upper, relief=0.4, cast=0.3
        )
        sheet.ink(spline((-2, -shaft - lift + 9), (wide - 1, -shaft - lift + 9)), 0.4)
    else:
        sheet.line(
            spline((wide * 0.5, -shaft - lift + 4), (wide * 0.5, -lift - 8)),
            "cord",
            paint="metal",
            width=1.2,
            within=upper,
            ink=0.3,
        )
        sheet.line(spline((3, -lift - 32), (15, -lift - 29, 1), (28, -lift - 36)), "fold")
