"""Progress of a command on stderr."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # it brings numpy along, for which --help does not wait
    from retrieval.values.datatypes import ProgressCallback


def progress_bar() -> ProgressCallback:
    """Make a progress line on stderr: redrawn in place on a terminal, a line per tenth elsewhere."""
    last: tuple[str, int] | None = None
    live = sys.stderr.isatty()
    began = time.monotonic()

    def show(message: str, fraction: float | None) -> None:
        nonlocal last
        percent = -1 if fraction is None else int(fraction * 100)
        before, last = last, (message.partition(",")[0], percent if live else percent // 10)
        if before == last:  # what follows a comma changes all the time
            return
        text = message if fraction is None else f"{message}  {percent:3d} %  {time.monotonic() - began:.0f} s"
        if live:
            print(f"\r\x1b[K{text}", end="\n" if percent in {-1, 100} else "", file=sys.stderr, flush=True)
        else:
            print(text, file=sys.stderr, flush=True)

    return show
