"""Strokes to pictures: clean paper for saving and searching, and an ink layer for the camera view.

Lines are drawn with OpenCV's anti-aliasing at sub-pixel positions (``shift``) along the smooth curve of
``strokes.smooth_path``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from air_sketch.datatypes import Float32Array, Stroke, UInt8Array
from air_sketch.strokes import sample_path, smooth_path

_SHIFT = 4
_SUBPIXELS = 1 << _SHIFT
_PAPER_OVERSAMPLING = 2
_REDRAW_PADDING_PX = 12  # OpenCV bends lines a little where it clips them; that happens outside of what is kept
Box = tuple[int, int, int, int]
"""left, top, right, bottom in pixels; right and bottom excluded."""


def render_paper(strokes: Sequence[Stroke], canvas_wh: tuple[int, int]) -> UInt8Array:
    """Draw strokes on white paper.

    Returns:
        uint8 RGB (H, W, 3); later strokes lie over earlier ones.
    """
    width_px, height_px = canvas_wh
    scale = _PAPER_OVERSAMPLING
    paper = np.full((height_px * scale, width_px * scale, 3), 255, dtype=np.uint8)
    for stroke in strokes:
        draw_curve(paper, _curve(stroke) * scale, stroke.color_rgb, stroke.width_px * scale)
    smaller = cv2.resize(paper, canvas_wh, interpolation=cv2.INTER_AREA)
    return np.asarray(smaller, dtype=np.uint8)


def draw_curve(image: UInt8Array, curve_px: Float32Array, color: tuple[int, int, int] | int, width_px: float) -> None:
    """Draw one sampled curve with round ends into an image, in place.

    Args:
        image: uint8 (H, W, 3) or (H, W).
        curve_px: float32 (N, 2), N >= 1; one point makes a dot.
        color: in the image's own channel order.
        width_px: line width.
    """
    fixed = np.round(np.clip(curve_px, -30000, 30000) * _SUBPIXELS).astype(np.int32)
    ink = (color,) if isinstance(color, int) else color
    if len(fixed) < 2:
        radius = max(1, round(width_px / 2.0 * _SUBPIXELS))
        cv2.circle(image, (int(fixed[0][0]), int(fixed[0][1])), radius, ink, cv2.FILLED, cv2.LINE_AA, _SHIFT)
        return
    cv2.polylines(image, [fixed[:, None]], False, ink, max(1, round(width_px)), cv2.LINE_AA, _SHIFT)


class InkLayer:
    """The drawing as a transparent layer whose cost per frame does not grow with the drawing.

    Finished strokes are drawn once into a cache; only what was added or cut is drawn again. The wet stroke is
    drawn piece by piece as it grows. Colours are kept in BGR for OpenCV's pictures.
    """

    def __init__(self, canvas_wh: tuple[int, int]) -> None:
        """Start empty, ``canvas_wh`` pixels."""
        self._canvas_wh = canvas_wh
        self._finished = _Sheet(canvas_wh)
        self._wet = _Sheet(canvas_wh)
        self._drawn: tuple[Stroke, ...] = ()
        self._curves: dict[int, Float32Array] = {}
        self._wet_start: tuple[float, float, float] | None = None
        self._wet_points = 0

    def update(self, finished: tuple[Stroke, ...], wet: Stroke | None) -> None:
        """Bring the layer up to date with the document."""
        if finished is not self._drawn:
            self._update_finished(finished)
        self._update_wet(wet)

    def blend_onto(self, image_bgr: UInt8Array) -> None:
        """Lay the ink over a picture of the canvas' size, in place."""
        self._finished.blend_onto(image_bgr)
        self._wet.blend_onto(image_bgr)

    def _update_finished(self, finished: tuple[Stroke, ...]) -> None:
        kept = {id(stroke) for stroke in finished}
        known = {id(stroke) for stroke in self._drawn}
        gone = [stroke for stroke in self._drawn if id(stroke) not in kept]
        new = [stroke for stroke in finished if id(stroke) not in known]
        in_order = [id(s) for s in finished if id(s) in known] == [id(s) for s in self._drawn if id(s) in kept]
        appended = in_order and not gone and finished[: len(self._drawn)] == self._drawn
        self._drawn = finished
        self._curves = {key: curve for key, curve in self._curves.items() if key in kept}
        self._curves |= {id(stroke): _curve(stroke) for stroke in new}
        if appended:
            for stroke in new:
                self._finished.draw(self._curves[id(stroke)], stroke)
            return
        box = _changed_box(gone, new, self._canvas_wh) if in_order else None
        touched = [s for s in finished if _touches(s, box, self._canvas_wh)]
        self._finished.redraw([(self._curves[id(s)], s) for s in touched], box)

    def _update_wet(self, wet: Stroke | None) -> None:
        if wet is None:
            if self._wet_start is not None:
                self._wet.clear()
            self._wet_start, self._wet_points = None, 0
            return
        if wet.points[0] != self._wet_start or len(wet.points) < self._wet_points:
            self._wet.clear()
            self._wet_start, self._wet_points = wet.points[0], 0
        if len(wet.points) > self._wet_points or self._wet_points == 0:
            overlap = max(0, self._wet_points - 3)
            self._wet.draw(sample_path(smooth_path(wet.points[overlap:])), wet)
            self._wet_points = len(wet.points)


