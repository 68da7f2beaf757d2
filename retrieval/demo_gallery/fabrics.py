"""Textures of cloth and leather as brightness tiles."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Tile = NDArray[np.float32]

TILE_PX = 520
ANGLE_STEP_DEG = 15
GLOSS = {"leather": 0.45, "silk": 0.6, "satin": 0.65, "nylon": 0.3, "rubber": 0.15, "patent": 0.9, "suede": 0.02}


def _noise(seed: int, cell_w: float, cell_h: float) -> Tile:
    """Return smooth noise around 0 with the given cell size in pixels."""
    shape = (math.ceil(TILE_PX / cell_h) + 2, math.ceil(TILE_PX / cell_w) + 2)
    grid = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
    return cv2.resize(grid, (TILE_PX, TILE_PX), interpolation=cv2.INTER_CUBIC)


def _weave(kind: str, across: Tile, down: Tile) -> Tile:
    """Return the raw brightness of a fabric, around 0; the coordinates run across and down its grain, in pixels."""
    fine = _noise(1, 1, 1)
    if kind == "denim":
        twill = np.sin((across + down) * 2 * math.pi / 3.2)
        return 0.045 * twill + 0.035 * _noise(2, 1.4, 9) + 0.03 * fine
    if kind == "knit":
        rows = np.abs(((across / 6.0) % 1.0) - 0.5) * 3.2
        stitch = np.cos((down / 4.4 - rows) * 2 * math.pi)
        return 0.06 * stitch - 0.10 * (np.abs(((across / 6.0) % 1.0) - 0.5) > 0.42) + 0.012 * fine
    if kind == "wool":
        return 0.035 * _noise(3, 2.2, 2.2) + 0.03 * fine + 0.02 * np.sin((across - down) * 2 * math.pi / 6)
    if kind == "leather":
        return 0.028 * _noise(4, 3, 3) + 0.015 * _noise(5, 9, 9) + 0.01 * fine
    if kind == "suede":
        return 0.03 * _noise(6, 7, 7) + 0.025 * fine
    if kind in ("canvas", "linen"):
        step = 2.6 if kind == "canvas" else 2.0
        cloth = np.sin(across * 2 * math.pi / step) * np.sin(down * 2 * math.pi / step)
        return 0.04 * cloth + 0.02 * _noise(7, 1, 12) + 0.02 * _noise(8, 12, 1) + 0.015 * fine
    if kind == "corduroy":
        return 0.07 * np.sin(across * 2 * math.pi / 5.2) + 0.012 * fine
    if kind == "fleece":
        return 0.05 * _noise(9, 3, 3) + 0.03 * fine
    if kind in ("silk", "satin", "chiffon"):
        return 0.02 * _noise(10, 28, 90) + 0.006 * fine
    if kind == "nylon":
        return 0.014 * _noise(11, 16, 16) + 0.008 * fine
    if kind == "mesh":
        dots = np.sin(across * 2 * math.pi / 4) * np.sin(down * 2 * math.pi / 4)
        return -0.08 * (dots > 0.45) + 0.01 * fine
    if kind == "straw":
        return 0.09 * np.sign(np.sin(across * math.pi / 4)) * np.sin(down * 2 * math.pi / 4) + 0.02 * fine
    return 0.018 * fine + 0.012 * _noise(12, 5, 5)


@lru_cache(maxsize=96)
def _tile(kind: str, step: int) -> Tile:
    y, x = np.mgrid[0:TILE_PX, 0:TILE_PX].astype(np.float32)
    angle = math.radians(step * ANGLE_STEP_DEG)
    across = x * math.cos(angle) + y * math.sin(angle)
    down = -x * math.sin(angle) + y * math.cos(angle)
    tile = (1.0 + _weave(kind, across, down)).astype(np.float32)
    tile.setflags(write=False)
    return tile


def fabric_tile(kind: str, grain_deg: float) -> Tile:
    """Return a fabric's brightness around 1, float32 (520, 520), read only, turned to the nearest 15 degrees."""
    return _tile(kind, round(grain_deg / ANGLE_STEP_DEG) % (360 // ANGLE_STEP_DEG))
