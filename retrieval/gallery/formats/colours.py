"""Bring the colours of a decoded picture to what screens show: eight bits of sRGB, on white paper."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms
from PIL.ExifTags import Base as Tag

from retrieval.gallery.formats.streams import MAX_PROFILE_BYTES
from retrieval.values.datatypes import UInt8Array

BAND_PIXELS = 4_000_000
GREY_MODES = frozenset({"1", "L", "LA", "La"})
PROFILES_KEPT = 16
SAME_COLOUR = 2
"""A profile that moves no colour by more levels than these is taken for sRGB, which most pictures have."""

COLOUR_CLASSES = frozenset({b"scnr", b"mntr", b"prtr", b"spac"})
ENDLESS_PART = b"mpet"
"""Profiles may hold thousands of steps of this kind; hardly any does, and those are not needed for screens."""

WHITE_IS_ZERO = 0
UNSIGNED, SIGNED, FLOATS = 1, 2, 3
"""TIFF's sample formats."""

FEWEST_OF_WHITE, FEWEST_OF_FIRST = 1 / 8, 1 / 255
"""Numbers that reach no further than this share of what may be white, or of 1 or 255, have a range of their own."""

Numbers = npt.NDArray[Any]


@dataclass(frozen=True)
class Tones:
    """Which numbers of a picture of more than eight bits are black and white."""

    black: float
    white: float

    @classmethod
    def of(cls, bands: Iterable[Numbers], tags: Mapping[int, Any]) -> Tones:
        """Choose them as viewers do: floats are 0..1, whole numbers of all their bits; what fits neither is stretched.

        Args:
            bands: every number of the picture, any shape.
            tags: of its TIFF; none for other formats, which have 16 bits.
        """
        low, high = np.inf, -np.inf
        for band in bands:
            finite = band[np.isfinite(band)] if band.dtype.kind == "f" else band
            if finite.size:
                low, high = min(low, float(finite.min())), max(high, float(finite.max()))
        kind, bits = tags.get(Tag.SampleFormat, (UNSIGNED,))[0], tags.get(Tag.BitsPerSample, (16,))[0]
        first, widest = (1.0, 65535.0) if kind == FLOATS else (255.0, 2.0 ** (bits - (kind == SIGNED)) - 1.0)
        white = next((peak for peak in (first, 255.0, min(65535.0, widest), widest) if high <= peak), high)
        is_loose = kind == FLOATS or bits > 16  # as numbers come out of calculations
        least = -high * FEWEST_OF_WHITE  # calculations overshoot a little
        if is_loose and least <= low < high < white * (FEWEST_OF_WHITE if white > first else FEWEST_OF_FIRST):
            white = high
        black = low if -np.inf < low < -white * FEWEST_OF_WHITE else 0.0
        is_white_zero = tags.get(Tag.PhotometricInterpretation) == WHITE_IS_ZERO
        return cls(white, black) if is_white_zero else cls(black, white)

    def of_bytes(self, numbers: Numbers) -> UInt8Array:
        """Numbers as levels; what is no number is black."""
        levels = (numbers.astype(np.float64) - self.black) * (255.0 / (self.white - self.black))
        return np.clip(np.nan_to_num(levels, posinf=255.0, neginf=0.0), 0.0, 255.0).astype(np.uint8)


def to_srgb(image: Image.Image) -> Image.Image:
    """Convert to RGB band by band, so that a large picture is in memory twice and not five times."""
    rows = max(1, BAND_PIXELS // max(1, image.width))
    boxes = [(0, top, image.width, min(top + rows, image.height)) for top in range(0, image.height, rows)]
    tags = getattr(image, "tag_v2", {})
    is_unsigned = image.mode == "I" and tags.get(Tag.SampleFormat) == (UNSIGNED,)  # Pillow has signs alone

    def numbers(box: tuple[int, int, int, int]) -> Numbers:
        band = np.asarray(image.crop(box))
        return band.view(np.uint32) if is_unsigned else band

    is_wide = image.mode.startswith("I;16") or image.mode in {"I", "F"}
    tones = Tones.of(map(numbers, boxes), tags) if is_wide else None
    profile = image.info.get("icc_profile")
    rgb = Image.new("RGB", image.size)
    for box in boxes:
        band = Image.fromarray(tones.of_bytes(numbers(box))) if tones else image.crop(box)
        rgb.paste(_band_to_srgb(band, profile if isinstance(profile, bytes) else b""), box)
    return rgb


def _band_to_srgb(band: Image.Image, profile: bytes) -> Image.Image:
    is_grey = band.mode in GREY_MODES
    if "A" in band.getbands() or "transparency" in band.info:
        rgba = band.convert("RGBA")
        paper = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        band = Image.alpha_composite(paper, rgba)
    mode, transform = transform_of(profile)
    if band.mode == "LAB":
        mode, transform = "LAB", _lab_to_screen()
    if transform is None or (mode == "CMYK") != (band.mode == "CMYK") or (mode == "L" and not is_grey):
        return band.convert("RGB")
    return _moved(band.convert(mode), transform)


@lru_cache(PROFILES_KEPT)
def transform_of(profile: bytes) -> tuple[str, ImageCms.ImageCmsTransform | None]:
    """What takes colours of a profile to sRGB, and Pillow's mode of those; None for sRGB itself and broken profiles."""
    mode = {b"RGB ": "RGB", b"GRAY": "L", b"CMYK": "CMYK"}.get(profile[16:20], "")
    if not mode or len(profile) > MAX_PROFILE_BYTES or profile[12:16] not in COLOUR_CLASSES or ENDLESS_PART in profile:
        return "", None
    try:
        transform = _to_screen(ImageCms.ImageCmsProfile(io.BytesIO(profile)), mode)
        if mode != "CMYK":
            shades = Image.linear_gradient("L")
            turned = [shades.transpose(way) for way in (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180)]
            seen = shades if mode == "L" else Image.merge("RGB", [shades, *turned])
            moved = np.asarray(_moved(seen, transform), np.int16) - np.asarray(seen.convert("RGB"))
            if np.abs(moved).max() <= SAME_COLOUR:
                return "", None
        return mode, transform
    except Exception:  # ImageCms raises many types on damaged profiles
        return "", None


def _moved(image: Image.Image, transform: ImageCms.ImageCmsTransform) -> Image.Image:
    moved = ImageCms.applyTransform(image, transform)
    assert moved is not None  # it is not made in place
    return moved


@lru_cache(1)
def _lab_to_screen() -> ImageCms.ImageCmsTransform:
    return _to_screen(ImageCms.createProfile("LAB"), "LAB")


def _to_screen(profile: Any, mode: str) -> ImageCms.ImageCmsTransform:
    flags = ImageCms.Flags.NOCACHE  # which several threads must not share
    return ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), mode, "RGB", flags=flags)
