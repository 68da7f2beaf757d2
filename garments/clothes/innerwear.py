"""Underwear and socks."""

from __future__ import annotations

from garments.brushes.curves import Curve, Knot, arch, box, closed, ellipse, spline, symmetric
from garments.brushes.figure import Figure, Sheet
from garments.clothes.bottoms import Legs, hem_lines, sew_legs
from garments.dice import Dice


def briefs(dice: Dice) -> Figure:
    """Underwear: briefs, bikini briefs, trunks or boxers."""
    style = dice.weighted({"Briefs": 4, "Bikini Briefs": 2, "Trunks": 2, "Boxers": 1})
    w = dice.between(30, 36)
    sheet = Sheet()
    band = dice.between(5, 7.5)
    if style in ("Briefs", "Bikini Briefs"):
        side = dice.between(15, 22) if style == "Briefs" else dice.between(7, 10)
        depth = dice.between(40, 48)
        body = symmetric(
            (0, 2),
            (w, 0),
            (w + 1.5, side),
            (w * 0.55, side + (depth - side) * 0.45, 1),
            (7.5, depth - 1),
            (0, depth + 0.8, 1),
        )
        sheet.patch(ellipse(0, 0.6, w - 0.8, 3.0), paint="inside", relief=0.1, cast=0.0)
        sheet.patch(body, cast=0.3, relief=1.2, ink=1.0)
        leg: Curve = spline(
            (w + 1.0, side - 1.5), (w * 0.55 - 1, side + (depth - side) * 0.45 - 2, 1), (6.5, depth - 3)
        )
        sheet.line(leg, "stitch", both=True, ink=0.3)
        if style == "Briefs":
            sheet.line(spline((5, band), (9, 20, 1), (4, depth - 4)), "seam", both=True, ink=0.25)
    else:
        legs = Legs(
            waist_w=w * 0.82, hip_w=w * 0.92, crotch_y=31, hem_w=w * 0.78, spread=1.5, length=dice.between(40, 47)
        )
        sew_legs(sheet, legs, fade=0.0, band=band, band_paint="second")
        sheet.line(spline((5, band), (8, 18, 1), (2, 29)), "seam", both=True, ink=0.3)
        hem_lines(sheet, legs, 2.5)
        w = legs.waist_w
    elastic = symmetric((0, 2.2, 1), (w, 0), (w + 0.7, band), (0, band + 2.4, 1))
    sheet.patch(elastic, paint="second", relief=0.5, cast=0.4)
    sheet.ink(arch((w + 0.5, band), (0, band + 2.4, 1)), 0.5)
    noun = "Briefs" if "Briefs" in style else style
    return sheet.figure(
        "Bikini" if style == "Bikini Briefs" else "",
        noun=noun,
        article={"Trunks": "Trunk", "Boxers": "Boxers"}.get(style, "Briefs"),
    )


def sock(dice: Dice) -> Figure:
    """Socks seen from the side: ankle, crew or knee, single or as a pair."""
    style = dice.weighted({"Ankle": 2, "Crew": 4, "Knee Length": 1})
    leg = {"Ankle": 14.0, "Crew": 46.0, "Knee Length": 78.0}[style] * dice.between(0.9, 1.15)
    pair = dice.chance(0.5)
    capped = dice.chance(0.5)
    cuff = min(dice.between(7, 12), leg * 0.6)
    sheet = Sheet()
    offsets = ((15.0, -5.0), (0.0, 0.0)) if pair else ((0.0, 0.0),)
    for dx, dy in offsets:
        _one_sock(sheet, leg, cuff, capped, dx, dy, last=(dx, dy) == (0.0, 0.0))
    return sheet.figure(style, noun="Socks")


def _one_sock(sheet: Sheet, leg: float, cuff: float, capped: bool, dx: float, dy: float, last: bool) -> None:
    def shift(*knots: Knot) -> tuple[Knot, ...]:
        return tuple((k[0] + dx, k[1] + dy, *k[2:]) for k in knots)

    outline = closed(
        *shift(
            (0, 0),
            (11, 1, 1),
            (22, 0),
            (22.5, leg * 0.6, 1),
            (23, leg, 1),
            (29, leg + 10, 1),
            (48, leg + 15, 1),
            (58, leg + 21, 1),
            (59, leg + 29, 1),
            (50, leg + 34, 1),
            (28, leg + 33, 1),
            (8, leg + 29, 1),
            (-1.5, leg + 18, 1),
            (0, leg, 1),
            (0.5, leg * 0.6, 1),
        )
    )
    sheet.patch(outline, relief=1.1, cast=0.8, ink=1.0 if last else 0.5)
    (ax, ay), (hx, hy), (tx, ty) = (p[:2] for p in shift((0, 0), (-3, leg + 21), (62, leg + 26)))
    if capped:
        sheet.patch(ellipse(hx, hy, 14, 12), paint="second", within=outline, relief=0.5, cast=0.0)
        sheet.patch(ellipse(tx, ty, 14, 15), paint="second", within=outline, relief=0.5, cast=0.0)
    if last:
        sheet.ink(spline((2, leg + 8), (10, leg + 17, 1), (9, leg + 29)), 0.35)
        sheet.ink(spline((49, leg + 16), (46, leg + 25, 1), (50, leg + 33)), 0.3)
        sheet.ink(spline((0.5, cuff), (11, cuff + 1, 1), (22, cuff)), 0.45)
    sheet.patch(
        box(ax - 1, ay - 1, ax + 24, ay + cuff),
        paint="second" if capped else "main",
        within=outline,
        relief=0.4,
        cast=0.4,
    )
    for i in range(1, 12):
        x = ax + 22 * i / 12
        sheet.line(spline((x, ay + 1), (x, ay + cuff - 0.6)), "rib", within=outline)
    sheet.line(spline((ax + 22, ay + leg), (ax + 15, ay + leg + 6, 1), (ax + 8, ay + leg + 7)), "fold")
