"""Formal shoes, heels and flats from the side. The heel is at x = 0, the ground at y = 0."""

from __future__ import annotations

from garments.brushes.curves import Curve, box, closed, ellipse, part_inside, ribbon, spline
from garments.brushes.figure import Figure, Sheet
from garments.dice import Dice
from garments.shoes.sneakers import lay_laces


def formal_shoe(dice: Dice) -> Figure:
    """Leather oxford, derby, brogue, loafer or monk-strap shoe."""
    style = dice.weighted({"Oxford": 3, "Derby": 2, "Brogue": 2, "Loafer": 2, "Monk Strap": 2})
    rise = dice.between(31, 36)
    tip = dice.between(99, 107)
    low = style == "Loafer"
    sheet = Sheet()
    lip = (38, -rise + 2) if not low else (42, -rise + 6)
    upper = closed(
        (1, -7),
        (-0.5, -18, 1),
        (4, -rise - 1),
        (12, -rise + 3, 1),
        (24, -rise + 8, 1),
        lip,
        (60, -23, 1),
        (80, -17, 1),
        (tip - 5, -11, 1),
        (tip, -3),
        (60, -3.5),
        (34, -7, 1),
    )
    sheet.patch(
        closed((6, -rise), (24, -rise - 1, 1), (lip[0] - 1, lip[1] - 2), (28, -rise + 12, 1)),
        paint="inside",
        relief=0.3,
        cast=0.0,
    )
    sheet.patch(upper, relief=1.3, cast=0.3)
    if not low:
        sheet.line(spline((30, -7), (33, -22, 1), (60, -23)), "stitch", within=upper, ink=0.35)
    if style in ("Oxford", "Brogue", "Monk Strap"):
        cap = spline((76, -30), (73, -14, 1), (77, -3))
        sheet.line(cap, "stitch", within=upper)
        sheet.ink(part_inside(cap, upper), 0.45)
    if style == "Brogue":
        for i in range(7):
            sheet.patch(
                ellipse(81 + i * 2.4, -8 - (i % 2) * 2.2, 0.7, 0.7), paint="inside", relief=0, cast=0, within=upper
            )
        sheet.line(spline((6, -24), (18, -17, 1), (22, -7)), "stitch", within=upper)
    if style == "Loafer":
        sheet.line(
            spline(
                (42, -26),
                (62, -19, 1),
                (84, -12),
            ),
            "stitch",
            within=upper,
            ink=0.4,
        )
        sheet.patch(closed((40, -29), (48, -28), (54, -10), (45, -9)), relief=0.6, cast=0.6, within=upper, ink=0.4)
    elif style == "Monk Strap":
        sheet.patch(closed((28, -22), (52, -29), (54, -23), (30, -14)), relief=0.6, cast=0.8, within=upper, ink=0.5)
        sheet.patch(box(35, -24, 41, -15), paint="metal", relief=0.6, cast=0.6)
    else:
        lay_laces(sheet, spline((39, -rise + 4), (57, -24)), dice.integer(3, 4), "trim", 6.5)
    base = closed(
        (-0.5, -7),
        (32, -7, 1),
        (60, -3.4, 1),
        (tip + 1.5, -3.6),
        (tip + 1, -1.2, 1),
        (62, -0.5),
        (36, -4.2, 1),
        (28, -4.5),
        (27, 0),
        (0.5, 0),
    )
    sheet.patch(base, paint="heel", relief=0.4, cast=0.3)
    sheet.ink(upper[upper[:, 1] < -3.2], 1.0)
    sheet.ink(base, 0.8, loop=True)
    return sheet.figure(style, noun="Shoes" if style != "Loafer" else "Loafers", article="Formal Shoes").taller(1.22)


def heel(dice: Dice) -> Figure:
    """Pump, peep-toe, ankle-strap or slingback with a stiletto, kitten or block heel."""
    height = dice.between(22, 52)
    block = dice.chance(0.4)
    style = dice.weighted({"Pumps": 4, "Peep Toe": 2, "Ankle Strap": 3, "Slingback": 2})
    lift = dice.pick([0.0, 0.0, 5.0]) if height > 36 else 0.0
    sheet = Sheet()
    insole = closed(
        (4, -height - 3),
        (20, -height - 1, 1),
        (46, -height * 0.42 - 6 - lift * 0.5, 1),
        (66, -14 - lift),
        (48, -height * 0.42 - 15, 1),
        (22, -height - 8, 1),
    )
    sheet.patch(insole, paint="inside", relief=0.3, cast=0.0)
    if style in ("Ankle Strap", "Slingback"):
        _heel_strap(sheet, height, -height - 29 if style == "Ankle Strap" else -height - 15)
    upper = _heel_upper(style, height, lift)
    sheet.patch(upper, relief=1.2, cast=0.4)
    sole_line = spline(
        (3, -height + 3), (20, -height + 3, 1), (46, -height * 0.42 + 1.5, 1), (70, -1.4 - lift, 1), (101, -1.6 - lift)
    )
    sheet.patch(ribbon(sole_line, 2.6), paint="heel", relief=0.3, cast=0.2)
    if lift:
        platform = closed((62, -5 - lift), (72, -1.5 - lift, 1), (101, -1.6 - lift), (99, -1, 1), (94, 0), (66, 0))
        sheet.patch(platform, paint="heel", relief=0.6, cast=0.2, ink=0.5)
    sheet.patch(_heel_stem(height, block), paint="heel", relief=0.8, cast=0.2, ink=0.9)
    if dice.chance(0.25) and style != "Ankle Strap":
        for side in (-1, 1):
            wing = closed((68, -19 - lift), (68 + side * 8, -25 - lift), (68 + side * 8, -14 - lift))
            sheet.patch(wing, paint="second", relief=0.8, cast=0.6, ink=0.3)
    sheet.ink(upper, 1.0, loop=True)
    sheet.ink(sole_line, 0.5)
    kind = "Block Heel" if block else ("Kitten Heel" if height < 32 else "Stiletto")
    return sheet.figure(kind, noun=style if style == "Pumps" else f"{style} Heels", article="Heels").taller(1.2)


