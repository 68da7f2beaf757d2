"""Strokes to pictures: clean paper for saving and searching, and an ink layer for the camera view.

Both follow the smooth curve of ``strokes.smooth_path``.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from air_sketch.drawing.ink.ink_sheet import NOWHERE, Box, Ink, InkSheet, box_around, draw_curve, fixed_points, union
from air_sketch.drawing.sheet.strokes import SmoothPath, flatten_path, smooth_path
from air_sketch.values.datatypes import Rgb, Stroke, StrokePoint, Strokes, UInt8Array

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


class InkLayer(InkSheet):
    """The drawing as a transparent layer whose cost per frame does not grow with the drawing.

    Finished strokes are drawn once into a sheet of their own; only what was added or cut is drawn again. The layer
    shows the same and the wet stroke on it, which is drawn piece by piece as it grows. It has the size at which it
    is looked at, so that lines are sharp in a window of any size.
    """

    def __init__(self, canvas_wh: tuple[int, int], view_wh: tuple[int, int] | None = None) -> None:
        """Start empty; ``canvas_wh`` is the drawing's size, ``view_wh`` that of the pictures beneath, if other."""
        self.view_wh = view_wh or canvas_wh
        self._scale_xy = (self.view_wh[0] / canvas_wh[0], self.view_wh[1] / canvas_wh[1])
        super().__init__(self.view_wh)
        self._finished = InkSheet(self.view_wh)
        self._strokes: Strokes = ()
        self._inks: dict[int, Ink] = {}
        self._wet_box = NOWHERE
        self._wet_start: StrokePoint | None = None
        self._wet_points = 0

    def update(self, finished: Strokes, wet: Stroke | None) -> None:
        """Bring the layer up to date with the document."""
        if finished is not self._strokes:
            self._lift_wet()
            self.copy_from(self._finished, self._update_finished(finished))
        self._update_wet(wet)

    def _update_finished(self, finished: Strokes) -> Box:
        """Draw what has changed; return where that is."""
        before, known = self._strokes, self._inks
        self._strokes = finished
        self._inks = {id(s): known.get(id(s)) or self._ink(smooth_path(s.points), s) for s in finished}
        gone = [stroke for stroke in before if id(stroke) not in self._inks]
        new = [stroke for stroke in finished if id(stroke) not in known]
        if finished[: len(before)] == before and not gone:
            for stroke in new:
                self._finished.draw(self._inks[id(stroke)])
            return union(self._inks[id(stroke)].box for stroke in new)
        box = self._changed_box(gone, new)
        if box != NOWHERE:
            self._finished.redraw(self._inks.values(), box)
        self._finished.box = union(ink.box for ink in self._inks.values())
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
        ink = self._ink(path, wet)
        self.draw(ink)
        self._wet_box = union((self._wet_box, ink.box))

    def _lift_wet(self) -> None:
        """Take the wet stroke off the sheet that is shown."""
        self.copy_from(self._finished, self._wet_box)
        self._wet_box, self._wet_start, self._wet_points = NOWHERE, None, 0

    def _ink(self, path: SmoothPath, stroke: Stroke) -> Ink:
        fixed = fixed_points(flatten_path(path, FLAT_TO_PX / self._scale_xy[0]), self._scale_xy)
        width_px = stroke.width_px * self._scale_xy[0]
        return Ink(fixed, stroke.color_rgb, width_px, box_around(fixed, width_px, self.view_wh))

    def _changed_box(self, gone: Sequence[Stroke], new: Sequence[Stroke]) -> Box:
        """Return the pixels in which two sets of strokes may differ.

        A stroke that was cut keeps most of its points; only around those that went or came is the curve another.
        It depends on one neighbour on either side, and its pieces reach half-way to the next.
        """
        boxes: list[Box] = []
        shared = _inked_points(gone) & _inked_points(new)
        for stroke in (*gone, *new):
            points = stroke.points
            odd = [i for i, point in enumerate(points) if (stroke.color_rgb, stroke.width_px, point) not in shared]
            near = [points[j][:2] for i in odd for j in range(max(0, i - 2), min(len(points), i + 3))]
            if near:
                fixed = fixed_points(near, self._scale_xy)
                boxes.append(box_around(fixed, stroke.width_px * self._scale_xy[0], self.view_wh))
        return union(boxes)


def _inked_points(strokes: Sequence[Stroke]) -> set[tuple[Rgb, float, StrokePoint]]:
    return {(stroke.color_rgb, stroke.width_px, point) for stroke in strokes for point in stroke.points}
