"""Draw a training run's log as a picture: losses on the left, recall on held-out rows on the right."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.files import replacing
from retrieval.values.datatypes import UInt8Array

PANEL_WH = (640, 440)
DOTS_PER_INCH = 100
LEAST_LOSS = 1e-3
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
        ends: of the vertical axis, None to fit them.
        logarithmic: the vertical axis grows by factors.
    """

    title: str
    curves: dict[str, Curve]
    ends: tuple[float, float] | None = None
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
    from matplotlib.image import imsave

    curves = read_metrics(metrics)
    losses = {name: curve for name, curve in curves.items() if not name.startswith(VALIDATION_PREFIX)}
    recalls = {n.removeprefix(VALIDATION_PREFIX).replace("_", " "): c for n, c in curves.items() if n not in losses}
    panels = [Panel("training loss", losses, logarithmic=True), Panel("recall@10, held-out rows", recalls, (0.0, 1.0))]
    with replacing(picture) as temporary:
        imsave(temporary, draw_panels(panels), format="png")


def draw_panels(panels: Sequence[Panel]) -> UInt8Array:
    """Draw diagrams side by side, uint8 (H, W, 3) RGB."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    width, height = (side / DOTS_PER_INCH for side in PANEL_WH)
    figure = Figure((width * len(panels), height), DOTS_PER_INCH, layout="constrained")
    for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        axes.set(title=panel.title, xlabel="step", yscale="log" if panel.logarithmic else "linear")
        axes.grid(alpha=0.4)
        if panel.ends is not None:
            axes.set_ylim(panel.ends)
        for number, (name, curve) in enumerate(panel.curves.items()):
            steps, values = np.array(curve).T
            axes.plot(
                steps,
                np.maximum(values, LEAST_LOSS) if panel.logarithmic else values,
                color=np.divide(COLOURS_RGB[number % len(COLOURS_RGB)], 255),
                marker="." if len(curve) <= 40 else "",
                linewidth=2,
                label=f"{name} {values[-1]:.3g}",
            )
        if panel.curves:
            axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize="small")
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.array(canvas.buffer_rgba())[..., :3]
