"""Offers a drawing that a crash has left behind."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from air_sketch.desk.events import Question
from air_sketch.drawing.ink.rendering import render_paper
from air_sketch.drawing.keeping.recovery import LostDrawing, find_lost_drawing

LOG = logging.getLogger(__name__)


def find_offer(folder: Path, *, recorded: bool) -> LostDrawing | None:
    """Look for an unsaved drawing; none is offered while recording, which must hold every stroke itself."""
    lost = find_lost_drawing(folder)
    if lost is not None and recorded:
        lost.leave()
        LOG.warning("An unsaved drawing waits in %s. It is offered at the next start without --record", lost.path)
        return None
    return lost


def question_about(lost: LostDrawing) -> Question:
    """Ask whether to take it back."""
    strokes = lost.strokes
    count = "1 stroke" if len(strokes) == 1 else f"{len(strokes)} strokes"
    when = time.strftime("%d %B, %H:%M", time.localtime(lost.written_s))
    LOG.warning(
        "An unsaved drawing of %s (%s) was found in %s. Enter in the window takes it back, N leaves it there",
        when,
        count,
        lost.path,
    )
    return Question(
        title="Take your last drawing back?",
        detail=f"It was not saved: {count}, {when}",
        yes="take it back",
        no="not now",
        picture_rgb=render_paper(strokes, lost.canvas_wh),
    )
