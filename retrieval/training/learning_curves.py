"""Draw a training run's log as a picture: losses on the left, recall on held-out rows on the right."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.files import replacing

PICTURE_WH = (1280, 440)
DOTS_PER_INCH = 100
LEAST_LOSS = 1e-3
VALIDATION_PREFIX = "val_"
NO_CURVES = frozenset({"step", "steps_per_s"})

Curve = list[tuple[float, float]]
"""(step, value) in order of steps."""


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
    from matplotlib.figure import Figure

    width, height = PICTURE_WH
    figure = Figure((width / DOTS_PER_INCH, height / DOTS_PER_INCH), DOTS_PER_INCH, layout="constrained")
    losses, recalls = figure.subplots(1, 2)
    losses.set(title="training loss", xlabel="step", yscale="log")
    recalls.set(title="recall@10, held-out rows", xlabel="step", ylim=(0.0, 1.0))
    for name, curve in read_metrics(metrics).items():
        steps, values = np.array(curve).T
        is_loss = not name.startswith(VALIDATION_PREFIX)
        (losses if is_loss else recalls).plot(
            steps,
            np.maximum(values, LEAST_LOSS) if is_loss else values,
            marker="." if len(curve) <= 40 else "",
            linewidth=2,
            label=f"{name.removeprefix(VALIDATION_PREFIX).replace('_', ' ')} {values[-1]:.3g}",
        )
    for axes in (losses, recalls):
        axes.grid(alpha=0.4)
        if axes.lines:
            axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize="small")
    with replacing(picture) as temporary:
        figure.savefig(temporary, format="png")
