"""The drawing: finished strokes, the stroke being drawn, and a history of everything that changed it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from air_sketch.drawing.sheet.operations import Operation, OperationKind
from air_sketch.drawing.sheet.strokes import erase_from_stroke, trim_tail
from air_sketch.values.datatypes import PointPx, Rgb, Stroke, StrokePoint, Strokes


@dataclass(frozen=True)
class Change:
    """One undoable step: what was done, and the finished strokes before and after it."""

    kind: str
    before: Strokes
    after: Strokes


class Document:
    """Strokes with undo and redo.

    Strokes never change in place, so a step of history is two tuples of references, and undoing is putting the
    earlier tuple back. One erasing gesture is one step, however many frames it took.

    Attributes:
        listener: told every change as it is made; doing them again with ``apply`` gives the same document.
    """

    def __init__(self, listener: Callable[[Operation], None] | None = None) -> None:
        """Start with an empty sheet."""
        self.listener = listener
        self._finished: Strokes = ()
        self._done: list[Change] = []
        self._undone: list[Change] = []
        self._wet_points: list[StrokePoint] = []
        self._wet_ink: tuple[Rgb, float] | None = None
        self._wet_cache: tuple[int, Stroke] | None = None
        self._before_erasing: Strokes | None = None
        self._revision = 0

    @property
    def revision(self) -> int:
        """A number that changes whenever the strokes change."""
        return self._revision

    @property
    def finished_strokes(self) -> Strokes:
        """The strokes that are complete; the same tuple until something changes."""
        return self._finished

    @property
    def wet_stroke(self) -> Stroke | None:
        """The stroke under the pen, or None."""
        if self._wet_ink is None or not self._wet_points:
            return None
        if self._wet_cache is None or self._wet_cache[0] != self._revision:
            color_rgb, width_px = self._wet_ink
            self._wet_cache = (self._revision, Stroke(tuple(self._wet_points), color_rgb, width_px))
        return self._wet_cache[1]

    @property
    def strokes(self) -> Strokes:
        """Finished strokes, then the wet one."""
        wet = self.wet_stroke
        return self._finished if wet is None else (*self._finished, wet)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to do again."""
        return bool(self._undone)

    def begin_stroke(self, point: StrokePoint, color_rgb: Rgb, width_px: float) -> None:
        """Put the pen down; a stroke still wet and an erasing gesture are finished first."""
        self.end_erasing()
        self.end_stroke()
        self._wet_ink = (color_rgb, width_px)
        self._wet_points = [point]
        self._revision += 1
        self._tell(OperationKind.BEGIN, *point, width_px, color_rgb=color_rgb)

    def extend_stroke(self, point: StrokePoint) -> None:
        """Move the pen; ignored while it is up (the sheet may have been cleared under it)."""
        if self._wet_ink is not None:
            self._wet_points.append(point)
            self._revision += 1
            self._tell(OperationKind.EXTEND, *point)

    def end_stroke(self, keep_until_s: float = math.inf) -> Stroke | None:
        """Lift the pen, keeping the points up to a time; return the finished stroke, None when nothing is left."""
        if self._wet_ink is None:
            return None
        points = trim_tail(self._wet_points, keep_until_s)
        color_rgb, width_px = self._wet_ink
        if not points:
            self.drop_stroke()
            return None
        self._lift()
        stroke = Stroke(points, color_rgb, width_px)
        self._tell(OperationKind.END, *([] if math.isinf(keep_until_s) else [keep_until_s]))
        self._do("stroke", (*self._finished, stroke))
        return stroke

    def drop_stroke(self) -> None:
        """Forget the wet stroke."""
        if self._wet_ink is not None:
            self._lift()
            self._tell(OperationKind.DROP)

    def begin_erasing(self) -> None:
        """Start one erasing gesture."""
        self.end_stroke()
        self._before_erasing = self._finished

    def erase_at(self, center_px: PointPx, radius_px: float) -> bool:
        """Cut a disc out of all strokes; return whether anything was hit."""
        if self._before_erasing is None:
            self.begin_erasing()
        left: list[Stroke] = []
        for stroke in self._finished:
            left.extend(erase_from_stroke(stroke, center_px, radius_px))
        hit = len(left) != len(self._finished) or any(a is not b for a, b in zip(left, self._finished, strict=True))
        if hit:
            self._put(tuple(left))
            self._tell(OperationKind.ERASE, *center_px, radius_px)
        return hit

    def end_erasing(self) -> bool:
        """Close the erasing gesture as one step of history; return whether it changed anything."""
        before, self._before_erasing = self._before_erasing, None
        if before is None or before is self._finished:
            return False
        self._done.append(Change("erase", before, self._finished))
        self._undone.clear()
        self._tell(OperationKind.ERASED)
        return True

    def clear(self, t_s: float = 0.0) -> bool:
        """Empty the sheet, undoably; return whether there was anything on it."""
        del t_s  # part of the command's signature; history keeps no times
        self.end_erasing()
        self.end_stroke()
        if not self._finished:
            return False
        self._do("clear", ())
        self._tell(OperationKind.CLEAR)
        return True

    def undo(self) -> bool:
        """Take back the last step; return False when there is none."""
        self.end_erasing()
        self.end_stroke()
        if not self._done:
            return False
        change = self._done.pop()
        self._undone.append(change)
        self._put(change.before)
        self._tell(OperationKind.UNDO)
        return True

    def redo(self) -> bool:
        """Do the last undone step again; return False when there is none."""
        self.end_erasing()
        self.end_stroke()
        if not self._undone:
            return False
        change = self._undone.pop()
        self._done.append(change)
        self._put(change.after)
        self._tell(OperationKind.REDO)
        return True

    def apply(self, operation: Operation) -> None:
        """Do an operation that a document has told."""
        match operation.kind:
            case OperationKind.BEGIN:
                self.begin_stroke(operation.point, operation.color_rgb, operation.numbers[3])
            case OperationKind.EXTEND:
                self.extend_stroke(operation.point)
            case OperationKind.END:
                self.end_stroke(*operation.numbers)
            case OperationKind.DROP:
                self.drop_stroke()
            case OperationKind.ERASE:
                self.erase_at((operation.numbers[0], operation.numbers[1]), operation.numbers[2])
            case OperationKind.ERASED:
                self.end_erasing()
            case OperationKind.CLEAR:
                self.clear()
            case OperationKind.UNDO:
                self.undo()
            case OperationKind.REDO:
                self.redo()

    def _tell(self, kind: OperationKind, *numbers: float, color_rgb: Rgb = (0, 0, 0)) -> None:
        if self.listener is not None:
            self.listener(Operation(kind, numbers, color_rgb))

    def _lift(self) -> None:
        self._wet_ink, self._wet_points = None, []
        self._revision += 1

    def _do(self, kind: str, after: Strokes) -> None:
        self._done.append(Change(kind, self._finished, after))
        self._undone.clear()
        self._put(after)

    def _put(self, strokes: Strokes) -> None:
        self._finished = strokes
        self._revision += 1
