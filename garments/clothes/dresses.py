"""Dresses and skirts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from garments.brushes.curves import Knot, arch, closed, ellipse, spline, symmetric
from garments.brushes.figure import Figure, Sheet
from garments.clothes.tops import buttons, camisole, leaf_collar, neck_rib
from garments.clothes.torso import Cut, cuff_band, cuff_line, sew
from garments.dice import Dice

LENGTHS = {"Mini": (98, 112), "Midi": (128, 146), "Maxi": (168, 196)}


def wavy_hem(half: float, y: float, sag: float, waves: int) -> tuple[Knot, ...]:
    """Right half of a fluted hem, from the side to the centre."""
    knots: list[Knot] = [(half, y)]
    for i in range(1, waves * 2):
        x = half * (1 - i / (waves * 2))
        knots.append((x, y + sag * (1 - (x / half) ** 2) + (1.6 if i % 2 else -0.6), 1))
    return (*knots, (0.0, y + sag + 0.8, 1))


def skirt_knots(cut: Cut, shape: str, waves: int) -> tuple[Knot, ...]:
    """Right half of a skirt below the waist: straight, a-line, flared or mermaid."""
    w, y, bottom = cut.waist_w, cut.waist_y, cut.length
    hip: Knot = {
        "straight": (w + 5, y + 22, 1),
        "a-line": (w + (cut.hem_w - w) * 0.3, y + (bottom - y) * 0.3, 1),
        "flared": (w + (cut.hem_w - w) * 0.42, y + (bottom - y) * 0.28, 1),
    }[shape]
    return (w, y), hip, *wavy_hem(cut.hem_w, bottom, cut.hem_curve, waves)


def hang_folds(sheet: Sheet, cut: Cut, count: int, ink: float = 0.2) -> None:
    """Add folds that fall from the waist to the hem."""
    for i in range(count):
        share = (i + 0.6) / count
        a, b = cut.waist_w * share * 0.9, cut.hem_w * share * 0.96
        path = spline((a, cut.waist_y + 5), (a + (b - a) * 0.4, (cut.waist_y + cut.length) / 2, 1), (b, cut.length - 1))
        sheet.line(path, "fold", both=True, ink=ink if i == count - 1 else 0)


def dress(dice: Dice) -> Figure:
    """Dress in many cuts: bodice with straps, sleeves or none; skirt from tight to flared, mini to maxi."""
    length = dice.weighted({"Mini": 3, "Midi": 4, "Maxi": 3})
    shape = dice.weighted({"straight": 2, "a-line": 4, "flared": 4})
    bodice = dice.weighted({"straps": 4, "sleeveless": 4, "short": 4, "long": 2, "shirt": 2})
    long = bodice == "long"
    waist_y = dice.between(58, 66)
    bottom = dice.between(*LENGTHS[length])
    spread = {"straight": (-2.0, 4.0), "a-line": (13.0, 22.0), "flared": (24.0, 38.0)}[shape]
    waist_w = dice.between(21, 24)
    cut = Cut(
        neck=dice.pick(["round", "v", "square", "scoop"]),
        neck_w=dice.between(13, 18),
        neck_drop=dice.between(12, 22),
        shoulder_w=30.0,
        shoulder_drop=6.0,
        chest_w=28.0,
        armpit_y=34.0,
        waist_w=waist_w,
        waist_y=waist_y,
        hem_w=waist_w + dice.between(*spread) * (bottom - waist_y) / 75 + 2,
        length=bottom,
        hem_curve=dice.between(2, 6),
        sleeve_len=0.0,
    )
    if bodice in ("short", "shirt"):
        cut = replace(
            cut, sleeve_len=dice.between(16, 26), sleeve_deg=dice.between(46, 62), cuff_w=15, puff=dice.pick([0, 4])
        )
    elif long:
        cut = replace(cut, sleeve_len=76.0, sleeve_deg=dice.between(62, 74), cuff_w=11.0)
    elif bodice == "sleeveless":
        cut = replace(cut, shoulder_w=cut.neck_w + dice.between(5, 9), shoulder_drop=3.0)
    sheet = Sheet()
    _dress_body(sheet, dice, cut, bodice, shape)
    sleeve_word = {"long": "Full Sleeve", "sleeveless": "Sleeveless", "straps": "Strappy", "shirt": "Shirt"}.get(
        bodice, ""
    )
    shape_word = {"a-line": "A-Line", "flared": "Skater" if length == "Mini" else "Flared", "straight": "Bodycon"}[
        shape
    ]
    return sheet.figure(sleeve_word, shape_word, length, noun="Dress")


def _dress_body(sheet: Sheet, dice: Dice, cut: Cut, bodice: str, shape: str) -> None:
    waves = dice.integer(2, 4) if shape != "straight" else 1
    skirt = skirt_knots(cut, shape, waves)
    upper = replace(
        cut, length=cut.waist_y + 1, hem_w=cut.waist_w, waist_y=cut.waist_y * 0.8, waist_w=cut.waist_w + 1, hem_curve=1
    )
    sheet.patch(symmetric((0, cut.waist_y - 2), *skirt), cast=0.3)
    hang_folds(sheet, cut, {"straight": 1, "a-line": 3, "flared": 4}[shape])
    strokes_before = len(sheet.strokes)
    if bodice == "straps":
        camisole(sheet, upper, dice.between(1.6, 4), dice.between(0, 9))
    else:
        sew(sheet, upper)
        if bodice == "shirt":
            leaf_collar(sheet, replace(upper, neck_drop=10.0), 10)
        else:
            neck_rib(sheet, upper, 1.8)
    _swap_hem(sheet, strokes_before, skirt)
    belted = dice.chance(0.3)
    waist = closed(
        (-cut.waist_w - 0.6, cut.waist_y - 3),
        (0, cut.waist_y - 2, 1),
        (cut.waist_w + 0.6, cut.waist_y - 3),
        (cut.waist_w + 0.6, cut.waist_y + 3),
        (0, cut.waist_y + 4, 1),
        (-cut.waist_w - 0.6, cut.waist_y + 3),
    )
    if belted:
        sheet.patch(waist, paint="second", relief=0.7, cast=0.6, ink=0.5)
    elif shape != "straight":
        sheet.line(arch((cut.waist_w, cut.waist_y), (0, cut.waist_y + 1.2, 1)), "seam", ink=0.55)
    if bodice == "shirt":
        buttons(sheet, 0, 16, cut.length - 14, 9, 1.2)
        sheet.line(spline((3, 12), (3, cut.length + 3)), "seam", ink=0.5)
    elif cut.length > 120 and dice.chance(0.3):
        for share in (0.4, 0.7):
            y = cut.waist_y + (cut.length - cut.waist_y) * share
            half = cut.waist_w + (cut.hem_w - cut.waist_w) * share
            sheet.line(arch((half, y), (0, y + cut.hem_curve + 1, 1)), "seam", ink=0.5)
    if cut.sleeve_len:
        sheet.line(cuff_line(upper, 3), "seam", both=True, ink=0.15)
        sheet.patch(cuff_band(upper, 3), relief=0.4, cast=0.2, both=True)


def _swap_hem(sheet: Sheet, since: int, skirt: tuple[Knot, ...]) -> None:
    """Let the bodice's silhouette, in the strokes added since, run on into the skirt instead of its own hem."""
    waist_y = float(skirt[0][1])
    edge = arch(*skirt)
    for i in range(since, len(sheet.strokes)):
        stroke = sheet.strokes[i]
        if stroke.weight < 1.0 or float(stroke.path[:, 1].max()) < waist_y - 2:
            continue
        keep = stroke.path[:, 1] < waist_y - 0.5
        last_right = int(np.flatnonzero(~keep)[0])
        first_left = int(np.flatnonzero(~keep)[-1]) + 1
        path = np.concatenate([stroke.path[:last_right], edge, stroke.path[first_left:]])
        sheet.strokes[i] = replace(stroke, path=path)
        return


