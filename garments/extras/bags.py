"""Handbags, clutches, backpacks and suitcases."""

from __future__ import annotations

from garments.brushes.curves import Knot, arch, box, closed, ellipse, ribbon, ring, rounded, spline, symmetric
from garments.brushes.figure import Figure, Sheet
from garments.dice import Dice


def _handle(
    sheet: Sheet, half: float, y: float, height: float, width: float, *, paint: str = "handle", ink: float = 0.9
) -> None:
    """Add one arched handle that springs from (+-half, y)."""
    path = arch((half, y), (half * 0.92, y - height * 0.6, 1), (half * 0.5, y - height * 0.95, 1), (0, y - height, 1))
    sheet.patch(ribbon(path, width), paint=paint, relief=1.2, cast=0.5)
    sheet.ink(path, ink)
    if width > 2.5 and ink > 0.5:
        sheet.ink(
            arch(
                (half - width, y),
                (half * 0.92 - width, y - height * 0.6, 1),
                (half * 0.46 - width * 0.4, y - height * 0.95 + width, 1),
                (0, y - height + width, 1),
            ),
            0.4,
        )


def _rivets(sheet: Sheet, half: float, y: float) -> None:
    for side in (-1, 1):
        sheet.patch(
            closed(
                (side * half - 3.5, y - 3),
                (side * half + 3.5, y - 3),
                (side * half + 3, y + 8),
                (side * half, y + 11),
                (side * half - 3, y + 8),
            ),
            paint="handle",
            relief=0.6,
            cast=0.7,
        )
        sheet.patch(*ring(ellipse(side * half, y - 4, 3.2, 3.2), 1.4), paint="metal", relief=0.6, cast=0.5, ink=0.15)


def handbag(dice: Dice) -> Figure:
    """Handbag: tote, satchel, hobo, bucket or shoulder bag."""
    style = dice.weighted({"Tote": 4, "Satchel": 3, "Hobo": 2, "Bucket": 2, "Shoulder": 2})
    sheet = Sheet()
    if style == "Tote":
        _tote(sheet, dice)
    elif style == "Satchel":
        _satchel(sheet, dice)
    elif style == "Hobo":
        w, d = dice.between(46, 54), dice.between(48, 60)
        _handle(sheet, w * 0.72, 6, dice.between(40, 62), 5)
        body = symmetric((0, 12, 1), (w * 0.5, 6, 1), (w * 0.82, -6), (w, 22, 1), (w * 0.78, d, 1), (0, d + 8, 1))
        sheet.patch(body, relief=1.3, cast=0.5, ink=1.0)
        sheet.line(arch((w * 0.78, 2), (w * 0.4, 12, 1), (0, 16, 1)), "cord", paint="metal", width=1.2, ink=0.3)
        for x in (0.25, 0.5):
            sheet.line(spline((w * x, 16), (w * x * 1.25, d * 0.55, 1), (w * x, d)), "fold", both=True)
    elif style == "Bucket":
        w, d = dice.between(30, 36), dice.between(62, 74)
        _handle(sheet, w * 0.8, 4, dice.between(45, 70), 3.5)
        sheet.patch(ellipse(0, 2, w, 4.5), paint="inside", relief=0.2, cast=0)
        body = symmetric((0, 6, 1), (w * 0.6, 4.5, 1), (w, 1), (w + 3, d - 6, 1), (w, d), (0, d + 4, 1))
        sheet.patch(body, relief=1.2, cast=0.3, ink=1.0)
        sheet.line(arch((w, 13), (0, 17, 1)), "cord", paint="handle", width=2.2, ink=0.4)
        for x in (-0.5, 0.1, 0.6):
            sheet.line(spline((w * x, 18), (w * x * 1.08, d * 0.6)), "fold")
        sheet.line(spline((-3, 17), (-5, 30, 1), (-2, 38)), "cord", paint="handle", width=1.8)
        sheet.line(spline((3, 17), (6, 28, 1), (4, 40)), "cord", paint="handle", width=1.8)
    else:
        _shoulder(sheet, dice)
    return sheet.figure(style, noun="Handbag")


