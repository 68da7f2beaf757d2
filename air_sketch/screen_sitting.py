"""One sitting at the paper: hand, mouse and keys go to the session, and to the recording if there is one."""

from __future__ import annotations

from pathlib import Path

from air_sketch.calibration import PEN_PREFIX
from air_sketch.datatypes import Stroke
from air_sketch.document import Document
from air_sketch.errors import StorageError
from air_sketch.journal import Journal
from air_sketch.screen_errands import rescue_sketch, save_sketch
from air_sketch.screen_events import Click, Command, Status, Tone
from air_sketch.screen_layout import Layout
from air_sketch.screen_pointer import Pointer
from air_sketch.screen_tape import Tape
from air_sketch.screen_vision import Sighting
from air_sketch.session import Session, StepResult
from air_sketch.text import Rgb
from air_sketch.window import MouseEvent

_PEN_STEPS = {Command.NEXT_PEN: 1, Command.PREVIOUS_PEN: -1}
_DONE_WORDS = {
    Command.CLEAR: "Cleared. Z brings it back",
    Command.UNDO: "Undone. Y does it again",
    Command.REDO: "Done again",
}


class Sitting:
    """The drawing side of the loop."""

    def __init__(
        self, session: Session, tape: Tape, *, mouse_draws: bool, sketches: Path, journal: Journal | None = None
    ) -> None:
        """Begin.

        Args:
            session: an empty one.
            tape: a recording, or an absent one.
            mouse_draws: the mouse draws and there is no camera.
            sketches: where drawings are saved.
            journal: keeps the drawing through a crash.
        """
        self._session = session
        self._tape = tape
        self._pointer = Pointer(session, mouse_draws)
        self._sketches = sketches
        self._journal = journal
        if journal is not None:
            session.document.listener = journal.take
        self._saved: tuple[Stroke, ...] = ()
        self.t_s = 0.0
        self.result: StepResult | None = None

    @property
    def document(self) -> Document:
        """The drawing."""
        return self._session.document

    @property
    def canvas_wh(self) -> tuple[int, int]:
        """Size of the drawing."""
        return self._session.canvas_wh

    @property
    def pen_rgb(self) -> Rgb:
        """The ink in use."""
        return self._session.pen_color_rgb

    @property
    def pen_width_px(self) -> float:
        """The width of the pen in use."""
        return self._session.pens.width_px

    @property
    def is_recorded(self) -> bool:
        """Whether frames are being written."""
        return self._tape.is_running

    def see(self, sighting: Sighting) -> str:
        """Take one tracked frame; return "" or why recording has stopped."""
        self.t_s = t_s = sighting.frame.t_s
        for name in sighting.keys:
            self._session.apply_key(name, t_s)
            self._tape.note_key(name)
        if sighting.pointer is not None:
            x_px, y_px, pressed, erase = sighting.pointer
            self.result = self._session.step_pointer(x_px, y_px, pressed, t_s, erase=erase)
        else:
            self.result = self._session.step(sighting.observation, t_s)
        return self._tape.write(t_s, sighting.observation, sighting.pointer)

    def take_mouse(self, event: MouseEvent, layout: Layout, t_s: float) -> tuple[Click | None, str]:
        """Take one mouse event; return what was clicked in the panel, and "" or why recording has stopped."""
        result, click = self._pointer.step(event, layout, max(self.t_s, t_s))
        if result is None:
            return click, ""
        self.t_s, self.result = max(self.t_s, t_s), result
        if result.tip_px is None:
            return click, ""
        pressed, erase = result.tool_state in {"draw", "erase"}, result.tool_state == "erase"
        return click, self._tape.write(self.t_s, None, (*result.tip_px, pressed, erase))

    def change(self, command: Command) -> Status:
        """Clear, undo or redo, or take another pen; return what to tell."""
        pens, name = self._session.pens, command.value
        if command in _PEN_STEPS:
            name = PEN_PREFIX + pens.neighbour(_PEN_STEPS[command])
        if not self._session.apply_key(name, self.t_s):
            return Status(f"Nothing to {name}" if command in _DONE_WORDS else f"The pen goes no {name}")
        self._tape.note_key(name)
        if command in _DONE_WORDS:
            return Status(_DONE_WORDS[command], Tone.DONE)
        return Status(f"{pens.name.capitalize()} pen, {pens.width_px:.0f} px wide", Tone.DONE)

    def pause(self) -> None:
        """The frames have ended: lift the pen."""
        self._session.finish(self.t_s)
        self.result = None

    def save(self, strokes: tuple[Stroke, ...]) -> Status:
        """Save these strokes; runs on a background thread.

        Raises:
            StorageError: if the folder cannot be written.
        """
        path = save_sketch(strokes, self.canvas_wh, self._sketches)
        self._saved = strokes
        return Status(f"Saved {path} with .svg and .json", Tone.DONE)

    def end(self) -> Path | None:
        """Lift the pen, close the recording, save a drawing that has not been saved; return where.

        The journal goes only when the drawing is safe.

        Raises:
            StorageError: if no folder at all can be written.
        """
        self.pause()
        self._tape.close(self.t_s)
        strokes, path = self.document.strokes, None
        try:
            if strokes and strokes != self._saved:
                path = rescue_sketch(strokes, self.canvas_wh, self._sketches)
        except StorageError:
            self._close_journal(remove=False)
            raise
        self._close_journal(remove=True)
        return path

    def flush_journal(self) -> bool:
        """Put the journal on the disk now; return whether there is one and that worked."""
        return self._journal is not None and self._journal.flush()

    def _close_journal(self, *, remove: bool) -> None:
        if self._journal is not None:
            self._journal.close(remove=remove)
