"""Shoes seen from the side: sneakers, formal shoes, heels, flats, boots. The heel is at x = 0, the ground at y = 0."""

from __future__ import annotations

from retrieval.demo_gallery.curves import Curve, along, box, closed, ellipse, part_inside, ribbon, spline
from retrieval.demo_gallery.dice import Dice
from retrieval.demo_gallery.figure import Figure, Sheet


def _laces(sheet: Sheet, path: Curve, count: int, paint: str, length: float = 9.0) -> None:
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
                paint="second", within=within, relief=0.2, cast=0.2, ink=0.15,
            )
    elif mark == "wave":
        wave = closed((16, -14), (34, -7, 1), (54, -14, 1), (70, -23), (56, -11, 1), (36, -4, 1))
        sheet.patch(wave, paint="second", within=within, relief=0.3, cast=0.2, ink=0.2)
    elif mark == "chevron":
        for x in (0, 9):
            sheet.line(spline((34 + x, -22), (42 + x, -15), (34 + x, -8)), "cord", paint="second", width=3.0, within=within)


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
        (1, -sole + 2), (0, -sole - 10, 1), (4, -rise + 4, 1), (6, -rise - 2, 1), (11, -rise, 1), (18, -rise + 9, 1), (27, -rise + 6, 1),
        (35, -rise - 3, 1), (40, -rise + 1), (62, -toe - sole - 3, 1), (84, -toe - sole + 3, 1), (97, -sole - 4, 1), (100, -sole + 2), (60, -sole + 3),
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
    _laces(sheet, spline((38, -rise + 1), (64, -toe - sole - 3)), dice.integer(4, 6), "lace")
    base = closed(
        (-2 - flare * 0.5, -sole - 3), (20, -sole + 1, 1), (50, -sole + 2, 1), (84, -sole + 0.5, 1), (102, -sole - 3), (104, -sole + 2, 1),
        (99, -1, 1), (88, 0.5, 1), (50, -dice.between(0, 2.5), 1), (12, 0.5, 1), (-flare, -1), (-3 - flare * 0.4, -sole + 2, 1),
    )
    sheet.patch(base, paint="sole", relief=0.9, cast=0.4)
    groove = spline((-3, -sole * 0.45), (30, -sole * 0.6, 1), (60, -sole * 0.35, 1), (102, -sole * 0.55))
    sheet.line(groove, "cord", paint="second", width=dice.pick([1.2, 2.4]), within=base, ink=0.25)
    _shoe_ink(sheet, upper, base, sole)
    return sheet.figure(dice.pick(["Running", "Training", "Sports", "Running"]), noun="Shoes", article="Sports Shoes")


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
        sheet.patch(closed((24, -rise + 4), (31, -rise - 7, 1), (37, -rise - 5, 1), (56, -28), (38, -20)), paint="trim", cast=0.2)
    neck = 24.0 if style == "High Top" else 31.0
    upper = closed(
        (1, -sole + 1), (0.5, -sole - 12, 1), (3, -rise + 3), (5, -rise - 1, 1), (12, -rise + 1, 1), (neck - 8, -rise + 4, 1), (neck, -rise + 0.5),
        (neck + 5, -rise + 4, 1), (60, -24, 1), (82, -18, 1), (96, -12, 1), (99.5, -sole + 1), (50, -sole + 2),
    )
    sheet.patch(upper, relief=1.1, cast=0.3)
    if style in ("Canvas", "High Top"):
        sheet.patch(closed((80, -30), (76, -14, 1), (79, 0), (105, 0), (105, -30)), paint="sole", within=upper, relief=0.9, cast=0.3)
        sheet.ink(part_inside(spline((80, -30), (76, -14, 1), (79, 0)), upper), 0.5)
    if style == "Slip On":
        sheet.patch(closed((33, -rise - 2), (40, -rise - 2), (46, -20), (38, -19)), paint="trim", within=upper, relief=0.2, cast=0.2)
        sheet.line(spline((50, -40), (46, -18, 1), (52, -sole)), "seam", within=upper)
    else:
        start = (neck + 2, -rise + 4)
        sheet.line(spline((start[0] - 6, -rise + 4), (42, -22, 1), (58, -17, 1), (62, -24)), "stitch", within=upper)
        _laces(sheet, spline(start, (61, -25)), 7 if style == "High Top" else dice.integer(4, 5), "lace", 8)
    if style == "Court":
        _side_mark(sheet, dice, upper)
        sheet.patch(closed((-2, -14), (-2, -rise - 3), (11, -rise), (10, -24, 1), (14, -14)), paint="second", within=upper, relief=0.4)
    if style == "High Top":
        sheet.patch(ellipse(13, -rise + 13, 6, 6), paint="second", relief=0.4, cast=0.3, ink=0.3)
    base = closed((-1.5, -sole - 1.5), (50, -sole + 0.5, 1), (101, -sole - 1.5), (102.5, -sole * 0.5, 1), (100, 0), (0, 0), (-2.5, -sole * 0.5, 1))
    sheet.patch(base, paint="sole", relief=0.6, cast=0.35)
    sheet.line(spline((-2, -sole * 0.62), (50, -sole * 0.5, 1), (102, -sole * 0.62)), "cord", paint="second", width=1.1, within=base, ink=0.2)
    _shoe_ink(sheet, upper, base, sole)
    word = {"Canvas": "Canvas", "High Top": "High Top", "Slip On": "Slip-On", "Court": "Casual"}[style]
    return sheet.figure(word, noun="Sneakers" if style != "Slip On" else "Shoes", article="Casual Shoes")