def _tote(sheet: Sheet, dice: Dice) -> None:
    top, bottom = dice.between(38, 50), dice.between(36, 48)
    depth = dice.between(58, 80)
    half, tall, width = dice.between(16, 24), dice.between(26, 46), dice.between(3, 4.5)
    _handle(sheet, half - 2, 3, tall + 4, width, paint="handle_back", ink=0.3)
    sheet.patch(ellipse(0, 0.8, top - 1, 2.8), paint="inside", relief=0.2, cast=0)
    body = symmetric(
        (0, 2.4, 1), (top * 0.6, 1.6, 1), (top, 0), (bottom + 1, depth - 4, 1), (bottom - 3, depth), (0, depth + 1, 1)
    )
    sheet.patch(body, relief=1.0, cast=0.3, ink=1.0)
    sheet.line(arch((top - 1, 5), (0, 7.5, 1)), "stitch", ink=0.2)
    if dice.chance(0.4):
        sheet.patch(box(-60, depth * 0.74, 60, depth + 4), paint="second", within=body, relief=0.3, cast=0.2)
        sheet.ink(spline((-bottom, depth * 0.74), (bottom, depth * 0.74)), 0.3)
    _handle(sheet, half, 4, tall, width)
    _rivets(sheet, half, 6)


def _satchel(sheet: Sheet, dice: Dice) -> None:
    w, depth = dice.between(42, 52), dice.between(44, 58)
    _handle(sheet, dice.between(14, 20), 2, dice.between(16, 30), 4.5)
    body = symmetric((0, 0), (w * 0.86, 0), (w * 0.97, 5, 1), (w, depth - 8), (w - 4, depth, 1), (0, depth + 1, 1))
    sheet.patch(body, relief=1.1, cast=0.4, ink=1.0)
    flap_y = depth * dice.between(0.45, 0.68)
    round_flap = dice.chance(0.5)
    corner: tuple[Knot, ...] = (
        ((w * 0.9, flap_y * 0.8), (w * 0.6, flap_y, 1))
        if round_flap
        else ((w * 0.94, flap_y * 0.75), (w * 0.3, flap_y))
    )
    flap = symmetric((0, -1), (w * 0.86, -1), (w * 0.98, 4, 1), *corner, (0, flap_y + 1, 1))
    sheet.patch(flap, relief=0.8, cast=0.8)
    sheet.ink(arch((w * 0.98, 4), *corner, (0, flap_y + 1, 1)), 0.7)
    if dice.chance(0.5):
        sheet.patch(rounded(-5, flap_y - 5, 5, flap_y + 6, 1.5), paint="metal", relief=0.7, cast=0.7, ink=0.5)
    else:
        for x in (-w * 0.45, w * 0.45):
            sheet.patch(
                rounded(x - 3, flap_y * 0.2, x + 3, flap_y + 9, 1.5), paint="handle", relief=0.7, cast=0.7, ink=0.4
            )
            sheet.patch(rounded(x - 4, flap_y - 2, x + 4, flap_y + 4, 1), paint="metal", relief=0.6, cast=0.5)
    sheet.line(arch((w * 0.94, depth - 5), (0, depth - 3, 1)), "stitch")


def _shoulder(sheet: Sheet, dice: Dice) -> None:
    w, depth, tall = dice.between(38, 46), dice.between(32, 44), dice.between(45, 75)
    path = arch((w * 0.9, 6), (w * 0.62, -tall * 0.6, 1), (0, -tall, 1))
    sheet.line(path, "cord", paint=dice.pick(["metal", "handle"]), width=2.2, ink=0.95)
    body = rounded(-w, 0, w, depth, dice.between(4, 12))
    sheet.patch(body, relief=1.0, cast=0.4, ink=1.0)
    flap = symmetric((0, -1), (w - 3, -0.5), (w, 5, 1), (w * 0.75, depth * 0.5, 1), (0, depth * 0.66, 1))
    sheet.patch(flap, relief=0.8, cast=0.8)
    sheet.ink(arch((w, 5), (w * 0.75, depth * 0.5, 1), (0, depth * 0.66, 1)), 0.7)
    sheet.patch(ellipse(0, depth * 0.62, 4.2, 4.2), paint="metal", relief=0.8, cast=0.7, ink=0.4)
    if dice.chance(0.4):
        for i in range(-4, 5):
            sheet.line(spline((i * 11 - 20, -4), (i * 11 + 20, 36)), "quilt", within=flap)
            sheet.line(spline((i * 11 + 20, -4), (i * 11 - 20, 36)), "quilt", within=flap)


