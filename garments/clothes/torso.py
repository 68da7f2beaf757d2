"""The upper body that t-shirts, shirts, sweaters, jackets, coats and dresses are cut from."""

from __future__ import annotations

import math
from dataclasses import dataclass

from garments.brushes.curves import Curve, Knot, arch, closed, flipped, spline, symmetric
from garments.brushes.figure import Sheet


@dataclass(frozen=True)
class Cut:
    """Half widths and heights of a garment's right half; (0, 0) lies between the tops of the shoulders."""

    neck: str = "round"  # round, v, scoop, boat or square
    neck_w: float = 14.0
    neck_drop: float = 10.0
    shoulder_w: float = 39.0
    shoulder_drop: float = 9.0
    chest_w: float = 35.0
    armpit_y: float = 38.0
    waist_w: float = 33.0
    waist_y: float = 70.0
    hem_w: float = 35.0
    length: float = 106.0
    hem_curve: float = 2.0
    sleeve_len: float = 0.0  # 0 is sleeveless
    sleeve_deg: float = 48.0  # below the horizontal
    cuff_w: float = 20.0
    puff: float = 0.0  # how far the sleeve swells outwards

    @property
    def cuff(self) -> tuple[Knot, Knot]:
        """Outer and inner end of the cuff."""
        angle = math.radians(self.sleeve_deg)
        outer = (
            self.shoulder_w + self.sleeve_len * math.cos(angle),
            self.shoulder_drop + self.sleeve_len * math.sin(angle),
        )
        return outer, (outer[0] - self.cuff_w * math.sin(angle), outer[1] + self.cuff_w * math.cos(angle))

    @property
    def hem_knots(self) -> tuple[Knot, ...]:
        """Side and hem of the right half, from the armpit to the bottom centre."""
        middle = (self.hem_w * 0.5, self.length + self.hem_curve * 0.8, 1)
        side = (self.waist_w, self.waist_y, 1)
        return (
            (self.chest_w, self.armpit_y),
            side,
            (self.hem_w, self.length),
            middle,
            (0.0, self.length + self.hem_curve, 1),
        )


def neck_knots(cut: Cut) -> tuple[Knot, ...]:
    """Right half of the front neckline, from the shoulder to the centre."""
    w, d = cut.neck_w, cut.neck_drop
    if cut.neck == "v":
        return (w, 0.0), (w * 0.56, d * 0.52, 1), (0.0, d)
    if cut.neck == "square":
        return (w, 0.0), (w * 0.92, d), (0.0, d + 0.5)
    if cut.neck == "boat":
        return (w, 0.0), (w * 0.6, d * 0.75, 1), (0.0, d, 1)
    return (w, 0.0), (w * 0.86, d * 0.55, 1), (w * 0.5, d * 0.9, 1), (0.0, d, 1)


def armhole_knots(cut: Cut) -> tuple[Knot, ...]:
    """Armhole from the shoulder tip to the armpit."""
    inset = 3.0 if cut.sleeve_len else 7.0
    mid = (cut.shoulder_w + cut.chest_w) / 2 - inset
    low = cut.armpit_y * 0.8 + cut.shoulder_drop * 0.2
    return (
        (cut.shoulder_w, cut.shoulder_drop),
        (min(mid, cut.shoulder_w - 1.5), (cut.shoulder_drop + cut.armpit_y) * 0.52, 1),
        (cut.chest_w - 3.0, low, 1),
        (cut.chest_w, cut.armpit_y),
    )


def sleeve_knots(cut: Cut) -> tuple[Knot, ...]:
    """Sleeve edge from the shoulder tip around the cuff to the armpit."""
    outer, inner = cut.cuff
    top = (cut.shoulder_w, cut.shoulder_drop)
    swell = 2.5 + cut.puff
    angle = math.radians(cut.sleeve_deg)
    bend = (
        (top[0] + outer[0]) / 2 + swell * math.sin(angle),
        (top[1] + outer[1]) / 2 - swell * math.cos(angle),
        1,
    )
    under = ((inner[0] + cut.chest_w) / 2 + 1.0, (inner[1] + cut.armpit_y) / 2 + 0.8 + cut.puff * 0.5, 1)
    return top, bend, outer, inner, under, (cut.chest_w, cut.armpit_y)


def silhouette(cut: Cut) -> Curve:
    """Outer edge as people draw it: from the right neck point around the body to the left one."""
    sides = sleeve_knots(cut) if cut.sleeve_len else armhole_knots(cut)
    half = ((cut.neck_w, 0.0), *sides[:-1], *cut.hem_knots)
    return arch(*half)