def _heel_strap(sheet: Sheet, height: float, y: float) -> None:
    """Add a buckled loop around the ankle."""
    loop = ellipse(15, y, 14, 4.2)
    sheet.patch(ribbon(loop, 3.0), paint="main", relief=0.7, cast=0.5)
    sheet.ink(loop, 0.7, loop=True)
    sheet.line(spline((3, -height - 6), (1.2, y)), "cord", paint="main", width=3.4, ink=0.4)
    sheet.patch(ellipse(24, y + 2.5, 2.0, 2.0), paint="metal", relief=0.5, cast=0.5)


def _heel_upper(style: str, height: float, lift: float) -> Curve:
    """Leather of a heeled shoe, from the back (or the instep of a slingback) to the toe."""
    foot = (72.0, -2.2 - lift)
    if style == "Slingback":
        return closed(
            (40, -height * 0.5 - 3),
            (58, -22 - lift, 1),
            (70, -20 - lift, 1),
            (88, -12 - lift, 1),
            (100, -3 - lift),
            foot,
            (54, -height * 0.24, 1),
        )
    toe = ((94.0, -8.5 - lift), (96.0, -3 - lift)) if style == "Peep Toe" else ((100.0, -3 - lift),)
    return closed(
        (3, -height + 3),
        (0.5, -height - 9, 1),
        (2.5, -height - 17),
        (7, -height - 15.5, 1),
        (22, -height - 3, 1),
        (44, -height * 0.5 - 9 - lift, 1),
        (60, -17 - lift, 1),
        (68, -20.5 - lift),
        (86, -13 - lift, 1),
        *toe,
        foot,
        (46, -height * 0.42, 1),
        (20, -height + 2.5, 1),
    )


def _heel_stem(height: float, block: bool) -> Curve:
    """The heel itself: a block or a stiletto."""
    h = height
    if block:
        return closed((1.5, -h + 3), (21, -h + 4), (17, -h * 0.5, 1), (17.5, 0), (2, 0), (1, -h * 0.5, 1))
    return closed(
        (1.5, -h + 2), (19, -h + 4), (9, -h * 0.72, 1), (6.2, -h * 0.35, 1), (5.6, 0), (2.2, 0), (2.2, -h * 0.5, 1)
    )


def flat(dice: Dice) -> Figure:
    """Ballet flat with a round or pointed toe."""
    tip = dice.between(97, 105)
    rise = dice.between(24, 29)
    sheet = Sheet()
    sheet.patch(
        closed((4, -rise + 1), (26, -14), (66, -13), (40, -19, 1), (16, -rise + 3, 1)),
        paint="inside",
        relief=0.2,
        cast=0,
    )
    upper = closed(
        (1, -4),
        (-0.5, -15, 1),
        (3, -rise),
        (9, -rise + 2, 1),
        (26, -12, 1),
        (48, -10, 1),
        (62, -16, 1),
        (70, -18, 1),
        (86, -14, 1),
        (tip - 2, -8, 1),
        (tip, -3),
        (50, -2.5),
    )
    sheet.patch(upper, relief=1.2, cast=0.4)
    sheet.line(spline((4, -rise + 2), (26, -10.5, 1), (48, -8.5, 1), (62, -14.5, 1), (70, -16)), "stitch", within=upper)
    base = closed((-0.5, -4), (50, -2.6, 1), (tip + 1.5, -3.8), (tip, -0.5, 1), (30, -1), (24, 1.5), (0, 1.5))
    sheet.patch(base, paint="heel", relief=0.4, cast=0.3)
    if dice.chance(0.6):
        for side in (-1, 1):
            sheet.patch(
                closed((72, -17), (72 + side * 8, -22, 1), (72 + side * 9, -15, 1)),
                paint=dice.pick(["main", "second"]),
                relief=1.0,
                cast=0.7,
                ink=0.4,
            )
        sheet.patch(ellipse(72, -17, 2.2, 2.4), paint="main", relief=1.0, cast=0.6)
    sheet.ink(upper, 1.0, loop=True)
    sheet.ink(base[base[:, 1] > -3.9], 0.6)
    return sheet.figure("Ballerina" if dice.chance(0.5) else "", noun="Flats", article="Flats").taller(1.3)
