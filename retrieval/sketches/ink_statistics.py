"""What the lines of a drawing look like as a whole: cheap numbers beside an encoder's vector."""

from __future__ import annotations

import cv2
import numpy as np

from retrieval.sketches.preprocessing import LINE_GRID_PX, bounding_box
from retrieval.values.datatypes import BoolArray, Float32Array, UInt8Array

LONG_LINE_PX = LINE_GRID_PX // 4
"""Connected lines of so many pixels are long."""

SECTIONS = 4
"""Bands, from top to bottom, whose widths are told."""

NAMES = (
    "ink", "height", "width", "lines", "longest line", "long lines", "holes", "enclosed", "outline", "ends",
    "crossings", "mirrored", "mirrored outline", "turned outline", "middle height",
    *(f"width of band {number}" for number in range(SECTIONS)),
    *(f"ink of band {number}" for number in range(SECTIONS)),
)  # fmt: skip
"""One name for each number of ``ink_statistics``."""

_NEIGHBOURS = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], np.float32)


def ink_statistics(lines: BoolArray) -> Float32Array:
    """Measure lines on the line grid, bool (grid, grid): float32 (len(NAMES),), each about 0..1, zeros without ink.

    A scribble crosses itself, dots are many short lines, and most garments are an outline that its mirror image covers.
    """
    box = bounding_box(lines)
    if box is None:
        return np.zeros(len(NAMES), np.float32)
    cropped = lines[box[1] : box[3], box[0] : box[2]].astype(np.uint8)
    height, width = cropped.shape
    ink = int(cropped.sum())
    count, _, parts, _ = cv2.connectedComponentsWithStats(cropped, connectivity=8)
    sizes = parts[1:, cv2.CC_STAT_AREA]
    solid, holes = _filled(cropped)
    outline = max(1, int(cv2.morphologyEx(solid, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8)).sum()))
    neighbours = cv2.filter2D(cropped, cv2.CV_32F, _NEIGHBOURS, borderType=cv2.BORDER_CONSTANT)[cropped > 0]
    thick = cv2.dilate(cropped, np.ones((5, 5), np.uint8))
    bands = [band for band in np.array_split(np.arange(height), SECTIONS)]
    return np.array(
        [
            np.log(ink) / np.log(lines.size),
            height / LINE_GRID_PX,
            width / LINE_GRID_PX,
            np.log(count) / 5.0,
            sizes.max() / ink,
            sizes[sizes >= LONG_LINE_PX].sum() / ink,
            np.log1p(holes) / 5.0,
            solid.mean() - cropped.mean(),
            min(ink / outline, 5.0) / 5.0,
            np.log1p((neighbours == 1).sum()) / 5.0,
            np.log1p((neighbours >= 3).sum()) / 5.0,
            _overlap(thick, thick[:, ::-1]),
            _overlap(solid, solid[:, ::-1]),
            _overlap(solid, solid[::-1]),
            np.flatnonzero(cropped.any(axis=1)).size and float(np.nonzero(cropped)[0].mean()) / height,
            *(float(solid[band].any(axis=0).mean()) if band.size else 0.0 for band in bands),
            *(float(cropped[band].sum()) / ink for band in bands),
        ],
        np.float32,
    )


def _filled(cropped: UInt8Array) -> tuple[UInt8Array, int]:
    """The ink with all that it encloses, 0/1, and how many areas it encloses."""
    paper = cv2.copyMakeBorder(1 - cropped, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    count, areas = cv2.connectedComponents(paper, connectivity=4)
    outside = areas[1:-1, 1:-1] == areas[0, 0]
    return (~outside).astype(np.uint8), max(0, count - 2)


def _overlap(one: UInt8Array, other: UInt8Array) -> float:
    """Intersection over union of two masks 0/1."""
    return float((one & other).sum()) / max(1.0, float((one | other).sum()))