def clutch(dice: Dice) -> Figure:
    """Clutch: envelope, fold-over with clasp, framed kiss-lock or box; some with a wrist strap or chain."""
    style = dice.weighted({"Envelope": 4, "Box": 3, "Kiss Lock": 2, "Fold Over": 2})
    w, depth = dice.between(46, 56), dice.between(26, 38)
    sheet = Sheet()
    if dice.chance(0.3):
        strap = spline((w - 1, 8), (w + 16, 14, 1), (w + 14, 36, 1), (w + 4, 34, 1), (w - 1, 12))
        sheet.patch(ribbon(strap, 2.6), paint="handle", relief=0.9, cast=0.5)
        sheet.ink(strap, 0.6)
    if style == "Kiss Lock":
        body = symmetric((0, 2), (w * 0.78, 2), (w, depth * 0.6, 1), (w * 0.82, depth + 4, 1), (0, depth + 7, 1))
        sheet.patch(body, relief=1.4, cast=0.4, ink=1.0)
        for x in (0.2, 0.45, 0.66):
            sheet.line(spline((w * x, 6), (w * x * 1.2, depth * 0.8)), "fold", both=True)
        sheet.patch(rounded(-w * 0.8, -1.5, w * 0.8, 4, 2), paint="metal", relief=0.8, cast=0.6, ink=0.5)
        for x in (-2.6, 2.6):
            sheet.patch(ellipse(x, -3, 3, 3), paint="metal", relief=0.9, cast=0.4, ink=0.4)
    elif style == "Box":
        sheet.patch(rounded(-w, 0, w, depth + 4, 3), relief=1.0, cast=0.4, ink=1.0)
        for y in (0.0, depth + 1.6):
            sheet.patch(rounded(-w, y, w, y + 2.6, 1.2), paint="metal", relief=0.7, cast=0.3)
        sheet.patch(rounded(-5, -3.5, 5, 3.5, 1.5), paint="metal", relief=0.9, cast=0.5, ink=0.5)
    else:
        sheet.patch(rounded(-w, 0, w, depth + 4, 2.5), relief=0.9, cast=0.4, ink=1.0)
        tip = depth * (0.72 if style == "Envelope" else 0.55)
        edge: tuple[Knot, ...] = ((0, tip, 1),) if style == "Fold Over" else ((6, tip - 2, 1), (0, tip, 1))
        low = (w, tip) if style == "Fold Over" else (w, 2.5)
        flap = symmetric((0, -0.8), (w - 2, -0.8), (w + 0.3, 1, 1), low, *edge)
        sheet.patch(flap, relief=0.8, cast=0.8, paint=dice.pick(["main", "main", "second"]))
        sheet.ink(arch(low, *edge), 0.8)
        if style == "Envelope" or dice.chance(0.5):
            sheet.patch(ellipse(0, tip - 3.5, 3, 3), paint="metal", relief=0.8, cast=0.6, ink=0.4)
    return sheet.figure(style, noun="Clutch")


