"""What cameras and films deliver, made the one kind of picture that everything else takes."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from air_sketch.values.datatypes import UInt8Array

LONGEST_SIDE_PX, MOST_PIXELS = 8192, 1 << 25
"""Beyond these nothing can be drawn on; 8K is just within."""

_TO_BGR = {1: cv2.COLOR_GRAY2BGR, 2: cv2.COLOR_YUV2BGR_YUY2, 4: cv2.COLOR_BGRA2BGR}
"""By number of channels; two are YUYV, what most webcams send down the wire."""


def as_bgr(image: Any) -> UInt8Array | None:
    """Return a delivered image as uint8 (H, W, 3) BGR, None when it is no picture: such a frame is lost.

    Takes grey, YUYV and BGRA too, 16 bits a channel, and floats of 0..1 or 0..255. Honest frames are handed on as they
    are, after a look at their type and shape.
    """
    if not isinstance(image, np.ndarray) or image.ndim not in (2, 3) or not fits(image.shape[1], image.shape[0]):
        return None
    if image.dtype != np.uint8 and (image := _in_bytes(image)) is None:
        return None
    channels = image.shape[2] if image.ndim == 3 else 1
    if channels == 3:
        return np.ascontiguousarray(image)
    try:
        return np.asarray(cv2.cvtColor(image, _TO_BGR[channels]), np.uint8)
    except (KeyError, cv2.error):  # YUYV of an odd width
        return None


def fits(width_px: float, height_px: float) -> bool:
    """Whether a picture of this size can be drawn on."""
    shortest, longest = sorted((width_px, height_px))
    return shortest >= 1 and longest <= LONGEST_SIDE_PX and width_px * height_px <= MOST_PIXELS


def _in_bytes(image: Any) -> Any:
    """Return wider values as bytes, None for a type that no camera gives."""
    if image.dtype == np.uint16:
        return (image >> 8).astype(np.uint8)
    if image.dtype not in (np.float32, np.float64):
        return None
    values = np.nan_to_num(image, posinf=0.0, neginf=0.0)
    return np.clip(values * (255.0 if values.max() <= 1.0 else 1.0), 0.0, 255.0).astype(np.uint8)
