"""Sneakers and sports shoes from the side. The heel is at x = 0, the ground at y = 0."""

from __future__ import annotations

from garments.brushes.curves import Curve, along, closed, ellipse, part_inside, spline
from garments.brushes.figure import Figure, Sheet
from garments.dice import Dice


def lay_laces(sheet: Sheet, path: Curve, count: int, paint: str, length: float = 9.0) -> None:
    """Lay short laces across an instep curve."""
    for x, y in along(path, [(i + 0.5) / count for i in range(count)]):
        lace = spline((x - length * 0.75, y + length * 0.62), (x - 1, y + 1.5, 1), (x + 1.2, y - 1.2))
        sheet.line(lace, "cord", paint=paint, width=1.9, ink=0.45)


def _side_mark(sheet: Sheet, dice: Dice, within: Curve) -> None:
    """Add an invented side decoration: bars, a wave, a chevron or a dot."""
    mark = dice.weighted({"bars": 3, "wave": 2, "chevron": 2, "none": 2})
    if mark == "bars":
        for x in range(dice.integer(2, 4)):
            sheet.patch(
                closed((40 + 8 * x, -24), (44 + 8 * x, -25), (37 + 8 * x, -6), (33 + 8 * x, -6)),
                paint="second",
                within=within,
                relief=0.2,
                cast=0.2,
                ink=0.15,
            )
    elif mark == "wave":
        wave = closed((16, -14), (34, -7, 1), (54, -14, 1), (70, -23), (56, -11, 1), (36, -4, 1))
        sheet.patch(wave, paint="second", within=within, relief=0.3, cast=0.2, ink=0.2)
    elif mark == "chevron":
        for x in (0, 9):
            sheet.line(
                spline((34 + x, -22), (42 + x, -15), (34 + x, -8)), "cord", paint="second", width=3.0, within=within
            )


def sports_shoe(dice: Dice) -> Figure:
    """Running shoe with a thick, shaped sole."""
    sole = dice.between(8, 12)
    rise = dice.between(37, 43)
    toe = dice.between(13, 17)
    flare = dice.between(2, 6)
    sheet = Sheet()
    tongue = closed((27, -rise + 3), (34, -rise - 8, 1), (40, -rise - 5, 1), (56, -30), (40, -20))
    sheet.patch(tongue, paint="trim", relief=0.7, cast=0.2)
    upper = closed(
        (1, -sole + 2),
        (0, -sole - 10, 1),
        (4, -rise + 4, 1),
        (6, -rise - 2, 1),
        (11, -rise, 1),
        (18, -rise + 9, 1),
        (27, -rise + 6, 1),
        (35, -rise - 3, 1),
        (40, -rise + 1),
        (62, -toe - sole - 3, 1),
        (84, -toe - sole + 3, 1),
        (97, -sole - 4, 1),
        (100, -sole + 2),
        (60, -sole + 3),
    )
    sheet.patch(upper, relief=1.2, cast=0.3)
    cap = closed((101, -sole + 3), (102, -30), (86, -30), (80, -18, 1), (83, -sole + 3))
    sheet.patch(cap, paint=dice.pick(["main", "second", "trim"]), within=upper, relief=0.6, cast=0.3)
    sheet.ink(part_inside(spline((86, -30), (80, -18, 1), (83, -sole + 3)), upper), 0.3)
    heel = closed((-4, -sole + 3), (-4, -26), (12, -27), (17, -18, 1), (22, -sole + 3))
    sheet.patch(heel, paint=dice.pick(["second", "trim"]), within=upper, relief=0.6, cast=0.3)
    _side_mark(sheet, dice, upper)
    stay = closed((28, -rise + 5), (38, -rise - 1), (66, -toe - sole - 3), (62, -toe - sole + 2), (36, -rise + 14, 1))
    sheet.patch(stay, paint="main", within=upper, relief=0.4, cast=0.5)
    sheet.line(spline((12, -rise + 3), (19, -rise + 12, 1), (28, -rise + 9)), "stitch", within=upper)
    lay_laces(sheet, spline((38, -rise + 1), (64, -toe - sole - 3)), dice.integer(4, 6), "lace")
    base = closed(
        (-2 - flare * 0.5, -sole - 3),
        (20, -sole + 1, 1),
        (50, -sole + 2, 1),
        (84, -sole + 0.5, 1),
        (102, -sole - 3),
        (104, -sole + 2, 1),
        (99, -1, 1),
        (88, 0.5, 1),
        (50, -dice.between(0, 2.5), 1),
        (12, 0.5, 1),
        (-flare, -1),
        (-3 - flare * 0.4, -sole + 2, 1),
    )
    sheet.patch(base, paint="sole", relief=0.9, cast=0.4)
    groove = spline((-3, -sole * 0.45), (30, -sole * 0.6, 1), (60, -sole * 0.35, 1), (102, -sole * 0.55))
    sheet.line(groove, "cord", paint="second", width=dice.pick([1.2, 2.4]), within=base, ink=0.25)
    _shoe_ink(sheet, upper, base, sole)
    return sheet.figure(
        dice.pick(["Running", "Training", "Sports", "Running"]), noun="Shoes", article="Sports Shoes"
    ).taller(1.14)


