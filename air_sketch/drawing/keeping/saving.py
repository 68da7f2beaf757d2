"""Saves a drawing as PNG, SVG and JSON, each in one piece or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import cv2

from air_sketch.drawing.ink.rendering import render_paper
from air_sketch.drawing.sheet.strokes import smooth_path
from air_sketch.files import cannot_save, write_atomically
from air_sketch.values.datatypes import Rgb, Stroke, UInt8Array


def save_drawing(strokes: Sequence[Stroke], canvas_wh: tuple[int, int], folder: Path, stamp: str) -> Path:
    """Write ``STAMP.png``, ``.svg`` and ``.json`` into a folder, which is made when missing; return the PNG's path.

    Nothing is ever overwritten, by other programs neither: a stamp already in use gets ``-2``, ``-3`` ... after it.

    Raises:
        StorageError: if the folder cannot be written; the drawing in memory is untouched.
    """
    document = {
        "format": "air-sketch-strokes",
        "version": 1,
        "canvas_wh": canvas_wh,
        "strokes": [stroke_to_json(stroke) for stroke in strokes],
    }
    with _free_stem(folder, stamp) as stem:
        write_atomically(folder / f"{stem}.json", json.dumps(document, indent=1).encode())
        write_atomically(folder / f"{stem}.svg", svg_text(strokes, canvas_wh).encode())
        write_png(render_paper(strokes, canvas_wh), folder / f"{stem}.png")
    return folder / f"{stem}.png"


@contextmanager
def _free_stem(folder: Path, stamp: str) -> Iterator[str]:
    """Give a name that nothing in a folder has, nor gets from another program meanwhile: a hidden file claims it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_save(folder, error) from None
    for number in count(1):
        stem = stamp if number == 1 else f"{stamp}-{number}"
        claim = folder / f".{stem}.claim"
        try:
            claim.touch(exist_ok=False)
        except FileExistsError:
            continue
        except OSError as error:
            raise cannot_save(folder, error) from None
        try:
            if not any(os.path.lexists(folder / f"{stem}{suffix}") for suffix in (".png", ".svg", ".json")):
                yield stem
                return
        finally:
            claim.unlink(missing_ok=True)


def stroke_to_json(stroke: Stroke) -> dict[str, Any]:
    """Return ``{"tool", "color", "width_px", "points": [[x_px, y_px, t_s], ...]}``; colour as "#rrggbb"."""
    return {
        "tool": "pen",
        "color": hex_color(stroke.color_rgb),
        "width_px": round(stroke.width_px, 3),
        "points": [[round(x, 3), round(y, 3), round(t, 6)] for x, y, t in stroke.points],
    }


def svg_text(strokes: Sequence[Stroke], canvas_wh: tuple[int, int]) -> str:
    """Return the drawing as SVG: one path a stroke, the same curve that the PNG shows."""
    width_px, height_px = canvas_wh
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width_px}" height="{height_px}" '
        f'viewBox="0 0 {width_px} {height_px}">',
        f'<rect width="{width_px}" height="{height_px}" fill="#ffffff"/>',
    ]
    for stroke in strokes:
        lines.append(
            f'<path d="{_path_data(stroke)}" fill="none" stroke="{hex_color(stroke.color_rgb)}" '
            f'stroke-width="{stroke.width_px:.2f}" stroke-linecap="round" stroke-linejoin="round"/>'
        )
    return "\n".join([*lines, "</svg>", ""])


def hex_color(color_rgb: Rgb) -> str:
    """Return "#rrggbb"."""
    return "#{:02x}{:02x}{:02x}".format(*color_rgb)


def write_png(image_rgb: UInt8Array, path: Path) -> None:
    """Write an RGB picture as PNG, atomically.

    Raises:
        StorageError: if it cannot be written.
    """
    _, data = cv2.imencode(".png", cv2.cvtColor(image_rgb, cv2.COLOR_RGB2BGR))
    write_atomically(path, data.tobytes())


def _path_data(stroke: Stroke) -> str:
    path = smooth_path(stroke.points)
    parts = [f"M{path.start[0]:.2f} {path.start[1]:.2f}"]
    parts += [f"Q{c[0]:.2f} {c[1]:.2f} {e[0]:.2f} {e[1]:.2f}" for c, e in path.pieces]
    if not path.pieces:
        parts.append(f"L{path.start[0]:.2f} {path.start[1]:.2f}")
    return "".join(parts)
