"""Read picture files into RGB arrays, whatever the camera or shop made of them."""

from __future__ import annotations

import io
import threading
import warnings
from contextlib import nullcontext
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from retrieval.gallery.picture_files import load_file
from retrieval.values.datatypes import UInt8Array
from retrieval.values.errors import CatalogError, first_line

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"})

MAX_PICTURE_PIXELS = 120_000_000
"""Larger pictures are refused before they are decoded (decompression bombs)."""

PICTURE_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
"""Whatever its name, a file is tried as one of these; others, such as EPS, would start further programs."""

MAX_JPEG_SCANS = 100
"""Progressive JPEGs have about ten scans; a few kilobytes can hold thousands, each as slow as a whole picture."""

BAND_PIXELS = 4_000_000
LARGE_PICTURE_PIXELS = 16_000_000
"""Larger pictures are decoded one at a time, so that several of them do not fill the memory."""

TIFF_TILE_WIDTH, TIFF_TILE_LENGTH = 322, 323

_LARGE = threading.Lock()

warnings.filterwarnings("ignore", module=r"PIL\.")  # its remarks about damaged files, which concern nobody here


def read_picture(source: Path | bytes, name: str = "", max_side_px: int | None = None) -> UInt8Array:
    """Decode a picture as it should be seen.

    EXIF rotation is applied, transparency lies on white, grey, palette, CMYK and 16-bit pictures become
    8-bit RGB, an animation gives its first frame.

    Args:
        source: a path or the encoded bytes.
        name: how errors name the picture; the path when empty.
        max_side_px: shrink so that the longer side is at most this (JPEGs are then decoded faster).
    Returns:
        uint8 (H, W, 3) RGB.
    Raises:
        CatalogError: if it cannot be read or decoded or is larger than ``MAX_PICTURE_PIXELS``.
    """
    label = name or (str(source) if isinstance(source, Path) else "picture")
    data = source if isinstance(source, bytes) else load_file(source, label).data
    try:
        if data.startswith(b"\xff\xd8") and data.count(b"\xff\xda") > MAX_JPEG_SCANS:  # starts of scans
            raise CatalogError(f"{label} has more than {MAX_JPEG_SCANS} scans: it would take minutes", "Save it again.")
        with Image.open(io.BytesIO(data), formats=PICTURE_FORMATS) as image:
            tags = getattr(image, "tag_v2", {})
            tile_wh = tags.get(TIFF_TILE_WIDTH, 0), tags.get(TIFF_TILE_LENGTH, 0)  # may be said larger than the picture
            for (width, height), most in ((image.size, MAX_PICTURE_PIXELS), (tile_wh, LARGE_PICTURE_PIXELS)):
                if width * height > most:
                    what = f"expected at most {most:,} pixels, got {width} x {height}"
                    raise CatalogError(f"{label} is too large: {what}", "Shrink it first.")
            if max_side_px is not None:
                image.draft("RGB", (max_side_px, max_side_px))
            with _LARGE if image.width * image.height > LARGE_PICTURE_PIXELS else nullcontext():
                ImageOps.exif_transpose(image, in_place=True)
                upright = _to_rgb(image)
                if max_side_px is not None:  # after the conversion: palette pictures cannot be averaged
                    upright.thumbnail((max_side_px, max_side_px), Image.Resampling.BOX)
                return np.asarray(upright)
    except CatalogError:
        raise
    except UnidentifiedImageError as error:  # its own text names memory addresses
        raise CatalogError(f"{label} is not a picture that can be read", "Replace or remove it.") from error
    except Exception as error:  # Pillow's decoders raise many types on damaged files
        reason = first_line(error).rstrip(".")
        raise CatalogError(f"{label} cannot be read as a picture: {reason}", "Replace or remove it.") from error


def _to_rgb(image: Image.Image) -> Image.Image:
    """Convert band by band, so that a large picture is in memory twice and not five times."""
    rows = max(1, BAND_PIXELS // max(1, image.width))
    boxes = [(0, top, image.width, min(top + rows, image.height)) for top in range(0, image.height, rows)]
    peak = 0.0
    if image.mode.startswith("I;16") or image.mode in {"I", "F"}:
        peak = 65535.0 if any(np.asarray(image.crop(box)).max(initial=0) > 255 for box in boxes) else 255.0
    rgb = Image.new("RGB", image.size)
    for box in boxes:
        rgb.paste(_band_to_rgb(image.crop(box), peak), box)
    return rgb


def _band_to_rgb(image: Image.Image, peak: float) -> Image.Image:
    if peak:
        grey = np.clip(np.asarray(image).astype(np.float32) / peak * 255.0, 0, 255).astype(np.uint8)
        return Image.fromarray(grey).convert("RGB")
    if "A" in image.getbands() or "transparency" in image.info:
        rgba = image.convert("RGBA")
        paper = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        image = Image.alpha_composite(paper, rgba)
    return image.convert("RGB")
