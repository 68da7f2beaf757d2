"""Jackets, blazers and coats."""

from __future__ import annotations

from dataclasses import replace

from garments.brushes.curves import arch, box, closed, ellipse, rounded, spline, symmetric
from garments.brushes.figure import Figure, Sheet
from garments.clothes.knitwear import ribs
from garments.clothes.tops import buttons, chest_pocket, leaf_collar, neck_rib, random_cut
from garments.clothes.torso import Cut, cuff_band, cuff_line, neckline, sew
from garments.dice import Dice


def _centre_zip(sheet: Sheet, cut: Cut, top: float, x: float = 0.0) -> None:
    path = spline((x, top), (x, cut.length + cut.hem_curve - 0.5))
    sheet.line(path, "cord", paint="trim", width=3.2)
    sheet.line(path, "cord", paint="metal", width=1.5, ink=0.95)


def _lapels(sheet: Sheet, cut: Cut, close_y: float, spread: float) -> None:
    """Add the collar and lapels of a blazer or coat, meeting at ``close_y``."""
    w = cut.neck_w
    lining = symmetric((0, 1.5), (w, 0), (w * 0.8, close_y * 0.5, 1), (0, close_y))
    sheet.patch(lining, paint="inside", relief=0.2, cast=0.0)
    lapel = closed(
        (0.5, close_y),
        (w * 0.72, close_y * 0.42, 1),
        (w * 0.9, 6),
        (w + spread, 17),
        (w + spread - 3, 21),
        (w + spread + 4, 24),
        (w * 0.9, close_y * 0.75, 1),
    )
    sheet.patch(lapel, paint="main", relief=0.5, cast=0.8, both=True, ink=0.75)
    collar = closed((w * 0.5, -4), (w * 1.02, -2.5, 1), (w + spread - 1, 15), (w + spread - 1, 18), (w * 0.84, 9))
    sheet.patch(collar, paint="main", relief=0.5, cast=0.6, both=True, ink=0.25)


def _slant_pocket(sheet: Sheet, cut: Cut, y: float) -> None:
    x = cut.chest_w * 0.52
    welt = closed((x + 5, y), (x + 8, y + 1.2), (x + 2, y + 17), (x - 1, y + 15.8))
    sheet.patch(welt, paint="main", relief=0.5, cast=0.5, both=True, ink=0.35)


def _flap_pocket(sheet: Sheet, x: float, y: float, half: float, depth: float) -> None:
    flap = closed(
        (x - half, y), (x + half, y), (x + half, y + depth, 1), (x, y + depth + 0.6, 1), (x - half, y + depth, 1)
    )
    sheet.patch(flap, relief=0.4, cast=0.6, both=True, ink=0.35)


def jacket(dice: Dice) -> Figure:
    """Jacket in one of several cuts: bomber, denim, puffer, biker, track, or a blazer."""
    style = dice.weighted({"Bomber": 3, "Denim": 2, "Puffer": 2, "Biker": 2, "Track": 2, "Blazer": 3})
    cut = replace(random_cut(dice, long=True), neck="v", neck_drop=8.0, sleeve_deg=dice.between(60, 80))
    cut = replace(cut, cuff_w=dice.between(13, 16), length=dice.between(92, 104), chest_w=cut.chest_w + 1)
    cut = replace(cut, shoulder_w=cut.chest_w + 4, waist_y=64)
    sheet = Sheet()
    if style == "Blazer":
        return _blazer(sheet, dice, replace(cut, length=dice.between(104, 114), hem_curve=4.0))
    sew(sheet, cut, neck_ink=0.6, sleeve_paint="second" if style == "Bomber" and dice.chance(0.3) else "main")
    if style == "Puffer":
        _quilting(sheet, cut)
    if style in ("Bomber", "Track"):
        ribs(sheet, cut, 7.5, "second" if style == "Track" or dice.chance(0.3) else "main")
    else:
        sheet.line(cuff_line(cut, 6), "stitch", both=True, ink=0.3)
        sheet.line(arch((cut.hem_w, cut.length - 7), (0, cut.length + cut.hem_curve - 7, 1)), "stitch", ink=0.4)
    if style == "Denim":
        _denim_details(sheet, cut)
    elif style == "Biker":
        _biker_details(sheet, cut)
    else:
        _centre_zip(sheet, cut, 2)
        _slant_pocket(sheet, cut, cut.length * 0.6)
        _stand_collar(sheet, cut, "second" if style == "Track" else "main")
    return sheet.figure(style, noun="Jacket")


