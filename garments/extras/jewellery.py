"""Necklaces, rings, earrings and bracelets."""

from __future__ import annotations

import math

import numpy as np

from garments.brushes.curves import Curve, along, arch, closed, ellipse, ring, spline, xy
from garments.brushes.figure import Figure, Sheet
from garments.dice import Dice


def _gem(sheet: Sheet, x: float, y: float, size: float, cut: str, ink: float) -> None:
    """Add a stone: round, drop, heart or faceted."""
    if cut == "drop":
        shape = closed(
            (x, y - size * 1.3),
            (x + size * 0.8, y + size * 0.1, 1),
            (x, y + size, 1),
            (x - size * 0.8, y + size * 0.1, 1),
        )
    elif cut == "heart":
        shape = closed(
            (x, y - size * 0.45),
            (x + size * 0.55, y - size * 0.95, 1),
            (x + size, y - size * 0.3, 1),
            (x, y + size),
            (x - size, y - size * 0.3, 1),
            (x - size * 0.55, y - size * 0.95, 1),
        )
    elif cut == "facet":
        shape = closed(
            (x - size * 0.62, y - size * 0.7),
            (x + size * 0.62, y - size * 0.7),
            (x + size, y - size * 0.1),
            (x, y + size),
            (x - size, y - size * 0.1),
        )
    else:
        shape = ellipse(x, y, size, size)
    sheet.patch(shape, paint="gem", relief=1.6, cast=0.6, ink=ink)
    if cut == "facet":
        sheet.line(spline((x - size, y - size * 0.1), (x + size, y - size * 0.1)), "seam", ink=ink * 0.5)
        sheet.line(spline((x - size * 0.4, y - size * 0.1), (x, y + size), (x + size * 0.4, y - size * 0.1)), "seam")
    glint = ellipse(x - size * 0.3, y - size * 0.3, size * 0.22, size * 0.16)
    sheet.patch(glint, paint="glint", relief=0, cast=0)


def _beads(sheet: Sheet, path: Curve, radius: float, paint: str, ink: float) -> None:
    """String beads along a curve without overlap."""
    length = float(np.hypot(*np.diff(path, axis=0).T).sum())
    count = max(3, int(length / (radius * 2.1)))
    for x, y in along(path, [(i + 0.5) / count for i in range(count)]):
        sheet.patch(ellipse(float(x), float(y), radius, radius), paint=paint, relief=1.2, cast=0.2, ink=ink)


def necklace(dice: Dice) -> Figure:
    """Necklace: chain with pendant, string of beads, graded beads, or several strands."""
    style = dice.weighted({"Pendant": 4, "Beaded": 3, "Layered": 2, "Statement": 2})
    w, drop = dice.between(34, 44), dice.between(84, 104)
    loop = arch((w * 0.55, -6), (w, 22, 1), (w * 0.86, drop * 0.6, 1), (w * 0.4, drop * 0.92, 1), (0, drop, 1))
    back = arch((w * 0.55, -6), (w * 0.3, -12, 1), (0, -14, 1))
    sheet = Sheet()
    sheet.line(back, "cord", paint="metal", width=1.5, ink=0.5)
    if style == "Beaded":
        _beads(sheet, loop, dice.between(3.2, 5.2), "gem", 0.75)
        sheet.ink(loop, 0.5)
    elif style == "Statement":
        sheet.line(loop, "chain", paint="metal", width=2.2, ink=0.9)
        for i in range(-3, 4):
            x, y = along(loop, [0.5 + i * 0.085])[0]
            _gem(sheet, float(x), float(y) + 5, 7.5 - abs(i) * 1.2, "drop", 0.7)
    else:
        strands = (0.0,) if style == "Pendant" else (0.0, 0.14, 0.28)
        for s in strands:
            strand = loop * xy(1 - s, 1 - s * 1.2) + xy(0, -6 * s)
            sheet.line(strand, "chain", paint="metal", width=dice.between(1.5, 2.6), ink=0.95 if s == 0 else 0.8)
        sheet.patch(*ring(ellipse(0, drop + 2.5, 2.4, 2.8), 1.3), paint="metal", relief=0.8, cast=0.4)
        _gem(sheet, 0, drop + 14, dice.between(7.5, 12), dice.pick(["drop", "heart", "round", "facet"]), 0.95)
    return sheet.figure(
        "" if style == "Pendant" else style,
        noun="Pendant Necklace" if style == "Pendant" else "Necklace",
        article="Pendant" if style == "Pendant" else "Necklace and Chains",
    )