class _Sheet:
    """Premultiplied ink and its transparency, with the box that holds ink."""

    def __init__(self, canvas_wh: tuple[int, int]) -> None:
        width_px, height_px = canvas_wh
        self._ink_bgr = np.zeros((height_px, width_px, 3), dtype=np.uint8)
        self._clear_bgr = np.full((height_px, width_px, 3), 255, dtype=np.uint8)
        self._box: Box | None = None

    def clear(self) -> None:
        if self._box is not None:
            left, top, right, bottom = self._box
            self._ink_bgr[top:bottom, left:right] = 0
            self._clear_bgr[top:bottom, left:right] = 255
        self._box = None

    def draw(self, curve_px: Float32Array, stroke: Stroke) -> None:
        """Draw one curve over what is there; ink and transparency get the same anti-aliased edge."""
        height_px, width_px = self._ink_bgr.shape[:2]
        box = _box_of_curve(curve_px, stroke.width_px, (width_px, height_px))
        if box is None:
            return
        red, green, blue = stroke.color_rgb
        draw_curve(self._ink_bgr, curve_px, (blue, green, red), stroke.width_px)
        draw_curve(self._clear_bgr, curve_px, (0, 0, 0), stroke.width_px)
        self._box = box if self._box is None else _union([self._box, box])

    def redraw(self, curves: list[tuple[Float32Array, Stroke]], box: Box | None) -> None:
        """Empty a box (None: everything) and draw the curves that touch it, clipped to it."""
        if box is None:
            self.clear()
            for curve_px, stroke in curves:
                self.draw(curve_px, stroke)
            return
        left, top, right, bottom = box
        pad = _REDRAW_PADDING_PX
        ink = np.zeros((bottom - top + 2 * pad, right - left + 2 * pad, 3), dtype=np.uint8)
        clear = np.full_like(ink, 255)
        offset = np.array([left - pad, top - pad], dtype=np.float32)
        for curve_px, stroke in curves:
            red, green, blue = stroke.color_rgb
            draw_curve(ink, curve_px - offset, (blue, green, red), stroke.width_px)
            draw_curve(clear, curve_px - offset, (0, 0, 0), stroke.width_px)
        self._ink_bgr[top:bottom, left:right] = ink[pad:-pad, pad:-pad]
        self._clear_bgr[top:bottom, left:right] = clear[pad:-pad, pad:-pad]
        if curves:
            self._box = box if self._box is None else _union([self._box, box])

    def blend_onto(self, image_bgr: UInt8Array) -> None:
        if self._box is None:
            return
        left, top, right, bottom = self._box
        target = image_bgr[top:bottom, left:right]
        dimmed = cv2.multiply(target, self._clear_bgr[top:bottom, left:right], scale=1.0 / 255.0)
        cv2.add(dimmed, self._ink_bgr[top:bottom, left:right], dst=target)
        if not np.shares_memory(target, image_bgr):  # pragma: no cover - cv2 writes into the view
            image_bgr[top:bottom, left:right] = target


def _curve(stroke: Stroke) -> Float32Array:
    return sample_path(smooth_path(stroke.points))


def _changed_box(gone: Sequence[Stroke], new: Sequence[Stroke], canvas_wh: tuple[int, int]) -> Box | None:
    """Return the pixels in which two sets of strokes may differ.

    A stroke that was cut keeps most of its points; only around those that went or came is the curve another. It
    depends on one neighbour on either side, and its pieces reach half-way to the next.
    """
    boxes: list[Box | None] = []
    for these, others in ((gone, new), (new, gone)):
        shared = {(stroke.color_rgb, stroke.width_px, point) for stroke in others for point in stroke.points}
        for stroke in these:
            pen, points = (stroke.color_rgb, stroke.width_px), stroke.points
            odd = [i for i, point in enumerate(points) if (*pen, point) not in shared]
            near = [points[j] for i in odd for j in range(max(0, i - 2), min(len(points), i + 3))]
            if near:
                around = np.array([point[:2] for point in near], dtype=np.float32)
                boxes.append(_box_of_curve(around, stroke.width_px, canvas_wh))
    return _union(boxes)


def _box(stroke: Stroke, canvas_wh: tuple[int, int]) -> Box | None:
    corners = np.array(stroke.bounds_px, dtype=np.float32).reshape(2, 2)
    return _box_of_curve(corners, stroke.width_px, canvas_wh)


def _box_of_curve(curve_px: Float32Array, width_px: float, canvas_wh: tuple[int, int]) -> Box | None:
    """Return the pixels that a curve may touch, None when it lies off the canvas."""
    margin = width_px / 2.0 + 2.0
    low, high = curve_px.min(axis=0) - margin, curve_px.max(axis=0) + margin
    left, top = max(0, math.floor(low[0])), max(0, math.floor(low[1]))
    right, bottom = min(canvas_wh[0], math.ceil(high[0])), min(canvas_wh[1], math.ceil(high[1]))
    return (left, top, right, bottom) if left < right and top < bottom else None


def _union(boxes: Sequence[Box | None]) -> Box | None:
    real = [box for box in boxes if box is not None]
    if not real:
        return None
    lefts, tops, rights, bottoms = zip(*real, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _touches(stroke: Stroke, box: Box | None, canvas_wh: tuple[int, int]) -> bool:
    own = _box(stroke, canvas_wh)
    if box is None or own is None:
        return box is None
    return own[0] < box[2] and box[0] < own[2] and own[1] < box[3] and box[1] < own[3]
