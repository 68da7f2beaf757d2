"""Draw a training run's log as a picture: losses on the left, recall on held-out rows on the right."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from retrieval.files import replacing
from retrieval.values.datatypes import UInt8Array

PANEL_WH = (640, 440)
MARGIN_LTRB = (58, 40, 150, 46)
GRID_LINES = 5
LEAST_LOSS = 1e-3
FONT = cv2.FONT_HERSHEY_SIMPLEX
COLOURS_RGB = (
    (31, 119, 180),
    (214, 39, 40),
    (44, 160, 44),
    (255, 127, 14),
    (148, 103, 189),
    (140, 86, 75),
    (90, 90, 90),
)
VALIDATION_PREFIX = "val_"
NO_CURVES = frozenset({"step", "steps_per_s"})

Curve = list[tuple[float, float]]
"""(step, value) in order of steps."""


@dataclass(frozen=True)
class Panel:
    """One diagram.

    Attributes:
        title: above it.
        curves: by the name in the legend.
        low: least value of the vertical axis, or None to fit it.
        high: greatest value, or None to fit it.
        logarithmic: the vertical axis grows by factors.
    """

    title: str
    curves: dict[str, Curve]
    low: float | None = None
    high: float | None = None
    logarithmic: bool = False


def read_metrics(path: Path) -> dict[str, Curve]:
    """Read ``metrics.jsonl``: name -> curve.

    A run that was killed logs some steps twice and may leave half a line: the later entry counts, half lines do
    not.
    """
    values: dict[str, dict[float, float]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            record: Any = json.loads(line)
            step = float(record["step"])
        except (ValueError, KeyError, TypeError):
            continue
        for name, value in record.items():
            if name not in NO_CURVES and isinstance(value, int | float) and math.isfinite(value):
                values.setdefault(name, {})[step] = float(value)
    return {name: sorted(points.items()) for name, points in values.items()}


def write_curves(metrics: Path, picture: Path) -> None:
    """Draw ``metrics.jsonl`` into a PNG, replaced atomically."""
    curves = read_metrics(metrics)
    losses = {name: curve for name, curve in curves.items() if not name.startswith(VALIDATION_PREFIX)}
    recalls = {n.removeprefix(VALIDATION_PREFIX).replace("_", " "): c for n, c in curves.items() if n not in losses}
    panels = [Panel("training loss", losses, logarithmic=True), Panel("recall@10, held-out rows", recalls, 0.0, 1.0)]
    encoded, data = cv2.imencode(".png", cv2.cvtColor(draw_panels(panels), cv2.COLOR_RGB2BGR))
    assert encoded
    with replacing(picture) as temporary:
        temporary.write_bytes(data.tobytes())


def draw_panels(panels: Sequence[Panel]) -> UInt8Array:
    """Draw diagrams side by side, uint8 (H, W, 3) RGB."""
    return np.concatenate([_draw_panel(panel) for panel in panels], axis=1)


def _draw_panel(panel: Panel) -> UInt8Array:
    width, height = PANEL_WH
    left, top, right, bottom = MARGIN_LTRB
    box = (left, top, width - right, height - bottom)
    canvas = np.full((height, width, 3), 255, np.uint8)
    points = [point for curve in panel.curves.values() for point in curve]
    last = max([step for step, _ in points], default=1.0) or 1.0
    low, high = _range([value for _, value in points], panel)
    height_of = _logarithmic(low, high) if panel.logarithmic else _linear(low, high)
    _draw_axes(canvas, box, panel.title, last, _ticks(low, high, panel.logarithmic))
    for number, (name, curve) in enumerate(panel.curves.items()):
        colour = COLOURS_RGB[number % len(COLOURS_RGB)]
        xs = [box[0] + (box[2] - box[0]) * step / last for step, _ in curve]
        ys = [box[3] - (box[3] - box[1]) * height_of(value) for _, value in curve]
        line = np.round(np.stack([xs, ys], axis=1) * 16).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(canvas, [line], False, colour, 2, cv2.LINE_AA, 4)
        if len(curve) <= 40:
            for x, y in zip(xs, ys, strict=True):
                cv2.circle(canvas, (round(x), round(y)), 3, colour, -1, cv2.LINE_AA)
        y_px = top + 14 + 20 * number
        cv2.line(canvas, (box[2] + 12, y_px - 4), (box[2] + 30, y_px - 4), colour, 2, cv2.LINE_AA)
        _write(canvas, f"{name} {curve[-1][1]:.3g}", (box[2] + 35, y_px))
    return canvas


def _range(values: list[float], panel: Panel) -> tuple[float, float]:
    low = panel.low if panel.low is not None else min(values, default=0.0)
    high = panel.high if panel.high is not None else max(values, default=1.0) * 1.02
    if panel.logarithmic:
        low, high = max(low, LEAST_LOSS), max(high, LEAST_LOSS)
    return low, high if high > low else low + 1.0


def _linear(low: float, high: float) -> Callable[[float], float]:
    return lambda value: (min(max(value, low), high) - low) / (high - low)


def _logarithmic(low: float, high: float) -> Callable[[float], float]:
    return lambda value: math.log(min(max(value, low), high) / low) / math.log(high / low)


def _ticks(low: float, high: float, logarithmic: bool) -> list[float]:
    shares = [line / GRID_LINES for line in range(GRID_LINES + 1)]
    return [low * (high / low) ** share if logarithmic else low + share * (high - low) for share in shares]


def _draw_axes(
    canvas: UInt8Array, box: tuple[int, int, int, int], title: str, last: float, ticks: Sequence[float]
) -> None:
    x0, y0, x1, y1 = box
    for line, tick in enumerate(ticks):
        share = line / GRID_LINES
        y, x = round(y1 - share * (y1 - y0)), round(x0 + share * (x1 - x0))
        cv2.line(canvas, (x0, y), (x1, y), (225, 225, 225), 1)
        _write(canvas, f"{tick:.2g}", (8, y + 4))
        _write(canvas, f"{share * last:.0f}", (x - 12, y1 + 18))
    cv2.rectangle(canvas, (x0, y0), (x1, y1), (120, 120, 120), 1)
    cv2.putText(canvas, title, (x0, y0 - 14), FONT, 0.55, (20, 20, 20), 1, cv2.LINE_AA)
    _write(canvas, "step", ((x0 + x1) // 2 - 12, y1 + 38))


def _write(canvas: UInt8Array, text: str, at: tuple[int, int]) -> None:
    cv2.putText(canvas, text, at, FONT, 0.38, (60, 60, 60), 1, cv2.LINE_AA)