def formal_shoe(dice: Dice) -> Figure:
    """Leather oxford, derby, brogue, loafer or monk-strap shoe."""
    style = dice.weighted({"Oxford": 3, "Derby": 2, "Brogue": 2, "Loafer": 2, "Monk Strap": 2})
    rise = dice.between(31, 36)
    tip = dice.between(99, 107)
    low = style == "Loafer"
    sheet = Sheet()
    lip = (38, -rise + 2) if not low else (42, -rise + 6)
    upper = closed(
        (1, -7), (-0.5, -18, 1), (4, -rise - 1), (12, -rise + 3, 1), (24, -rise + 8, 1), lip, (60, -23, 1), (80, -17, 1), (tip - 5, -11, 1), (tip, -3), (60, -3.5), (34, -7, 1),
    )
    sheet.patch(closed((6, -rise), (24, -rise - 1, 1), (lip[0] - 1, lip[1] - 2), (28, -rise + 12, 1)), paint="inside", relief=0.3, cast=0.0)
    sheet.patch(upper, relief=1.3, cast=0.3)
    if not low:
        sheet.line(spline((30, -7), (33, -22, 1), (60, -23)), "stitch", within=upper, ink=0.35)
    if style in ("Oxford", "Brogue", "Monk Strap"):
        cap = spline((76, -30), (73, -14, 1), (77, -3))
        sheet.line(cap, "stitch", within=upper)
        sheet.ink(part_inside(cap, upper), 0.45)
    if style == "Brogue":
        for i in range(7):
            sheet.patch(ellipse(81 + i * 2.4, -8 - (i % 2) * 2.2, 0.7, 0.7), paint="inside", relief=0, cast=0, within=upper)
        sheet.line(spline((6, -24), (18, -17, 1), (22, -7)), "stitch", within=upper)
    if style == "Loafer":
        sheet.line(spline((42, -26), (62, -19, 1), (84, -12), ), "stitch", within=upper, ink=0.4)
        sheet.patch(closed((40, -29), (48, -28), (54, -10), (45, -9)), relief=0.6, cast=0.6, within=upper, ink=0.4)
    elif style == "Monk Strap":
        sheet.patch(closed((28, -22), (52, -29), (54, -23), (30, -14)), relief=0.6, cast=0.8, within=upper, ink=0.5)
        sheet.patch(box(35, -24, 41, -15), paint="metal", relief=0.6, cast=0.6)
    else:
        _laces(sheet, spline((39, -rise + 4), (57, -24)), dice.integer(3, 4), "trim", 6.5)
    base = closed((-0.5, -7), (32, -7, 1), (60, -3.4, 1), (tip + 1.5, -3.6), (tip + 1, -1.2, 1), (62, -0.5), (36, -4.2, 1), (28, -4.5), (27, 0), (0.5, 0))
    sheet.patch(base, paint="heel", relief=0.4, cast=0.3)
    sheet.ink(upper[upper[:, 1] < -3.2], 1.0)
    sheet.ink(base, 0.8, loop=True)
    return sheet.figure(style, noun="Shoes" if style != "Loafer" else "Loafers", article="Formal Shoes")