def backpack(dice: Dice) -> Figure:
    """Backpack seen from the front: zipped with an outer pocket, or with a flap and buckles."""
    flap = dice.chance(0.35)
    w, tall = dice.between(34, 40), dice.between(88, 104)
    sheet = Sheet()
    strap = spline((w * 0.7, 12), (w + 9, 34, 1), (w + 8, 70, 1), (w - 2, tall - 8))
    sheet.patch(ribbon(strap, 7), paint="trim", relief=0.9, cast=0.2, both=True)
    sheet.ink(strap, 0.55, both=True)
    _handle(sheet, 8, 3, 11, 3.6, paint="trim", ink=0.7)
    crown = dice.between(0.6, 0.85)
    body = symmetric(
        (0, 0, 1),
        (w * crown, 3.5, 1),
        (w * 0.97, 22, 1),
        (w + 1, tall * 0.6, 1),
        (w, tall - 6, 1),
        (w * 0.8, tall, 1),
        (0, tall + 1, 1),
    )
    sheet.patch(body, relief=1.1, cast=0.4, ink=1.0)
    pocket_top = tall * dice.between(0.5, 0.6)
    pocket = symmetric(
        (0, pocket_top - 2, 1),
        (w * 0.66, pocket_top, 1),
        (w * 0.78, pocket_top + 8, 1),
        (w * 0.8, tall - 10, 1),
        (w * 0.62, tall - 5, 1),
        (0, tall - 4.5, 1),
    )
    sheet.patch(pocket, paint=dice.pick(["main", "main", "second"]), relief=1.0, cast=0.7, ink=0.9)
    sheet.line(
        arch((w * 0.74, pocket_top + 9), (w * 0.6, pocket_top + 5, 1), (0, pocket_top + 4, 1)),
        "cord",
        paint="metal",
        width=1.1,
    )
    if flap:
        lid = symmetric(
            (0, -1.5, 1), (w * crown, 2, 1), (w * 0.99, 20, 1), (w * 0.95, 34), (w * 0.5, 40, 1), (0, 41, 1)
        )
        sheet.patch(lid, relief=1.0, cast=0.9)
        sheet.ink(arch((w * 0.99, 20), (w * 0.95, 34), (w * 0.5, 40, 1), (0, 41, 1)), 0.8)
        for side in (-1, 1):
            x = side * w * 0.45
            sheet.patch(box(x - 2.4, 20, x + 2.4, pocket_top + 6), paint="handle", relief=0.6, cast=0.6, ink=0.3)
            sheet.patch(rounded(x - 3.6, 43, x + 3.6, 49, 1), paint="metal", relief=0.7, cast=0.6)
    else:
        zipper = arch((w * 0.84, tall * 0.46), (w * 0.8, 22, 1), (w * 0.5, 9.5, 1), (0, 7.5, 1))
        sheet.line(zipper, "cord", paint="trim", width=3.0)
        sheet.line(zipper, "cord", paint="metal", width=1.0, ink=0.6)
        sheet.patch(rounded(-9, 24, 9, 31, 1.5), paint="second", relief=0.4, cast=0.4, ink=0.2)
    return sheet.figure("Laptop" if dice.chance(0.3) else "", noun="Backpack")


def suitcase(dice: Dice) -> Figure:
    """Trolley case standing upright, or a flat old-style suitcase."""
    sheet = Sheet()
    if dice.chance(0.55):
        w, tall = dice.between(32, 38), dice.between(86, 100)
        grip = dice.between(18, 36)
        for x in (-11.0, 11.0):
            sheet.line(spline((x, 4), (x, -grip)), "cord", paint="steel", width=2.2, ink=0.8)
        sheet.patch(rounded(-14, -grip - 4, 14, -grip + 2, 2.5), paint="dark", relief=0.9, cast=0.3, ink=0.8)
        for x in (-w + 8, w - 8):
            sheet.patch(ellipse(x, tall + 4, 5, 5), paint="dark", relief=0.9, cast=0.2, ink=0.6)
        sheet.patch(rounded(-w, 0, w, tall, 9), relief=1.0, cast=0.4, ink=1.0)
        for i in range(-3, 4):
            sheet.line(spline((i * w / 4, 8), (i * w / 4, tall - 8)), "quilt", ink=0.25 if i % 2 == 0 else 0)
        sheet.patch(rounded(-7, -1.5, 7, 3, 1.5), paint="dark", relief=0.6, cast=0.5)
        return sheet.figure("", noun="Trolley Bag", article="Trolley Bag")
    w, tall = dice.between(48, 58), dice.between(58, 72)
    _handle(sheet, 12, 1, dice.between(10, 18), 4.5)
    sheet.patch(rounded(-w, 0, w, tall, 6), relief=0.9, cast=0.4, ink=1.0)
    for x in (-w * 0.62, w * 0.62):
        sheet.patch(box(x - 4, 0, x + 4, tall), paint="handle", relief=0.5, cast=0.5, ink=0.35)
        sheet.patch(rounded(x - 5, tall * 0.2, x + 5, tall * 0.2 + 7, 1), paint="metal", relief=0.7, cast=0.6)
    sheet.line(spline((-w, tall * 0.14), (w, tall * 0.14)), "seam", ink=0.4)
    return sheet.figure("Vintage", noun="Suitcase", article="Trolley Bag")
