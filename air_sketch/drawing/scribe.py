"""Draws and erases on the document, and notes what happened when."""

from __future__ import annotations

import math
from typing import Any

from air_sketch.drawing.pens import PenCase
from air_sketch.drawing.settings import Calibration
from air_sketch.drawing.sheet.document import Document
from air_sketch.drawing.sheet.strokes import path_length_px, trim_tail
from air_sketch.values.datatypes import PointPx, SessionEvent

MIN_MOVE_FRACTION = 0.0006
"""A point nearer than this part of the canvas width to the last one adds nothing to a stroke (0.4 px of 640)."""

MIN_STROKE_PALMS = 0.3
"""A stroke shorter in time than ``min_stroke_s`` is kept if it is at least this long."""

MOST_ERASURES = 200
"""In one frame; a palm that seems to cross more than that never was there."""


class Scribe:
    """Draws with the pen in hand and erases, and keeps the events of doing so, in order."""

    def __init__(self, settings: Calibration, canvas_wh: tuple[int, int]) -> None:
        """Begin with an empty sheet of ``canvas_wh`` pixels."""
        self.document = Document()
        self.pens = PenCase(settings.pens, settings.start_pen, settings.pen_width_fraction * canvas_wh[1])
        self.events: list[SessionEvent] = []
        self._min_stroke_s, self._eraser_palms = settings.timing.min_stroke_s, settings.motion.eraser_radius_palms
        self._min_move_px = MIN_MOVE_FRACTION * canvas_wh[0]
        self._pen_down_s = 0.0
        self._erased_from_px: PointPx | None = None

    def pen_down(self, point_px: PointPx, t_s: float) -> None:
        """Begin a stroke."""
        self._pen_down_s = t_s
        self.document.begin_stroke((*point_px, t_s), self.pens.color_rgb, self.pens.width_px)
        self.note(t_s, "pen_down", x_px=point_px[0], y_px=point_px[1], pen=self.pens.name)

    def pen_move(self, point_px: PointPx, t_s: float) -> None:
        """Draw on, where the pen has moved at all."""
        wet = self.document.wet_stroke
        if wet is None:  # the sheet was cleared, or a change undone, under the pen
            self.pen_down(point_px, t_s)
        elif math.dist(wet.points[-1][:2], point_px) >= self._min_move_px:
            self.document.extend_stroke((*point_px, t_s))

    def pen_up(self, lifted_s: float, keep_until_s: float, palm_size_px: float, t_s: float) -> None:
        """Finish the stroke with its points up to a time; one that only flashed up in a change of pose is dropped."""
        wet = self.document.wet_stroke
        if wet is None:
            return
        kept = trim_tail(wet.points, keep_until_s)
        brief = keep_until_s - self._pen_down_s < self._min_stroke_s
        if not kept or (brief and path_length_px(kept) < MIN_STROKE_PALMS * palm_size_px):
            self.document.end_stroke(-math.inf)
            self.note(t_s, "stroke_dropped", lifted_s=lifted_s)
        else:
            self.document.end_stroke(keep_until_s)
            self.note(t_s, "pen_up", lifted_s=lifted_s, points=len(kept))

    def lift(self, t_s: float) -> None:
        """End the stroke as it is."""
        stroke = self.document.end_stroke()
        self.note(t_s, "pen_up", lifted_s=t_s, points=len(stroke.points) if stroke else 0)

    def select(self, pen: str, t_s: float) -> None:
        """Take another pen."""
        self.pens.name = pen
        self.note(t_s, "select", pen=pen, color_rgb=list(self.pens.color_rgb))

    def erase_start(self, t_s: float) -> None:
        """Begin an erasing gesture."""
        self.document.begin_erasing()
        self._erased_from_px = None
        self.note(t_s, "erase_start")

    def erase_to(self, palm_px: PointPx, palm_size_px: float) -> None:
        """Erase along the palm's way since the last frame, every half radius."""
        start, radius_px = self._erased_from_px or palm_px, self._eraser_palms * palm_size_px
        count = max(1, min(math.ceil(math.dist(start, palm_px) / max(radius_px / 2.0, 1.0)), MOST_ERASURES))
        for i in range(1, count + 1):
            x, y = (a + (b - a) * i / count for a, b in zip(start, palm_px, strict=True))
            self.document.erase_at((x, y), radius_px)
        self._erased_from_px = palm_px

    def erase_end(self, t_s: float) -> None:
        """End the erasing gesture."""
        self.note(t_s, "erase_end", changed=self.document.end_erasing())

    def note(self, t_s: float, kind: str, **details: Any) -> None:
        """Keep an event."""
        self.events.append(SessionEvent(t_s, kind, details))
