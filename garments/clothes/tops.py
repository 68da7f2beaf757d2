"""T-shirts, shirts and women's tops."""

from __future__ import annotations

from dataclasses import replace

from garments.brushes.curves import Curve, arch, box, closed, ellipse, ribbon, spline, symmetric
from garments.brushes.figure import Figure, Sheet
from garments.clothes.torso import (
    Cut,
    back_neck,
    cuff_band,
    cuff_line,
    neckline,
    sew,
)
from garments.dice import Dice


def random_cut(dice: Dice, *, long: bool, slim: float = 0.0) -> Cut:
    """Vary the proportions of a plain top; ``slim`` pulls in the waist."""
    chest = dice.between(32, 37)
    length = dice.between(96, 112)
    low, high = (66, 81) if long else (38, 56)
    return Cut(
        neck_w=dice.between(12, 15),
        neck_drop=dice.between(8, 12),
        shoulder_w=chest + dice.between(1, 4),
        shoulder_drop=dice.between(7, 11),
        chest_w=chest,
        armpit_y=dice.between(34, 39),
        waist_w=chest - dice.between(0, 2) - slim,
        waist_y=length * 0.64,
        hem_w=chest + dice.between(-1, 2) - slim * 0.3,
        length=length,
        hem_curve=dice.between(0.5, 3),
        sleeve_len=dice.between(84, 96) if long else dice.between(20, 34),
        sleeve_deg=dice.between(low, high),
        cuff_w=dice.between(11, 14) if long else dice.between(19, 24),
    )


def neck_rib(sheet: Sheet, cut: Cut, width: float = 3.2, paint: str = "main") -> None:
    """Add the knitted band around the neckline."""
    sheet.patch(ribbon(back_neck(cut, 2.5), width * 0.8), paint="trim", relief=0.3, cast=0.1)
    sheet.patch(ribbon(neckline(cut), width), paint=paint, relief=0.5, cast=0.35)
    sheet.ink(back_neck(cut), 0.35)


def leaf_collar(sheet: Sheet, cut: Cut, size: float, paint: str = "main") -> None:
    """Add the two leaves of a shirt or polo collar."""
    w, d = cut.neck_w, cut.neck_drop
    stand = closed((-w, 0.5), (-w * 0.6, -4.0, 1), (0, -5.0, 1), (w * 0.6, -4.0, 1), (w, 0.5), (0, 3.5, 1))
    sheet.patch(stand, paint="trim", relief=0.3, cast=0.0)
    leaf = closed(
        (w * 0.8, -3.6), (w * 0.45, d * 0.45, 1), (0.6, d), (w * 0.55, d + size), (w + 3.5, 3.0), (w * 1.02, -1.5, 1)
    )
    sheet.patch(leaf, paint=paint, relief=0.6, cast=0.7, both=True)
    sheet.line(
        closed((w * 0.5, d * 0.6), (2.4, d), (w * 0.54, d + size - 2.2), (w + 1.6, 3.4))[:4], "stitch", both=True
    )
    sheet.ink(leaf[: len(leaf) - 4], 0.6, both=True)


def buttons(sheet: Sheet, x: float, top: float, bottom: float, count: int, radius: float = 1.3) -> None:
    """Add a column of buttons."""
    for i in range(count):
        y = top + (bottom - top) * i / max(count - 1, 1)
        sheet.patch(ellipse(x, y, radius, radius), paint="button", relief=0.6, cast=0.8, ink=0.3)


def chest_pocket(sheet: Sheet, x: float, y: float, size: float) -> None:
    """Add a patch pocket with a pointed bottom."""
    shape = closed(
        (x - size, y), (x + size, y), (x + size, y + size * 1.7), (x, y + size * 2.3), (x - size, y + size * 1.7)
    )
    sheet.patch(shape, relief=0.3, cast=0.5, ink=0.25)
    sheet.line(box(x - size, y, x + size, y + size * 0.5)[[3, 2]], "stitch")


