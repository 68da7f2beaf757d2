"""Views of one still picture that show a missed hand better, each with the way back to the picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from air_sketch.values.datatypes import UInt8Array
from air_sketch.values.hand import OPPOSITE_HAND, HandObservation

ToPicture = Callable[[HandObservation], HandObservation]


def views(image_bgr: UInt8Array) -> Iterator[tuple[UInt8Array, ToPicture]]:
    """Yield the picture itself, then views that show a missed hand better, each with the way back.

    Mirrored: the palm detector is not symmetric. A grey margin: hands that are large or cut by the edge. A blur:
    noisy or dark pictures. Zooms: small hands far away.
    """
    height_px, width_px = image_bgr.shape[:2]
    yield image_bgr, lambda found: found
    yield np.ascontiguousarray(image_bgr[:, ::-1]), _unflipped
    margin_px = max(height_px, width_px) // 2
    grey = (127, 127, 127)
    margins = (margin_px, margin_px, margin_px, margin_px)
    padded = _pixels(cv2.copyMakeBorder(image_bgr, *margins, cv2.BORDER_CONSTANT, value=grey))
    yield padded, _from_box(-margin_px, -margin_px, width_px, height_px)
    yield _pixels(cv2.GaussianBlur(image_bgr, (5, 5), 0)), lambda found: found
    for left, top in ((0.35, 0.0), (0.0, 0.0), (0.2, 0.2)):
        x_px, y_px = int(left * width_px), int(top * height_px)
        part = image_bgr[y_px : y_px + int(0.8 * height_px), x_px : x_px + int(0.65 * width_px)]
        if min(part.shape[:2]) >= 32:
            zoomed = _pixels(cv2.resize(part, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC))
            yield zoomed, _from_box(x_px, y_px, width_px, height_px, zoom=1.5)


def _pixels(image: Any) -> UInt8Array:
    """Give one of OpenCV's results its type back."""
    return np.asarray(image, dtype=np.uint8)


def _unflipped(found: HandObservation) -> HandObservation:
    """Mirror an observation back, and name the other hand."""
    landmarks, world = found.landmarks_norm.copy(), found.world_landmarks_m.copy()
    landmarks[:, 0] = 1.0 - landmarks[:, 0]
    world[:, 0] = -world[:, 0]
    return replace(found, landmarks_norm=landmarks, world_landmarks_m=world, handedness=OPPOSITE_HAND[found.handedness])


def _from_box(left_px: int, top_px: int, width_px: int, height_px: int, zoom: float = 1.0) -> ToPicture:
    """Return the map from a cut-out (or a margin) back to the whole picture."""

    def to_picture(found: HandObservation) -> HandObservation:
        view_wh = np.array(found.frame_wh, dtype=np.float32) / zoom
        landmarks = found.landmarks_norm.copy()
        landmarks[:, :2] = (landmarks[:, :2] * view_wh + (left_px, top_px)) / (width_px, height_px)
        landmarks[:, 2] *= view_wh[0] / width_px
        return replace(found, landmarks_norm=landmarks, frame_wh=(width_px, height_px))

    return to_picture
