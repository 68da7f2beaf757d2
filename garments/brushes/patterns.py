"""Printed and woven patterns, as pictures the size of the canvas."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from garments.brushes.raster import Picture, blended, plain
from garments.dice import Dice
from garments.palette import COLOURS, Rgb, luminance, mix

SHIFT = 3  # sub-pixel bits of OpenCV's drawing calls


def _plain(rgb: Rgb, wh: tuple[int, int]) -> Picture:
    return plain((wh[1], wh[0]), rgb)


def _bands(size: int, period: float, share: float, phase: float) -> NDArray[np.float32]:
    """Return anti-aliased stripes along one axis: 1 on the stripe, 0 beside it."""
    position = ((np.arange(size) + phase) / period) % 1.0
    distance = np.minimum(position, 1.0 - position) * period
    return np.clip(share * period / 2 - distance + 0.5, 0, 1).astype(np.float32)


def _blend(main: Rgb, other: Rgb, amount: NDArray[np.float32]) -> Picture:
    shape = (amount.shape[0], amount.shape[1])
    return blended(plain(shape, other), plain(shape, main), np.ascontiguousarray(amount))


def stripes(main: Rgb, other: Rgb, wh: tuple[int, int], dice: Dice) -> Picture:
    """Stripes: broad or fine, across or down."""
    fine = dice.chance(0.4)
    period = dice.between(9, 13) if fine else dice.between(20, 38)
    share = dice.between(0.18, 0.3) if fine else dice.between(0.25, 0.4)
    if dice.chance(0.65):
        amount = np.repeat(_bands(wh[1], period, share, dice.between(0, period))[:, None], wh[0], axis=1)
    else:
        amount = np.repeat(_bands(wh[0], period, share, dice.between(0, period))[None, :], wh[1], axis=0)
    return _blend(main, other, amount)


def checks(main: Rgb, other: Rgb, wh: tuple[int, int], dice: Dice) -> Picture:
    """Checks: gingham, window pane or plaid."""
    period = dice.between(18, 40)
    share = dice.pick([0.1, 0.35, 0.45])
    phase = dice.between(0, period)
    across, down = _bands(wh[0], period, share, phase), _bands(wh[1], period, share, phase)
    amount = (across[None, :] + down[:, None]) * (0.36 if share > 0.2 else 0.5)
    picture = _blend(main, other, np.clip(amount, 0, 0.85).astype(np.float32))
    if share > 0.2 and dice.chance(0.6):
        accent: Rgb = dice.pick([(250, 246, 236), (30, 30, 40), (200, 60, 50)])
        thin = np.maximum(
            _bands(wh[0], period, 0.06, phase + period / 2)[None, :],
            _bands(wh[1], period, 0.06, phase + period / 2)[:, None],
        )
        line = np.full_like(picture, accent)
        picture = blended(line, picture, np.asarray(thin * np.float32(0.55)))
    return picture


def polka_dots(main: Rgb, other: Rgb, wh: tuple[int, int], dice: Dice) -> Picture:
    """Polka dots on a staggered grid."""
    picture = _plain(main, wh)
    spacing = dice.between(13, 26)
    radius = round(spacing * dice.between(0.13, 0.2) * 2**SHIFT)
    for row in range(int(wh[1] / spacing * 2) + 2):
        for column in range(int(wh[0] / spacing) + 2):
            x, y = (column + 0.5 * (row % 2)) * spacing, row * spacing * 0.5
            cv2.circle(picture, (round(x * 2**SHIFT), round(y * 2**SHIFT)), radius, other, -1, cv2.LINE_AA, SHIFT)
    return picture


def floral(main: Rgb, other: Rgb, wh: tuple[int, int], dice: Dice) -> Picture:
    """Scattered five-petalled flowers with leaves."""
    picture = _plain(main, wh)
    spacing = dice.between(26, 40)
    size = spacing * dice.between(0.18, 0.23)
    leaf: Rgb = mix((70, 120, 70), main, 0.25)
    accent = mix(other, dice.pick([(255, 255, 255), (230, 90, 120), (240, 150, 160)]), 0.6)
    for row in range(int(wh[1] / spacing) + 2):
        for column in range(int(wh[0] / spacing) + 2):
            x = (column + 0.5 * (row % 2) + dice.between(-0.22, 0.22)) * spacing
            y = (row + dice.between(-0.22, 0.22)) * spacing
            _flower(
                picture, x, y, size * dice.between(0.6, 1.15), dice.pick([other, accent]), leaf, dice.between(0, 72)
            )
    return picture


def _flower(picture: Picture, x: float, y: float, size: float, petal: Rgb, leaf: Rgb, turn_deg: float) -> None:
    def spot(px: float, py: float, radius: float, rgb: Rgb) -> None:
        centre = (round(px * 2**SHIFT), round(py * 2**SHIFT))
        cv2.circle(picture, centre, max(1, round(radius * 2**SHIFT)), rgb, -1, cv2.LINE_AA, SHIFT)

    for side in (-1, 1):
        axes = (round(size * 0.5), max(1, round(size * 0.22)))
        centre_px = (round(x + side * size * 1.3), round(y + size * 0.9))
        cv2.ellipse(picture, centre_px, axes, side * 35 + turn_deg / 4, 0, 360, leaf, -1, cv2.LINE_AA)
    for i in range(5):
        angle = math.radians(turn_deg + i * 72)
        spot(x + size * 0.78 * math.cos(angle), y + size * 0.78 * math.sin(angle), size * 0.6, petal)
    spot(x, y, size * 0.36, (250, 214, 96) if luminance(petal) < 215 else (226, 150, 60))


def colour_block(main: Rgb, other: Rgb, wh: tuple[int, int], dice: Dice) -> Picture:
    """A few broad fields of the second colour."""
    picture = _plain(main, wh)
    style = dice.pick(["low", "high", "band"])
    h = wh[1]
    cut = round(h * dice.between(0.66, 0.74)) if style == "low" else round(h * dice.between(0.28, 0.34))
    if style == "low":
        picture[cut:] = other
    elif style == "high":
        picture[:cut] = other
    else:
        picture[round(h * 0.4) : round(h * dice.between(0.5, 0.55))] = other
    return picture


def camouflage(main: Rgb, other: Rgb, wh: tuple[int, int], dice: Dice) -> Picture:
    """Blots in shades of the main colour."""
    noise_seed = dice.integer(0, 2**31)
    grid = np.random.default_rng(noise_seed).standard_normal((wh[1] // 14, wh[0] // 22)).astype(np.float32)
    field = cv2.resize(grid, wh, interpolation=cv2.INTER_CUBIC)
    picture = _plain(main, wh)
    picture[field > 0.55] = mix(main, (20, 24, 16), 0.5)
    picture[field < -0.65] = mix(main, (232, 222, 190), 0.4)
    return picture


PATTERNS = {
    "Striped": stripes,
    "Checked": checks,
    "Polka Dot": polka_dots,
    "Floral": floral,
    "Colourblocked": colour_block,
    "Camouflage": camouflage,
}


def pattern_picture(name: str, main: Rgb, second: str, wh: tuple[int, int], dice: Dice) -> Picture | None:
    """Draw a pattern; None for solid colours and for prints, which are a motif of their own."""
    if name not in PATTERNS:
        return None
    return PATTERNS[name](main, COLOURS[second], wh, dice)
