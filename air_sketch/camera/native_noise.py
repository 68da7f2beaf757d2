"""Keeps the chatter of native libraries off the terminal without losing anyone's real messages."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_NOISE = re.compile(
    rb"^(WARNING: All log messages before absl::InitializeLog|[IW]\d{4} [\d:.]+ |[IW]0000 00:00:|"
    rb"INFO: Created TensorFlow Lite|INFO: Initialized TensorFlow Lite|\[ ?(WARN|ERROR|INFO):\d+@|"
    rb"\[(h264|hevc|mpeg4|mov|mp4|avi|matroska|NULL|AVI|mov,mp4)|moov atom not found|VIDEOIO|libva )",
)

_ONE_AT_A_TIME = threading.RLock()
"""File descriptor 2 belongs to the whole process: two threads swapping it at once could lose it for good."""


@contextmanager
def native_chatter_silenced() -> Iterator[None]:
    """Catch file descriptor 2 while native code starts up, and pass on every line that is not known noise.

    Python cannot reach messages that C++ writes itself. They are collected in a temporary file and filtered
    afterwards, so a real error (or another thread's log line) still appears, only a moment later.
    """
    with _ONE_AT_A_TIME, tempfile.TemporaryFile() as caught:
        saved = os.dup(2)
        sys.stderr.flush()
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(saved, 2)
            os.close(saved)
            caught.seek(0)
            os.write(2, b"".join(line for line in caught if not _NOISE.match(line)))
