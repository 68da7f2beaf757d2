"""One sitting at the paper: hand, pointer and keys go to the session, and to the recording if there is one."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path

from air_sketch.desk.errands import save_sketch
from air_sketch.desk.events import DrawingCommand, Status, Tone
from air_sketch.drawing.keeping.journal import Journal
from air_sketch.drawing.session import Session
from air_sketch.drawing.settings import PEN_PREFIX
from air_sketch.drawing.sheet.document import Document
from air_sketch.hands.sighting import Sighting
from air_sketch.hands.tape import Tape
from air_sketch.values.datatypes import StepResult, Strokes

LOG = logging.getLogger(__name__)

_PEN_STEPS = {"next pen": 1, "previous pen": -1}
_DONE_WORDS = {
    "clear": "Cleared. Z brings it back",
    "undo": "Undone. Y does it again",
    "redo": "Done again",
}


@dataclass(frozen=True)
class PenPoint:
    """Where a mouse, pen or touch is now.

    Attributes:
        x_px, y_px: canvas pixels, inside the canvas.
        pressed: it touches the paper.
        erase: with its eraser.
        away: it is beside the paper; nothing is drawn, and no cursor shown.
    """

    x_px: float
    y_px: float
    pressed: bool
    erase: bool = False
    away: bool = False


@dataclass
class Sitting:
    """The drawing side of any face of the program; drawings are saved in the folder ``sketches``."""

    session: Session
    tape: Tape
    sketches: Path
    journal: Journal

    def __post_init__(self) -> None:
        self.document.listener = self.journal.take
        self._saved: list[Strokes] = []
        self.t_s = 0.0
        self.result: StepResult | None = None

    @property
    def document(self) -> Document:
        """The drawing."""
        return self.session.document

    def see(self, sighting: Sighting) -> str:
        """Take one tracked frame; return "" or why recording has stopped."""
        self.t_s = sighting.frame.t_s
        for name in sighting.keys:
            self.tape.note_key(name)
        self.result = self.session.play(self.t_s, sighting.observation, sighting.keys, sighting.pointer)
        return self.tape.write(self.t_s, sighting.observation, sighting.pointer)

    def point(self, point: PenPoint, t_s: float) -> str:
        """Take where the pointer is; return "" or why recording has stopped."""
        self.t_s = max(self.t_s, t_s)
        result = self.session.step_pointer(point.x_px, point.y_px, point.pressed, self.t_s, erase=point.erase)
        self.result = replace(result, tip_px=None) if point.away else result
        erases = point.pressed and point.erase
        return "" if point.away else self.tape.write(self.t_s, None, (point.x_px, point.y_px, point.pressed, erases))

    def change(self, command: DrawingCommand) -> Status:
        """Clear, undo or redo, or take another pen; return what to tell."""
        pens = self.session.pens
        name = PEN_PREFIX + pens.neighbour(_PEN_STEPS[command]) if command in _PEN_STEPS else command
        if not self.session.apply_key(name, self.t_s):
            return Status(f"Nothing to {name}" if command in _DONE_WORDS else f"The pen goes no {name}")
        self.tape.note_key(name)
        if command in _DONE_WORDS:
            return Status(_DONE_WORDS[command], Tone.DONE)
        return Status(f"{pens.name.capitalize()} pen, {pens.width_px:.0f} px wide", Tone.DONE)

    def pause(self) -> None:
        """The frames have ended: lift the pen."""
        self.session.finish(self.t_s)
        self.result = None

    def save(self, strokes: Strokes) -> Status:
        """Save these strokes; runs on a background thread.

        Raises:
            StorageError: if the folder cannot be written.
        """
        path = save_sketch(strokes, self.session.canvas_wh, self.sketches)
        self._saved.append(strokes)
        LOG.info("saved %s", path)
        return Status(f"Saved {path} with .svg and .json", Tone.DONE)

    def end(self) -> Path | None:
        """Lift the pen, close the recording, save what has not been saved, cleared sheets too; return where.

        The journal goes only when the drawing is safe.

        Raises:
            StorageError: if no folder at all can be written.
        """
        self.pause()
        self.tape.close(self.t_s)
        self.document.bring_back()
        path, safe = None, False
        try:
            for strokes in (*self.document.cleared, self.document.strokes):
                if strokes and strokes not in self._saved:
                    path = save_sketch(strokes, self.session.canvas_wh, self.sketches, anywhere=True)
            safe = True
        finally:
            self.journal.close(remove=safe)
        return path