def heel(dice: Dice) -> Figure:
    """Pump, peep-toe, ankle-strap or slingback with a stiletto, kitten or block heel."""
    height = dice.between(22, 52)
    block = dice.chance(0.4)
    style = dice.weighted({"Pumps": 4, "Peep Toe": 2, "Ankle Strap": 3, "Slingback": 2})
    platform = dice.pick([0.0, 0.0, 5.0]) if height > 36 else 0.0
    lift = platform
    top = height + 17
    sheet = Sheet()
    foot = (72.0, -2.2 - lift)
    insole = closed((4, -height - 3), (20, -height - 1, 1), (46, -height * 0.42 - 6 - lift * 0.5, 1), (66, -14 - lift), (48, -height * 0.42 - 15, 1), (22, -height - 8, 1))
    sheet.patch(insole, paint="inside", relief=0.3, cast=0.0)
    if style in ("Ankle Strap", "Slingback"):
        y = -top - 12 if style == "Ankle Strap" else -top + 2
        loop = ellipse(15, y, 14, 4.2)
        sheet.patch(ribbon(loop, 3.0), paint="main", relief=0.7, cast=0.5)
        sheet.ink(loop, 0.7, loop=True)
        sheet.line(spline((3, -height - 6), (1.2, y)), "cord", paint="main", width=3.4, ink=0.4)
        sheet.patch(ellipse(24, y + 2.5, 2.0, 2.0), paint="metal", relief=0.5, cast=0.5)
    open_toe = style == "Peep Toe"
    toe = (100.0, -3 - lift) if not open_toe else (94.0, -8.5 - lift)
    if style == "Slingback":
        upper = closed((40, -height * 0.5 - 3), (58, -22 - lift, 1), (70, -20 - lift, 1), (88, -12 - lift, 1), toe, foot, (54, -height * 0.24, 1))
    else:
        upper = closed(
            (3, -height + 3), (0.5, -height - 9, 1), (2.5, -top), (7, -top + 1.5, 1), (22, -height - 3, 1), (44, -height * 0.5 - 9 - lift, 1), (60, -17 - lift, 1), (68, -20.5 - lift),
            (86, -13 - lift, 1), toe, *(((96, -3 - lift),) if open_toe else ()), foot, (46, -height * 0.42, 1), (20, -height + 2.5, 1),
        )
    sheet.patch(upper, relief=1.2, cast=0.4)
    sole_line = spline((3, -height + 3), (20, -height + 3, 1), (46, -height * 0.42 + 1.5, 1), (70, -1.4 - lift, 1), (101, -1.6 - lift))
    sheet.patch(ribbon(sole_line, 2.6), paint="heel", relief=0.3, cast=0.2)
    if lift:
        sheet.patch(closed((62, -5 - lift), (72, -1.5 - lift, 1), (101, -1.6 - lift), (99, -1, 1), (94, 0), (66, 0)), paint="heel", relief=0.6, cast=0.2, ink=0.5)
    if block:
        stem = closed((1.5, -height + 3), (21, -height + 4), (17, -height * 0.5, 1), (17.5, 0), (2, 0), (1, -height * 0.5, 1))
    else:
        stem = closed((1.5, -height + 2), (19, -height + 4), (9, -height * 0.72, 1), (6.2, -height * 0.35, 1), (5.6, 0), (2.2, 0), (2.2, -height * 0.5, 1))
    sheet.patch(stem, paint="heel", relief=0.8, cast=0.2, ink=0.9)
    if dice.chance(0.25) and style != "Ankle Strap":
        for side in (-1, 1):
            sheet.patch(closed((68, -19 - lift), (68 + side * 8, -25 - lift), (68 + side * 8, -14 - lift)), paint="second", relief=0.8, cast=0.6, ink=0.3)
    sheet.ink(upper, 1.0, loop=True)
    sheet.ink(sole_line, 0.5)
    kind = "Block Heel" if block else ("Kitten Heel" if height < 32 else "Stiletto")
    return sheet.figure(kind, noun=style if style in ("Pumps",) else f"{style} Heels", article="Heels")


def flat(dice: Dice) -> Figure:
    """Ballet flat with a round or pointed toe."""
    tip = dice.between(97, 105)
    rise = dice.between(24, 29)
    sheet = Sheet()
    sheet.patch(closed((4, -rise + 1), (26, -14), (66, -13), (40, -19, 1), (16, -rise + 3, 1)), paint="inside", relief=0.2, cast=0)
    upper = closed((1, -4), (-0.5, -15, 1), (3, -rise), (9, -rise + 2, 1), (26, -12, 1), (48, -10, 1), (62, -16, 1), (70, -18, 1), (86, -14, 1), (tip - 2, -8, 1), (tip, -3), (50, -2.5))
    sheet.patch(upper, relief=1.2, cast=0.4)
    sheet.line(spline((4, -rise + 2), (26, -10.5, 1), (48, -8.5, 1), (62, -14.5, 1), (70, -16)), "stitch", within=upper)
    base = closed((-0.5, -4), (50, -2.6, 1), (tip + 1.5, -3.8), (tip, -0.5, 1), (30, -1), (24, 1.5), (0, 1.5))
    sheet.patch(base, paint="heel", relief=0.4, cast=0.3)
    if dice.chance(0.6):
        for side in (-1, 1):
            sheet.patch(closed((72, -17), (72 + side * 8, -22, 1), (72 + side * 9, -15, 1)), paint=dice.pick(["main", "second"]), relief=1.0, cast=0.7, ink=0.4)
        sheet.patch(ellipse(72, -17, 2.2, 2.4), paint="main", relief=1.0, cast=0.6)
    sheet.ink(upper, 1.0, loop=True)
    sheet.ink(base[base[:, 1] > -3.9], 0.6)
    return sheet.figure("Ballerina" if dice.chance(0.5) else "", noun="Flats", article="Flats")


