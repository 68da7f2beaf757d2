"""The drawing: finished strokes, the stroke being drawn, and a history of everything that changed it."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import accumulate
from typing import Any, NamedTuple

from air_sketch.drawing.sheet.strokes import erase_from_stroke, trim_tail
from air_sketch.values.datatypes import PointPx, Rgb, Stroke, StrokePoint, Strokes

Operation = tuple[Any, ...]
"""What can be done to a drawing: told by the document, kept by the journal, done again after a crash. One of
``("begin", x_px, y_px, t_s, width_px, (r, g, b))``, ``("extend", x_px, y_px, t_s)``,
``("end",)``, ``("end", t_s)`` where later points are cut off, ``("drop",)``,
``("erase", x_px, y_px, radius_px)``, ``("erased",)``, ``("clear",)``, ``("undo",)``, ``("redo",)``.
"""


class _Step(NamedTuple):
    """What a step of history has put in the place of what, from one of the strokes on."""

    at: int
    removed: Strokes
    added: Strokes


class Document:
    """Strokes with undo and redo.

    Strokes never change in place, so a step of history is which of them came and went; what stayed is not in it.
    One erasing gesture is one step, however many frames it took.

    Attributes:
        listener: told every change as it is made; doing them again with ``apply`` gives the very same document.
        finished_strokes: those that are complete; the same tuple until something changes.
    """

    def __init__(self, listener: Callable[[Operation], None] | None = None) -> None:
        self.listener = listener
        self.finished_strokes: Strokes = ()
        self._wet_points: list[StrokePoint] = []
        self._wet_style: tuple[Rgb, float] = (0, 0, 0), 0.0
        self._done: list[_Step] = []
        self._undone: list[_Step] = []
        self._before_erasing: Strokes | None = None

    @property
    def wet_stroke(self) -> Stroke | None:
        """The one under the pen, or None."""
        return Stroke(tuple(self._wet_points), *self._wet_style) if self._wet_points else None

    @property
    def strokes(self) -> Strokes:
        """Finished strokes, then the wet one."""
        return self.finished_strokes if (wet := self.wet_stroke) is None else (*self.finished_strokes, wet)

    @property
    def cleared(self) -> tuple[Strokes, ...]:
        """Every sheet that was emptied in one step and has not been brought back, the oldest first."""
        counts = accumulate(len(step.added) - len(step.removed) for step in self._done)
        return tuple(step.removed for step, count in zip(self._done, counts, strict=True) if not count)

    def begin_stroke(self, point: StrokePoint, color_rgb: Rgb, width_px: float) -> None:
        """Put the pen down; a stroke still wet and an erasing gesture are finished first."""
        self.end_erasing()
        self.end_stroke()
        self._wet_points, self._wet_style = [point], (color_rgb, width_px)
        self._tell("begin", *point, width_px, color_rgb)

    def extend_stroke(self, point: StrokePoint) -> None:
        """Move the pen; ignored while it is up (the sheet may have been cleared under it)."""
        if self._wet_points:
            self._wet_points.append(point)
            self._tell("extend", *point)

    def end_stroke(self, keep_until_s: float = math.inf) -> Stroke | None:
        """Lift the pen, keeping the points up to a time; return the finished stroke, None when nothing is left."""
        if not self._wet_points:
            return None
        stroke = Stroke(trim_tail(self._wet_points, keep_until_s), *self._wet_style)
        self._wet_points = []
        if not stroke.points:
            self._tell("drop")
            return None
        self._step(_Step(len(self.finished_strokes), (), (stroke,)))
        self._tell("end", *([] if math.isinf(keep_until_s) else [keep_until_s]))
        return stroke

    def begin_erasing(self) -> None:
        """Start one erasing gesture."""
        self.end_stroke()
        self._before_erasing = self.finished_strokes

    def erase_at(self, center_px: PointPx, radius_px: float) -> None:
        """Cut a disc out of all strokes."""
        if self._before_erasing is None:
            self.begin_erasing()
        pieces = [erase_from_stroke(stroke, center_px, radius_px) for stroke in self.finished_strokes]
        if any(left != (stroke,) for left, stroke in zip(pieces, self.finished_strokes, strict=True)):
            self.finished_strokes = tuple(piece for left in pieces for piece in left)
            self._tell("erase", *center_px, radius_px)

    def end_erasing(self) -> bool:
        """Close the erasing gesture as one step of history; return whether it changed anything."""
        before, self._before_erasing = self._before_erasing, None
        after = self.finished_strokes
        if before is None or before is after:
            return False
        start = _alike(before, after, 0)
        end = _alike(before[::-1], after[::-1], start)
        self.finished_strokes = before
        self._step(_Step(start, before[start : len(before) - end], after[start : len(after) - end]))
        self._tell("erased")
        return True

    def clear(self) -> bool:
        """Empty the sheet, undoably; return whether there was anything on it."""
        self.end_erasing()
        self.end_stroke()
        if not self.finished_strokes:
            return False
        self._step(_Step(0, self.finished_strokes, ()))
        self._tell("clear")
        return True

    def undo(self) -> bool:
        """Take back the last step; return False when there is none."""
        return self._go("undo", self._done, self._undone)

    def redo(self) -> bool:
        """Do the last undone step again; return False when there is none."""
        return self._go("redo", self._undone, self._done)

    def bring_back(self) -> None:
        """Bring back what was last on a sheet that is empty now, if anything: undone last, cleared or erased."""
        if not self.finished_strokes:
            while self.redo():
                pass
            while not self.finished_strokes and self.undo():
                pass

    def apply(self, operation: Operation) -> None:
        """Do an operation that a document has told."""
        match operation:
            case ("begin", x_px, y_px, t_s, width_px, color_rgb):
                self.begin_stroke((x_px, y_px, t_s), color_rgb, width_px)
            case ("extend", *point):
                self.extend_stroke((point[0], point[1], point[2]))
            case ("end", *until_s):
                self.end_stroke(*until_s)
            case ("erase", x_px, y_px, radius_px):
                self.erase_at((x_px, y_px), radius_px)
            case ("drop",):
                self.end_stroke(-math.inf)
            case ("erased",):
                self.end_erasing()
            case ("clear",):
                self.clear()
            case ("undo",):
                self.undo()
            case ("redo",):
                self.redo()

    def _go(self, kind: str, steps: list[_Step], way_back: list[_Step]) -> bool:
        self.end_erasing()
        self.end_stroke()
        if not steps:
            return False
        step = steps.pop()
        way_back.append(step)
        self._put(step if kind == "redo" else _Step(step.at, step.added, step.removed))
        self._tell(kind)
        return True

    def _step(self, step: _Step) -> None:
        self._done.append(step)
        self._undone.clear()
        self._put(step)

    def _put(self, step: _Step) -> None:
        strokes, end = self.finished_strokes, step.at + len(step.removed)
        self.finished_strokes = strokes[: step.at] + step.added + strokes[end:]

    def _tell(self, *operation: object) -> None:
        if self.listener is not None:
            self.listener(operation)


def _alike(before: Strokes, after: Strokes, used: int) -> int:
    """Count how many strokes are the same at the start of both, where ``used`` of each are spoken for."""
    most = min(len(before), len(after)) - used
    return next((i for i in range(most) if before[i] is not after[i]), most)


def fit_operation(operation: Operation, from_wh: tuple[int, int], to_wh: tuple[int, int]) -> Operation:
    """Move an operation to a canvas of another size: scaled alike in both directions, and centred."""
    if from_wh == to_wh or operation[0] not in ("begin", "extend", "erase"):
        return operation
    kind, x_px, y_px, *others = operation
    scale = min(to_wh[0] / from_wh[0], to_wh[1] / from_wh[1])
    moved = ((v - a / 2) * scale + b / 2 for v, a, b in zip((x_px, y_px), from_wh, to_wh, strict=True))
    if kind != "extend":  # the eraser's radius, or the pen's width after the time
        others[0 if kind == "erase" else 1] *= scale
    return (kind, *moved, *others)