def front_panel(cut: Cut) -> Curve:
    """Body without sleeves."""
    neck = tuple(reversed(neck_knots(cut)))
    return symmetric(*neck, *armhole_knots(cut)[:-1], *cut.hem_knots)


def sleeve_panel(cut: Cut) -> Curve:
    """Right sleeve, tucked a little under the body."""
    hole = tuple(reversed(armhole_knots(cut)))
    tucked = tuple((knot[0] - 3.0, *knot[1:]) for knot in hole[1:-1])
    return closed(*sleeve_knots(cut), *tucked)


def cuff_band(cut: Cut, depth: float) -> Curve:
    """Band of the given depth along the right cuff."""
    outer, inner = cut.cuff
    top, under = sleeve_knots(cut)[1], sleeve_knots(cut)[4]
    share = min(0.9, depth / max(cut.sleeve_len * 0.5, 1.0))
    up = (outer[0] + (top[0] - outer[0]) * share, outer[1] + (top[1] - outer[1]) * share)
    low_share = min(0.9, depth / max(math.dist(inner[:2], under[:2]), 1.0))
    low = (inner[0] + (under[0] - inner[0]) * low_share, inner[1] + (under[1] - inner[1]) * low_share)
    return closed(up, outer, inner, low)


def cuff_line(cut: Cut, depth: float) -> Curve:
    """Upper edge of the cuff band."""
    return cuff_band(cut, depth)[[0, 3]]


def hem_band(cut: Cut, depth: float) -> Curve:
    """Band of the given depth along the hem."""
    w, y, c = cut.hem_w, cut.length, cut.hem_curve
    return closed((-w - 0.5, y - depth), (0, y - depth + c, 1), (w + 0.5, y - depth), (w, y), (0, y + c, 1), (-w, y))


def back_neck(cut: Cut, rise: float = 3.0) -> Curve:
    """Back neckline from the right to the left shoulder."""
    return arch((cut.neck_w, 0.0), (cut.neck_w * 0.5, rise * 0.75, 1), (0.0, rise, 1))


def neckline(cut: Cut) -> Curve:
    """Front neckline from the right to the left shoulder."""
    return arch(*neck_knots(cut))


def sew(sheet: Sheet, cut: Cut, *, sleeve_paint: str = "main", neck_ink: float = 1.0, inside: bool = True) -> None:
    """Add the inside of the neck, the sleeves and the front of a garment, with its silhouette as strokes."""
    if inside:
        hollow = closed(*neck_knots(cut), *(flipped(k) for k in reversed(neck_knots(cut)[:-1])), (0.0, 1.5, 1))
        sheet.patch(hollow, paint="inside", relief=0.2, cast=0.0)
    if cut.sleeve_len:
        sheet.patch(sleeve_panel(cut), paint=sleeve_paint, grain_deg=cut.sleeve_deg - 78, cast=0.2, both=True)
    sheet.patch(front_panel(cut), cast=0.45)
    if cut.sleeve_len:
        sheet.line(spline(*armhole_knots(cut)), "seam", ink=0.2, both=True)
        if cut.sleeve_len > 45:
            sheet.line(_sleeve_fold(cut, 0.45, 0.62), "fold", both=True)
            sheet.line(_sleeve_fold(cut, 0.7, 0.8), "fold", both=True)
    sheet.line(
        spline(
            (cut.chest_w - 2, cut.armpit_y + 4),
            (cut.waist_w * 0.62, cut.waist_y - 8, 1),
            (cut.waist_w * 0.5, cut.waist_y + 12),
        ),
        "fold",
        both=True,
    )
    sheet.ink(silhouette(cut), 1.0)
    if neck_ink:
        sheet.ink(neckline(cut), neck_ink)


def _sleeve_fold(cut: Cut, start: float, stop: float) -> Curve:
    """Soft crease across the lower half of the right sleeve."""
    outer, inner = cut.cuff
    arm = (cut.chest_w, cut.armpit_y)
    a = (arm[0] + (inner[0] - arm[0]) * start, arm[1] + (inner[1] - arm[1]) * start)
    tip = (cut.shoulder_w, cut.shoulder_drop)
    b = (tip[0] + (outer[0] - tip[0]) * stop, tip[1] + (outer[1] - tip[1]) * stop)
    return spline(a, ((a[0] + b[0]) / 2 + 1, (a[1] + b[1]) / 2 + 3, 1), ((a[0] + 2 * b[0]) / 3, (a[1] + 2 * b[1]) / 3))