def _stand_collar(sheet: Sheet, cut: Cut, paint: str) -> None:
    w = cut.neck_w
    back = symmetric((0, -7, 1), (w * 0.75, -6, 1), (w * 1.05, 0), (0, 6))
    sheet.patch(back, paint="inside", relief=0.3, cast=0.0)
    leaf = closed((w * 0.72, -6.5), (w * 1.08, -1, 1), (w * 1.1, 2), (0.8, 13), (0.8, 5), (w * 0.5, 0, 1))
    sheet.patch(leaf, paint=paint, relief=0.7, cast=0.6, both=True, ink=0.5)


def _quilting(sheet: Sheet, cut: Cut) -> None:
    rows = 7
    for i in range(1, rows):
        y = 14 + (cut.length - 14) * i / rows
        half = cut.chest_w + (1 if y > cut.armpit_y else -2)
        sheet.line(arch((half, y), (half * 0.5, y + 2.5, 1), (0, y + 1, 1)), "quilt", ink=0.5)
    for share in (0.22, 0.42, 0.62, 0.82):
        band = cuff_band(cut, cut.sleeve_len * share)
        sheet.line(band[[0, 3]], "quilt", both=True)


def _denim_details(sheet: Sheet, cut: Cut) -> None:
    bottom = cut.length + cut.hem_curve
    sheet.patch(box(-3.6, 6, 3.6, bottom), relief=0.2, cast=0.4)
    sheet.line(spline((3.6, 8), (3.6, bottom)), "stitch", ink=0.8)
    buttons(sheet, 0, 14, cut.length - 4, 6, 1.5)
    sheet.line(arch((cut.chest_w - 3, 30), (0, 30.5, 1))[:9], "stitch", both=True, ink=0.3)
    x = cut.chest_w * 0.52
    _flap_pocket(sheet, x, 30, 8, 7)
    sheet.line(spline((x - 6, 38), (x - 3, cut.length - 8)), "stitch", both=True)
    sheet.line(spline((x + 6, 38), (x + 3, cut.length - 8)), "stitch", both=True)
    leaf_collar(sheet, cut, 13)


def _biker_details(sheet: Sheet, cut: Cut) -> None:
    w = cut.neck_w
    sheet.line(
        spline((12, 20), (9, cut.length * 0.6, 1), (3, cut.length + 1)), "cord", paint="metal", width=1.6, ink=0.8
    )
    lapel = closed((w * 0.75, -3), (w * 1.05, -1), (w + 14, 18), (12, 36), (3, 16))
    sheet.patch(lapel, relief=0.6, cast=0.8, both=True, ink=0.6)
    for y in (48.0, cut.length * 0.68):
        sheet.line(
            spline((cut.chest_w * 0.4, y + 6), (cut.chest_w * 0.85, y)), "cord", paint="metal", width=1.3, ink=0.3
        )
    sheet.patch(box(-cut.hem_w, cut.length - 9, cut.hem_w, cut.length), relief=0.5, cast=0.3)
    sheet.patch(rounded(-9, cut.length - 9.5, -2, cut.length - 1, 1), paint="metal", relief=0.6, cast=0.5)


def _blazer(sheet: Sheet, dice: Dice, cut: Cut) -> Figure:
    """Tailored jacket with lapels and one or two buttons."""
    sew(sheet, cut, neck_ink=0, inside=False)
    close_y = dice.between(44, 58)
    bottom = cut.length + cut.hem_curve
    sheet.line(spline((0, close_y), (0.8, bottom - 6, 1), (-3, bottom)), "edge", ink=0.85)
    _lapels(sheet, cut, close_y, dice.between(4, 8))
    buttons(sheet, 1.5, close_y + 3, close_y + 17, dice.integer(1, 2), 1.8)
    _flap_pocket(sheet, cut.chest_w * 0.55, cut.length * 0.68, 8, 5)
    welt = closed((-24, 36), (-12, 34.5), (-12, 37.5), (-24, 39))
    sheet.patch(welt, relief=0.3, cast=0.5, ink=0.25)
    for x in (0.0, 3.4):
        outer, _ = cut.cuff
        sheet.patch(
            ellipse(outer[0] - 2.5, outer[1] - 4 - x, 1.1, 1.1), paint="button", relief=0.5, cast=0.4, both=True
        )
    return sheet.figure(noun="Blazer", article="Blazers")