def skirt(dice: Dice) -> Figure:
    """Skirt: mini, pencil, a-line, pleated, tiered or long."""
    style = dice.weighted({"Mini": 2, "Pencil": 2, "A-Line": 3, "Pleated": 3, "Maxi": 2, "Denim": 1})
    length = {"Mini": 46.0, "Pencil": 76.0, "A-Line": 66.0, "Pleated": 54.0, "Maxi": 118.0, "Denim": 48.0}[style]
    length *= dice.between(0.9, 1.12)
    flare = {"Mini": 8.0, "Pencil": 1.0, "A-Line": 20.0, "Pleated": 24.0, "Maxi": 22.0, "Denim": 9.0}[style]
    waist = dice.between(22, 26)
    cut = Cut(
        waist_w=waist,
        waist_y=7.0,
        hem_w=waist + flare * dice.between(0.8, 1.2),
        length=length,
        hem_curve=dice.between(2, 5),
    )
    shape = "straight" if style in ("Pencil", "Denim") else "a-line"
    waves = 1 if shape == "straight" else dice.integer(2, 4)
    sheet = Sheet()
    knots = skirt_knots(cut, shape, waves)
    sheet.patch(symmetric((0, 4), *knots), cast=0.3)
    top = (0.0, 1.6, 1)
    band_half: tuple[Knot, ...] = ((cut.waist_w - 0.6, 0.0), (cut.waist_w, 7.0), (0.0, 9.0, 1))
    if style == "Pleated":
        for i in range(-7, 8):
            a, b = cut.waist_w * i / 7.5, cut.hem_w * i / 7.5
            sheet.line(
                spline((a, 8), (b, cut.length + cut.hem_curve * (1 - (i / 7.5) ** 2))),
                "pleat",
                ink=0.55 if i % 2 else 0.3,
            )
    else:
        hang_folds(sheet, cut, 1 if shape == "straight" else 3, 0.3)
    sheet.patch(ellipse(0, 0.6, cut.waist_w - 0.8, 2.2), paint="inside", relief=0.1, cast=0.0)
    sheet.patch(symmetric(top, *band_half), relief=0.6, cast=0.4)
    sheet.ink(arch((cut.waist_w, 7), (0, 9, 1)), 0.55)
    if style == "Denim":
        sheet.line(spline((0, 9), (0, cut.length + 2)), "stitch", ink=0.4)
        sheet.line(
            spline((cut.waist_w * 0.5, 8), (cut.waist_w * 0.6, 16, 1), (cut.waist_w + 3, 19)),
            "stitch",
            both=True,
            ink=0.4,
        )
    if style == "Maxi" and dice.chance(0.6):
        for share in (0.36, 0.68):
            half = cut.waist_w + (cut.hem_w - cut.waist_w) * share
            sheet.line(arch((half, 7 + (length - 7) * share), (0, 10 + (length - 7) * share, 1)), "seam", ink=0.5)
    outline = symmetric((0.0, 0.0), (cut.waist_w - 0.6, 0.0), *knots)
    sheet.ink(outline, 1.0, loop=True)
    return sheet.figure(style if style != "Denim" else "Short", noun="Denim Skirt" if style == "Denim" else "Skirt")
