"""Still pictures, and the hand in one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress

import cv2
import numpy as np
from PIL import Image, ImageOps

from air_sketch.hands.tracker import Landmarker
from air_sketch.values.datatypes import UInt8Array
from air_sketch.values.hand import HandObservation

PICTURE_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
MAX_SIDE_PX = 1600
"""Larger photos are reduced; the networks look at 192 and 224 pixels anyway."""


def decode_picture(data: bytes) -> UInt8Array | None:
    """Decode a picture to BGR, turned upright and reduced to a sensible size; None when it is none.

    For scripts that look at hands; the program's own pictures are read with more care, by ``PictureReader``.
    """
    try:
        with Image.open(io.BytesIO(data), formats=PICTURE_FORMATS) as image:
            with suppress(Exception):  # of damaged EXIF; it is turned by then
                ImageOps.exif_transpose(image, in_place=True)
            rgb = image.convert("RGB")
    except Exception:  # Pillow's decoders raise many types on damaged files
        return None
    rgb.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX), Image.Resampling.BOX)
    return np.ascontiguousarray(np.asarray(rgb)[:, :, ::-1])


def find_hand(landmarker: Landmarker, image_bgr: UInt8Array) -> HandObservation | None:
    """Return the hand as the first view shows it that does; its fingers are stretched as far in every view."""
    looks = (landmarker.look(view_bgr, mirrored=False) for view_bgr in views(image_bgr))
    return next(filter(None, looks), None)


def views(image_bgr: UInt8Array) -> Iterator[UInt8Array]:
    """Yield the picture itself, then views that show a missed hand better.

    Mirrored: the palm detector is not symmetric. A grey margin: hands that are large or cut by the edge. A blur:
    noisy or dark pictures. Zooms: small hands far away.
    """
    yield image_bgr
    yield image_bgr[:, ::-1]
    height_px, width_px = image_bgr.shape[:2]
    margin_px = max(height_px, width_px) // 2
    margins = ((margin_px, margin_px), (margin_px, margin_px), (0, 0))
    yield np.pad(image_bgr, margins, constant_values=127)
    yield np.asarray(cv2.GaussianBlur(image_bgr, (5, 5), 0), np.uint8)
    for left, top in ((0.35, 0.0), (0.0, 0.0), (0.2, 0.2)):
        x_px, y_px = int(left * width_px), int(top * height_px)
        part = image_bgr[y_px : y_px + int(0.8 * height_px), x_px : x_px + int(0.65 * width_px)]
        if min(part.shape[:2]) >= 32:
            yield np.asarray(cv2.resize(part, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC), np.uint8)
