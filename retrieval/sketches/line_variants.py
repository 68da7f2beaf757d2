"""The line drawings that every training photo gets."""

from __future__ import annotations

from retrieval.sketches import edges
from retrieval.values.datatypes import BoolArray, UInt8Array

VARIANTS = ("canny_fine", "canny_medium", "canny_sparse", "contour")


def draw_variants(photo_rgb: UInt8Array, title: str) -> list[BoolArray]:
    """Derive one line drawing per entry of ``VARIANTS`` from a photo, fitted to the line grid."""
    grid, _ = edges.place_photo(photo_rgb)
    drawings = (
        edges.canny_lines(grid, title, detail=1.0),
        edges.canny_lines(grid, title, detail=0.5),
        edges.canny_lines(grid, title, detail=0.15),
        edges.contour_lines(grid),
    )
    return [edges.recenter(lines) for lines in drawings]
