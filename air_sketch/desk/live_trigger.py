"""When live hits are asked for: after a finished stroke, and after a typed word."""

from __future__ import annotations

from air_sketch.values.datatypes import Strokes

SETTLE_S = 0.12
"""A drawing that changes this often (erasing, several undos) is asked for once, when it rests."""
WORD_PAUSE_S = 0.6
"""A word without a space after it counts as typed after this pause."""


class LiveTrigger:
    """Tells when the finished strokes or the typed words have become others than were asked for last."""

    def __init__(self) -> None:
        self._asked: tuple[Strokes, str] = ((), "")
        self._seen: tuple[Strokes, str] = ((), "")
        self._seen_s = 0.0
        self._line, self._line_s = "", 0.0

    def due(self, strokes: Strokes, line: str, t_s: float, *, typing: bool) -> str | None:
        """Look at the sheet and the caption.

        Args:
            strokes: the finished ones.
            line: the caption as it stands.
            t_s: seconds, monotonic.
            typing: the caption is being typed.
        Returns:
            The words to ask with now, None when there is nothing new to ask.
        """
        if line != self._line:
            self._line, self._line_s = line, t_s
        rests = not typing or t_s - self._line_s >= WORD_PAUSE_S
        now = (strokes, (line if rests else line[: line.rfind(" ") + 1]).strip())
        if now != self._seen:
            self._seen, self._seen_s = now, t_s
        if now == self._asked or (strokes != self._asked[0] and t_s - self._seen_s < SETTLE_S):
            return None
        self._asked = now
        return now[1]

    def note(self, strokes: Strokes, words: str) -> None:
        """Somebody asked aloud with these."""
        self._asked = (strokes, words)