def finger_ring(dice: Dice) -> Figure:
    """Finger ring with a stone, several stones, or a plain band."""
    style = dice.weighted({"Solitaire": 4, "Three Stone": 2, "Band": 2})
    r, band = dice.between(32, 37), dice.between(5, 9)
    sheet = Sheet()
    circle = ellipse(0, 0, r, r * 0.98)
    sheet.patch(*ring(circle, band), paint="metal", relief=1.6, cast=0.5)
    sheet.ink(ring(circle, band)[0], 1.0, loop=True)
    sheet.ink(ring(circle, band)[1], 0.9, loop=True)
    if style == "Band":
        for i in range(-4, 5):
            a = math.radians(-90 + i * 11)
            _gem(sheet, r * math.cos(a), r * 0.98 * math.sin(a), band * 0.42, "round", 0.2)
        return sheet.figure("Band", noun="Ring", article="Ring")
    size = dice.between(11, 17)
    top = -r - band / 2 - size * 0.55
    prong = closed(
        (-size * 0.75, top - size * 0.1), (size * 0.75, top - size * 0.1), (size * 0.35, -r + 2), (-size * 0.35, -r + 2)
    )
    sheet.patch(prong, paint="metal", relief=1.0, cast=0.4)
    if style == "Three Stone":
        for side in (-1, 1):
            _gem(sheet, side * size * 1.25, top + size * 0.5, size * 0.6, "round", 0.6)
    _gem(sheet, 0, top - size * 0.1, size, dice.pick(["facet", "facet", "round", "heart"]), 1.0)
    return sheet.figure(style, noun="Ring", article="Ring")


def earrings(dice: Dice) -> Figure:
    """Pair of earrings: hoops, drops, studs or chandeliers."""
    style = dice.weighted({"Hoop": 3, "Drop": 4, "Stud": 1, "Chandelier": 2})
    gap = dice.between(30, 38)
    size = dice.between(7, 11)
    cut = dice.pick(["drop", "round", "heart", "facet"])
    sheet = Sheet()
    for x in (-gap, gap):
        if style == "Hoop":
            r = 24.0
            hoop = ellipse(x, 0, r * 0.92, r)
            sheet.patch(*ring(hoop, 2.0 + size * 0.3), paint="metal", relief=1.4, cast=0.5)
            sheet.ink(hoop, 1.0, loop=True)
            sheet.line(spline((x, -r), (x + 3, -r - 8, 1), (x - 3, -r - 10)), "cord", paint="metal", width=1.3, ink=0.6)
            continue
        if style == "Stud":
            _gem(sheet, x, 0, size * 1.7, cut if cut != "drop" else "round", 1.0)
            continue
        hook = spline((x, -18), (x + 1, -32, 1), (x - 6, -37, 1), (x - 8, -26))
        sheet.line(hook, "cord", paint="metal", width=1.4, ink=0.9)
        sheet.line(spline((x, -18), (x, 8)), "chain", paint="metal", width=1.8, ink=0.7)
        if style == "Chandelier":
            plate = closed((x - 3, -16), (x + 3, -16), (x + 14, 8), (x, 14, 1), (x - 14, 8))
            sheet.patch(plate, paint="metal", relief=1.0, cast=0.5, ink=0.9)
            for dx in (-11, -4, 4, 11):
                sheet.line(spline((x + dx, 8), (x + dx, 20)), "cord", paint="metal", width=1.0)
                _gem(sheet, x + dx, 22, 3.4, "drop", 0.5)
            _gem(sheet, x, 0, 4.5, "round", 0.4)
        else:
            sheet.patch(ellipse(x, -15, 3.4, 3.4), paint="metal", relief=1.4, cast=0.5, ink=0.4)
            _gem(sheet, x, 14, size * 1.3, cut, 1.0)
    return sheet.figure(style, noun="Earrings", article="Earrings")


def bracelet(dice: Dice) -> Figure:
    """Bracelet: bangle, beads, chain with charms, or a cuff."""
    style = dice.weighted({"Bangle": 3, "Beaded": 3, "Charm": 2})
    rx, ry = dice.between(44, 50), dice.between(26, 44)
    sheet = Sheet()
    loop = ellipse(0, 0, rx, ry)
    closed_loop = np.concatenate([loop, loop[:1]])
    if style == "Bangle":
        band = dice.between(6, 12)
        sheet.patch(*ring(loop, band), paint="metal", relief=1.7, cast=0.5)
        sheet.ink(ring(loop, band)[0], 1.0, loop=True)
        sheet.ink(ring(loop, band)[1], 0.95, loop=True)
        if dice.chance(0.5):
            for u in np.linspace(0.08, 0.42, 7):
                x, y = along(closed_loop, [u])[0]
                _gem(sheet, float(x), float(y), band * 0.3, "round", 0.25)
    elif style == "Beaded":
        _beads(sheet, closed_loop, dice.between(4.5, 7.5), "gem", 0.85)
        sheet.ink(loop, 0.3, loop=True)
    else:
        sheet.line(closed_loop, "chain", paint="metal", width=3.0)
        sheet.ink(loop, 1.0, loop=True)
        for u in np.linspace(0.1, 0.4, dice.integer(3, 5)):
            x, y = along(closed_loop, [u])[0]
            sheet.line(spline((x, y), (x, y + 5)), "cord", paint="metal", width=1.1, ink=0.3)
            _gem(sheet, float(x), float(y) + 10, 5.2, dice.pick(["heart", "drop", "round"]), 0.85)
    return sheet.figure(
        style if style != "Bangle" else "",
        noun="Bangle" if style == "Bangle" else "Bracelet",
        article="Bangle" if style == "Bangle" else "Bracelet",
    )