def _shoe_ink(sheet: Sheet, upper: Curve, base: Curve, sole: float) -> None:
    """Add the strokes of a shoe: the upper over the ground line, and the sole's edge."""
    open_upper = upper[upper[:, 1] < -sole * 0.4]
    sheet.ink(open_upper, 1.0)
    lower = base[base[:, 1] > -sole - 5]
    sheet.ink(lower, 0.9, loop=True)


def casual_shoe(dice: Dice) -> Figure:
    """Flat sneaker: low or high canvas shoe with a rubber toe, court shoe, or slip-on."""
    style = dice.weighted({"Canvas": 3, "High Top": 2, "Slip On": 2, "Court": 3})
    sole = dice.between(6, 8.5)
    rise = {"Canvas": 36.0, "High Top": 58.0, "Slip On": 33.0, "Court": 37.0}[style] + dice.between(-2, 2)
    sheet = Sheet()
    if style != "Slip On":
        sheet.patch(
            closed((24, -rise + 4), (31, -rise - 7, 1), (37, -rise - 5, 1), (56, -28), (38, -20)),
            paint="trim",
            cast=0.2,
        )
    neck = 24.0 if style == "High Top" else 31.0
    upper = closed(
        (1, -sole + 1),
        (0.5, -sole - 12, 1),
        (3, -rise + 3),
        (5, -rise - 1, 1),
        (12, -rise + 1, 1),
        (neck - 8, -rise + 4, 1),
        (neck, -rise + 0.5),
        (neck + 5, -rise + 4, 1),
        (60, -24, 1),
        (82, -18, 1),
        (96, -12, 1),
        (99.5, -sole + 1),
        (50, -sole + 2),
    )
    sheet.patch(upper, relief=1.1, cast=0.3)
    _casual_details(sheet, dice, style, upper, neck, rise, sole)
    base = closed(
        (-1.5, -sole - 1.5),
        (50, -sole + 0.5, 1),
        (101, -sole - 1.5),
        (102.5, -sole * 0.5, 1),
        (100, 0),
        (0, 0),
        (-2.5, -sole * 0.5, 1),
    )
    sheet.patch(base, paint="sole", relief=0.6, cast=0.35)
    sheet.line(
        spline((-2, -sole * 0.62), (50, -sole * 0.5, 1), (102, -sole * 0.62)),
        "cord",
        paint="second",
        width=1.1,
        within=base,
        ink=0.2,
    )
    _shoe_ink(sheet, upper, base, sole)
    word = {"Canvas": "Canvas", "High Top": "High Top", "Slip On": "Slip-On", "Court": "Casual"}[style]
    return sheet.figure(word, noun="Sneakers" if style != "Slip On" else "Shoes", article="Casual Shoes").taller(1.16)


def _casual_details(sheet: Sheet, dice: Dice, style: str, upper: Curve, neck: float, rise: float, sole: float) -> None:
    """Add the rubber toe, laces or elastic, heel tab and badge."""
    if style in ("Canvas", "High Top"):
        sheet.patch(
            closed((80, -30), (76, -14, 1), (79, 0), (105, 0), (105, -30)),
            paint="sole",
            within=upper,
            relief=0.9,
            cast=0.3,
        )
        sheet.ink(part_inside(spline((80, -30), (76, -14, 1), (79, 0)), upper), 0.5)
    if style == "Slip On":
        sheet.patch(
            closed((33, -rise - 2), (40, -rise - 2), (46, -20), (38, -19)),
            paint="trim",
            within=upper,
            relief=0.2,
            cast=0.2,
        )
        sheet.line(spline((50, -40), (46, -18, 1), (52, -sole)), "seam", within=upper)
    else:
        start = (neck + 2, -rise + 4)
        sheet.line(spline((start[0] - 6, -rise + 4), (42, -22, 1), (58, -17, 1), (62, -24)), "stitch", within=upper)
        lay_laces(sheet, spline(start, (61, -25)), 7 if style == "High Top" else dice.integer(4, 5), "lace", 8)
    if style == "Court":
        _side_mark(sheet, dice, upper)
        sheet.patch(
            closed((-2, -14), (-2, -rise - 3), (11, -rise), (10, -24, 1), (14, -14)),
            paint="second",
            within=upper,
            relief=0.4,
        )
    if style == "High Top":
        sheet.patch(ellipse(13, -rise + 13, 6, 6), paint="second", relief=0.4, cast=0.3, ink=0.3)