def coat(dice: Dice) -> Figure:
    """Coat to the knee: overcoat, trench with belt, parka with hood or duffle."""
    style = dice.weighted({"Overcoat": 3, "Trench": 3, "Parka": 2})
    base = random_cut(dice, long=True)
    cut = replace(
        base,
        neck="v",
        neck_w=13.5,
        neck_drop=9.0,
        chest_w=36.0,
        shoulder_w=40.0,
        waist_w=33.5,
        waist_y=72.0,
        hem_w=dice.between(39, 46),
        length=dice.between(142, 165),
        sleeve_deg=dice.between(70, 80),
        sleeve_len=84.0,
        cuff_w=15.0,
        hem_curve=3.0,
    )
    sheet = Sheet()
    if style == "Parka":
        hood = symmetric((0, -22, 1), (16, -17, 1), (22, -3, 1), (19, 9), (0, 6))
        sheet.patch(hood, ink=0.8, cast=0.2)
    sew(sheet, cut, neck_ink=0, inside=False)
    bottom = cut.length + cut.hem_curve
    if style == "Parka":
        fur = symmetric((0, -19, 1), (13, -14, 1), (16, 0, 1), (10, 12, 1), (0, 17))
        sheet.patch(fur, paint="fur", relief=1.0, cast=0.7, ink=0.5)
        sheet.patch(
            symmetric((0, -13, 1), (8, -9, 1), (10, 1, 1), (6, 8, 1), (0, 12)), paint="inside", relief=0.3, cast=0.0
        )
        _centre_zip(sheet, cut, 16)
        _flap_pocket(sheet, cut.chest_w * 0.54, 92, 9, 7)
    else:
        close_y = dice.between(46, 60)
        sheet.line(spline((4.5, close_y), (4.5, bottom - 1)), "edge", ink=0.9)
        _lapels(sheet, cut, close_y, dice.between(6, 10))
        rows = (-6.0, 8.0) if style == "Trench" else (0.5,)
        for x in rows:
            buttons(sheet, x, close_y + 6, close_y + 44, dice.integer(2, 4), 2.0)
        _flap_pocket(sheet, cut.chest_w * 0.6, 94, 8, 5)
    if style == "Trench":
        belt = closed((-34.5, 70), (0, 72, 1), (34.5, 70), (34.5, 77), (0, 79, 1), (-34.5, 77))
        sheet.patch(belt, paint="main", relief=0.7, cast=0.8, ink=0.6)
        sheet.patch(rounded(-5, 69, 5, 81, 1.5), paint="button", relief=0.5, cast=0.4)
        sheet.patch(rounded(-3, 71.5, 3, 78.5, 1), paint="main", relief=0.2, cast=0.0)
    sheet.line(spline((cut.waist_w * 0.6, 100), (cut.hem_w * 0.62, cut.length - 4)), "fold", both=True)
    sheet.patch(cuff_band(cut, 7), relief=0.5, cast=0.3, both=True)
    return sheet.figure(style if style != "Overcoat" else "Long", noun="Overcoat" if style == "Overcoat" else "Coat")


def waistcoat(dice: Dice) -> Figure:
    """Sleeveless quilted vest or tailored waistcoat."""
    cut = replace(random_cut(dice, long=False), neck="v", neck_drop=34.0, sleeve_len=0.0, shoulder_w=27.0, length=94.0)
    sheet = Sheet()
    sew(sheet, cut)
    sheet.line(spline((0, cut.neck_drop), (0, cut.length + 2)), "edge", ink=0.9)
    buttons(sheet, 1.5, cut.neck_drop + 6, cut.length - 12, 4, 1.6)
    chest_pocket(sheet, 16, 60, 6)
    neck_rib(sheet, cut, 2.0)
    sheet.ink(neckline(cut), 0.3)
    return sheet.figure(noun="Waistcoat", article="Waistcoat")
