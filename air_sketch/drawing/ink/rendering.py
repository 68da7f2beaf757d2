"""Strokes to pictures: clean paper for saving and searching, and an ink layer for the camera view.

Both follow the smooth curve of ``strokes.smooth_path``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from air_sketch.drawing.ink.ink_sheet import (
    Box,
    Ink,
    InkSheet,
    box_around,
    draw_curve,
    fixed_points,
    overlap,
    union,
)
from air_sketch.drawing.sheet.strokes import SmoothPath, flatten_path, smooth_path
from air_sketch.values.datatypes import BoundsPx, Stroke, StrokePoint, Strokes, UInt8Array

FLAT_TO_PX = 0.1  # how far a drawn line may leave the curve, in pixels of the picture
_PAPER_OVERSAMPLING = 2


def render_paper(strokes: Sequence[Stroke], canvas_wh: tuple[int, int]) -> UInt8Array:
    """Draw strokes on white paper.

    Returns:
        uint8 RGB (H, W, 3); later strokes lie over earlier ones.
    """
    width_px, height_px = canvas_wh
    scale = _PAPER_OVERSAMPLING
    paper = np.full((height_px * scale, width_px * scale, 3), 255, dtype=np.uint8)
    for stroke in strokes:
        curve_px = flatten_path(smooth_path(stroke.points), FLAT_TO_PX / scale)
        draw_curve(paper, fixed_points(curve_px, (scale, scale)), stroke.color_rgb, stroke.width_px * scale)
    smaller = cv2.resize(paper, canvas_wh, interpolation=cv2.INTER_AREA)
    return np.asarray(smaller, dtype=np.uint8)


@dataclass(frozen=True)
class _Drawn:
    """A finished stroke, ready to be drawn: its ink, and the pixels that it may touch."""

    ink: Ink
    box: Box | None


class InkLayer:
    """The drawing as a transparent layer whose cost per frame does not grow with the drawing.

    Finished strokes are drawn once into a sheet; only what was added or cut is drawn again. A second sheet shows
    the same and the wet stroke on it, which is drawn piece by piece as it grows. The layer has the size at which
    it is looked at, so that lines are sharp in a window of any size.
    """

    def __init__(self, canvas_wh: tuple[int, int], view_wh: tuple[int, int] | None = None) -> None:
        """Start empty.

        Args:
            canvas_wh: size of the drawing in pixels, in which strokes count.
            view_wh: size of the pictures that the ink is laid over; None for the canvas' own.
        """
        self.view_wh = view_wh or canvas_wh
        self._scale_xy = (self.view_wh[0] / canvas_wh[0], self.view_wh[1] / canvas_wh[1])
        self._finished = InkSheet(self.view_wh)
        self._shown = InkSheet(self.view_wh)
        self._strokes: Strokes = ()
        self._drawn: dict[int, _Drawn] = {}
        self._wet_box: Box | None = None
        self._wet_start: StrokePoint | None = None
        self._wet_points = 0

    def update(self, finished: Strokes, wet: Stroke | None) -> None:
        """Bring the layer up to date with the document."""
        if finished is not self._strokes:
            self._lift_wet()
            self._shown.copy_from(self._finished, self._update_finished(finished))
        self._update_wet(wet)

    def blend_onto(self, image_bgr: UInt8Array) -> None:
        """Lay the ink over a picture of the view's size, in place."""
        self._shown.blend(image_bgr, image_bgr)

    def blend(self, picture_bgr: UInt8Array, into_bgr: UInt8Array) -> None:
        """Write a picture of the view's size with the ink over it somewhere else."""
        self._shown.blend(picture_bgr, into_bgr)

    def _update_finished(self, finished: Strokes) -> Box | None:
        """Draw what has changed; return where that is."""
        before, self._strokes = self._strokes, finished
        kept, known = {id(stroke) for stroke in finished}, {id(stroke) for stroke in before}
        gone = [stroke for stroke in before if id(stroke) not in kept]
        new = [stroke for stroke in finished if id(stroke) not in known]
        in_order = [id(s) for s in finished if id(s) in known] == [id(s) for s in before if id(s) in kept]
        old_drawn = self._drawn
        self._drawn = {id(s): old_drawn[id(s)] if id(s) in known else self._prepare(s) for s in finished}
        if in_order and not gone and finished[: len(before)] == before:
            for stroke in new:
                self._finished.draw(self._drawn[id(stroke)].ink, self._drawn[id(stroke)].box)
            return union([self._drawn[id(stroke)].box for stroke in new])
        whole = union([drawn.box for drawn in (*old_drawn.values(), *self._drawn.values())])
        box = self._changed_box(gone, new) if in_order else whole
        if box is not None:
            touched = [drawn.ink for drawn in self._drawn.values() if overlap(drawn.box, box)]
            self._finished.redraw(touched, box)
        self._finished.box = union([drawn.box for drawn in self._drawn.values()])
        return box

    def _update_wet(self, wet: Stroke | None) -> None:
        if wet is None or wet.points[0] != self._wet_start or len(wet.points) < self._wet_points:
            self._lift_wet()
        if wet is None or len(wet.points) == self._wet_points:
            return
        piece = wet.points[max(0, self._wet_points - 2) :]
        path = smooth_path(piece)
        if self._wet_points >= 2:  # up to the middle of its first two points the curve is there already
            path = SmoothPath(path.pieces[0][1], path.pieces[1:])
        self._wet_start, self._wet_points = wet.points[0], len(wet.points)
        box = self._box(_bounds(piece), wet.width_px)
        self._shown.draw(self._ink(path, wet), box)
        self._wet_box = union((self._wet_box, box))

    def _lift_wet(self) -> None:
        """Take the wet stroke off the sheet that is shown."""
        if self._wet_start is not None:
            self._shown.copy_from(self._finished, self._wet_box)
        self._wet_box, self._wet_start, self._wet_points = None, None, 0

    def _prepare(self, stroke: Stroke) -> _Drawn:
        return _Drawn(self._ink(smooth_path(stroke.points), stroke), self._box(stroke.bounds_px, stroke.width_px))

    def _ink(self, path: SmoothPath, stroke: Stroke) -> Ink:
        curve_px = flatten_path(path, FLAT_TO_PX / self._scale_xy[0])
        return fixed_points(curve_px, self._scale_xy), stroke.color_rgb, stroke.width_px * self._scale_xy[0]

    def _box(self, bounds_px: BoundsPx, width_px: float) -> Box | None:
        """Return the view's pixels that a curve through points within these bounds may touch."""
        x, y = self._scale_xy
        scaled = (bounds_px[0] * x, bounds_px[1] * y, bounds_px[2] * x, bounds_px[3] * y)
        return box_around(scaled, width_px * x, self.view_wh)

    def _changed_box(self, gone: Sequence[Stroke], new: Sequence[Stroke]) -> Box | None:
        """Return the pixels in which two sets of strokes may differ.

        A stroke that was cut keeps most of its points; only around those that went or came is the curve another.
        It depends on one neighbour on either side, and its pieces reach half-way to the next.
        """
        boxes: list[Box | None] = []
        for these, others in ((gone, new), (new, gone)):
            shared = {(stroke.color_rgb, stroke.width_px, point) for stroke in others for point in stroke.points}
            for stroke in these:
                pen, points = (stroke.color_rgb, stroke.width_px), stroke.points
                odd = [i for i, point in enumerate(points) if (*pen, point) not in shared]
                near = [points[j] for i in odd for j in range(max(0, i - 2), min(len(points), i + 3))]
                if near:
                    boxes.append(self._box(_bounds(near), stroke.width_px))
        return union(boxes)


def _bounds(points: Sequence[StrokePoint]) -> BoundsPx:
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return min(xs), min(ys), max(xs), max(ys)
