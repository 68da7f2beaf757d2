"""Outlines of the garments that the samples draw, in pixels of a 640 x 480 canvas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64Array = npt.NDArray[np.float64]
Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """One stroke of a garment.

    Attributes:
        start: where the pen goes down.
        parts: pieces that follow: one point is a straight line, three are a cubic Bezier (two controls, end).
        pen: the pen it is drawn with.
    """

    start: Point
    parts: tuple[tuple[Point, ...], ...]
    pen: str = "black"


@dataclass(frozen=True)
class Garment:
    """A drawing made of lines; ``seed`` fixes the tremor of the hand."""

    name: str
    title: str
    strokes: tuple[Line, ...]
    seed: int


def outline(line: Line, step_px: float = 1.0) -> Float64Array:
    """Sample a line densely, float64 (N, 2)."""
    points = [np.array([line.start])]
    at = np.array(line.start)
    for part in line.parts:
        controls = np.array([at, *part]) if len(part) == 3 else np.array([at, at, part[0], part[0]])
        count = max(8, int(np.abs(np.diff(controls, axis=0)).sum() / step_px))
        s = np.linspace(0.0, 1.0, count + 1)[1:, None]
        a, b, c, d = controls
        points.append((1 - s) ** 3 * a + 3 * s * (1 - s) ** 2 * b + 3 * s**2 * (1 - s) * c + s**3 * d)
        at = controls[-1]
    dense = np.concatenate(points)
    arc = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(dense, axis=0).T))])
    at_arc = np.arange(0.0, arc[-1], step_px)
    return np.stack([np.interp(at_arc, arc, dense[:, axis]) for axis in (0, 1)], axis=1)


TSHIRT = Garment(
    "tshirt",
    "t-shirt",
    (
        Line(
            (266, 92),
            (
                ((236, 100), (212, 110), (190, 124)),
                ((166, 148), (144, 178), (126, 208)),
                ((142, 222), (160, 234), (180, 244)),
                ((192, 232), (204, 218), (216, 202)),
                ((218, 262), (216, 324), (210, 388)),
                ((280, 398), (360, 398), (430, 388)),
                ((424, 324), (422, 262), (424, 202)),
                ((436, 218), (448, 232), (460, 244)),
                ((480, 234), (498, 222), (514, 208)),
                ((496, 178), (474, 148), (450, 124)),
                ((428, 110), (404, 100), (374, 92)),
            ),
        ),
        Line((266, 92), (((282, 142), (358, 142), (374, 92)),)),
        Line((138, 192), (((156, 206), (174, 217), (194, 227)),)),
        Line((502, 192), (((484, 206), (466, 217), (446, 227)),)),
    ),
    7,
)

DRESS = Garment(
    "dress",
    "red dress",
    (
        Line(
            (276, 66),
            (
                ((270, 94), (268, 112), (262, 132)),
                ((266, 162), (276, 188), (282, 214)),
                ((262, 276), (222, 342), (190, 412)),
                ((266, 440), (374, 440), (450, 412)),
                ((418, 342), (378, 276), (358, 214)),
                ((364, 188), (374, 162), (378, 132)),
                ((372, 112), (370, 94), (364, 66)),
            ),
            "red",
        ),
        Line((276, 66), (((284, 128), (356, 128), (364, 66)),), "red"),
        Line((283, 214), (((304, 224), (336, 224), (357, 214)),), "red"),
        Line((296, 250), (((284, 304), (266, 352), (248, 398)),), "red"),
        Line((344, 250), (((356, 304), (374, 352), (392, 398)),), "red"),
    ),
    11,
)

HANDBAG = Garment(
    "handbag",
    "green handbag",
    (
        Line(
            (190, 214),
            (
                ((182, 272), (172, 330), (164, 386)),
                ((164, 402), (172, 408), (186, 410)),
                ((276, 416), (366, 416), (454, 410)),
                ((468, 408), (476, 402), (476, 386)),
                ((468, 330), (458, 272), (450, 214)),
                ((364, 206), (276, 206), (190, 214)),
            ),
            "green",
        ),
        Line((244, 206), (((252, 70), (388, 70), (396, 206)),), "green"),
        Line((190, 218), (((230, 318), (410, 318), (450, 218)),), "green"),
        Line(
            (320, 276),
            (
                ((338, 276), (346, 288), (346, 298)),
                ((346, 314), (334, 322), (320, 322)),
                ((306, 322), (294, 314), (294, 298)),
                ((294, 288), (302, 276), (320, 276)),
            ),
            "green",
        ),
    ),
    5,
)

GARMENTS = (TSHIRT, DRESS, HANDBAG)