def tshirt(dice: Dice) -> Figure:
    """Short-sleeved t-shirt: round, V or scoop neck, or a polo with collar and placket."""
    style = dice.weighted({"Round Neck": 5, "V-Neck": 3, "Polo": 3, "Henley": 1})
    long = dice.chance(0.12)
    cut = random_cut(dice, long=long, slim=dice.between(0, 3))
    if style == "V-Neck":
        cut = replace(cut, neck="v", neck_drop=dice.between(17, 24))
    sheet = Sheet()
    ringer = dice.chance(0.22)
    sleeve = "second" if ringer and dice.chance(0.5) else "main"
    sew(sheet, cut, sleeve_paint=sleeve)
    sheet.line(cuff_line(cut, 3.0), "stitch", ink=0.15, both=True)
    sheet.line(arch((cut.hem_w, cut.length - 3.5), (0, cut.length + cut.hem_curve - 3.5, 1)), "stitch", ink=0.12)
    if style == "Polo":
        placket = box(-3.2, cut.neck_drop - 2, 3.2, cut.neck_drop + dice.between(20, 27))
        sheet.patch(placket, paint="main", relief=0.2, cast=0.4, ink=0.5)
        buttons(sheet, 0, cut.neck_drop + 5, cut.neck_drop + 19, dice.integer(2, 3))
        leaf_collar(sheet, cut, dice.between(8, 11), paint="second" if ringer else "main")
        if ringer:
            sheet.patch(cuff_band(cut, 3.5), paint="second", relief=0.4, cast=0.2, both=True)
    else:
        neck_rib(sheet, cut, dice.between(2.6, 3.8), paint="second" if ringer else "main")
        if style == "Henley":
            sheet.patch(box(-3, cut.neck_drop, 3, cut.neck_drop + 20), relief=0.2, cast=0.4, ink=0.4)
            buttons(sheet, 0, cut.neck_drop + 4, cut.neck_drop + 17, 3)
    words = (style, "Full Sleeve" if long else "")
    return sheet.figure(*words, noun="T-shirt")


def shirt(dice: Dice) -> Figure:
    """Button-down shirt with collar, placket, cuffs and pockets."""
    long = dice.chance(0.6)
    cut = replace(random_cut(dice, long=long, slim=dice.between(0, 2)), neck="v", neck_w=12.5, neck_drop=9.0)
    cut = replace(cut, hem_curve=dice.between(3, 7), length=dice.between(102, 114))
    sheet = Sheet()
    sew(sheet, cut, neck_ink=0.5)
    bottom = cut.length + cut.hem_curve
    sheet.patch(box(-3.6, cut.neck_drop, 3.6, bottom - 0.3), relief=0.15, cast=0.35)
    sheet.line(spline((3.6, cut.neck_drop + 2), (3.6, bottom - 1)), "seam", ink=0.75)
    sheet.line(spline((-3.0, cut.neck_drop + 2), (-3.0, bottom - 1)), "stitch")
    buttons(sheet, 0.2, cut.neck_drop + 8, cut.length - 12, dice.integer(5, 7), 1.25)
    yoke = arch((cut.shoulder_w - 1, cut.shoulder_drop + 7), (0, cut.shoulder_drop + 6.5, 1))
    if dice.chance(0.3):
        sheet.line(yoke[:9], "stitch", both=True)
    pockets = dice.weighted({0: 2, 1: 4, 2: 2})
    if pockets:
        chest_pocket(sheet, cut.chest_w * 0.5, 36, 7.0)
    if pockets == 2:
        chest_pocket(sheet, -cut.chest_w * 0.5, 36, 7.0)
    if long:
        sheet.patch(cuff_band(cut, 8.0), relief=0.6, cast=0.4, both=True, grain_deg=cut.sleeve_deg - 78)
        sheet.ink(cuff_line(cut, 8.0), 0.35, both=True)
    else:
        sheet.line(cuff_line(cut, 4.0), "stitch", both=True)
    leaf_collar(sheet, cut, dice.between(9, 13))
    return sheet.figure(
        dice.pick(["Slim Fit", "Regular Fit", "Casual", "Formal"]), "" if long else "Half Sleeve", noun="Shirt"
    )