def boot(dice: Dice) -> Figure:
    """Boot: chelsea, lace-up, rain boot, heeled ankle boot or knee boot."""
    style = dice.weighted({"Chelsea": 2, "Lace-Up": 3, "Rain": 2, "Heeled Ankle": 2, "Knee High": 2})
    shaft = {"Chelsea": 62.0, "Lace-Up": 68.0, "Rain": 98.0, "Heeled Ankle": 66.0, "Knee High": 128.0}[style]
    lift = {"Chelsea": 7.0, "Lace-Up": 9.0, "Rain": 7.0, "Heeled Ankle": 24.0, "Knee High": dice.pick([8.0, 24.0])}[style]
    wide = 36.0 if style == "Rain" else 33.0 if style != "Knee High" else 37.0
    flat_toe = 5.0 if lift > 10 else lift
    sheet = Sheet()
    sheet.patch(ellipse(wide / 2 - 1, -shaft - lift, wide / 2, 3.0), paint="inside", relief=0.2, cast=0)
    upper = closed(
        (1, -lift), (-1, -lift - 14, 1), (2, -lift - 32, 1), (-2, -shaft - lift), (wide / 2 - 1, -shaft - lift + 2.6, 1), (wide - 1, -shaft - lift),
        (wide - 1, -lift - 44, 1), (wide + 4, -lift * 0.7 - 31, 1), (62, -flat_toe - 20, 1), (82, -flat_toe - 16, 1), (96, -flat_toe - 8, 1), (97, -flat_toe + 1), (62, -flat_toe + 1), (36, -lift * 0.7 - 1, 1),
    )
    sheet.patch(upper, relief=1.2, cast=0.3)
    if style == "Chelsea":
        gore = closed((10, -shaft - lift + 3), (24, -shaft - lift + 3), (22, -38), (17, -33, 1), (12, -38))
        sheet.patch(gore, paint="trim", relief=0.3, cast=0.3, within=upper, ink=0.6)
        sheet.line(spline((17, -34), (34, -22, 1), (46, -lift)), "stitch", within=upper)
    elif style == "Lace-Up":
        sheet.line(spline((wide - 9, -shaft - lift + 3), (wide - 8, -46, 1), (50, -25, 1), (66, -26)), "stitch", within=upper, ink=0.3)
        _laces(sheet, spline((wide - 1, -shaft - lift + 8), (wide, -lift - 42, 1), (62, -lift - 20)), 7, "lace", 8)
        sheet.line(spline((78, -40), (74, -20, 1), (78, -lift)), "stitch", within=upper)
    elif style == "Rain":
        sheet.patch(box(-6, -shaft - lift, wide + 4, -shaft - lift + 9), paint="second", within=upper, relief=0.4, cast=0.3)
        sheet.ink(spline((-2, -shaft - lift + 9), (wide - 1, -shaft - lift + 9)), 0.4)
    else:
        sheet.line(spline((wide * 0.5, -shaft - lift + 4), (wide * 0.5, -lift - 8)), "cord", paint="metal", width=1.2, within=upper, ink=0.3)
        sheet.line(spline((3, -lift - 32), (15, -lift - 29, 1), (28, -lift - 36)), "fold")
    if lift > 10:
        base = closed((0, -lift + 1), (20, -lift + 2), (36, -lift * 0.7 + 1, 1), (60, -5), (98, -5), (98, -1.5, 1), (60, -1), (40, -lift * 0.62, 1), (21, -lift + 5), (16, 0), (2, 0))
    else:
        base = closed((-2, -lift - 1), (98, -lift - 1), (99.5, -lift * 0.5, 1), (97, 0), (40, 0), (38, -2), (30, -2), (29, 0), (-1, 0))
    sheet.patch(base, paint="heel", relief=0.5, cast=0.3)
    sheet.ink(upper, 1.0, loop=True)
    sheet.ink(base, 0.75, loop=True)
    return sheet.figure(style, noun="Boots", article="Boots")
