"""What can be done to a drawing, as values: told by the document, kept by the journal, done again after a crash.

Doing the same operations again on an empty sheet gives the same strokes and the same history, to the last bit.
"""

from __future__ import annotations

from typing import Any

Operation = tuple[Any, ...]
"""One of
``("begin", x_px, y_px, t_s, width_px, (r, g, b))``, ``("extend", x_px, y_px, t_s)``,
``("end",)``, ``("end", t_s)`` where later points are cut off, ``("drop",)``,
``("erase", x_px, y_px, radius_px)``, ``("erased",)``, ``("clear",)``, ``("undo",)``, ``("redo",)``.
"""


def fit_operation(operation: Operation, from_wh: tuple[int, int], to_wh: tuple[int, int]) -> Operation:
    """Move an operation to a canvas of another size: scaled alike in both directions, and centred."""
    if from_wh == to_wh or operation[0] not in ("begin", "extend", "erase"):
        return operation
    kind, x_px, y_px, *others = operation
    scale = min(to_wh[0] / from_wh[0], to_wh[1] / from_wh[1])
    moved = ((v - a / 2) * scale + b / 2 for v, a, b in zip((x_px, y_px), from_wh, to_wh, strict=True))
    if kind == "erase":
        others[0] *= scale
    elif kind == "begin":
        others[1] *= scale
    return (kind, *moved, *others)
