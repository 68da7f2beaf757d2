"""The paper under the mouse: what takes the camera picture's place when there is no camera."""

from __future__ import annotations

import cv2
import numpy as np

from air_sketch.values.datatypes import Rgb, UInt8Array

MOUSE_CANVAS_WH = (960, 720)
GRID_STEP_PX = 32
PAPER: Rgb = (250, 249, 246)
_GRID: Rgb = (228, 228, 226)


def make_paper(canvas_wh: tuple[int, int]) -> UInt8Array:
    """Return soft white paper with a faint dot grid, uint8 (H, W, 3) BGR."""
    width, height = canvas_wh
    paper = np.empty((height, width, 3), np.uint8)
    paper[:] = PAPER[::-1]
    for y in range(GRID_STEP_PX // 2, height, GRID_STEP_PX):
        for x in range(GRID_STEP_PX // 2, width, GRID_STEP_PX):
            cv2.circle(paper, (x, y), 1, _GRID[::-1], -1, cv2.LINE_AA)
    return paper
