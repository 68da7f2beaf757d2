"""TIFFs that Pillow does not know and OpenCV does: coloured floats, doubles, some whole numbers, plain YCbCr."""

from __future__ import annotations

import io
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image
from PIL.ExifTags import Base as Tag
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from retrieval.gallery.formats.colours import BAND_PIXELS, FLOATS, SIGNED, UNSIGNED, Tones

WIDE_TIFF_STARTS = (b"II*\0", b"MM\0*")
MAX_DECODED_BYTES = 1 << 29
KINDS = {(FLOATS, 32), (FLOATS, 64), (SIGNED, 16), (SIGNED, 32), (UNSIGNED, 16), (UNSIGNED, 8)}
"""Sample formats and bits of a number."""


def read_wide_tiff(data: bytes, check_size: Callable[[tuple[int, int]], None]) -> Image.Image:
    """Decode such a TIFF to eight bits.

    Args:
        data: all of the file.
        check_size: raises when so many pixels (width, height) are too many.
    Raises:
        ValueError: if it is of another kind, too large or damaged.
    """
    tags = ImageFileDirectory_v2(data[:8])
    stream = io.BytesIO(data)
    stream.seek(first := tags.next)
    tags.load(stream)
    order = "<u2" if data.startswith(b"II") else ">u2"
    count = int(np.frombuffer(data, order, 1, first)[0])
    written = np.frombuffer(data, [("tag", order), ("value", "V10")], count, first + 2)["tag"]
    if len(np.unique(written)) < count:  # Pillow takes the last of them, OpenCV the first: of another size
        raise ValueError("it says the same thing twice")
    wh = int(tags[Tag.ImageWidth]), int(tags[Tag.ImageLength])
    check_size(wh)
    bits = tags.get(Tag.BitsPerSample, (1,))
    if (tags.get(Tag.SampleFormat, (UNSIGNED,))[0], bits[0]) not in KINDS:
        raise ValueError("its kind of TIFF is not known")
    channels = max(len(bits), int(tags.get(Tag.SamplesPerPixel, 1)))
    if (size := wh[0] * wh[1] * channels * bits[0] // 8) > MAX_DECODED_BYTES:
        raise ValueError(f"expected at most {MAX_DECODED_BYTES:,} bytes of numbers, got {size:,}")
    loudness = cv2.setLogLevel(0)  # of what it has to say about damaged files
    numbers = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)  # turned, too
    cv2.setLogLevel(loudness)
    if numbers is None:
        raise ValueError("it is damaged, or its kind of TIFF is not known")
    if numbers.dtype.kind == "f":  # its own numbers may be logarithms
        tags[Tag.SampleFormat] = (FLOATS,)
    parts = np.array_split(numbers, -(-numbers.size // BAND_PIXELS))
    tones = Tones.of(parts, tags)
    levels = np.concatenate([tones.of_bytes(part) for part in parts])
    if levels.ndim == 3:
        levels = levels[:, :, [2, 1, 0, 3][: levels.shape[2]]]  # OpenCV has blue first
    image = Image.fromarray(levels)
    image.info["icc_profile"] = tags.get(Tag.InterColorProfile)
    return image
