"""What can be done to a drawing, as values: told by the document, kept by the journal, done again after a crash.

Doing the same operations again on an empty sheet gives the same strokes and the same history, to the last bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from air_sketch.values.datatypes import Rgb, StrokePoint


class OperationKind(str, Enum):
    """Every way in which a drawing changes."""

    BEGIN = "begin"
    EXTEND = "extend"
    END = "end"
    DROP = "drop"
    ERASE = "erase"
    ERASED = "erased"
    CLEAR = "clear"
    UNDO = "undo"
    REDO = "redo"


@dataclass(frozen=True)
class Operation:
    """One change of a drawing.

    Attributes:
        kind: what is done.
        numbers: BEGIN: x_px, y_px, t_s, width_px. EXTEND: x_px, y_px, t_s. END: the time up to which points are
            kept, nothing for all. ERASE: x_px, y_px, radius_px. Nothing for all others.
        color_rgb: BEGIN: the ink, each 0..255.
    """

    kind: OperationKind
    numbers: tuple[float, ...] = ()
    color_rgb: Rgb = (0, 0, 0)

    @property
    def point(self) -> StrokePoint:
        """The point of BEGIN and EXTEND."""
        return self.numbers[0], self.numbers[1], self.numbers[2]


_NUMBERS_OF = {
    OperationKind.BEGIN: (4,),
    OperationKind.EXTEND: (3,),
    OperationKind.END: (0, 1),
    OperationKind.ERASE: (3,),
}


def operation_to_json(operation: Operation) -> list[Any]:
    """Return the operation as a short list: kind, numbers, and for BEGIN the colour."""
    line: list[Any] = [operation.kind.value, *operation.numbers]
    return [*line, list(operation.color_rgb)] if operation.kind is OperationKind.BEGIN else line


def operation_from_json(line: Any) -> Operation:
    """Read what ``operation_to_json`` gave.

    Raises:
        ValueError: if it is anything else; the text says what was expected.
    """
    if not isinstance(line, list) or not line:
        raise ValueError("expected a list")
    kind, numbers = OperationKind(line[0]), line[1:]
    color_rgb = _color(numbers.pop()) if kind is OperationKind.BEGIN and numbers else (0, 0, 0)
    if len(numbers) not in _NUMBERS_OF.get(kind, (0,)):
        raise ValueError(f"{kind.value} expected {_NUMBERS_OF.get(kind, (0,))[0]} numbers, got {len(numbers)}")
    if not all(isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n) for n in numbers):
        raise ValueError(f"{kind.value} expected finite numbers")
    return Operation(kind, tuple(float(n) for n in numbers), color_rgb)


def fit_operation(operation: Operation, from_wh: tuple[int, int], to_wh: tuple[int, int]) -> Operation:
    """Move an operation to a canvas of another size: scaled alike in both directions, and centred."""
    if from_wh == to_wh or operation.kind not in (OperationKind.BEGIN, OperationKind.EXTEND, OperationKind.ERASE):
        return operation
    scale = min(to_wh[0] / from_wh[0], to_wh[1] / from_wh[1])
    x_px, y_px, *others = operation.numbers
    moved = ((v - a / 2) * scale + b / 2 for v, a, b in zip((x_px, y_px), from_wh, to_wh, strict=True))
    if operation.kind is OperationKind.ERASE:
        others = [others[0] * scale]
    elif operation.kind is OperationKind.BEGIN:
        others = [others[0], others[1] * scale]
    return replace(operation, numbers=(*moved, *others))


def _color(value: Any) -> Rgb:
    if not isinstance(value, list) or len(value) != 3 or not all(type(c) is int and 0 <= c <= 255 for c in value):
        raise ValueError("begin expected a colour of three numbers from 0 to 255")
    return value[0], value[1], value[2]
