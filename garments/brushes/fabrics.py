"""Textures of cloth and leather as brightness tiles."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Tile = NDArray[np.float32]

TILE_PX = 520
TURN_DEG = 15
GLOSS = {"leather": 0.45, "silk": 0.6, "satin": 0.65, "nylon": 0.3, "rubber": 0.15, "patent": 0.9, "suede": 0.02}


def _noise(seed: int, cell_w: float, cell_h: float) -> Tile:
    """Return smooth noise around 0 with the given cell size in pixels."""
    shape = (math.ceil(TILE_PX / cell_h) + 2, math.ceil(TILE_PX / cell_w) + 2)
    grid = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
    return np.asarray(cv2.resize(grid, (TILE_PX, TILE_PX), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _denim(across: Tile, down: Tile, fine: Tile) -> Any:
    twill = np.sin((across + down) * 2 * math.pi / 3.2)
    return 0.045 * twill + 0.03 * _noise(2, 1.4, 9) + 0.025 * fine


def _knit(across: Tile, down: Tile, fine: Tile) -> Any:
    column = np.abs(((across / 6.0) % 1.0) - 0.5)
    stitch = np.cos((down / 4.4 - column * 3.2) * 2 * math.pi)
    return 0.06 * stitch - 0.10 * (column > 0.42) + 0.012 * fine


def _wool(across: Tile, down: Tile, fine: Tile) -> Any:
    return 0.035 * _noise(3, 2.2, 2.2) + 0.03 * fine + 0.02 * np.sin((across - down) * 2 * math.pi / 6)


def _leather(across: Tile, down: Tile, fine: Tile) -> Any:
    return 0.016 * _noise(4, 3, 3) + 0.008 * _noise(5, 9, 9) + 0.008 * fine


def _suede(across: Tile, down: Tile, fine: Tile) -> Any:
    return 0.016 * _noise(6, 7, 7) + 0.022 * fine


def _woven(across: Tile, down: Tile, fine: Tile) -> Any:
    cloth = np.sin(across * 2 * math.pi / 2.4) * np.sin(down * 2 * math.pi / 2.4)
    return 0.04 * cloth + 0.02 * _noise(7, 1, 12) + 0.02 * _noise(8, 12, 1) + 0.015 * fine


def _corduroy(across: Tile, down: Tile, fine: Tile) -> Any:
    return 0.07 * np.sin(across * 2 * math.pi / 5.2) + 0.012 * fine


def _fleece(across: Tile, down: Tile, fine: Tile) -> Any:
    return 0.05 * _noise(9, 3, 3) + 0.03 * fine


def _silk(across: Tile, down: Tile, fine: Tile) -> Any:
    return 0.02 * _noise(10, 28, 90) + 0.006 * fine


def _nylon(across: Tile, down: Tile, fine: Tile) -> Any:
    return 0.014 * _noise(11, 16, 16) + 0.008 * fine


def _mesh(across: Tile, down: Tile, fine: Tile) -> Any:
    dots = np.sin(across * 2 * math.pi / 4) * np.sin(down * 2 * math.pi / 4)
    return -0.08 * (dots > 0.45) + 0.01 * fine


def _straw(across: Tile, down: Tile, fine: Tile) -> Any:
    plait = np.sign(np.sin(across * math.pi / 4)) * np.sin(down * 2 * math.pi / 4)
    return 0.09 * plait + 0.02 * fine


def _cotton(across: Tile, down: Tile, fine: Tile) -> Any:
    return 0.016 * fine + 0.007 * _noise(12, 5, 5)


WEAVES: dict[str, Callable[[Tile, Tile, Tile], Any]] = {
    "denim": _denim,
    "knit": _knit,
    "wool": _wool,
    "leather": _leather,
    "suede": _suede,
    "canvas": _woven,
    "linen": _woven,
    "corduroy": _corduroy,
    "fleece": _fleece,
    "silk": _silk,
    "satin": _silk,
    "chiffon": _silk,
    "nylon": _nylon,
    "mesh": _mesh,
    "straw": _straw,
}
"""Raw brightness around 0 from pixels across and down the grain, and fine noise; what is not here looks like cotton."""


@lru_cache(maxsize=96)
def _tile(kind: str, turns: int) -> Tile:
    y, x = np.mgrid[0:TILE_PX, 0:TILE_PX].astype(np.float32)
    angle = math.radians(turns * TURN_DEG)
    across = x * math.cos(angle) + y * math.sin(angle)
    down = -x * math.sin(angle) + y * math.cos(angle)
    raw = WEAVES.get(kind, _cotton)(across, down, _noise(1, 1, 1))
    tile: Tile = np.asarray(1.0 + raw, dtype=np.float32)
    tile.setflags(write=False)
    return tile


def fabric_tile(kind: str, grain_deg: float) -> Tile:
    """Return a fabric's brightness around 1, float32 (520, 520), read only, turned to the nearest 15 degrees."""
    return _tile(kind, round(grain_deg / TURN_DEG) % (360 // TURN_DEG))