def camisole(sheet: Sheet, cut: Cut, strap_w: float, dip: float) -> Curve:
    """Add a strappy bodice and return its front: straps over the shoulders, straight or heart-shaped top."""
    x, top = cut.neck_w + 6, cut.armpit_y - 17
    strap = spline((x, top + 1), (x - 1.5, -3, 1), (x - 4, -8))
    sheet.patch(ribbon(strap, strap_w), relief=0.5, cast=0.3, both=True)
    sheet.ink(strap, 0.9, both=True)
    back = symmetric((0, top - 1), (x, top + 1), (cut.chest_w - 1, cut.armpit_y), (0, top + dip + 6))
    sheet.patch(back, paint="inside", relief=0.2, cast=0.0)
    front = symmetric((0, top + dip), (x * 0.45, top + dip * 0.35, 1), (x, top), (x + 5, top + 9, 1), *cut.hem_knots)
    sheet.patch(front, cast=0.4, ink=1.0)
    sheet.line(
        spline(
            (cut.chest_w - 2, cut.armpit_y + 4),
            (cut.waist_w * 0.6, cut.waist_y - 6, 1),
            (cut.waist_w * 0.55, cut.waist_y + 9),
        ),
        "fold",
        both=True,
    )
    return front


def top(dice: Dice) -> Figure:
    """Women's top: camisole, tank, puff sleeves, peplum or bell sleeves."""
    style = dice.weighted({"Camisole": 2, "Tank": 2, "Puff Sleeve": 2, "Peplum": 2, "Bell Sleeve": 2})
    cut = replace(random_cut(dice, long=False, slim=5), chest_w=dice.between(29, 32), length=dice.between(82, 100))
    cut = replace(cut, shoulder_w=cut.chest_w + 2, waist_w=cut.chest_w - 4, hem_w=cut.chest_w + dice.between(0, 7))
    sheet = Sheet()
    if style == "Camisole":
        camisole(sheet, cut, dice.between(1.6, 3.2), dice.between(2, 9))
    elif style == "Tank":
        cut = replace(
            cut,
            sleeve_len=0,
            shoulder_w=cut.neck_w + dice.between(8, 12),
            shoulder_drop=4,
            neck_drop=dice.between(18, 26),
            neck_w=14,
        )
        sew(sheet, replace(cut, neck="round"))
        neck_rib(sheet, cut, 2.4)
    else:
        cut = replace(
            cut, neck=dice.pick(["round", "v", "square"]), neck_drop=dice.between(14, 22), neck_w=dice.between(14, 18)
        )
        if style == "Puff Sleeve":
            cut = replace(cut, sleeve_len=dice.between(20, 30), sleeve_deg=dice.between(50, 62), cuff_w=15, puff=6)
        elif style == "Bell Sleeve":
            cut = replace(
                cut, sleeve_len=dice.between(46, 60), sleeve_deg=dice.between(56, 66), cuff_w=dice.between(26, 32)
            )
        else:
            cut = replace(
                cut, sleeve_len=dice.between(14, 22), waist_w=cut.chest_w - 6, waist_y=56, hem_w=cut.chest_w + 8
            )
        sew(sheet, cut)
        sheet.line(cuff_line(cut, 3.5), "seam", ink=0.3, both=True)
        neck_rib(sheet, cut, 1.8)
        if style == "Peplum":
            sheet.line(arch((cut.waist_w + 0.5, cut.waist_y), (0, cut.waist_y + 2, 1)), "seam", ink=0.6)
            for x in (0.25, 0.6):
                sheet.line(
                    spline((cut.waist_w * x, cut.waist_y + 4), (cut.hem_w * x * 1.1, cut.length - 4)), "fold", both=True
                )
    return sheet.figure(style, noun="Top")
