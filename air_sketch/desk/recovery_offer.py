"""Offers a drawing that a crash has left behind."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from air_sketch.desk.errands import Errands
from air_sketch.desk.events import Question, Status, Tone
from air_sketch.desk.sitting import Sitting
from air_sketch.drawing.ink.rendering import render_paper
from air_sketch.drawing.keeping.recovery import LostDrawing, find_lost_drawing

LOG = logging.getLogger(__name__)


class Offer:
    """The question whether to take an unsaved drawing back, and what the answers do."""

    def __init__(self, lost: LostDrawing, sitting: Sitting, errands: Errands) -> None:
        """Args: lost: the drawing. sitting: takes it. errands: tidies up in the background."""
        self._lost, self._sitting, self._errands = lost, sitting, errands
        strokes = lost.strokes
        count = "1 stroke" if len(strokes) == 1 else f"{len(strokes)} strokes"
        when = time.strftime("%d %B, %H:%M", time.localtime(lost.written_s))
        self.question = Question(
            title="Take your last drawing back?",
            detail=f"It was not saved: {count}, {when}",
            yes="take it back",
            no="not now",
            picture_rgb=render_paper(strokes, lost.canvas_wh),
        )
        LOG.warning(
            "An unsaved drawing of %s (%s) was found in %s. Enter in the window takes it back, N leaves it there",
            when,
            count,
            lost.path,
        )

    def take_back(self) -> Status:
        """Put the drawing on the sheet; its old journal goes when the new one holds it."""
        self._lost.restore(self._sitting.document, self._sitting.canvas_wh)
        LOG.info("took the unsaved drawing back: %d strokes", len(self._sitting.document.finished_strokes))
        self._errands.submit(self._settle)
        return Status("Your drawing is back", Tone.DONE)

    def leave(self) -> Status:
        """Keep it for a later start."""
        self._lost.leave()
        LOG.info("the unsaved drawing stays in %s", self._lost.path)
        return Status("The unsaved drawing is kept for the next start")

    def _settle(self) -> Status:
        if self._sitting.flush_journal():
            self._lost.remove()
        else:
            self._lost.leave()
        return Status("Your drawing is back. S saves it", Tone.DONE)


def find_offer(folder: Path, sitting: Sitting, errands: Errands) -> Offer | None:
    """Look for an unsaved drawing; none is offered while recording, which must hold every stroke itself."""
    lost = find_lost_drawing(folder)
    if lost is None:
        return None
    if sitting.is_recorded:
        lost.leave()
        LOG.warning("An unsaved drawing waits in %s. It is offered at the next start without --record", lost.path)
        return None
    return Offer(lost, sitting, errands)


def no_safety_copy(errands: Errands, reason: str) -> None:
    """Tell once that the drawing would not survive a crash; called on the journal's thread."""
    LOG.warning("%s", reason)
    errands.tell(Status(reason, Tone.ERROR))
